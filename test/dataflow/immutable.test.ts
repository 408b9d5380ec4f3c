import * as t from "thalweg"
import { key, normal, split } from "thalweg/random"
import { describe, expect, test } from "vitest"
import * as operations from "../../src/dataflow/operations.js"
import { bool, f64, i32, u32 } from "./values.js"

type Tensor = t.Tensor
type Name = keyof typeof operations

/** Writes to everything that can be reached by names, and goes on where that throws. */
const vandalize = (value: unknown, seen = new Set<unknown>()): void => {
  if (typeof value !== "object" || value === null || seen.has(value)) return
  seen.add(value)
  const target = value as Record<string, unknown>
  const attempts = [
    () => Array.isArray(target) && target.push(3),
    () => (target.length = 0),
    () => delete target[0],
    () => t.isTensor(target) && (Object.setPrototypeOf(target, {}) as unknown),
    () => t.isTensor(target) && Object.defineProperty(Reflect.getPrototypeOf(target) ?? {}, "shape", { value: [99] }),
    ...namesOf(target).flatMap(name => [
      () => {
        vandalize(target[name], seen)
      },
      () => (target[name] = typeof target[name] === "number" ? 99 : "i32"),
      () => Object.defineProperty(target, name, { value: [99] }),
      () => Reflect.deleteProperty(target, name)
    ])
  ]
  for (const attempt of attempts)
    try {
      attempt()
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError)
    }
}

/** Its own names, and those of its class. */
const namesOf = (value: object): readonly string[] => {
  const prototype = Object.getPrototypeOf(value) as object
  const inherited = Array.isArray(value) || prototype === Object.prototype ? [] : Object.getOwnPropertyNames(prototype)
  return [...Object.keys(value), ...inherited.filter(name => name !== "constructor")]
}

/** Writes to what a user passed: lists, buffers and records of options, but not to the tensors, which are next. */
const vandalizeArguments = (args: readonly unknown[]): void => {
  for (const arg of args)
    if (!t.isTensor(arg)) {
      expect(typeof arg !== "object" || !Object.isFrozen(arg)).toBe(true)
      vandalize(Array.isArray(arg) ? arg.filter(item => !t.isTensor(item)) : arg, new Set(tensorsIn(arg)))
      if (Array.isArray(arg)) (arg as unknown[]).reverse().push(99)
      if (ArrayBuffer.isView(arg)) (arg as Float32Array).fill(99)
    }
}

const tensorsIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.filter(t.isTensor) : [])

const look = (x: Tensor) => [t.toTyped(x), [...x.shape], x.dtype]

const unary = () => [f64([0.1, 0.2])]
const binary = () => [f64([0.1, 0.2]), f64([[0.3], [0.4]])]
const matrix = () => f64([[0.1, 0.2, 0.3], [0.6, 0.5, 0.4]]) // prettier-ignore
const bits = () => [bool([true, false]), bool([true, true])]
const integers = () => [i32([4, 2]), i32([1, 3])]
const image = () => t.reshape(t.arange(16, { dtype: "f64" }), [1, 4, 4, 1])
const pooled = () => [image(), { window: [2, 2], strides: [1, 2], padding: [[1, 0], [0, 1]], dilation: [1, 1] }] // prettier-ignore

