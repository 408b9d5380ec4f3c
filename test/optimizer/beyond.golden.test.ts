import { describe, expect, test } from "vitest"
import { recipes } from "./beyond.recipes.js"
import { goldenEvalParams, goldenParams, load, modes, worst, type Case } from "./trajectories.js"

const names =
  "lion|sign-sgd|signum|adabelief|yogi|adamaxw|nadamw|novograd|lars|lamb|adan|ademamix|adopt|madgrad|optimistic-gradient-descent|" +
  "fromage|noisy-sgd|sm3|adafactor|dog|dowg|polyak-sgd|schedule-free|prodigy|dadapt-adamw|muon"
const beyond = new RegExp(`^(torch|optax|keras|paper)/(${names})(-|$)`)

/** What is not reached, and why. */
const elsewhere: Readonly<Record<string, string>> = {
  "keras/lamb-decay": "decays p before the ratio is taken and leaves the decay out of it, against Algorithm 2",
  "optax/adan-default": "differences lead by 1 - b2 in place of b2, against Algorithm 1 and the authors' code",
  "optax/adan": "as optax/adan-default",
  "optax/adan-decay": "as optax/adan-default",
  "optax/noisy-sgd-f64": "its noise comes from keys split in another order; the recipe is tested without libraries",
  "optax/noisy-sgd-f32": "as optax/noisy-sgd-f64",
  "keras/adafactor-decay": "decays p before its size is taken, against Algorithm 4",
  "optax/schedule-free-sgd-warmup": "warms up the step from t - 1 and the weight from t; the paper has t for both",
  "optax/schedule-free-sgd-power": "as optax/schedule-free-sgd-warmup",
  "optax/schedule-free-adamw-warmup": "as optax/schedule-free-sgd-warmup",
  "keras/schedule-free-adamw-decay": "its decay of y reaches x alone, not z, against Algorithm 1",
  "torch/muon-bfloat16": "bfloat16 is not offered; torch/muon is the same in the dtype of the parameters",
  "optax/muon-spectral": "divides by a singular value at first, which we have no decomposition for"
}

/** Cases in f32 in which the library is 1e-5 or more from its own case in f64, and we are not: compared with that. */
const noisy = [
  ...["", "-tall", "-heavy-ball", "-adaptive", "-consistent-rms", "-aol", "-schatten", "-dion"].map(
    c => `optax/muon${c}`
  ),
  "optax/dadapt-adamw-default",
  "optax/schedule-free-adamw-default"
]

/** Both are as far from f64, since the first distances are lost in the rounding of the parameters. */
const noisyForAll: Readonly<Record<string, number>> = { "optax/prodigy-default/f32": 2e-5 }

const tolerance = { f64: 1e-12, f32: 1e-5 }
const recipeName = (name: string): string => name.replace(/\/f(32|64)$/, "")
const cases = ["torch", "optax", "contrib", "keras", "paper"]
  .flatMap(source => load(`catalogue_${source}.json`))
  .filter(({ name }) => beyond.test(recipeName(name)))

test("every case beyond the classics has a recipe, or a reason not to have one", () => {
  const known = [...Object.keys(recipes), ...Object.keys(elsewhere)]
  expect([...new Set(cases.map(({ name }) => recipeName(name)))].toSorted()).toEqual(known.toSorted())
})

/** How far a case is from its recipe, over parameters and, where given, over the parameters to evaluate. */
const offs = (golden: Case, mode: keyof typeof modes): readonly number[] => {
  const trajectory = recipes[recipeName(golden.name)]?.(golden.hyper as never, golden)(golden, mode)
  const twin = cases.find(({ name }) => name === `${recipeName(golden.name)}/f64`)
  const expected = noisy.includes(recipeName(golden.name)) && twin ? twin : golden
  const [first = [], ...rest] = goldenParams(expected)
  type Rows = readonly (readonly number[])[]
  const off = (actual: Rows = [], expected: Rows): number => worst([first, ...actual], [first, ...expected])
  const deployed = goldenEvalParams(expected)
  return [off(trajectory?.params, rest), ...(deployed ? [off(trajectory?.evalParams, deployed)] : [])]
}

describe.each(Object.keys(modes) as (keyof typeof modes)[])("%s", mode => {
  const offered = cases.filter(({ name }) => recipeName(name) in recipes)
  test.each(offered.map(golden => [golden.name, golden] as const))("%s", (name, golden) => {
    const off = Math.max(...offs(golden, mode))
    if (process.env["WORST"]) console.log("WORST", mode, name, off.toExponential(1))
    expect(off).toBeLessThanOrEqual(noisyForAll[name] ?? tolerance[golden.dtype])
  })
})
