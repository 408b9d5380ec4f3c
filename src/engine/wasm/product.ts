import { range } from "../../dataflow/shape.js"
import { DEPTH } from "../interpreter/contract.js"
import {
  add,
  advance,
  and,
  call,
  choose,
  either,
  functionOf,
  get,
  i32,
  isEqual,
  I32,
  isLess,
  mul,
  plain,
  repeatWhile,
  set,
  shuffle,
  simd,
  sub,
  upTo,
  V128,
  vectorAccess,
  when,
  type Code,
  type Func,
  type Locals
} from "./code.js"
import { loadElement, roundedUp, storeElement, WIDTH } from "./elements.js"
import type { NumberDType } from "./node.js"

/** Vectors of columns that are computed together, in registers. */
const VECTORS = 2

/** Rows that are: a product that is added at once needs no register for itself. */
const rowsOf = (fused?: number): number => (fused === undefined ? 4 : 6)

/** What both divide. */
const ROWS = 12

/** Rows and columns whose panels are in memory at once, so that they stay in caches. */
const [MOST_ROWS, MOST_COLUMNS] = [240, 1024]

const VECTOR = 16
/** Bytes of a tile of results. */
const TILE = ROWS * VECTORS * VECTOR

/** How many columns are computed together. */
const columnsOf = (dtype: NumberDType): number => (VECTORS * VECTOR) / WIDTH[dtype]

/** Where a product works: first a tile, then panels of rows, then panels of columns. */
export const workspaceOf = (dtype: NumberDType, rows: number, columns: number, depth: number) => {
  const line = Math.min(depth, DEPTH) * WIDTH[dtype]
  const right = TILE + roundedUp(Math.min(rows, MOST_ROWS), ROWS) * line + VECTOR
  const bytes = right + roundedUp(Math.min(columns, MOST_COLUMNS), columnsOf(dtype)) * line
  return { left: TILE, right: roundedUp(right, VECTOR), bytes: roundedUp(bytes + VECTOR) }
}

const [LOAD, STORE] = [0x00, 0x0b]
/** The last for numbers outside vectors. Integers wrap around, so that their sign does not matter. */
const [SPLAT, ADD, MULTIPLY, PLAIN_ADD] = [
  { f32: 0x09, f64: 0x0a, i32: 0x09, u32: 0x09 },
  { f32: 0xe4, f64: 0xf0, i32: 0xae, u32: 0xae },
  { f32: 0xe6, f64: 0xf2, i32: 0xb5, u32: 0xb5 },
  { f32: 0x92, f64: 0xa0, i32: 0x6a, u32: 0x6a }
]

/** What multiplies and adds at once, where the host has it. */
const MULTIPLY_ADD: Partial<Record<NumberDType, number>> = { f32: 0x105, f64: 0x107 }

const smaller = (a: Code, b: Code): Code => choose(isLess(a, b), a, b)

const vectors = (count: number, locals: Locals): readonly number[] => range(count).map(() => locals.fresh(V128))

/** A tile of products of a panel of rows and one of columns, written to `out`, or added to what is there. */
const tileOf = (dtype: NumberDType, fused: number | undefined): Func =>
  functionOf(["depth", "left", "right", "out", "outRow", "isMore"], [], (p, locals) => {
    const rows = range(rowsOf(fused))
    const sums = rows.map(() => vectors(VECTORS, locals))
    const [columns, factor] = [vectors(VECTORS, locals), locals.fresh(V128)]
    const times = (r: number): Code => [
      set(factor, vectorAccess(SPLAT[dtype], [get(p.left)], r * WIDTH[dtype])),
      sums[r]!.map((sum, v) => {
        const factors = [get(factor), get(columns[v]!)]
        if (fused !== undefined) return set(sum, simd(fused, ...factors, get(sum)))
        return set(sum, simd(ADD[dtype], get(sum), simd(MULTIPLY[dtype], ...factors)))
      })
    ]
    const place = (v: number): Code => vectorAccess(LOAD, [get(p.out)], VECTOR * v)
    const finish = (row: readonly number[]): Code => {
      const added = row.map((sum, v) => set(sum, simd(ADD[dtype], place(v), get(sum))))
      const stored = row.map((sum, v) => vectorAccess(STORE, [get(p.out), get(sum)], VECTOR * v))
      return [when(get(p.isMore), added), stored, advance(p.out, get(p.outRow))]
    }
    const turn = [
      columns.map((column, v) => set(column, vectorAccess(LOAD, [get(p.right)], VECTOR * v))),
      rows.map(times),
      advance(p.left, i32(rows.length * WIDTH[dtype])),
      advance(p.right, i32(VECTORS * VECTOR)),
      set(p.depth, sub(get(p.depth), i32(1)))
    ]
    return [repeatWhile(turn, get(p.depth)), sums.map(finish)]
  })

