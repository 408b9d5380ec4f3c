import { describe, expect, test } from "vitest"
import { scalar, tensor, zeros } from "thalweg"
import * as optimizers from "thalweg/optimizer"
import type { AnyOptimizer, Field, Fields } from "thalweg/optimizer"
import * as schedules from "thalweg/schedule"
import * as transforms from "thalweg/transform"
import { leastOptions, type Options } from "../docs/table.options.js"
import { examplesOf, shown } from "../support.js"
import { thrown } from "./samples.js"

interface Recipe {
  readonly title: string
  readonly fields: Fields
  readonly make: (options: Options) => unknown
}

const isRecipe = (value: unknown): value is Recipe =>
  (typeof value === "function" || typeof value === "object") && value !== null && "fields" in value && "make" in value

/** Every function that is made of options, once; `project` only as the rows that name a set. */
const recipes: readonly Recipe[] = [
  ...new Set(
    [optimizers.optimizers, optimizers.combinators, transforms, optimizers, schedules.schedules].flatMap(all =>
      Object.values<unknown>(all)
        .filter(isRecipe)
        .filter(({ title }) => title !== "project")
    )
  )
]

const others: readonly unknown[] = [NaN, Infinity, -Infinity, "0.1", null, true, {}, [0.1]]
const but = (...allowed: readonly unknown[]) => others.filter(value => !allowed.includes(value))

/** What a number may just be, and what it may not be, by what errors say of it. */
const ranges: Readonly<Record<string, { readonly good: readonly number[]; readonly bad: readonly unknown[] }>> = {
  "a finite number": { good: [-1e300, 0, 5e-324], bad: others },
  "a finite number ≥ 0": { good: [0, 1e300], bad: [-1, -5e-324, ...others] },
  "a finite number > 0": { good: [5e-324, 1e300], bad: [0, -0, -1, ...others] },
  "a finite number ≥ 1": { good: [1, 1e300], bad: [1 - 2 ** -53, 0, ...others] },
  "a finite number > 3": { good: [3.1, 1e300], bad: [3, -5, ...others] },
  "a number ≥ 0 and < 1": { good: [0, 1 - 2 ** -53], bad: [1, 1.5, -0.1, ...others] },
  "a number > 0 and < 1": { good: [5e-324, 1 - 2 ** -53], bad: [0, 1, 1.5, -0.1, ...others] },
  "a number ≥ 0 and < 0.5": { good: [0, 0.5 - 2 ** -54], bad: [0.5, 1, -0.1, ...others] },
  "a finite number > 1.1": { good: [1.2, 1e300], bad: [1.1, 0, -5, ...others] },
  "a number > 0 and ≤ 1": { good: [5e-324, 1], bad: [0, 1 + 2 ** -52, -0.1, ...others] },
  "a number from 0 to 1": { good: [0, 1], bad: [1 + 2 ** -52, -0.1, ...others] },
  "a whole number": { good: [-3, 0, 1e6], bad: [0.5, 2 ** 53, ...others] },
  "a whole number ≥ 0": { good: [0, 1e6], bad: [-1, 0.5, 2 ** 53, ...others] },
  "a whole number ≥ 1": { good: [1, 1e6], bad: [0, 1.5, -1, 2 ** 53, ...others] },
  "a whole number from 1 to 100": { good: [1, 100], bad: [0, 101, 1.5, ...others] },
  "a whole number from 0 to 2147483647": { good: [0, 2 ** 31 - 1], bad: [-1, 0.5, 2 ** 31, ...others] },
  "a whole number from 1 to 2147483647": { good: [1, 2 ** 31 - 1], bad: [0, 1.5, 2 ** 31, ...others] },
  "a whole number from 0 to 2147483647, or Infinity": {
    good: [0, 2 ** 31 - 1, Infinity],
    bad: [-1, 0.5, 2 ** 31, ...but(Infinity)]
  },
  "a number, or ±Infinity": { good: [-Infinity, -1, 0, 1, Infinity], bad: but(Infinity, -Infinity) }
}

const partners = ({ fields }: Recipe, option: string): Options => {
  const { beside, when = [0.5] } = fields[option] ?? {}
  return beside === undefined ? {} : { [beside]: when[0] }
}

