import { add, cast, div, mul, pipe, pow, scalar, sqrt, Tree, type Tensor } from "thalweg"
import { onGradient, sgd } from "thalweg/optimizer"
import { key, normal, split } from "thalweg/random"
import type { NoiseF, Transform } from "thalweg/transform"
import { run, type Hyper, type Recipes } from "./trajectories.js"

/** Noise from keys in optax's order: one for later, one that is split by leaf; the recipe's own splits once. */
const noiseOfOptax = (h: Hyper): Transform<NoiseF> => ({
  init: () => ({ count: scalar(0, "f64"), key: key(h.key) }),
  update: (updates, { count, key: now }) => {
    const { leaves, structure } = Tree.flatten(updates)
    const [later, own] = split(now)
    const keys: readonly Tensor[] = split(own, leaves.length)
    const t = add(count, 1)
    const sigma = sqrt(div(h.eta, pow(t, h.gamma)))
    const noisy = leaves.map((u, i) => {
      const dtype = u.dtype as "f32" | "f64"
      return add(u, mul(normal(keys[i] as Tensor, u.shape, { dtype }), cast(sigma, dtype)))
    })
    return [Tree.unflatten<typeof updates>(structure)(noisy), { count: t, key: later }]
  }
})

const noisy = (h: Hyper) => run(pipe(sgd({ learningRate: h.learningRate }), onGradient(noiseOfOptax(h))))

/** How optax's noise is reached: f32 and f64 draw other numbers, so that each is a case of its own. */
export const recipes: Recipes = { "optax/noisy-sgd-f64": noisy, "optax/noisy-sgd-f32": noisy }