/** Copies what of a tile lies within the result, or adds it to what is there. */
const edgeOf = (dtype: NumberDType): Func =>
  functionOf(["tile", "rows", "columns", "out", "outRow", "isMore"], ["r", "c", "at"], p => {
    const width = i32(WIDTH[dtype])
    const from = add(get(p.tile), mul(get(p.c), width))
    const [value, there] = [loadElement(dtype, from), loadElement(dtype, get(p.at))]
    return upTo(p.r, get(p.rows), 1, [
      set(p.at, get(p.out)),
      upTo(p.c, get(p.columns), 1, [
        when(get(p.isMore), storeElement(dtype, from, plain(PLAIN_ADD[dtype], there, value))),
        storeElement(dtype, get(p.at), value),
        advance(p.at, width)
      ]),
      advance(p.tile, i32(VECTORS * VECTOR)),
      advance(p.out, get(p.outRow))
    ])
  })

/** As many vectors as they have lanes, the rows of a square, as its columns. */
const turned = (dtype: NumberDType, rows: readonly number[], rest: readonly number[]): Code => {
  const [a, b, c, d] = rows as [number, number, number, number]
  const mix = (out: number, lanes: readonly number[], x: number, y: number): Code =>
    set(out, shuffle(lanes, get(x), get(y)))
  const low = [0, 1, 4, 5]
  const high = [2, 3, 6, 7]
  if (dtype === "f64") return [mix(rest[0]!, low, a, b), mix(b, high, a, b), set(a, get(rest[0]!))]
  const [e, f, g, h] = rest as [number, number, number, number]
  return [
    ...[mix(e, [0, 4, 1, 5], a, b), mix(f, [2, 6, 3, 7], a, b), mix(g, [0, 4, 1, 5], c, d), mix(h, [2, 6, 3, 7], c, d)],
    ...[mix(a, low, e, g), mix(b, high, e, g), mix(c, low, f, h), mix(d, high, f, h)]
  ]
}

/** Copies `lines`, each of some depth, to panels of `size` lines side by side; the last line stands for those beyond it. */
const packOf = (dtype: NumberDType, size: number): Func =>
  functionOf(["to", "from", "lines", "depth", "across", "along"], ["first", "k", "at"], (p, locals) => {
    const width = WIDTH[dtype]
    const lanes = VECTOR / width
    const starts = range(size).map(() => locals.fresh(I32))
    const [square, rest] = [vectors(lanes, locals), vectors(lanes, locals)]
    const isBeside = isEqual(get(p.across), i32(width))
    const isFull = isLess(add(get(p.first), i32(size - 1)), get(p.lines))
    const isLying = isEqual(get(p.along), i32(width))
    /** While so many more elements of the lines are left. */
    const along = (count: number, bytes: Code, body: Code): Code => {
      const isLeft = isLess(add(get(p.k), i32(count - 1)), get(p.depth))
      const next = [advance(p.k, i32(count)), advance(p.at, bytes), advance(p.to, i32(count * size * width))]
      return when(isLeft, repeatWhile([body, next], isLeft))
    }
    const start = (i: number): Code => add(get(starts[i]!), get(p.at))
    const beside = range(Math.ceil((size * width) / VECTOR)).map(v =>
      vectorAccess(STORE, [get(p.to), vectorAccess(LOAD, [start(0)], VECTOR * v)], VECTOR * v)
    )
    const inSquares = size - (size % lanes)
    const squares = range(inSquares / lanes).map(group => [
      square.map((v, i) => set(v, vectorAccess(LOAD, [start(group * lanes + i)]))),
      turned(dtype, square, rest),
      square.map((v, i) => vectorAccess(STORE, [get(p.to), get(v)], i * size * width + group * VECTOR))
    ])
    const besides = range(lanes).map(k =>
      starts.slice(inSquares).map((_, i) => {
        const value = loadElement(dtype, start(inSquares + i), k * width)
        return storeElement(dtype, get(p.to), value, (k * size + inSquares + i) * width)
      })
    )
    const each = starts.map((_, i) => storeElement(dtype, get(p.to), loadElement(dtype, start(i)), i * width))
    const line = (i: number): Code => smaller(add(get(p.first), i32(i)), sub(get(p.lines), i32(1)))
    return upTo(p.first, get(p.lines), size, [
      starts.map((local, i) => set(local, add(get(p.from), mul(line(i), get(p.across))))),
      [set(p.k, i32(0)), set(p.at, i32(0))],
      when(and(isBeside, isFull), along(1, get(p.along), beside)),
      when(isLying, along(lanes, i32(VECTOR), [squares, besides])),
      along(1, get(p.along), each)
    ])
  })