/** A recipe with one option set, those that must be given beside it. */
const made = (recipe: Recipe, option: string, value: unknown): unknown =>
  recipe.make({
    ...leastOptions(recipe.fields),
    ...partners(recipe, option),
    [option]: value
  })

const refused = ({ title }: Recipe, option: string, expected: string, got: string): string =>
  `HyperparameterError ${title}: expected ${option} to be ${expected}; got ${got}`

/** What is said of a value, with how far whole numbers go where it is one beyond. */
const refusedValue = (recipe: Recipe, option: string, { expected }: { expected: string }, value: unknown): string => {
  const isBeyond = value === 2 ** 53 && /^a whole number( ≥ \d+)?$/.test(expected)
  return refused(recipe, option, isBeyond ? `${expected} and ≤ 9007199254740991` : expected, shown(value))
}

type FieldOf<K> = Extract<Field, { readonly kind: K }>
type Row<K> = readonly [title: string, option: string, recipe: Recipe, field: FieldOf<K>]

const rowsOf = <K extends Field["kind"]>(...kinds: readonly K[]): readonly Row<K>[] =>
  recipes.flatMap(recipe =>
    Object.entries(recipe.fields).flatMap(([option, field]) =>
      kinds.some(kind => kind === field.kind) ? [[recipe.title, option, recipe, field as FieldOf<K>] as const] : []
    )
  )

describe.each(rowsOf("hyperparameter", "number"))("%s: the option %s", (_, option, recipe, { kind, range }) => {
  const { good = [], bad = [] } = ranges[range.expected] ?? {}

  test("refuses at the call what is out of its range, and names it", () => {
    expect(bad.length, range.expected).toBeGreaterThan(0)
    for (const value of bad)
      expect(thrown(() => made(recipe, option, value))).toBe(refusedValue(recipe, option, range, value))
  })

  test("refuses tensors that are known to be out of it, too", () => {
    const numbers = kind === "number" ? [] : bad.filter(value => typeof value === "number")
    for (const value of numbers)
      expect(thrown(() => made(recipe, option, scalar(value, "f64")))).toBe(refusedValue(recipe, option, range, value))
  })

  test("takes the ends of its range", () => {
    for (const value of good)
      expect(thrown(() => made(recipe, option, value))).not.toContain(`expected ${option} to be ${range.expected}`)
  })
})

/** What an option of a name may be, wherever there is one; names that mean several things have more than one row. */
const ofName: Readonly<Record<string, readonly string[]>> = {
  "a finite number ≥ 0": [
    ...["alpha", "atol", "beta", "beta2Decay", "b3Power", "clipExponent", "clipping", "eps", "eps1", "eps2", "epsRoot"],
    ...["eta", "finalRate", "gamma", "initialAccumulator", "initialScale", "learningRate", "maxLearningRate"],
    ...[
      "maxNorm",
      "maxValue",
      "minNorm",
      "minStep",
      "momentumDecay",
      "rateDecay",
      "rmsRate",
      "scale",
      "trustCoefficient",
      "weightDecay",
      "weightLrPower"
    ]
  ],
  "a number ≥ 0 and < 1": ["b1", "b2", "b3", "decay", "momentum", "rho", "rtol"],
  "a number from 0 to 1": ["dampening", "minScale", "mix"],
  "a finite number > 0": [
    ...["clip", "estimLr0", "estimLrCoef", "initEstimSqDist", "initValue", "maxStep"],
    ...["radius", "scaling", "smoothBeta", "total"]
  ],
  "a finite number": ["fMin", "initialMoment"],
  "a whole number from 1 to 2147483647": ["accumulationSize", "every", "patience"],
  "a whole number from 0 to 2147483647": ["cooldown", "skip"],
  "a whole number ≥ 0": ["minFactoredSize", "warmupSteps"]
}

