import { expandDims, neg, pipe, scalar, stack, tensor, toArray, toTyped, Tree, zeros, type Tensor } from "thalweg"
import {
  byDepth,
  clipByNorm,
  combinators,
  dpSgd,
  masked,
  maximize,
  onDisplacement,
  optimizer,
  partition,
  sgd,
  withDifferentialPrivacy,
  type AnyOptimizer,
  type CombinatorRecipe
} from "thalweg/optimizer"
import { constant } from "thalweg/schedule"
import { decodeOptimizer } from "thalweg/spec"
import {
  aggregatePrivately,
  applyWhere,
  chain,
  changeNeeds,
  clipByGlobalNorm,
  clockAt,
  identity,
  inLowRank,
  scaleByLearningRate,
  type AnyF,
  type PrivacyOptions
} from "thalweg/transform"
import { describe, expect, test } from "vitest"
import { thrownBy } from "../support.js"

const quiet: PrivacyOptions = { maxNorm: 5, noiseMultiplier: 0, seed: 0 }
const params = { a: zeros([2]), b: scalar(0) }
/** Of norms 13 and 5. */
const examples = { a: tensor([[3, 4], [3, 0]]), b: tensor([12, 4]) } // prettier-ignore
const numbersOf = (tree: Tree): readonly number[] => Tree.leaves(tree).flatMap(t => Array.from(toTyped(t)))
const aggregated = (options: PrivacyOptions, exampleGradients = examples) => {
  const { init, update } = aggregatePrivately(options)
  return update(params, init(params), params, { ...clockAt(0), exampleGradients })
}

