import * as attributes from "./attributes.js"
import { checkDType, isFloat, type DType } from "./dtype.js"
import { fail } from "./error.js"
import { packedSize } from "./packed.js"
import {
  nameOf,
  type BinaryFn,
  type Indexing,
  type Kind,
  type Loop,
  type Op,
  type OpOf,
  type Tensor,
  type UnaryFn
} from "./primitive.js"
import { broadcastShapes, removeAxes, sameShape, showShape, sizeOf, withAxis, type Shape } from "./shape.js"
import { showType, type Type } from "./type.js"

/** The arguments of a primitive. */
export type ArgsOf<K extends Kind> = K extends "part" ? readonly [Loop] : readonly Tensor[]

/** What a primitive says of its nodes. */
export interface Rule<K extends Kind> {
  /** Shape and dtype of the primitive applied to arguments; an error that names the operation when they do not fit. */
  readonly type: (op: OpOf<K>, args: ArgsOf<K>) => Type
  /** What is said of it besides its name and arguments. */
  readonly says: attributes.Attributes<K>
}

/** Which dtypes a function takes, and how an error says so. */
type Domain = readonly [holds: (dtype: DType) => boolean, expected: string]

const floats: Domain = [isFloat, "f32 or f64"]
const numbers: Domain = [dtype => dtype !== "bool", "a numeric dtype"]
const signed: Domain = [dtype => dtype !== "bool" && dtype !== "u32", "a signed numeric dtype"]
const bits: Domain = [dtype => !isFloat(dtype), "bool, i32 or u32"]
const integers: Domain = [dtype => dtype === "i32" || dtype === "u32", "i32 or u32"]

/** Other functions of one argument take floats. */
const unaryDomains: Partial<Record<UnaryFn, Domain>> = { neg: signed, abs: signed, sign: signed, not: bits }

/** Other functions of two arguments take numbers. */
const binaryDomains: Partial<Record<BinaryFn, Domain>> = {
  atan2: floats,
  and: bits,
  or: bits,
  xor: bits,
  shiftLeft: integers,
  shiftRight: integers
}

const requireDomain = (operation: string, [holds, expected]: Domain, dtype: DType): void => {
  if (!holds(dtype)) fail("DTypeError", operation, expected, dtype)
}

/** The `index`-th argument; the named operations always pass as many as the primitive takes. */
const arg = (args: readonly Tensor[], index: number): Tensor =>
  args[index] ?? fail("ShapeError", "apply", `an argument ${index}`, `${args.length} arguments`)

const sameDType = (operation: string, a: Tensor, b: Tensor): DType =>
  a.dtype === b.dtype
    ? a.dtype
    : fail("DTypeError", operation, "arguments of one dtype (cast one of them)", `${a.dtype} and ${b.dtype}`)

/** The dtype of two tensors that are multiplied and added. */
export const productDType = (operation: string, a: Tensor, b: Tensor): DType => {
  requireDomain(operation, numbers, a.dtype)
  return sameDType(operation, a, b)
}

const first = (_: Op, args: readonly Tensor[]): Type => arg(args, 0)

const sameSizes = (operation: string, what: string, a: Shape, b: Shape): void => {
  if (!sameShape(a, b)) fail("ShapeError", operation, `${what} to agree`, `${showShape(a)} and ${showShape(b)}`)
}

/** The number of places of a window of `size` (spread by `dilation`) over `length` elements; 0 when it does not fit. */
export const windowCount = (length: number, size: number, stride: number, dilation: number): number =>
  Math.max(0, Math.floor((length - ((size - 1) * dilation + 1)) / stride) + 1)

export const windowReduce: Rule<"windowReduce"> = {
  type: (op, args) => {
    const x = arg(args, 0)
    requireDomain(nameOf(op), numbers, x.dtype)
    const shape = x.shape.map((n, axis) => {
      const i = op.axes.indexOf(axis)
      return i < 0 ? n : windowCount(n, op.sizes[i] ?? 1, op.strides[i] ?? 1, op.dilations[i] ?? 1)
    })
    return { shape, dtype: x.dtype }
  },
  says: attributes.windowReduce
}

export const maxPoolPullback: Rule<"maxPoolPullback"> = { type: first, says: attributes.maxPoolPullback }

