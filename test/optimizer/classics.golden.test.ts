import { describe, expect, test } from "vitest"
import { recipes } from "./classics.recipes.js"
import { goldenParams, goldenPoints, load, modes, worst, type Case } from "./trajectories.js"

/** The names of the classical and the Adam family; `asgd`, averages and clipping belong to the combinators. */
const classics =
  /^(torch|optax|keras|paper)\/(sgd|nag|adagrad|adadelta|rmsprop|rprop|adamw?|adamax|amsgrad|nadam|radam|(ada|ams)bound)(-|$)/

/** What is not reached here, and why. */
const elsewhere: Readonly<Record<string, string>> = {
  "torch/sgd-average": "the parameters are those of torch/sgd-momentum; the average is withPolyakAverage's",
  "torch/sgd-ema": "the parameters are those of torch/sgd-momentum; the average is withEma's",
  "optax/rprop": "applies the step found one call earlier, against the paper"
}

const tolerance = { f64: 1e-12, f32: 1e-5 }

/** Small differences of large numbers (ρ near 2000; a variance) that optax takes in f32: ours are held to its f64 run. */
const roundedByLibrary = ["optax/radam-default/f32", "optax/rmsprop-centered-bias-correction/f32"]

/** What ρ loses in optax's order of operations, even in f64. paper/radam-default, an equal run, is held to 1e-12. */
const looser: Readonly<Record<string, number>> = { "optax/radam-default/f64": 5e-12 }

const recipeName = (name: string): string => name.replace(/\/f(32|64)$/, "")
const cases = ["torch", "optax", "keras", "paper"]
  .flatMap(source => load(`catalogue_${source}.json`))
  .filter(({ name }) => classics.test(recipeName(name)))

test("every case of the family has a recipe, or a reason not to have one", () => {
  const known = [...Object.keys(recipes), ...Object.keys(elsewhere)]
  expect(cases.map(({ name }) => name).toSorted()).toEqual(
    known.flatMap(name => [`${name}/f32`, `${name}/f64`]).toSorted()
  )
})

const expectedOf = (golden: Case): readonly (readonly number[])[] => {
  const wide = roundedByLibrary.includes(golden.name) ? golden.name.replace("f32", "f64") : golden.name
  return goldenParams(cases.find(({ name }) => name === wide) ?? golden)
}

describe.each(Object.keys(modes) as (keyof typeof modes)[])("%s", mode => {
  const offered = cases.filter(({ name }) => recipeName(name) in recipes)
  test.each(offered.map(golden => [golden.name, golden] as const))("%s", (name, golden) => {
    const trajectory = recipes[recipeName(name)]?.(golden.hyper)(golden, mode)
    const expected = expectedOf(golden)
    const off = worst([expected[0] ?? [], ...(trajectory?.params ?? [])], expected)
    expect(off).toBeLessThanOrEqual(looser[name] ?? tolerance[golden.dtype])
  })

  test.each(["paper/nag/f64", "paper/nag/f32", "paper/nag-exponential/f64", "paper/nag-exponential/f32"])(
    "%s: its gradient points",
    name => {
      const golden = cases.find(each => each.name === name)
      if (golden === undefined) throw new Error(`no ${name}`)
      const expected = goldenPoints(golden)
      const points = recipes[recipeName(name)]?.(golden.hyper)(golden, mode).points ?? []
      expect(points.length).toBe(14)
      expect(worst(points, expected)).toBeLessThanOrEqual(tolerance[golden.dtype])
    }
  )
})
