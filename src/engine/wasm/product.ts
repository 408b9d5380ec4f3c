import type { FloatDType } from "../../dataflow/dtype.js"
import { DEPTH } from "../interpreter/contract.js"
import {
  add,
  call,
  choose,
  either,
  get,
  i32,
  I32,
  Locals,
  mul,
  plain,
  repeatWhile,
  set,
  shuffle,
  simd,
  sub,
  V128,
  vectorAccess,
  when
} from "./code.js"
import type { Code, Func } from "./code.js"
import { loadElement, storeElement, WIDTH } from "./elements.js"

/** Rows, and vectors of columns, that are computed together, in registers. */
const [ROWS, VECTORS] = [4, 2]

/** Rows and columns whose panels are in memory at once, so that they stay in caches. */
const [MOST_ROWS, MOST_COLUMNS] = [240, 1024]

const VECTOR = 16
/** Bytes of a tile of results. */
const TILE = ROWS * VECTORS * VECTOR

/** How many columns are computed together. */
const columnsOf = (dtype: FloatDType): number => (VECTORS * VECTOR) / WIDTH[dtype]

const roundedUp = (n: number, step: number): number => Math.ceil(n / step) * step

/** Where a product works: first a tile, then panels of rows, then panels of columns. */
export interface Workspace {
  readonly left: number
  readonly right: number
  readonly bytes: number
}

export const workspaceOf = (dtype: FloatDType, rows: number, columns: number, depth: number): Workspace => {
  const line = Math.min(depth, DEPTH) * WIDTH[dtype]
  const right = TILE + roundedUp(Math.min(rows, MOST_ROWS), ROWS) * line
  const bytes = right + roundedUp(Math.min(columns, MOST_COLUMNS), columnsOf(dtype)) * line
  return { left: TILE, right: roundedUp(right, VECTOR), bytes: roundedUp(bytes + VECTOR, 64) }
}

const [LOAD, STORE] = [0x00, 0x0b]
const [SPLAT, ADD, MULTIPLY] = [
  { f32: 0x09, f64: 0x0a },
  { f32: 0xe4, f64: 0xf0 },
  { f32: 0xe6, f64: 0xf2 }
]
const PLAIN_ADD = { f32: 0x92, f64: 0xa0 }

const isBelow = (a: Code, b: Code): Code => plain(0x48, a, b)
const smaller = (a: Code, b: Code): Code => choose(isBelow(a, b), a, b)

/** A function of integers with names. */
const functionOf = <N extends string>(
  names: readonly N[],
  body: (local: Record<N, number>, locals: Locals) => Code
): Func => {
  const locals = new Locals(names.length)
  const local = Object.fromEntries(names.map((name, i) => [name, i])) as Record<N, number>
  return { params: names.map(() => I32), locals: locals.types, code: body(local, locals) }
}

const step = (local: number, by: Code): Code => set(local, add(get(local), by))

/** Runs `body` for `counter` = 0, step, 2·step, … below `end`, which is above 0. */
const upTo = (counter: number, end: Code, by: number, body: Code): Code => [
  set(counter, i32(0)),
  repeatWhile([body, step(counter, i32(by))], isBelow(get(counter), end))
]

/** A tile of products of a panel of rows and one of columns, written to `out`, or added to what is there. */
const tileOf = (dtype: FloatDType): Func =>
  functionOf(["depth", "left", "right", "out", "outRow", "isMore"], (p, locals) => {
    const row = (): readonly number[] => Array.from({ length: VECTORS }, () => locals.fresh(V128))
    const [sums, columns, factor] = [Array.from({ length: ROWS }, row), row(), locals.fresh(V128)]
    const times = (r: number): Code => [
      set(factor, vectorAccess(SPLAT[dtype], [get(p.left)], r * WIDTH[dtype])),
      sums[r]!.map((sum, v) => {
        const product = simd(MULTIPLY[dtype], get(factor), get(columns[v]!))
        return set(sum, simd(ADD[dtype], get(sum), product))
      })
    ]
    const place = (v: number): Code => vectorAccess(LOAD, [get(p.out)], VECTOR * v)
    const finish = (r: number): Code => [
      when(
        get(p.isMore),
        sums[r]!.map((sum, v) => set(sum, simd(ADD[dtype], place(v), get(sum))))
      ),
      sums[r]!.map((sum, v) => vectorAccess(STORE, [get(p.out), get(sum)], VECTOR * v)),
      step(p.out, get(p.outRow))
    ]
    const rows = Array.from({ length: ROWS }, (_, r) => r)
    return [
      repeatWhile(
        [
          columns.map((column, v) => set(column, vectorAccess(LOAD, [get(p.right)], VECTOR * v))),
          rows.map(times),
          step(p.left, i32(ROWS * WIDTH[dtype])),
          step(p.right, i32(VECTORS * VECTOR)),
          set(p.depth, sub(get(p.depth), i32(1)))
        ],
        get(p.depth)
      ),
      rows.map(finish)
    ]
  })

