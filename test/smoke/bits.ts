/**
 * What is promised to have the same bits on every JavaScript engine: a hash for each optimizer, combinator, schedule,
 * distribution and elementary function, and for a short training.
 */
import * as thalweg from "thalweg"
import { activation, dense, dropout, halfSquaredError, heNormal, sequential } from "thalweg/nn"
import { combinators, given, optimizers, sgd, type AnyOptimizer } from "thalweg/optimizer"
import * as random from "thalweg/random"
import * as schedules from "thalweg/schedule"
import { fit, splitDataset } from "thalweg/train"

const { add, cast, mul, scalar, square, sum, tensor, toTyped, Tree } = thalweg
type Tensor = thalweg.Tensor
type Tree = thalweg.Tree
type DType = "f32" | "f64"

/** The two words of a double; engines differ in those of NaN, which are not promised. */
const wordsOf = (x: number): Iterable<number> =>
  Number.isNaN(x) ? [0, 0x7ff80000] : new Uint32Array(Float64Array.of(x).buffer)

/** Two hashes of 32 bits (FNV-1a, from two starts) of all values of a tree. */
const hashOf = (tree: Tree): string => {
  let [a, b] = [0x811c9dc5, 0x01234567]
  for (const leaf of Tree.leaves(tree))
    for (const x of toTyped(leaf))
      for (const word of wordsOf(x)) {
        a = Math.imul(a ^ word, 0x01000193)
        a ^= a >>> 15
        b = Math.imul(b ^ word, 0x85ebca6b)
        b ^= b >>> 13
      }
  return [a, b].map(word => (word >>> 0).toString(16).padStart(8, "0")).join("")
}

/** What is looked at of an option of a recipe. */
interface Field {
  readonly kind: string
  readonly default: unknown
  readonly range?: { readonly holds: (value: number) => boolean }
  readonly choices?: readonly string[]
  readonly beside?: string
  readonly when?: readonly unknown[]
}

type Options = Readonly<Record<string, unknown>>
interface Row {
  readonly fields: Readonly<Record<string, Field>>
  readonly make: (options: never) => unknown
}

const descent = sgd({ learningRate: 0.3 })

/** Options of the kinds that are no numbers. */
const byKind: Options = {
  seed: 1,
  mask: "**",
  labels: [["w", "a"] as const, ["**", "b"] as const],
  optimizers: { a: descent, b: optimizers.adam() }
}

/** A value for an option that has no default. */
const valueOf = ({ kind, range }: Field): unknown => byKind[kind] ?? [0.3, 2].find(value => range?.holds(value) ?? true)

/** What else an option may be than its default. */
const othersOf = (field: Field): readonly unknown[] => {
  if (field.kind === "flag") return [field.default !== true]
  if (field.kind === "hyperparameter" && field.default === "none") return [valueOf(field)]
  return (field.choices ?? []).filter(choice => choice !== field.default)
}

/** The options that must be given; then besides, one at a time, each other choice and what may be left out. */
const variantsOf = ({ fields }: Row): readonly Options[] => {
  const all = Object.entries(fields)
  const required = Object.fromEntries(
    all.flatMap(([name, field]) => (field.default === undefined ? [[name, valueOf(field)]] : []))
  )
  const withOther = ([name, field]: readonly [string, Field]): readonly Options[] => {
    const beside = fields[field.beside ?? ""]
    const needed = beside === undefined ? {} : { [field.beside ?? ""]: field.when?.[0] ?? valueOf(beside) }
    return othersOf(field).map(value => ({ ...required, ...needed, [name]: value }))
  }
  return [required, ...all.flatMap(withOther)]
}

const paramsOf = (dtype: DType) => ({
  w: tensor([0.5, -1.25, 2, 0.1, 3.5, -0.75], { dtype, shape: [2, 3] }),
  b: [tensor([0.3, -0.2], { dtype })] as const
})
type Params = ReturnType<typeof paramsOf>

const bowl = (tree: Tree): Tensor =>
  mul(Tree.reduce(scalar(0, "f64"), (total: Tensor, leaf) => add(total, sum(square(cast(leaf, "f64")))))(tree), 0.5)

/** What a step may need, made of its gradient. */
const needsAt = (grads: Params) => ({
  loss: bowl(grads),
  objective: bowl,
  exampleGradients: Tree.map((leaf: Tensor) => thalweg.stack([mul(leaf, 3), thalweg.neg(leaf)]))(grads)
})

const STEPS = 8

/** Parameters and states of some steps, with gradients that are uniform, which is exact. */
const trajectory = (optimizer: AnyOptimizer, dtype: DType): Tree => {
  const gradientAt = (step: number): Params =>
    Tree.map((leaf: Tensor, path) =>
      random.uniform(random.foldIn(random.key(step), path.length), leaf.shape, { min: -1, max: 2, dtype })
    )(paramsOf(dtype))
  const steps: (readonly [Params, Tree])[] = [[paramsOf(dtype), optimizer.init(paramsOf(dtype))]]
  for (let i = 0; i < STEPS; i++) {
    const [params, state] = steps[i] as (typeof steps)[number]
    const grads = gradientAt(i)
    steps.push(thalweg.evaluate(optimizer.step(params, state as never, grads, ...given(optimizer, needsAt(grads)))))
  }
  return steps
}

const dtypes = ["f32", "f64"] as const