export const fold: Rule<"fold"> = {
  type: ({ axis, lengths }, args) => {
    const { shape, dtype } = arg(args, 0)
    return { shape: shape.toSpliced(axis, 2 * lengths.length, ...lengths), dtype }
  },
  says: attributes.fold
}

export const concat: Rule<"concat"> = {
  type: ({ axis }, args) => {
    const head = arg(args, 0)
    for (const t of args) {
      sameDType("concat", head, t)
      if (!sameShape(withAxis(head.shape, axis, 0), withAxis(t.shape, axis, 0)))
        fail(
          "ShapeError",
          "concat",
          `sizes off axis ${axis} to agree`,
          `${showShape(head.shape)} and ${showShape(t.shape)}`
        )
    }
    return {
      shape: withAxis(
        head.shape,
        axis,
        args.reduce((n, t) => n + (t.shape[axis] ?? 0), 0)
      ),
      dtype: head.dtype
    }
  },
  says: attributes.concat
}

export const pad: Rule<"pad"> = {
  type: ({ padding, interior }, args) => {
    const [x, value] = [arg(args, 0), arg(args, 1)]
    sameDType("pad", x, value)
    if (value.shape.length !== 0) fail("ShapeError", "pad", "a scalar value", showShape(value.shape))
    const shape = x.shape.map((n, axis) => {
      const [low, high] = padding[axis] ?? [0, 0]
      return n + low + high + Math.max(0, n - 1) * (interior[axis] ?? 0)
    })
    if (shape.some(n => n < 0))
      fail("ShapeError", "pad", "to crop no more than there is", `${showShape(x.shape)} → ${showShape(shape)}`)
    return { shape, dtype: x.dtype }
  },
  says: attributes.pad
}

/** The shape of the elements that `indices` point at. */
const indexedShape = (operation: string, { axis, batch }: Indexing, x: Shape, indices: Tensor): Shape => {
  requireDomain(operation, integers, indices.dtype)
  sameSizes(operation, "batch sizes", x.slice(0, batch), indices.shape.slice(0, batch))
  return [...x.slice(0, axis), ...indices.shape.slice(batch), ...x.slice(axis + 1)]
}

export const gather: Rule<"gather"> = {
  type: (op, args) => {
    const x = arg(args, 0)
    return { shape: indexedShape("take", op, x.shape, arg(args, 1)), dtype: x.dtype }
  },
  says: attributes.gather
}

/** A base, and updates as what `indices` point at. */
const scattered = (op: OpOf<"scatterAdd" | "scatterSet">, args: readonly Tensor[]): Type => {
  const { kind } = op
  const [base, updates] = [arg(args, 0), arg(args, 2)]
  const expected = indexedShape(kind, op, base.shape, arg(args, 1))
  if (!sameShape(expected, updates.shape))
    fail("ShapeError", kind, `updates of shape ${showShape(expected)}`, showShape(updates.shape))
  return { shape: base.shape, dtype: sameDType(kind, base, updates) }
}

export const scatterAdd: Rule<"scatterAdd"> = {
  type: (op, args) => {
    requireDomain("scatterAdd", numbers, arg(args, 0).dtype)
    return scattered(op, args)
  },
  says: attributes.scatterAdd
}

export const scatterSet: Rule<"scatterSet"> = { type: scattered, says: attributes.scatterSet }

export const dot: Rule<"dot"> = {
  type: ({ batch, contract }, args) => {
    const [a, b] = [arg(args, 0), arg(args, 1)]
    const pick = (t: Tensor, axes: readonly number[]): Shape => axes.map(axis => t.shape[axis] ?? 0)
    sameSizes("dot", "contracted sizes", pick(a, contract[0]), pick(b, contract[1]))
    sameSizes("dot", "batch sizes", pick(a, batch[0]), pick(b, batch[1]))
    return {
      shape: [
        ...pick(a, batch[0]),
        ...removeAxes(a.shape, [...batch[0], ...contract[0]]),
        ...removeAxes(b.shape, [...batch[1], ...contract[1]])
      ],
      dtype: productDType("dot", a, b)
    }
  },
  says: attributes.dot
}

