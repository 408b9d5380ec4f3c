import { describe, expect, test } from "vitest"
import {
  foldBatches,
  grad,
  item,
  mul,
  scalar,
  sum,
  tensor,
  toTyped,
  Tree,
  zeros,
  type FloatDType,
  type Tensor
} from "thalweg"
import { given, optimizers, type AnyOptimizer } from "thalweg/optimizer"
import { applyMomentum, clockAt, scaleByAdam } from "thalweg/transform"
import { examplesOf } from "../support.js"

const loss = scalar(1.5, "f64")
const smallest = { f32: 2 ** -126, f64: 2 ** -1022 }

/** The state after two gradients and then many that are 0, by paths. */
const atRest = (optimizer: AnyOptimizer, dtype: FloatDType, steps: number): readonly (readonly [string, Tensor])[] => {
  const [p, g] = [tensor([[1, 2], [3, 4]], { dtype }), tensor([[3, 1e-5], [-1e-15, 1e-17]], { dtype })] // prettier-ignore
  const step = foldBatches(([params, state]: readonly [Tree, ReturnType<AnyOptimizer["init"]>], grads: Tensor) => [
    optimizer.step(
      params,
      state,
      grads,
      ...given(optimizer, { loss, objective: () => loss, exampleGradients: examplesOf<Tree>(grads) })
    ),
    scalar(0)
  ])
  const still = Array.from({ length: steps }, () => zeros([2, 2], dtype))
  const [[, state]] = step([p, optimizer.init(p)], [g, mul(g, -0.7), ...still])
  const paths = Tree.paths(state)
  return Tree.leaves(state).map((leaf, i) => [paths[i] ?? "", leaf])
}

const subnormal = (leaf: Tensor): readonly number[] =>
  [...toTyped(leaf)].filter(x => x !== 0 && Math.abs(x) < smallest[leaf.dtype as FloatDType])

/** What decays, in all optimizers. */
const decays: ReadonlySet<string> = new Set(["b1", "b2", "b3", "decay", "rho", "momentum"])

interface Row {
  readonly fields: Readonly<Record<string, { readonly kind: string; readonly default: unknown }>>
  readonly make: (options: never) => AnyOptimizer
}

/** Rows of which no option must be given but numbers, with all decays 0.9. */
const rows = Object.entries<Row>(optimizers).flatMap(([name, { fields, make }]) => {
  const asked = Object.entries(fields).filter(([option, field]) => decays.has(option) || field.default === undefined)
  if (asked.some(([, { kind }]) => kind !== "hyperparameter" && kind !== "number")) return []
  return [
    [
      name,
      make(Object.fromEntries(asked.map(([option]) => [option, decays.has(option) ? 0.9 : 0.1])) as never)
    ] as const
  ]
})

describe("after 3000 gradients of 0", () => {
  test.each(rows)("%s keeps nothing subnormal, and its moments and velocities are 0", (_, optimizer) => {
    const leaves = atRest(optimizer, "f32", 3000)
    expect(leaves.flatMap(([, leaf]) => subnormal(leaf))).toEqual([])
    const first = leaves.filter(([path]) => /\b(mu|velocity|delta|slow)$/.test(path))
    expect(first.flatMap(([, leaf]) => [...toTyped(leaf)]).filter(x => x !== 0)).toEqual([])
  })

  test.each([["f32", 3000], ["f64", 9000]] as const)("adam's in %s: after %i", (dtype, steps) => {
    const leaves = atRest(optimizers.adam({ b2: 0.9 }), dtype, steps).filter(([path]) => /\b(mu|nu)$/.test(path))
    expect(leaves.map(([, leaf]) => [...toTyped(leaf)])).toEqual([[0, 0, 0, 0], [0, 0, 0, 0]])
  }) // prettier-ignore
})

test.each(["f32", "f64"] as const)("the smallest normal number of %s stays, as does what is not finite", dtype => {
  const values = [
    NaN,
    Infinity,
    -Infinity,
    smallest[dtype],
    -smallest[dtype],
    smallest[dtype] / 2,
    -smallest[dtype] / 2
  ]
  const u = tensor(values, { dtype })
  const [velocity] = applyMomentum({ decay: 0 }).update(u, { velocity: zeros([7], dtype) }, u, clockAt(0))
  expect([...toTyped(velocity)]).toEqual([...values.slice(0, 5), 0, 0])
})

test("derivatives do not see that 0 is below the smallest normal number", () => {
  const adam = scaleByAdam({ eps: 0.5 })
  const update = (g: Tensor): Tensor => sum(adam.update(g, adam.init(g), g, clockAt(0))[0])
  expect(item(grad(update)(scalar(0, "f64")))).toBeCloseTo(2, 12) // 1/ε
})
