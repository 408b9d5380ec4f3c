import { isFloat, type DType } from "../../dataflow/dtype.js"
import type { Indexing, OpOf } from "../../dataflow/primitive.js"
import { sizeOf } from "../../dataflow/shape.js"
import type { Type } from "../../dataflow/type.js"
import type { Step } from "../program/program.js"
import {
  add,
  advance,
  and,
  choose,
  copyBytes,
  either,
  F32,
  F64,
  functionOf,
  get,
  i32,
  I32,
  isLess,
  isZero,
  leave,
  mul,
  or,
  plain,
  repeatWhile,
  set,
  setAll,
  sub,
  tee,
  times,
  upTo,
  when,
  type Code,
  type Func,
  type Locals,
  type ValueType
} from "./code.js"
import { loadElement, storeElement, WIDTH } from "./elements.js"
import type { Routine } from "./node.js"
import { isEmpty } from "./view.js"

/**
 * A routine, by its sizes, the names of the parameters that are addresses, the bytes that it works in, if any, and whether it
 * changes its first argument.
 */
const routine = <Size extends string, Name extends string>(
  sizes: Readonly<Record<Size, number>>,
  addresses: readonly Name[],
  { results, workspace = 0, updates = false }: Partial<Pick<Func, "results"> & Pick<Routine, "workspace" | "updates">>,
  code: (size: Readonly<Record<Size, Code>>, local: Readonly<Record<Name | "work", number>>, locals: Locals) => Code
): Routine => {
  const names = Object.keys(sizes) as Size[]
  const size = Object.fromEntries(names.map((name, i) => [name, get(i)])) as Record<Size, Code>
  const params = [...names, ...addresses, "work" as const]
  const func = functionOf(params, [], (local, locals) => code(size, local, locals), results)
  return { func, sizes: names.map(name => sizes[name]), workspace, updates }
}

const width = ({ dtype }: Type): Code => i32(WIDTH[dtype])

const VALUE_TYPE: Readonly<Record<DType, ValueType>> = { f32: F32, f64: F64, i32: I32, u32: I32, bool: I32 }
const [ADD, NOT_EQUAL, LESS, MORE] = [
  { f32: 0x92, f64: 0xa0, i32: 0x6a, u32: 0x6a, bool: 0x6a },
  { f32: 0x5c, f64: 0x62, i32: 0x47, u32: 0x47, bool: 0x47 },
  { f32: 0x5d, f64: 0x63, i32: 0x48, u32: 0x49, bool: 0x49 },
  { f32: 0x5e, f64: 0x64, i32: 0x4a, u32: 0x4b, bool: 0x4b }
]

/** In what sums are made, and how elements get there and back. */
const summing = (dtype: DType) => {
  const type: DType = dtype === "f32" ? "f64" : dtype
  const wide = (x: Code): Code => (dtype === "f32" ? plain(0xbb, x) : x)
  const narrow = (x: Code): Code => (dtype === "f32" ? plain(0xb6, x) : x)
  const plus = (a: Code, b: Code): Code => plain(ADD[type], a, b)
  return { type, wide, narrow, plus }
}

const indexingSizes = ({ axis, batch }: Indexing, x: Type, indices: Type) => ({
  batches: sizeOf(x.shape.slice(0, batch)),
  outer: sizeOf(x.shape.slice(batch, axis)),
  n: x.shape[axis]!,
  inner: sizeOf(x.shape.slice(axis + 1)),
  count: sizeOf(indices.shape.slice(batch))
})

type Sizes = Readonly<Record<keyof ReturnType<typeof indexingSizes>, Code>>

/**
 * Goes through the rows at all indices, in order: `row` is told the local of the address of each in what is indexed, where
 * elements have so many bytes; ends the function with 0 at an index that is none.
 */