/** Copies what of a tile lies within the result, or adds it to what is there. */
const edgeOf = (dtype: FloatDType): Func =>
  functionOf(["tile", "rows", "columns", "out", "outRow", "isMore"], (p, locals) => {
    const [r, c, at] = [locals.fresh(I32), locals.fresh(I32), locals.fresh(I32)]
    const width = i32(WIDTH[dtype])
    const from = add(get(p.tile), mul(get(c), width))
    const [value, there] = [loadElement(dtype, from), loadElement(dtype, get(at))]
    return upTo(r, get(p.rows), 1, [
      set(at, get(p.out)),
      upTo(c, get(p.columns), 1, [
        when(get(p.isMore), storeElement(dtype, from, plain(PLAIN_ADD[dtype], there, value))),
        storeElement(dtype, get(at), value),
        step(at, width)
      ]),
      step(p.tile, i32(VECTORS * VECTOR)),
      step(p.out, get(p.outRow))
    ])
  })

/** As many vectors as they have lanes, the rows of a square, as its columns. */
const turned = (dtype: FloatDType, rows: readonly number[], rest: readonly number[]): Code => {
  const [a, b, c, d] = rows as [number, number, number, number]
  const mix = (out: number, lanes: readonly number[], x: number, y: number): Code =>
    set(out, shuffle(lanes, get(x), get(y)))
  const [low, high] = [
    [0, 1, 4, 5],
    [2, 3, 6, 7]
  ] as const
  if (dtype === "f64") return [mix(rest[0]!, low, a, b), mix(b, high, a, b), set(a, get(rest[0]!))]
  const [e, f, g, h] = rest as [number, number, number, number]
  return [
    ...[mix(e, [0, 4, 1, 5], a, b), mix(f, [2, 6, 3, 7], a, b), mix(g, [0, 4, 1, 5], c, d), mix(h, [2, 6, 3, 7], c, d)],
    ...[mix(a, low, e, g), mix(b, high, e, g), mix(c, low, f, h), mix(d, high, f, h)]
  ]
}