/** The parameters of a product, in order. Steps are in bytes. */
const PARAMETERS = [
  ...["batches", "rows", "columns", "depth"],
  ...["a", "aBatch", "aRow", "aDepth"],
  ...["b", "bBatch", "bDepth", "bColumn"],
  ...["out", "tile", "left", "right"]
] as const

/** What it keeps in locals: where it is, and how much of each is at work. */
const COUNTERS = [
  ...["n", "j0", "k0", "i0", "j", "i"],
  ...["columnCount", "depthCount", "rowCount", "at", "leftPanel", "rightPanel"]
] as const

/**
 * `out[n, i, j] = Σₖ a[n, i, k] · b[n, k, j]`, in the order of the interpreter, so that the bits are the same: sums of a
 * part of the depth, one product after the other, added one after the other. Operands are read by any strides into panels
 * of rows and of columns, of which as many are at work as caches hold. Where it `isFused`, a product is added before it
 * is rounded. `numberOf` says by which number a function is called.
 */
export const productOf = (dtype: NumberDType, isFused: boolean, numberOf: (func: Func) => number): number => {
  const fused = isFused ? MULTIPLY_ADD[dtype] : undefined
  const rows = rowsOf(fused)
  const [tile, edge] = [numberOf(tileOf(dtype, fused)), numberOf(edgeOf(dtype))]
  const [packRows, packColumns] = [numberOf(packOf(dtype, rows)), numberOf(packOf(dtype, columnsOf(dtype)))]
  const width = i32(WIDTH[dtype])
  const product = functionOf(PARAMETERS, COUNTERS, p => {
    const part = (all: number, from: number, most: number): Code => smaller(sub(get(all), get(from)), i32(most))
    const place = (start: number, ...steps: readonly (readonly [number, number])[]): Code =>
      steps.reduce<Code>((code, [count, bytes]) => add(code, mul(get(count), get(bytes))), get(start))
    const outRow = mul(get(p.columns), width)
    const target = add(get(p.out), add(mul(add(get(p.i0), get(p.i)), outRow), mul(add(get(p.j0), get(p.j)), width)))
    const [rowsLeft, columnsLeft] = [part(p.rowCount, p.i, rows), part(p.columnCount, p.j, columnsOf(dtype))]
    const isWhole = and(isEqual(rowsLeft, i32(rows)), isEqual(columnsLeft, i32(columnsOf(dtype))))
    const operands: readonly Code[] = [get(p.depthCount), get(p.leftPanel), get(p.rightPanel)]
    const one: Code = [
      set(p.at, target),
      either(isWhole, call(tile, ...operands, get(p.at), outRow, get(p.k0)), [
        call(tile, ...operands, get(p.tile), i32(VECTORS * VECTOR), i32(0)),
        call(edge, get(p.tile), rowsLeft, columnsLeft, get(p.at), outRow, get(p.k0))
      ])
    ]
    const panels: Code = [
      set(p.rightPanel, get(p.right)),
      upTo(p.j, get(p.columnCount), columnsOf(dtype), [
        set(p.leftPanel, get(p.left)),
        upTo(p.i, get(p.rowCount), rows, [one, advance(p.leftPanel, mul(get(p.depthCount), i32(rows * WIDTH[dtype])))]),
        advance(p.rightPanel, mul(get(p.depthCount), i32(VECTORS * VECTOR)))
      ])
    ]
    const a = place(p.a, [p.i0, p.aRow], [p.k0, p.aDepth])
    const b = place(p.b, [p.k0, p.bDepth], [p.j0, p.bColumn])
    const batch = upTo(p.j0, get(p.columns), MOST_COLUMNS, [
      set(p.columnCount, part(p.columns, p.j0, MOST_COLUMNS)),
      upTo(p.k0, get(p.depth), DEPTH, [
        set(p.depthCount, part(p.depth, p.k0, DEPTH)),
        call(packColumns, get(p.right), b, get(p.columnCount), get(p.depthCount), get(p.bColumn), get(p.bDepth)),
        upTo(p.i0, get(p.rows), MOST_ROWS, [
          set(p.rowCount, part(p.rows, p.i0, MOST_ROWS)),
          call(packRows, get(p.left), a, get(p.rowCount), get(p.depthCount), get(p.aRow), get(p.aDepth)),
          panels
        ])
      ])
    ])
    return upTo(p.n, get(p.batches), 1, [
      batch,
      advance(p.a, get(p.aBatch)),
      advance(p.b, get(p.bBatch)),
      advance(p.out, mul(get(p.rows), outRow))
    ])
  })
  return numberOf(product)
}