const eachIndexed = (
  { batches, outer, n, inner, count }: Sizes,
  indexed: Code,
  places: number,
  bytes: Code,
  locals: Locals,
  row: (at: number) => Code
): Code => {
  const [slab, place] = [locals.fresh(I32), locals.fresh(I32)]
  const [at, index] = [locals.fresh(I32), locals.fresh(I32)]
  const rowBytes = mul(inner, bytes)
  const one: Code = [
    when(plain(0x4f, tee(index, loadElement("i32", get(place))), n), [i32(0), leave]),
    set(at, add(get(slab), mul(get(index), rowBytes))),
    row(at),
    advance(place, i32(4))
  ]
  return [
    set(slab, indexed),
    times(batches, locals, [
      times(outer, locals, [set(place, get(places)), times(count, locals, one), advance(slab, mul(n, rowBytes))]),
      set(places, get(place))
    ])
  ]
}

/** What a function whose indices are all right ends with. */
const found = i32(1)

const gather = (op: OpOf<"gather">, [x, indices]: readonly [Type, Type]): Routine =>
  routine(indexingSizes(op, x, indices), ["from", "places", "to"], { results: [I32] }, (size, p, locals) => {
    const bytes = mul(size.inner, width(x))
    return [
      eachIndexed(size, get(p.from), p.places, width(x), locals, at => [
        copyBytes(get(p.to), get(at), bytes),
        advance(p.to, bytes)
      ]),
      found
    ]
  })

/** Puts the base where the result will be, unless it is there. */
const copiedBase = (from: number, to: number, bytes: Code): Code =>
  when(plain(0x47, get(from), get(to)), copyBytes(get(to), get(from), bytes))

/**
 * Sums in f64 in the workspace where elements are f32, and in place otherwise, or where there is one index: a sum of two, rounded
 * to f64 and then to f32, is the same as one that is rounded once. Where there are few indices, only what is there comes into the
 * workspace and back.
 */
const scatterAdd = (op: OpOf<"scatterAdd">, [base, indices]: readonly [Type, Type]): Routine => {
  const { dtype } = base
  const sums = summing(dtype)
  const sizes = { ...indexingSizes(op, base, indices), all: sizeOf(base.shape) }
  const isWide = sums.type !== dtype && sizes.count > 1
  const isFew = 2 * sizes.count <= sizes.n
  const type = isWide ? sums.type : dtype
  const { wide, narrow } = sums
  const plus = (a: Code, b: Code): Code => (isWide ? sums.plus(a, wide(b)) : plain(ADD[dtype], a, b))
  const options = { results: [I32], workspace: isWide ? sizes.all * WIDTH[type] : 0, updates: true } as const
  return routine(sizes, ["base", "places", "updates", "out"], options, (size, p, locals) => {
    const [from, to, place] = [locals.fresh(I32), locals.fresh(I32), locals.fresh(I32)]
    const converted = (length: Code, a: DType, b: DType, convert: (x: Code) => Code): Code =>
      times(length, locals, [
        storeElement(b, get(to), convert(loadElement(a, get(from)))),
        [advance(from, i32(WIDTH[a])), advance(to, i32(WIDTH[b]))]
      ])
    const every = (source: number, a: DType, target: number, b: DType, convert: (x: Code) => Code): Code => [
      [set(from, get(source)), set(to, get(target))],
      converted(size.all, a, b, convert)
    ]
    const touched = (source: number, a: DType, target: number, b: DType, convert: (x: Code) => Code): Code => [
      set(place, get(p.places)),
      eachIndexed(size, i32(0), place, i32(1), locals, at => [
        set(from, add(get(source), mul(get(at), i32(WIDTH[a])))),
        set(to, add(get(target), mul(get(at), i32(WIDTH[b])))),
        converted(size.inner, a, b, convert)
      ])
    ]
    const copied = copiedBase(p.base, p.out, mul(size.all, width(base)))
    const summed = [
      set(place, get(p.places)),
      eachIndexed(size, get(isWide ? p.work : p.out), place, i32(WIDTH[type]), locals, at =>
        times(size.inner, locals, [
          storeElement(type, get(at), plus(loadElement(type, get(at)), loadElement(dtype, get(p.updates)))),
          [advance(at, i32(WIDTH[type])), advance(p.updates, width(base))]
        ])
      )
    ]
    if (!isWide) return [copied, summed, found]
    const convert = isFew ? touched : every
    const [there, back] = [convert(p.base, dtype, p.work, type, wide), convert(p.work, type, p.out, dtype, narrow)]
    return [isFew ? copied : [], there, summed, back, found]
  })
}

