import fc from "fast-check"
import type { Tree } from "thalweg"
import { abs, and, cast, evaluate, lt, ne, valueAndGrad, vjp, where, type Tensor } from "thalweg"
import type { Initial, Mode } from "thalweg/nn"
import { optimizers, sgd, type AnyOptimizer } from "thalweg/optimizer"
import { key } from "thalweg/random"
import { fromModelSpec } from "thalweg/spec"
import type { Kind } from "../../src/dataflow/primitive.js"
import { generic } from "../autodiff/generic.js"
import { rows } from "../autodiff/rows.js"
import type { Sample } from "../autodiff/samples.js"
import { cases as operationCases, type Case as Golden } from "../dataflow/golden.cases.js"
import { notOffered, offered } from "../dataflow/golden.operations.js"
import { cases as matrixCases } from "../linalg/golden.cases.js"
import { along, cases as layerCases, read, type Case as LayerCase } from "../nn/golden.js"
import { gradient, params, stepOf } from "../optimizer/samples.js"
import { kinds } from "../engine/wasm/kinds.js"
import { edgeParts } from "./edges.js"
import type { Build, Case, Part } from "./python.js"

/** Many functions as one program, which takes far less time than one for each. */
const together = (name: string, parts: readonly Part[]): Case => ({
  name,
  f: (...args: readonly (readonly Tensor[])[]): Tree => parts.map(([f], i) => f(...(args[i] ?? []))),
  args: parts.map(([, at]) => at)
})

/** Special values. */
const edges: readonly Case[] = Object.entries(edgeParts).map(([name, parts]) => together(name, parts))

const samplesOf = (kind: Kind): readonly Sample[] =>
  rows[kind].flatMap(row => fc.sample(row.samples, { seed: 7, numRuns: 2 }))

const narrow = ({ f, at }: Sample): Part => [f, at.map(x => cast(x, "f32"))]

/** Every way to reach a primitive, in f64, and in f32 where it takes that. */
const primitives: readonly Case[] = [
  ...(Object.keys(rows) as Kind[]).map(kind =>
    together(
      kind,
      samplesOf(kind).map(({ f, at }) => [f, at])
    )
  ),
  ...generic.map(kind => together(`${kind} of f32`, samplesOf(kind).map(narrow)))
]

const runOf =
  ({ op, attrs }: Golden) =>
  (xs: readonly Tensor[]): Tensor => {
    const operation = offered[op]
    if (operation === undefined) throw new Error(`no row for ${op}`)
    return operation(xs, attrs)
  }

const SMALLEST_NORMAL = 2 ** -1022

/** Without numbers that are so small that XLA takes them for 0: see `edges.ts`. */
const normal = (x: Tensor): Tensor => (x.dtype === "f64" ? where(and(ne(x, 0), lt(abs(x), SMALLEST_NORMAL)), 1, x) : x)

const operationOf = (c: Golden): Part => {
  const run = runOf(c)
  const { gradient } = c
  const f: Build = (...xs) => (gradient === undefined ? run(xs) : vjp(run)(xs)[1](gradient.cotangent))
  return [f, evaluate(c.inputs.map(normal))]
}

const known = operationCases.filter(({ op, attrs }) => !(notOffered[op]?.(attrs) ?? false))

/** The golden cases of named operations, or their gradients. */
const operations: readonly Case[] = [...new Set(known.map(c => c.op))].map(op =>
  together(op, known.filter(c => c.op === op).map(operationOf))
)

const matrixOf = ({ run, inputs, derivative }: (typeof matrixCases)[number]): Part => {
  const picked = (xs: readonly Tensor[]): Tree => derivative?.of.map(i => run(xs)[i] as Tensor) ?? []
  return [(...xs) => [run(xs), derivative === undefined ? [] : vjp(picked)(xs)[1](derivative.cotangents)], inputs]
}

/** Operations on matrices whose condition is of about one size. */
const groupOf = ({ name, condition }: (typeof matrixCases)[number]): string => {
  const [operation = ""] = name.split("/")
  return `${operation}, condition up to ${[1e2, 1e4, 1e8, 1e12].find(most => condition <= most) ?? Infinity}`
}

const matrixGroups = [...new Set(matrixCases.map(groupOf))].map(name => ({
  name,
  members: matrixCases.filter(c => groupOf(c) === name)
}))

/** The golden cases of linear algebra with derivatives. */
const matrices: readonly Case[] = matrixGroups.map(({ name, members }) => together(name, members.map(matrixOf)))

/** As for the golden values, but that derivatives are compared in the same bound. */
const conditioned = Object.fromEntries(
  matrixGroups.map(({ name, members }) => [name, 1e-13 * Math.max(10, ...members.map(c => c.condition))])
)