export const conv: Rule<"conv"> = {
  type: (op, args) => {
    const [x, kernel] = [arg(args, 0), arg(args, 1)]
    const rank = op.strides.length
    const shown = `input ${showShape(x.shape)}, kernel ${showShape(kernel.shape)}`
    requireDomain("conv", floats, x.dtype)
    if (x.shape.length !== rank + 3 || kernel.shape.length !== rank + 3)
      fail("ShapeError", "conv", `${rank} spatial axes in input and kernel`, shown)
    const [groups, n] = [x.shape[0] ?? 0, x.shape[1] ?? 0]
    if (kernel.shape[0] !== groups) fail("ShapeError", "conv", "as many groups in input and kernel", shown)
    if (kernel.shape[rank + 1] !== x.shape[rank + 2])
      fail("ShapeError", "conv", "as many input channels in both", shown)
    const spatial = op.strides.map((stride, i) => {
      const [low, high] = op.padding[i] ?? [0, 0]
      const length = x.shape[i + 2] ?? 0
      const dilated = length === 0 ? 0 : (length - 1) * (op.inputDilation[i] ?? 1) + 1
      return windowCount(dilated + low + high, kernel.shape[i + 1] ?? 0, stride, op.kernelDilation[i] ?? 1)
    })
    return { shape: [groups, n, ...spatial, kernel.shape[rank + 2] ?? 0], dtype: sameDType("conv", x, kernel) }
  },
  says: attributes.conv
}

/** A matrix, or a batch of matrices, of floats. */
export const matrices = (operation: string, x: Tensor): Tensor => {
  if (x.shape.length < 2) fail("ShapeError", operation, "a matrix or a batch of matrices", showShape(x.shape))
  requireDomain(operation, floats, x.dtype)
  return x
}

/** A square matrix, or a batch of such. */
export const squares = (operation: string, x: Tensor): Tensor =>
  matrices(operation, x).shape.at(-1) === x.shape.at(-2)
    ? x
    : fail("ShapeError", operation, "square matrices", showShape(x.shape))

export const factor: Rule<"factor"> = {
  type: ({ fn, operation }, args) => {
    const isSquare = fn === "cholesky" || fn === "eigh"
    const { shape, dtype } = (isSquare ? squares : matrices)(operation, arg(args, 0))
    return { shape: [...shape.slice(0, -2), packedSize(fn, shape)], dtype }
  },
  says: attributes.factor
}

export const triangularSolve: Rule<"triangularSolve"> = {
  type: ({ operation }, args) => {
    const [a, b] = [squares(operation, arg(args, 0)), matrices(operation, arg(args, 1))]
    sameSizes(operation, "numbers of rows", a.shape.slice(-2, -1), b.shape.slice(-2, -1))
    sameSizes(operation, "batch sizes", a.shape.slice(0, -2), b.shape.slice(0, -2))
    return { shape: b.shape, dtype: sameDType(operation, a, b) }
  },
  says: attributes.triangularSolve
}

export const part: Rule<"part"> = {
  type: ({ index }, [{ outputs, carried, length }]) => {
    const out = arg(outputs, index)
    return index < carried ? out : { shape: [length, ...out.shape], dtype: out.dtype }
  },
  says: attributes.part
}

const elementwise = (operation: string, args: readonly Tensor[]): Shape =>
  args.reduce<Shape>((shape, t) => broadcastShapes(operation, shape, t.shape), [])

export const literal: Rule<"literal"> = { type: op => op, says: attributes.literal }

export const input: Rule<"input"> = { type: op => op, says: attributes.input }

export const iota: Rule<"iota"> = {
  type: op => {
    requireDomain("iota", numbers, checkDType("iota", op.dtype))
    return op
  },
  says: attributes.iota
}

export const unary: Rule<"unary"> = {
  type: (op, args) => {
    const x = arg(args, 0)
    requireDomain(op.fn, unaryDomains[op.fn] ?? floats, x.dtype)
    return x
  },
  says: attributes.unary
}

export const binary: Rule<"binary"> = {
  type: (op, args) => {
    const operation = nameOf(op)
    const a = arg(args, 0)
    const b = arg(args, 1)
    const dtype = sameDType(operation, a, b)
    requireDomain(operation, binaryDomains[op.fn] ?? numbers, dtype)
    return { shape: broadcastShapes(operation, a.shape, b.shape), dtype }
  },
  says: attributes.binary
}