const scatterSet = (op: OpOf<"scatterSet">, [base, indices]: readonly [Type, Type]): Routine => {
  const sizes = { ...indexingSizes(op, base, indices), all: sizeOf(base.shape) }
  const options = { results: [I32], updates: true } as const
  return routine(sizes, ["base", "places", "updates", "out"], options, (size, p, locals) => {
    const bytes = mul(size.inner, width(base))
    return [
      copiedBase(p.base, p.out, mul(size.all, width(base))),
      eachIndexed(size, get(p.out), p.places, width(base), locals, at => [
        copyBytes(get(at), get(p.updates), bytes),
        advance(p.updates, bytes)
      ]),
      found
    ]
  })
}

const lineSizes = ({ shape }: Type, axis: number) => ({
  outer: sizeOf(shape.slice(0, axis)),
  n: shape[axis]!,
  inner: sizeOf(shape.slice(axis + 1))
})

/** Goes through all lines along an axis: `pointers` point to the first element of each, of so many bytes. */
const eachLine = (
  { outer, n, inner }: Readonly<Record<"outer" | "n" | "inner", Code>>,
  pointers: readonly (readonly [local: number, bytes: Code])[],
  locals: Locals,
  line: Code
): Code =>
  times(outer, locals, [
    times(inner, locals, [line, pointers.map(([local, bytes]) => advance(local, bytes))]),
    pointers.map(([local, bytes]) => advance(local, mul(mul(sub(n, i32(1)), inner), bytes)))
  ])

const isNaN = (dtype: DType, x: number): Code => plain(NOT_EQUAL[dtype], get(x), get(x))

const argReduce = ({ fn, axis }: OpOf<"argReduce">, x: Type): Routine =>
  routine(lineSizes(x, axis), ["from", "to"], {}, (size, { from, to }, locals) => {
    const { dtype } = x
    const [at, place, found] = [locals.fresh(I32), locals.fresh(I32), locals.fresh(I32)]
    const [best, value] = [locals.fresh(VALUE_TYPE[dtype]), locals.fresh(VALUE_TYPE[dtype])]
    const isMore = plain((fn === "argMax" ? MORE : LESS)[dtype], get(value), get(best))
    const isBetter = isFloat(dtype) ? and(or(isMore, isNaN(dtype, value)), isZero(isNaN(dtype, best))) : isMore
    return eachLine(size, [[from, width(x)]], locals, [
      [set(at, get(from)), set(best, loadElement(dtype, get(from))), set(place, i32(0)), set(found, i32(0))],
      times(size.n, locals, [
        set(value, loadElement(dtype, get(at))),
        when(isBetter, [set(best, get(value)), set(found, get(place))]),
        advance(at, mul(size.inner, width(x))),
        advance(place, i32(1))
      ]),
      storeElement("i32", get(to), get(found)),
      advance(to, i32(4))
    ])
  })

/**
 * Sorts the numbers of the elements of each line by merging: runs of one element, then of two, of four, … from one half of
 * the workspace into the other. The left one comes first unless the right one is less, or a number beside a NaN.
 */