/** Arguments of every named operation, with as many lists and records in them as it takes. */
const calls: { readonly [K in Name]: () => readonly unknown[] } = {
  arange: () => [4, { start: 1, step: 0.5 }],
  iota: () => [[2, 3], 1],
  linspace: () => [0, 1, 3],
  full: () => [[2, 2], 7],
  ones: () => [[2, 2]],
  onesLike: unary,
  scalar: () => [2],
  tensor: () => [new Float32Array([1, 2, 3, 4]), { shape: [2, 2] }],
  zeros: () => [[2, 2]],
  zerosLike: unary,
  abs: unary,
  add: binary,
  ceil: unary,
  clamp: () => [matrix(), 0.2, 0.5],
  div: binary,
  floor: unary,
  maximum: binary,
  minimum: binary,
  mul: binary,
  neg: unary,
  pow: binary,
  reciprocal: unary,
  rem: binary,
  round: unary,
  sign: unary,
  square: unary,
  sub: binary,
  atan: unary,
  atan2: binary,
  cos: unary,
  erf: unary,
  erfInv: unary,
  exp: unary,
  expm1: unary,
  log: unary,
  log1p: unary,
  rsqrt: unary,
  sigmoid: unary,
  sin: unary,
  sqrt: unary,
  tan: unary,
  tanh: unary,
  ...{ acos: unary, acosh: () => [f64([1.1, 2])], asin: unary, asinh: unary, atanh: unary, cbrt: unary, cosh: unary },
  ...{ erfc: unary, exp2: unary, isInf: unary, log10: unary, log2: unary, logSigmoid: unary, sinh: unary },
  ...{ hypot: binary, logAddExp: binary, mod: binary, softplus: unary, trunc: unary },
  nanToNum: () => [f64([NaN, 1]), { nan: 2 }],
  and: bits,
  eq: binary,
  ge: binary,
  gt: binary,
  isFinite: unary,
  isNaN: unary,
  le: binary,
  lt: binary,
  ne: binary,
  not: () => [bool([true, false])],
  or: bits,
  shiftLeft: integers,
  shiftRight: integers,
  where: () => [bool([true, false]), ...unary(), 0.5],
  xor: bits,
  cast: () => [...unary(), "f32"],
  stopGradient: unary,
  all: () => [bool([[true, false]]), { axes: [1] }],
  any: () => [bool([[true, false]]), { axes: [1] }],
  argMax: () => [matrix(), 1],
  argMin: () => [matrix(), 1],
  argSort: () => [matrix(), 1],
  cumSum: () => [matrix(), { axis: 0, reverse: true }],
  cumMax: () => [matrix(), { axis: 0, reverse: true }],
  cumMin: () => [matrix(), { axis: 1 }],
  cumProd: () => [matrix(), { axis: 0 }],
  max: () => [matrix(), { axes: [1], keepDims: true }],
  median: () => [matrix(), { axes: [1], keepDims: true }],
  min: () => [matrix(), { axes: [0] }],
  prod: () => [matrix(), { axes: [-1] }],
  quantile: () => [matrix(), 0.3, { axes: [1] }],
  sort: () => [matrix(), 1],
  sum: () => [matrix(), { axes: [1] }],
  topK: () => [matrix(), 2, 1],
  logSoftmax: () => [matrix()],
  logSumExp: () => [matrix(), { axes: [1] }],
  mean: () => [matrix(), { axes: [1] }],
  norm: () => [matrix(), { axes: [1] }],
  softmax: () => [matrix()],
  standardDeviation: () => [matrix(), { axes: [1] }],
  variance: () => [matrix(), { axes: [1] }],
  broadcastTo: () => [f64([1, 2]), [3, 2]],
  expandDims: () => [matrix(), 0],
  flatten: () => [matrix()],
  flip: () => [matrix(), [1]],
  moveAxis: () => [matrix(), 0, 1],
  meshgrid: () => [[f64([1, 2]), f64([3])], { indexing: "ij" }],
  repeat: () => [matrix(), [2, 1], 0],
  reshape: () => [matrix(), [3, -1]],
  roll: () => [matrix(), [1, 2], [0, 1]],
  squeeze: () => [f64([[[1, 2]]]), [0]],
  swapAxes: () => [matrix(), 0, 1],
  tile: () => [matrix(), [2, 1]],
  transpose: () => [matrix(), [1, 0]],
  concat: () => [[matrix(), matrix()], 1],
  pad: () => [matrix(), [[1, 0], [0, 2]], { interior: [1, 0], value: 5 }], // prettier-ignore
  slice: () => [matrix(), { start: [0, 1], stop: [2, 3], step: [1, 2] }],
  sliceAxis: () => [matrix(), 1, 0, 2],
  split: () => [matrix(), [1, 2], 1],
  stack: () => [[matrix(), matrix()], 1],
  at: () => [matrix(), 1],
  oneHot: () => [i32([0, 2]), 3],
  dynamicSlice: () => [matrix(), [1, 0], [1, 2]],
  dynamicUpdateSlice: () => [matrix(), f64([[5]]), [1, 0]],
  scatterMax: () => [f64([0, 0, 0]), i32([0, 2]), f64([1, 2])],
  scatterSet: () => [f64([0, 0, 0]), i32([0, 2]), f64([1, 2])],
  scatterAdd: () => [f64([0, 0, 0]), i32([0, 2]), f64([1, 2])],
  take: () => [matrix(), [2, 0], 1],
  takeAlongAxis: () => [matrix(), i32([[0], [2]]), 1],
  diagonal: () => [matrix(), 1],
  eye: () => [2, 3],
  trace: () => [matrix(), 1],
  tril: () => [matrix()],
  triu: () => [matrix()],
  einsum: () => ["ij,kj->ik", matrix(), matrix()],
  matmul: () => [matrix(), t.transpose(matrix())],
  outer: () => [...unary(), ...unary()],
  averagePool: pooled,
  conv: () => [
    image(),
    t.reshape(f64([1, 2, 3, 4]), [2, 2, 1, 1]),
    { strides: [1, 1], padding: [[1, 1], [0, 0]], dilation: [1, 2], inputDilation: [2, 1] } // prettier-ignore
  ],
  maxPool: pooled,
  sumPool: pooled
}