/** Copies `lines`, each of some depth, to panels of `size` lines side by side; the last line stands for those beyond it. */
const packOf = (dtype: FloatDType, size: number): Func =>
  functionOf(["to", "from", "lines", "depth", "across", "along"], (p, locals) => {
    const width = WIDTH[dtype]
    const lanes = VECTOR / width
    const [first, k, at] = [locals.fresh(I32), locals.fresh(I32), locals.fresh(I32)]
    const starts = Array.from({ length: size }, () => locals.fresh(I32))
    const vectors = Array.from({ length: 2 * lanes }, () => locals.fresh(V128))
    const [square, rest] = [vectors.slice(0, lanes), vectors.slice(lanes)]
    const isBeside = plain(0x46, get(p.across), i32(width))
    const isFull = isBelow(add(get(first), i32(size - 1)), get(p.lines))
    const isLying = plain(0x46, get(p.along), i32(width))
    /** While so many more elements of the lines are left. */
    const along = (count: number, bytes: Code, body: Code): Code => {
      const isLeft = isBelow(add(get(k), i32(count - 1)), get(p.depth))
      const next = [step(k, i32(count)), step(at, bytes), step(p.to, i32(count * size * width))]
      return when(isLeft, repeatWhile([body, next], isLeft))
    }
    const start = (i: number): Code => add(get(starts[i]!), get(at))
    const beside = Array.from({ length: (size * width) / VECTOR }, (_, v) =>
      vectorAccess(STORE, [get(p.to), vectorAccess(LOAD, [start(0)], VECTOR * v)], VECTOR * v)
    )
    const squares = Array.from({ length: size / lanes }, (_, group) => [
      square.map((v, i) => set(v, vectorAccess(LOAD, [start(group * lanes + i)]))),
      turned(dtype, square, rest),
      square.map((v, i) => vectorAccess(STORE, [get(p.to), get(v)], i * size * width + group * VECTOR))
    ])
    const each = starts.map((_, i) => storeElement(dtype, get(p.to), loadElement(dtype, start(i)), i * width))
    const line = (i: number): Code => smaller(add(get(first), i32(i)), sub(get(p.lines), i32(1)))
    return upTo(first, get(p.lines), size, [
      starts.map((local, i) => set(local, add(get(p.from), mul(line(i), get(p.across))))),
      [set(k, i32(0)), set(at, i32(0))],
      when(plain(0x71, isBeside, isFull), along(1, get(p.along), beside)),
      when(isLying, along(lanes, i32(VECTOR), squares)),
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

/**
 * `out[n, i, j] = Σₖ a[n, i, k] · b[n, k, j]`, in the order of the interpreter, so that the bits are the same: sums of a
 * part of the depth, one product after the other, added one after the other. Operands are read by any strides into panels
 * of rows and of columns, of which as many are at work as caches hold. `numberOf` says by which number a function is
 * called.
 */
export const productOf = (dtype: FloatDType, numberOf: (func: Func) => number): number => {
  const [tile, edge] = [numberOf(tileOf(dtype)), numberOf(edgeOf(dtype))]
  const [packRows, packColumns] = [numberOf(packOf(dtype, ROWS)), numberOf(packOf(dtype, columnsOf(dtype)))]
  const width = i32(WIDTH[dtype])
  const product = functionOf(PARAMETERS, (p, locals) => {
    const fresh = (): number => locals.fresh(I32)
    const [n, j0, k0, i0, j, i] = [fresh(), fresh(), fresh(), fresh(), fresh(), fresh()]
    const [columns, depth, rows, out, left, right] = [fresh(), fresh(), fresh(), fresh(), fresh(), fresh()]
    const part = (all: number, from: number, most: number): Code => smaller(sub(get(all), get(from)), i32(most))
    const place = (start: number, ...steps: readonly (readonly [number, number])[]): Code =>
      steps.reduce<Code>((code, [count, bytes]) => add(code, mul(get(count), get(bytes))), get(start))
    const outRow = mul(get(p.columns), width)
    const target = add(get(p.out), add(mul(add(get(i0), get(i)), outRow), mul(add(get(j0), get(j)), width)))
    const [rowsLeft, columnsLeft] = [part(rows, i, ROWS), part(columns, j, columnsOf(dtype))]
    const isWhole = plain(0x71, plain(0x46, rowsLeft, i32(ROWS)), plain(0x46, columnsLeft, i32(columnsOf(dtype))))
    const one: Code = [
      set(out, target),
      either(isWhole, call(tile, get(depth), get(left), get(right), get(out), outRow, get(k0)), [
        call(tile, get(depth), get(left), get(right), get(p.tile), i32(VECTORS * VECTOR), i32(0)),
        call(edge, get(p.tile), rowsLeft, columnsLeft, get(out), outRow, get(k0))
      ])
    ]
    const panels: Code = [
      set(right, get(p.right)),
      upTo(j, get(columns), columnsOf(dtype), [
        set(left, get(p.left)),
        upTo(i, get(rows), ROWS, [one, step(left, mul(get(depth), i32(ROWS * WIDTH[dtype])))]),
        step(right, mul(get(depth), i32(VECTORS * VECTOR)))
      ])
    ]
    const a = place(p.a, [i0, p.aRow], [k0, p.aDepth])
    const b = place(p.b, [k0, p.bDepth], [j0, p.bColumn])
    const batch = upTo(j0, get(p.columns), MOST_COLUMNS, [
      set(columns, part(p.columns, j0, MOST_COLUMNS)),
      upTo(k0, get(p.depth), DEPTH, [
        set(depth, part(p.depth, k0, DEPTH)),
        call(packColumns, get(p.right), b, get(columns), get(depth), get(p.bColumn), get(p.bDepth)),
        upTo(i0, get(p.rows), MOST_ROWS, [
          set(rows, part(p.rows, i0, MOST_ROWS)),
          call(packRows, get(p.left), a, get(rows), get(depth), get(p.aRow), get(p.aDepth)),
          panels
        ])
      ])
    ])
    return upTo(n, get(p.batches), 1, [
      batch,
      step(p.a, get(p.aBatch)),
      step(p.b, get(p.bBatch)),
      step(p.out, mul(get(p.rows), outRow))
    ])
  })
  return numberOf(product)
}