/** What some functions mean by such a name, and others not. */
const ofOne: Readonly<Record<string, string>> = {
  "cocob alpha": "a finite number > 0",
  "stepByCocob alpha": "a finite number > 0",
  "clipAdaptive eps": "a finite number > 0",
  "clipUnits eps": "a finite number > 0",
  "shampoo eps": "a finite number > 0",
  "psgdKron initialScale": "a finite number > 0",
  "scaleByPsgdKron initialScale": "a finite number > 0",
  "soap eps": "a finite number > 0",
  "scaleBySoap eps": "a finite number > 0",
  "scaleByShampoo eps": "a finite number > 0",
  "adabound gamma": "a finite number > 0",
  "amsbound gamma": "a finite number > 0",
  "stepByAdabound gamma": "a finite number > 0",
  "stepByAmsbound gamma": "a finite number > 0",
  "sam rho": "a finite number ≥ 0",
  "asam rho": "a finite number ≥ 0",
  "adamw baseRate": "a finite number > 0",
  "adabound baseRate": "a finite number ≥ 0",
  "amsbound baseRate": "a finite number ≥ 0",
  "rprop etaMinus": "a number > 0 and < 1",
  "rprop etaPlus": "a finite number ≥ 1",
  "radam threshold": "a finite number > 3",
  "withSchedule factor": "a finite number ≥ 0",
  "reduceOnPlateau factor": "a number from 0 to 1",
  "asgd power": "a finite number ≥ 0",
  "muon nsSteps": "a whole number from 1 to 100",
  "ifFinite tolerate": "a whole number from 0 to 2147483647, or Infinity"
}

test("an option of one name has one range, but where another is said", () => {
  const known = new Map(
    Object.entries(ofName).flatMap(([range, options]) => options.map(option => [option, range] as const))
  )
  const ours = rowsOf("hyperparameter", "number").filter(
    ([, , recipe]) => !Object.values<unknown>(schedules.schedules).includes(recipe)
  )
  const said = ours.flatMap(([title, option, , { range }]) => {
    const expected = ofOne[`${title} ${option}`] ?? known.get(option) ?? range.expected
    return range.expected === expected ? [] : [`${title} ${option}: ${range.expected}`]
  })
  expect(said).toEqual([])
  const all = ours.map(([title, option]) => `${title} ${option}`)
  expect(Object.keys(ofOne).filter(name => !all.includes(name))).toEqual([])
})

test.each(rowsOf("numbers"))("%s: the option %s is a list of numbers", (_, option, recipe, { range }) => {
  expect(thrown(() => made(recipe, option, 1))).toBe(refused(recipe, option, "a list", "1"))
  for (const value of ranges[range.expected]?.bad ?? [])
    expect(thrown(() => made(recipe, option, [value]))).toBe(refusedValue(recipe, `${option}[0]`, range, value))
})

test.each(rowsOf("flag"))(
  "%s: the option %s is on or off, and nothing that is as good as that",
  (_, option, recipe) => {
    for (const value of [1, 0, "true", null, []] as readonly unknown[])
      expect(thrown(() => made(recipe, option, value))).toBe(refused(recipe, option, "true or false", shown(value)))
    for (const value of [true, false]) expect(thrown(() => made(recipe, option, value))).toBe("nothing")
  }
)

test.each(rowsOf("choice"))("%s: the option %s is one of some words", (_, option, recipe, { choices }) => {
  for (const value of ["no such word", 1, null] as readonly unknown[])
    expect(thrown(() => made(recipe, option, value))).toBe(refused(recipe, option, choices.join(" or "), shown(value)))
  for (const value of choices)
    expect(thrown(() => made(recipe, option, value))).not.toContain(`expected ${option} to be`)
})

test.each(recipes.map(recipe => [recipe.title, recipe] as const))(
  "%s refuses an option that it does not have, and lists those it has",
  (title, recipe) => {
    const options = Object.keys(recipe.fields)
    const known = options.length === 0 ? "no options" : `options among ${options.join(", ")}`
    expect(thrown(() => made(recipe, "unheardOf", 0.9))).toBe(
      `HyperparameterError ${title}: expected ${known}; got "unheardOf"`
    )
  }
)

const meaningless = recipes.flatMap(recipe =>
  Object.entries(recipe.fields).flatMap(([option, { beside: other, when, default: own }]) => {
    const found = other === undefined ? undefined : recipe.fields[other]
    if (other === undefined || found?.kind !== "choice" || when === undefined) return []
    const words = found.choices.filter(word => !when.includes(word))
    return [[recipe.title, option, { recipe, other, when, words, own, preset: found.default }] as const]
  })
)