/** What is made of several primitives by functions that take functions, lists or keys. */
const others: Readonly<
  Record<string, readonly [f: (...args: readonly never[]) => t.Tree, args: () => readonly unknown[]]>
> = {
  "a loop": [
    (c: Tensor, xs: Tensor) => t.scan((c: Tensor, x: Tensor) => [t.mul(c, x), t.add(c, 1)], c, xs),
    () => [f64(2), f64([1, 2, 3])]
  ],
  "the gradient of a loop": [
    t.grad((w: Tensor) => t.scan((c: Tensor) => [t.mul(c, w), []], w, [], { length: 2 })[0]),
    () => [f64(0.5)]
  ],
  "a derivative by hand": [
    t.grad((x: Tensor) =>
      t.sum(
        t.customVjp(
          (x: Tensor) => [t.sin(x), x] as const,
          (x, ct) => [t.mul(ct, x)] as const
        )(x)
      )
    ),
    unary
  ],
  "random numbers": [(shape: readonly number[]) => normal(key(1), shape), () => [[2, 3]]],
  keys: [() => split(key(1), 2), () => []],
  "a key of words": [(words: Tensor) => normal(words, [2]), () => [u32([1, 2])]],
  "what was evaluated": [(x: Tensor) => t.evaluate(t.exp(x)), unary],
  "what was compiled": [t.compile((x: Tensor) => ({ y: t.exp(x), x })), unary]
}

const rows = [
  ...Object.entries(calls).map(
    ([name, args]) => [name, operations[name as Name] as (...args: readonly never[]) => t.Tree, args] as const
  ),
  ...Object.entries(others).map(([name, [f, args]]) => [name, f, args] as const)
]

describe("nothing that is passed in or comes out changes a value:", () => {
  test.each(rows)("%s", (_, f, argumentsOf) => {
    const call = f as (...args: readonly unknown[]) => t.Tree
    const expected = t.Tree.leaves(call(...argumentsOf())).map(look)
    const args = argumentsOf()
    const results = t.Tree.leaves(call(...args))
    const later = results.map(x => t.add(t.cast(x, "f64"), 1))
    results.forEach(({ op }) => op) // what is looked at is frozen, the user's lists must not be
    vandalizeArguments(args)
    for (const x of results) vandalize(x)
    expect(results.map(look)).toEqual(expected)
    for (const x of results) vandalize(x)
    expect(results.map(look)).toEqual(expected)
    expect(later.map(x => x.shape)).toEqual(results.map(x => x.shape))
    expect(results.every(t.isTensor)).toBe(true)
  })
})

describe("what JavaScript may try", () => {
  const attempts: readonly [string, (x: Tensor) => unknown][] = [
    ["b.shape.push(3)", ({ shape }) => (shape as number[]).push(3)],
    ["x.dtype = 'i32'", x => ((x as { dtype: t.DType }).dtype = "i32")],
    ["c.op.data[0] = 99", ({ op }) => ((op as unknown as { data: number[] }).data[0] = 99)],
    ["x.args.push(x)", x => (x.args as Tensor[]).push(x)],
    ["x.args[0] = x", x => ((x.args as Tensor[])[0] = x)],
    ["x.op.axes[0] = 0", ({ op }) => ((op as unknown as { axes: number[] }).axes[0] = 0)],
    ["x.scopes.push({})", x => (x.scopes as unknown[]).push({})]
  ]
  test.each(attempts)("%s throws, and changes nothing", (_, attempt) => {
    const known = t.sum(f64([[1, 2]]), { axes: [1] })
    expect(known.op.kind).toBe("reduce")
    t.evaluate(known)
    for (const x of [f64([[1, 2]]), t.sum(f64([[1, 2]]), { axes: [1] }), known]) {
      const before = look(x)
      expect(() => attempt(x)).toThrow(TypeError)
      expect(look(x)).toEqual(before)
    }
  })
  test("nobody outside opens or closes a scope", () => {
    t.grad((x: Tensor) => {
      const [scope] = x.scopes
      expect(() => ((scope as { isOpen: boolean }).isOpen = false)).toThrow(TypeError)
      expect(scope?.isOpen).toBe(true)
      return x
    })(f64(1))
  })
  test("two nodes are equal to assertions only if they are made alike", () => {
    const seen = t.sum(f64([1, 2]))
    expect(seen.op.kind).toBe("reduce")
    expect(seen).toEqual(t.sum(f64([1, 2])))
    expect(t.sin(f64([1]))).not.toEqual(t.sin(f64([2])))
    expect(t.sin(f64([1]))).not.toEqual(t.cos(f64([1])))
    expect(f64([1])).not.toEqual(f64([2]))
  })
})