const trajectories = (row: Row, around: (made: unknown) => AnyOptimizer): string =>
  hashOf(variantsOf(row).flatMap(options => dtypes.map(dtype => trajectory(around(row.make(options as never)), dtype))))

type Hashes = Readonly<Record<string, string>>

const mapped = <A>(rows: Readonly<Record<string, A>>, hash: (row: A, name: string) => string): Hashes =>
  Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, hash(row, name)]))

const numbers = thalweg.evaluate({
  near: random.uniform(random.key(1), [500], { min: -4, max: 4, dtype: "f64" }),
  far: random.uniform(random.key(2), [500], { min: -800, max: 800, dtype: "f64" }),
  huge: mul(random.uniform(random.key(3), [50], { min: -1, max: 1, dtype: "f64" }), 1e300),
  tiny: mul(random.uniform(random.key(4), [50], { min: -1, max: 1, dtype: "f64" }), 1e-300)
})

const { erf, erfInv, exp, expm1, log, log1p, sigmoid, sin, cos, tan, atan, atan2, tanh, pow, sqrt, abs } = thalweg

const functions: Readonly<Record<string, (x: Tensor) => Tree>> = {
  ...{ erf, erfInv, exp, expm1, log, log1p, sigmoid, sin, cos, tan, atan, tanh, sqrt },
  atan2: x => [atan2(x, thalweg.flip(x)), atan2(x, 0.3)],
  pow: x => [pow(abs(x), thalweg.flip(x)), pow(abs(x), 0.3), pow(0.999, x)]
}

const drawn = (key: Tensor): Readonly<Record<string, (dtype: DType) => Tree>> => ({
  uniform: dtype => random.uniform(key, [100], { min: -0.1, max: 0.7, dtype }),
  normal: dtype => random.normal(key, [1000], { dtype }),
  truncatedNormal: dtype => random.truncatedNormal(key, -1, 2, [100], { dtype }),
  gumbel: dtype => random.gumbel(key, [1000], { dtype }),
  categorical: dtype => random.categorical(key, tensor([0.1, -1.2, 2], { dtype }), { shape: [100] }),
  bernoulli: dtype => random.bernoulli(key, tensor(0.3, { dtype }), [100]),
  permutation: () => random.permutation(key, 100),
  randint: () => random.randint(key, [100], { max: 1000 }),
  exponential: dtype => random.exponential(key, [1000], { dtype }),
  gamma: dtype => [random.gamma(key, 0.3, [100], { dtype }), random.gamma(key, 7, [100], { dtype })],
  beta: dtype => random.beta(key, 0.3, 2, [100], { dtype }),
  poisson: () => [random.poisson(key, 3, [100]), random.poisson(key, 50, [100])],
  choice: dtype => random.choice(key, 4, [3], { p: tensor([0.1, 0.5, 0.2, 0.2], { dtype }), replace: false })
})

const { cosine, cosineRestarts, cyclic, exponential, inverseTime, noam, oneCycle, polynomial } = schedules

const rates: Readonly<Record<string, schedules.Schedule>> = {
  cosine: cosine({ start: 0.1, steps: 20, power: 0.7 }),
  cosineRestarts: cosineRestarts({ start: 0.1, steps: 3, stepsFactor: 2, heightFactor: 0.7 }),
  cyclic: cyclic({ low: 0.1, high: 0.7, upSteps: 3, downSteps: 4, mode: "expRange", rate: 0.9 }),
  exponential: exponential({ start: 0.1, rate: 0.7, steps: 3 }),
  inverseTime: inverseTime({ start: 0.1, rate: 0.7, steps: 3 }),
  noam: noam({ modelSize: 48, warmupSteps: 5 }),
  oneCycle: oneCycle({ peak: 0.1, upSteps: 7, downSteps: 13 }),
  polynomial: polynomial({ start: 0.1, steps: 20, power: 0.7 })
}

const trained = (): Tree => {
  const x = random.normal(random.key(5), [60, 3])
  const data = splitDataset(random.key(6), { train: 0.75, validation: 0.25 })({
    x,
    y: thalweg.sin(sum(x, { axes: 1, keepDims: true }))
  })
  const model = sequential(
    dense({ units: 8, kernel: heNormal }),
    activation(thalweg.tanh),
    dropout({ rate: 0.2 }),
    dense({ units: 1 })
  )
  const optimizer = optimizers.adamw({ learningRate: cosine({ start: 0.05, steps: 15 }) })
  const { state, history } = fit({ model, loss: halfSquaredError, optimizer })({
    ...data,
    epochs: 3,
    batchSize: 9,
    key: random.key(7),
    fusedMultiplyAdd: false
  })
  return [state, history.map(({ trainLoss, validationLoss }) => tensor([trainLoss, validationLoss], { dtype: "f64" }))]
}

/** All hashes, by group and name. */
export const hashes = (): Readonly<Record<string, Hashes>> => ({
  functions: mapped(functions, f => hashOf(Object.values(numbers).flatMap(x => [f(x), f(cast(x, "f32"))]))),
  random: mapped(drawn(random.key(8)), draw => hashOf(dtypes.map(draw))),
  schedules: mapped(rates, rate => hashOf(rate(thalweg.arange(30, { dtype: "f64" })))),
  optimizers: mapped<Row>(optimizers, row => trajectories(row, made => made as AnyOptimizer)),
  combinators: mapped<Row>(combinators, row =>
    trajectories(row, made => (made as (inner: AnyOptimizer) => AnyOptimizer)(descent))
  ),
  training: { fit: hashOf(trained()) }
})