test.each(meaningless)("%s: the option %s is refused where another makes it meaningless", (title, option, row) => {
  const { recipe, other, when, words, own, preset } = row
  const expected = `${other} ${when.map(word => JSON.stringify(word)).join(" or ")} beside ${option}`
  const make = (options: Options) => thrown(() => recipe.make({ ...leastOptions(recipe.fields), ...options }))
  const refusal = (got: string): string =>
    `HyperparameterError ${title} at "${option}": expected ${expected}; got ${got}`
  expect(words.length).toBeGreaterThan(0)
  for (const word of words) expect(make({ [option]: own, [other]: word })).toBe(refusal(JSON.stringify(word)))
  for (const word of [...words, ...when] as readonly unknown[]) expect(make({ [other]: word })).toBe("nothing")
  const alone = make({ [option]: own })
  expect(alone).toBe(when.includes(preset) ? "nothing" : refusal(`${JSON.stringify(preset)}, the default`))
})

test("an option that nobody gave means nothing where a recipe hands it on, and one that was given does", () => {
  const { scaleByLion, recipe } = transforms
  const handing = recipe("handing", scaleByLion.fields, {}, ({ b1, ...others }) => scaleByLion({ ...others, b1 }))
  expect(thrown(() => handing({ mode: "hard" }))).toBe("nothing")
  expect(thrown(() => handing({ mode: "smooth", smoothBeta: 2 }))).toBe("nothing")
  const fixing = recipe("fixing", { smoothBeta: transforms.hyper(transforms.range.positive) }, {}, options =>
    scaleByLion(options)
  )
  expect(thrown(() => fixing({ smoothBeta: 2 }))).toContain('scaleByLion at "smoothBeta": expected mode "smooth"')
})

/** Tensors that are no scalars of floats, and how an error shows them. */
const wrongTensors: readonly (readonly [shown: string, value: unknown])[] = [
  ["a tensor f32[1]", tensor([0.1])],
  ["a tensor f64[2, 1]", zeros([2, 1], "f64")],
  ["a tensor i32[]", scalar(0, "i32")],
  ["a tensor bool[]", scalar(false)]
]

const x = tensor([[1, 2], [3, 4]]) // prettier-ignore
const base = optimizers.sgd({ learningRate: 0.1 })
const loss = scalar(1, "f64")

const isOptimizer = (value: unknown): value is AnyOptimizer =>
  typeof value === "object" && value !== null && "step" in value
const isTransform = (value: unknown): value is transforms.Transform<transforms.AnyF> =>
  typeof value === "object" && value !== null && "update" in value && !("step" in value)
type Combinator = (inner: AnyOptimizer) => unknown

/** A step of whatever a recipe makes; of combinators, around descent. */
const firstStep = (value: unknown): unknown => {
  const needs = { loss, objective: () => loss, exampleGradients: examplesOf(x) }
  if (isOptimizer(value)) return value.step(x, value.init(x), x, needs)
  if (isTransform(value)) return value.update(x, value.init(x), x, { ...transforms.clockAt(0), ...needs })
  return firstStep((value as Combinator)(base))
}

const steppable = new Set(
  [optimizers.optimizers, optimizers.combinators, transforms].flatMap(all => Object.values<unknown>(all))
)

const notScalar = (recipe: Recipe, option: string, got: string): string =>
  refused(recipe, option, "a scalar of f32 or f64", got)

test.each(rowsOf("hyperparameter"))(
  "%s: a tensor as %s is a float scalar, else an error at the call",
  (_, option, recipe, { range }) => {
    for (const [got, value] of wrongTensors)
      expect(thrown(() => made(recipe, option, value))).toBe(notScalar(recipe, option, got))
    const inside = [0.5, 8].find(range.holds) ?? NaN
    for (const value of [scalar(inside), scalar(inside, "f64")])
      expect(thrown(() => made(recipe, option, value))).toBe("nothing")
  }
)

test.each(rowsOf("hyperparameter").filter(([, , recipe]) => steppable.has(recipe)))(
  "%s: from a schedule as %s comes a float scalar, else an error at the step",
  (_, option, recipe) => {
    for (const [got, value] of [...wrongTensors, ["0.1", 0.1], ["undefined", undefined]])
      expect(thrown(() => firstStep(made(recipe, option, () => value)))).toBe(notScalar(recipe, option, String(got)))
    expect(thrown(() => firstStep(made(recipe, option, () => scalar(0.5))))).toBe("nothing")
  }
)