const argSort = ({ axis }: OpOf<"argSort">, x: Type): Routine => {
  const sizes = lineSizes(x, axis)
  return routine(sizes, ["from", "to"], { workspace: 8 * sizes.n }, (size, { from, to, work }, locals) => {
    const { dtype } = x
    const fresh = (): number => locals.fresh(I32)
    const [source, target, run, place, at] = [fresh(), fresh(), fresh(), fresh(), fresh()]
    const [left, middle, right, end, isRight] = [fresh(), fresh(), fresh(), fresh(), fresh()]
    const [a, b] = [locals.fresh(VALUE_TYPE[dtype]), locals.fresh(VALUE_TYPE[dtype])]
    const line = mul(size.n, i32(4))
    const step = mul(size.inner, width(x))
    const each = (body: Code): Code => upTo(place, line, 4, body)
    const numberAt = (offset: number, list = source): Code => loadElement("i32", add(get(list), get(offset)))
    const elementAt = (offset: number): Code => loadElement(dtype, add(get(from), mul(numberAt(offset), step)))
    const put = (number: Code): Code => storeElement("i32", add(get(target), get(place)), number)
    const afterRun = (offset: number): Code => {
      const after = add(get(offset), get(run))
      return choose(isLess(after, line), after, line)
    }
    const begin = [
      [set(left, get(place)), set(middle, afterRun(place))],
      [set(right, get(middle)), set(end, afterRun(middle))]
    ]
    const isLower = plain(LESS[dtype], get(b), get(a))
    const isBefore = isFloat(dtype) ? or(isLower, and(isNaN(dtype, a), isZero(isNaN(dtype, b)))) : isLower
    const take = (offset: number): Code => [put(numberAt(offset)), advance(offset, i32(4))]
    const merge = [
      when(isZero(and(get(place), sub(mul(get(run), i32(2)), i32(1)))), begin),
      set(isRight, isLess(get(right), get(end))),
      when(and(get(isRight), isLess(get(left), get(middle))), [
        [set(a, elementAt(left)), set(b, elementAt(right))],
        set(isRight, isBefore)
      ]),
      either(get(isRight), take(right), take(left))
    ]
    const doubled = set(run, mul(get(run), i32(2)))
    const pass = [setAll([source, target], [get(target), get(source)]), each(merge), doubled]
    const pointers = [[from, width(x)], [to, i32(4)]] as const // prettier-ignore
    return eachLine(size, pointers, locals, [
      [set(source, get(work)), set(target, add(get(work), line))],
      each(put(plain(0x76, get(place), i32(2)))),
      [set(run, i32(4)), repeatWhile(pass, isLess(get(run), line))],
      set(at, get(to)),
      each([storeElement("i32", get(at), numberAt(place, target)), advance(at, mul(size.inner, i32(4)))])
    ])
  })
}

const cumSum = ({ axis, reverse }: OpOf<"cumSum">, x: Type): Routine =>
  routine(lineSizes(x, axis), ["from", "to"], {}, (size, { from, to }, locals) => {
    const { dtype } = x
    const { type, wide, narrow, plus } = summing(dtype)
    const [total, at, apart] = [locals.fresh(VALUE_TYPE[type]), locals.fresh(I32), locals.fresh(I32)]
    const step = mul(size.inner, width(x))
    const start = reverse ? mul(sub(size.n, i32(1)), step) : i32(0)
    return [
      // from elements to sums, which lie alike
      set(apart, sub(get(to), get(from))),
      eachLine(size, [[from, width(x)]], locals, [
        set(total, type === "f64" ? plain(0xb7, i32(0)) : i32(0)),
        set(at, add(get(from), start)),
        times(size.n, locals, [
          set(total, plus(get(total), wide(loadElement(dtype, get(at))))),
          storeElement(dtype, add(get(at), get(apart)), narrow(get(total))),
          set(at, (reverse ? sub : add)(get(at), step))
        ])
      ])
    ]
  })

/** The code of a step, if it has any. */
export const routineOf = ({ op }: Step, types: readonly Type[]): Routine | undefined => {
  if (types.some(isEmpty)) return undefined
  const given = types as readonly [Type, Type]
  switch (op.kind) {
    case "gather":
      return gather(op, given)
    case "scatterAdd":
      return scatterAdd(op, given)
    case "scatterSet":
      return scatterSet(op, given)
    case "argReduce":
      return argReduce(op, given[0])
    case "argSort":
      return argSort(op, given[0])
    case "cumSum":
      return cumSum(op, given[0])
    default:
      return undefined
  }
}