describe("aggregatePrivately", () => {
  test("clips by the norm over all leaves, and takes the mean", () => {
    const [u] = aggregated(quiet)
    const wanted = [(3 * (5 / 13) + 3) / 2, (4 * (5 / 13)) / 2, (12 * (5 / 13) + 4) / 2]
    numbersOf(u).forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? NaN, 6))
    expect(numbersOf(aggregated({ ...quiet, maxNorm: 100 })[0])).toEqual([3, 2, 8])
    expect(numbersOf(aggregated({ ...quiet, maxNorm: 0 })[0])).toEqual([0, 0, 0])
  })

  test("no square overflows or vanishes on the way, nor does a sum", () => {
    const [one, other] = [tensor([3e38, 3e38]), tensor([3e-30, 4e-30])]
    const of = (t: Tensor, maxNorm: number) => {
      const { init, update } = aggregatePrivately({ ...quiet, maxNorm })
      const told = { ...clockAt(0), exampleGradients: stack([t, t]) }
      return toArray(update(t, init(t), t, told)[0])
    }
    expect(of(one, 1e39)).toEqual(toArray(one))
    expect(of(other, 5e-31)).toEqual(toArray(tensor([3e-31, 4e-31])))
  })

  test("what is not finite stays visible", () => {
    const [nan] = aggregated(quiet, { ...examples, b: tensor([NaN, 4]) })
    expect(numbersOf(nan)).toEqual([NaN, NaN, NaN])
    const [infinite] = aggregated(quiet, { ...examples, b: tensor([Infinity, 4]) })
    expect(numbersOf(infinite)).toEqual([1.5, 0, NaN])
  })

  test("without noise the key stays; with noise it moves on, whatever the noise comes to", () => {
    const keyAfter = (noiseMultiplier: PrivacyOptions["noiseMultiplier"]) =>
      toArray(aggregated({ ...quiet, noiseMultiplier })[1].key)
    expect(keyAfter(0)).toEqual([0, 0])
    expect(keyAfter(constant(0))).toEqual([0, 0])
    expect(keyAfter(1)).not.toEqual([0, 0])
    expect(keyAfter(() => neg(neg(scalar(0, "f64"))))).toEqual(keyAfter(1))
  })

  test("an empty tree, and a leaf without elements", () => {
    const { init, update } = aggregatePrivately({ ...quiet, noiseMultiplier: 1 })
    expect(update({}, init({}), {}, { ...clockAt(0), exampleGradients: {} })[0]).toEqual({})
    const none = { a: zeros([0]), b: zeros([2]) }
    const told = { ...clockAt(0), exampleGradients: { a: zeros([3, 0]), b: zeros([3, 2]) } }
    expect(update(none, init(none), none, told)[0].a.shape).toEqual([0])
  })

  const wrong: readonly (readonly [what: string, given: unknown, name: string, message: string])[] = [
    ["nothing", undefined, "DataError", "aggregatePrivately: expected { exampleGradients } as the last argument, examples along a leading axis; got nothing"],
    ["another tree", { a: examples.a }, "TreeError", "aggregatePrivately"],
    ["no tree", 3, "TreeError", "aggregatePrivately"],
    ["no examples", { a: zeros([0, 2]), b: zeros([0]) }, "ShapeError", 'aggregatePrivately at "a": expected at least one example; got none'],
    ["no axis of examples", { a: zeros([2]), b: zeros([]) }, "ShapeError", 'aggregatePrivately at "a": expected gradients of examples of f32[2, 2]; got f32[2]'],
    ["more of one than of another", { a: zeros([2, 2]), b: zeros([3]) }, "ShapeError", 'aggregatePrivately at "b": expected gradients of examples of f32[2]; got f32[3]'],
    ["another dtype", { a: zeros([2, 2]), b: zeros([2], "f64") }, "DTypeError", 'aggregatePrivately at "b": expected gradients of examples of f32[2]; got f64[2]']
  ] // prettier-ignore

  test.each(wrong)("refuses %s", (_, exampleGradients, name, message) => {
    const opt: AnyOptimizer = dpSgd({ ...quiet, learningRate: 1 })
    const told = exampleGradients === undefined ? {} : { exampleGradients: exampleGradients as Tree }
    const error = thrownBy(() => opt.step(params, opt.init(params), params, told)) as Error
    expect([error.name, error.message]).toEqual([name, expect.stringContaining(message)])
  })

  test.each([
    [{ maxNorm: -1 }, "dpSgd: expected maxNorm to be a finite number ≥ 0; got -1"],
    [{ noiseMultiplier: NaN }, "dpSgd: expected noiseMultiplier to be a finite number ≥ 0; got NaN"],
    [{ seed: -1 }, "seed"],
    [{ nesterov: true }, "momentum beside nesterov"],
    [{ clip: 1 }, "clip"]
  ])("refuses %j", (options, message) => {
    const error = thrownBy(() => dpSgd({ ...quiet, learningRate: 1, ...options })) as Error
    expect([error.name, error.message]).toEqual(["HyperparameterError", expect.stringContaining(message)])
  })

  test("has no defaults where a privacy depends on it", () => {
    expect(decodeOptimizer({ optimizer: "dpSgd", learningRate: 1, maxNorm: 1, noiseMultiplier: 1, seed: 0 })._tag).toBe(
      "Right"
    )
    for (const left of ["maxNorm", "noiseMultiplier", "seed"]) {
      const { [left]: _, ...others }: Record<string, unknown> = { learningRate: 1, ...quiet }
      expect(decodeOptimizer({ optimizer: "dpSgd", ...others })._tag).toBe("Left")
    }
  })
})

/** What an option is that must be given. */
const samples: Readonly<Record<string, unknown>> = {
  every: 3,
  hyperparameter: 0.5,
  number: 1,
  mask: "**",
  seed: 0,
  numbers: [1]
}

const around = ({ fields, make }: CombinatorRecipe): ((inner: AnyOptimizer) => AnyOptimizer) =>
  make(
    Object.fromEntries(
      Object.entries(fields).flatMap(([name, { kind, default: preset }]) =>
        preset === undefined ? [[name, samples[name] ?? samples[kind]]] : []
      )
    )
  )

const inside =
  "expected what needs the gradient of each example to stand outside of all that looks at the gradient: after it in a pipe, first in a chain; got it inside"