export const compare: Rule<"compare"> = {
  type: (op, args) => {
    sameDType(op.fn, arg(args, 0), arg(args, 1))
    return { shape: elementwise(op.fn, args), dtype: "bool" }
  },
  says: attributes.compare
}

export const select: Rule<"select"> = {
  type: (_, args) => {
    const condition = arg(args, 0)
    if (condition.dtype !== "bool") fail("DTypeError", "where", "a bool condition", condition.dtype)
    return { shape: elementwise("where", args), dtype: sameDType("where", arg(args, 1), arg(args, 2)) }
  },
  says: attributes.select
}

export const cast: Rule<"cast"> = {
  type: (op, args) => ({ shape: arg(args, 0).shape, dtype: checkDType("cast", op.dtype) }),
  says: attributes.cast
}

export const reduce: Rule<"reduce"> = {
  type: (op, args) => {
    const x = arg(args, 0)
    if (op.fn === "sum" || op.fn === "prod") requireDomain(op.fn, numbers, x.dtype)
    if (op.fn === "mean" || op.fn === "norm") requireDomain(op.fn, floats, x.dtype)
    return { shape: removeAxes(x.shape, op.axes), dtype: x.dtype }
  },
  says: attributes.reduce
}

export const argReduce: Rule<"argReduce"> = {
  type: (op, args) => ({
    shape: removeAxes(arg(args, 0).shape, [op.axis]),
    dtype: "i32"
  }),
  says: attributes.argReduce
}

export const argSort: Rule<"argSort"> = {
  type: (_, args) => ({ shape: arg(args, 0).shape, dtype: "i32" }),
  says: attributes.argSort
}

export const cumSum: Rule<"cumSum"> = {
  type: (_, args) => {
    requireDomain("cumSum", numbers, arg(args, 0).dtype)
    return arg(args, 0)
  },
  says: attributes.cumSum
}

export const reshape: Rule<"reshape"> = {
  type: (op, args) => {
    const x = arg(args, 0)
    if (sizeOf(x.shape) !== sizeOf(op.shape))
      fail(
        "ShapeError",
        "reshape",
        `a shape of ${sizeOf(x.shape)} elements`,
        `${showShape(x.shape)} → ${showShape(op.shape)}`
      )
    return { shape: op.shape, dtype: x.dtype }
  },
  says: attributes.reshape
}

export const transpose: Rule<"transpose"> = {
  type: (op, args) => {
    const x = arg(args, 0)
    return { shape: op.permutation.map(axis => x.shape[axis] ?? 0), dtype: x.dtype }
  },
  says: attributes.transpose
}

export const broadcast: Rule<"broadcast"> = {
  type: (op, args) => {
    const x = arg(args, 0)
    if (!sameShape(broadcastShapes("broadcastTo", x.shape, op.shape), op.shape))
      fail("ShapeError", "broadcastTo", `a shape that broadcasts to ${showShape(op.shape)}`, showShape(x.shape))
    return { shape: op.shape, dtype: x.dtype }
  },
  says: attributes.broadcast
}

export const slice: Rule<"slice"> = {
  type: (op, args) => ({
    shape: op.starts.map((start, i) => Math.max(0, Math.ceil(((op.stops[i] ?? 0) - start) / (op.steps[i] ?? 1)))),
    dtype: arg(args, 0).dtype
  }),
  says: attributes.slice
}

export const flip: Rule<"flip"> = { type: first, says: attributes.flip }

export const threefry: Rule<"threefry"> = {
  type: (_, args) => {
    const [key, counter] = [arg(args, 0), arg(args, 1)]
    if (!sameShape(key.shape, [2]) || key.dtype !== "u32")
      fail("KeyError", "random", "a key (u32 of shape [2])", showType(key))
    if (counter.dtype !== "u32") fail("DTypeError", "random", "a u32 counter", counter.dtype)
    return { shape: [...counter.shape, 2], dtype: "u32" }
  },
  says: attributes.threefry
}

export const variable: Rule<"variable"> = { type: first, says: attributes.variable }

export const stopGradient: Rule<"stopGradient"> = { type: first, says: attributes.stopGradient }

export const customVjp: Rule<"customVjp"> = { type: first, says: attributes.customVjp }