const STEPS = 3

/** What stands for an option that must be given, by its name; a small number for any other. */
const required: Readonly<Record<string, unknown>> = {
  labels: [["**", "all"]],
  optimizers: { all: sgd({ learningRate: 0.1 }) },
  seed: 1
}

/** What is looked at of a row of the catalogue. */
interface Row {
  readonly fields: Readonly<Record<string, { readonly kind: string; readonly default: unknown }>>
  readonly make: (options: never) => AnyOptimizer
}

const optimizerOf = ({ fields, make }: Row): AnyOptimizer => {
  const given = Object.entries(fields).filter(([, field]) => field.default === undefined)
  return make(Object.fromEntries(given.map(([name]) => [name, required[name] ?? 0.01])) as never)
}

/** Those whose state has eigenvectors, which are not told apart where eigenvalues are equal: of them only parameters count. */
const turning = ["soap"]

const walkOf = (name: string, optimizer: AnyOptimizer): Case => {
  const step = stepOf(optimizer)
  const f = (start: typeof params, ...grads: readonly (typeof params)[]): Tree => {
    const at = grads.reduce<Parameters<typeof step>[0]>((before, g) => step(before, g), [start, optimizer.init(start)])
    return turning.includes(name) ? at[0] : at
  }
  return { name, f, args: [params, ...Array.from({ length: STEPS }, (_, i) => gradient(i))] }
}

/** Three steps of every optimizer of the catalogue. */
const walks: readonly Case[] = Object.entries(optimizers).map(([name, row]) => walkOf(name, optimizerOf(row)))

const layerOf = (c: LayerCase): Case => {
  const layer = fromModelSpec(c)
  const [input, weights, cotangent] = [c.input, c.params, c.cotangent].map(tree => read(tree, "f64")) as [Tree, Tree, Tree] // prettier-ignore
  const mode: Mode = {
    ...(c.training ? { training: true as const, key: key(0) } : { training: false as const }),
    ...(c.context && (read(c.context, "f64") as object))
  }
  const state =
    c.state === undefined ? (layer.init(key(0), input, mode) as Initial<Tree, Tree>).state : read(c.state, "f64")
  const f = (p: Tree, s: Tree, x: Tree): Tree => {
    const apply = (q: Tree): readonly [Tree, Tree] => layer.apply(q, s, x, mode) as readonly [Tree, Tree]
    return [apply(p), valueAndGrad((q: Tree) => along(apply(q)[0], cotangent))(p)]
  }
  return { name: c.name, f, args: [weights, state, input] }
}

/** The golden cases of layers, forward and backward. */
const layers: readonly Case[] = layerCases.map(layerOf)

const SAMPLES = 10

/** Sums that overflow in f32 before they cancel are another matter: see `edges.ts`. */
const comparable = Object.entries(kinds).filter(([name]) => name !== "reductions at the ends of the exponent")

/** Random programs of every kind that engines are compared on, some of each as one. */
const random: readonly Case[] = comparable.flatMap(([name, [programs, runs]]) =>
  Array.from({ length: Math.ceil(runs / 100) }, (_, i) =>
    together(
      `${name}, ${i}`,
      fc
        .sample(programs, { seed: i, numRuns: SAMPLES })
        .map(({ build, inputs }): Part => [(...xs) => build(xs), inputs])
    )
  )
)

/** Programs, and what rounding is granted, in units of the largest element of a leaf. */
export interface Suite {
  readonly cases: readonly Case[]
  readonly f64: number
  readonly f32: number
  /** What a leaf has at least as its largest element: what is smaller is the rest of a cancellation. Default 0. */
  readonly floor?: number
  /** The cases to which something else is granted, in every dtype. */
  readonly exceptions?: Readonly<Record<string, number>>
}

export const suites: Readonly<Record<string, Suite>> = {
  edges: { cases: edges, f64: 1e-13, f32: 1e-6, exceptions: { "random bits": 0 } },
  primitives: { cases: primitives, f64: 1e-13, f32: 1e-6 },
  operations: { cases: operations, f64: 1e-13, f32: 1e-6, exceptions: { erfInv: 1e-11 } },
  // a determinant that is 0 but for rounding
  "linear algebra": { cases: matrices, f64: 1e-12, f32: 1e-6, floor: 0.01, exceptions: conditioned },
  // dog and dadaptAdamw keep in f64 what comes of f32, of dog of distances that are rests of cancellations
  optimizers: { cases: walks, f64: 1e-12, f32: 2e-6, exceptions: { dog: 1e-3, dadaptAdamw: 1e-6 } },
  layers: { cases: layers, f64: 1e-12, f32: 1e-6, floor: 0.01 },
  "random programs": { cases: random, f64: 1e-12, f32: 2e-6 }
}