describe("what looks at the gradient stands inside of what needs that of each example", () => {
  const base = dpSgd({ ...quiet, learningRate: 1 })

  test("combinators that would be passed by refuse it, the others do not", () => {
    const refusing = Object.entries<CombinatorRecipe>(combinators).flatMap(([name, row]) => {
      const error = thrownBy(() => around(row)(base)) as Error | undefined
      if (error !== undefined)
        expect([error.name, error.message]).toEqual(["HyperparameterError", expect.stringContaining(inside)])
      return error === undefined ? [] : [name]
    })
    expect(refusing.sort()).toEqual([
      "accumulate",
      "addNoise",
      "asam",
      "cautious",
      "centralizeGradients",
      "clipAdaptive",
      "clipByLeafNorm",
      "clipByNorm",
      "clipByValue",
      "mechanize",
      "normalizeGradients",
      "sam",
      "withDifferentialPrivacy",
      "withL1",
      "withL2"
    ])
  })

  test("all others may stand inside", () => {
    const { withDifferentialPrivacy: _, ...others } = combinators
    for (const row of Object.values<CombinatorRecipe>(others)) {
      const opt = withDifferentialPrivacy(quiet)(around(row)(sgd({ learningRate: 1 })))
      expect(opt.needs).toContain("exampleGradients")
    }
  })

  test.each<readonly [string, () => unknown]>([
    ["onGradient", () => pipe(base, clipByNorm(1))],
    ["onDisplacement", () => pipe(sgd({ learningRate: 1 }), onDisplacement(aggregatePrivately(quiet)))],
    ["chain", () => chain(clipByGlobalNorm(1), aggregatePrivately(quiet))],
    ["chain", () => chain(clipByGlobalNorm(1), applyWhere("a")(aggregatePrivately(quiet)))],
    ["chain", () => chain(aggregatePrivately(quiet), aggregatePrivately(quiet))],
    ["inLowRank", () => inLowRank()(aggregatePrivately(quiet))]
  ])("%s says so", (operation, make) => {
    expect(make).toThrow(expect.objectContaining({ name: "HyperparameterError", message: `${operation}: ${inside}` }))
  })

  test("a chain may begin with what changes nothing", () => {
    const opt = optimizer(chain(identity, chain(aggregatePrivately(quiet), scaleByLearningRate(1))))
    expect(opt.needs).toEqual(["exampleGradients"])
  })

  test("a spec that has it inside is refused with a reason", () => {
    const decoded = decodeOptimizer({
      optimizer: "dpSgd",
      learningRate: 1,
      ...quiet,
      pipe: [{ combinator: "clipByNorm", maxNorm: 1 }]
    })
    expect(decoded._tag).toBe("Left")
  })
})

describe("gradients of examples go where gradients go", () => {
  const step = (opt: AnyOptimizer, exampleGradients: Tree = examples) =>
    opt.step(params, opt.init(params), params, { exampleGradients })[0]
  const by = (options: PrivacyOptions) => dpSgd({ ...options, learningRate: 1 })

  test("negated", () => {
    const [climbed, gone] = [step(pipe(by(quiet), maximize)), step(by(quiet))]
    expect(numbersOf(climbed)).toEqual(numbersOf(gone).map(value => -value))
  })

  test("under a mask, in parts, and where a transform is applied, with the norm of what is seen", () => {
    const wanted = [-3, -2, 0] // of norms 5 and 3
    const parts = { own: by(quiet), still: sgd({ learningRate: 1 }) }
    const labels = new Map([["a", "own"], ["b", "still"]] as const) // prettier-ignore
    expect(numbersOf(step(pipe(by(quiet), masked("a"))))).toEqual(wanted)
    expect(numbersOf(step(partition(parts, labels)))).toEqual(wanted)
    const applied = optimizer(chain(applyWhere("a")(aggregatePrivately(quiet)), scaleByLearningRate(1)))
    expect(numbersOf(step(applied))).toEqual(wanted)
  })

  test("depth by depth", () => {
    const depths = partition(
      { own: by(quiet), still: sgd({ learningRate: 1 }) },
      new Map([["each/1/**", "own"], ["**", "still"]] as const) // prettier-ignore
    )
    const deep = { beside: zeros([3]), each: { w: zeros([2, 2]) } }
    /** Of two examples, in the second of two depths of norms 5 and 50. */
    const w = tensor([[[9, 9], [3, 4]], [[9, 9], [30, 40]]]) // prettier-ignore
    const opt = byDepth(depths)
    const [{ each }] = opt.step(deep, opt.init(deep), deep, {
      exampleGradients: { beside: zeros([2, 3]), each: { w } }
    })
    expect(toArray(each.w)).toEqual([[0, 0], [-3, -4]]) // prettier-ignore
  })

  test("as changeNeeds says", () => {
    const now = { ...clockAt(0), exampleGradients: tensor([1, 2]) }
    const changed = changeNeeds<AnyF, Tensor>(now, { exampleGradients: t => expandDims(t, 1) })
    expect(changed.exampleGradients).toMatchObject({ shape: [2, 1] })
    expect(changeNeeds<AnyF, Tensor>(clockAt(0), { exampleGradients: t => t })).not.toHaveProperty("exampleGradients")
  })
})
