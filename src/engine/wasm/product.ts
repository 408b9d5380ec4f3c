import type { FloatDType } from "../../dataflow/dtype.js"
import { add, get, i32, I32, Locals, mul, plain, repeatWhile, set, simd, V128, vectorAccess, when } from "./code.js"
import type { Code, Func } from "./code.js"
import { loadElement, storeElement, WIDTH } from "./elements.js"

/** Rows and columns that are computed together, in registers. */
const TILE = 4

/** Bytes of workspace for a product: panels of all columns, and of one set of rows, widened to f64. */
export const workspaceOf = (columns: number, depth: number): number =>
  Math.ceil(((Math.ceil(columns / TILE) + 1) * TILE * depth * 8) / 64) * 64

/** The parameters of a product, in order. Steps are in bytes. */
const PARAMETERS = [
  ...["batches", "rows", "columns", "depth"],
  ...["a", "aBatch", "aRow", "aDepth"],
  ...["b", "bBatch", "bDepth", "bColumn"],
  ...["out", "work"]
] as const

const [LOAD_SPLAT_64, LOAD, ADD, MUL, ZERO] = [
  0x0a,
  0x00,
  0xf0,
  0xf2,
  [0xfd, 0x0c, new Array<number>(16).fill(0)]
] as const

/** Repeats `body` for `counter` from 0 by `step` as long as it is below `end`, which is above 0. */
const upTo = (counter: number, end: Code, step: number, body: Code): Code => [
  set(counter, i32(0)),
  repeatWhile([body, set(counter, add(get(counter), i32(step)))], plain(0x48, get(counter), end))
]

/**
 * `out[n, i, j] = Σₖ a[n, i, k] · b[n, k, j]`, each sum in f64, one product after the other, and rounded once: the bits of
 * the interpreter, whose way it goes too. Panels of four rows and four columns are widened and put in order first.
 */
export const productOf = (dtype: FloatDType): Func => {
  const p = Object.fromEntries(PARAMETERS.map((name, i) => [name, i])) as Record<string, number>
  const locals = new Locals(PARAMETERS.length)
  const [n, i, j, k, from, to, left, right] = Array.from({ length: 8 }, () => locals.fresh(I32)) as [
    ...[number, number, number, number],
    ...[number, number, number, number]
  ]
  const sums = Array.from({ length: 2 * TILE }, () => locals.fresh(V128))
  const [b0, b1, a0] = [locals.fresh(V128), locals.fresh(V128), locals.fresh(V128)]
  const param = (name: (typeof PARAMETERS)[number]): Code => get(p[name]!)
  const width = WIDTH[dtype]
  const panelBytes = mul(param("depth"), i32(TILE * 8))
  /** The first row panel; those of columns come after it. */
  const columnPanels = add(param("work"), panelBytes)
  const wide = (value: Code): Code => (dtype === "f32" ? plain(0xbb, value) : value)
  const narrow = (value: Code): Code => (dtype === "f32" ? plain(0xb6, value) : value)
  const isBelow = (a: Code, b: Code): Code => plain(0x48, a, b)

  /** Copies four lines that begin at `base`, `across` apart, to `to`; what stands for those beyond the last is not read. */
  const pack = (base: Code, first: number, count: Code, across: Code, along: Code): Code =>
    Array.from({ length: TILE }, (_, line) => [
      when(isBelow(add(get(first), i32(line)), count), [
        set(from, add(base, mul(add(get(first), i32(line)), across))),
        set(left, add(get(to), i32(8 * line))),
        upTo(k, param("depth"), 1, [
          storeElement("f64", get(left), wide(loadElement(dtype, get(from)))),
          set(from, add(get(from), along)),
          set(left, add(get(left), i32(8 * TILE)))
        ])
      ])
    ])

  const multiply: Code = [
    sums.map(sum => set(sum, ZERO)),
    set(left, param("work")),
    set(right, add(columnPanels, mul(plain(0x76, get(j), i32(2)), panelBytes))),
    upTo(k, param("depth"), 1, [
      set(b0, vectorAccess(LOAD, [get(right)])),
      set(b1, vectorAccess(LOAD, [get(right)], 16)),
      Array.from({ length: TILE }, (_, row) => [
        set(a0, vectorAccess(LOAD_SPLAT_64, [get(left)], 8 * row)),
        [b0, b1].map((b, half) => {
          const sum = sums[2 * row + half]!
          return set(sum, simd(ADD, get(sum), simd(MUL, get(a0), get(b))))
        })
      ]),
      set(left, add(get(left), i32(8 * TILE))),
      set(right, add(get(right), i32(8 * TILE)))
    ])
  ]

  const lane = (v: number, index: number): Code => [get(v), 0xfd, 0x21, index]
  const store: Code = Array.from({ length: TILE }, (_, row) =>
    when(isBelow(add(get(i), i32(row)), param("rows")), [
      set(to, add(param("out"), mul(add(mul(add(get(i), i32(row)), param("columns")), get(j)), i32(width)))),
      Array.from({ length: TILE }, (__, column) =>
        when(
          isBelow(add(get(j), i32(column)), param("columns")),
          storeElement(dtype, get(to), narrow(lane(sums[2 * row + (column >> 1)]!, column & 1)), width * column)
        )
      )
    ])
  )

  const one: Code = [
    upTo(j, param("columns"), TILE, [
      set(to, add(columnPanels, mul(plain(0x76, get(j), i32(2)), panelBytes))),
      pack(param("b"), j, param("columns"), param("bColumn"), param("bDepth"))
    ]),
    upTo(i, param("rows"), TILE, [
      set(to, param("work")),
      pack(param("a"), i, param("rows"), param("aRow"), param("aDepth")),
      upTo(j, param("columns"), TILE, [multiply, store])
    ])
  ]
  const next = (name: "a" | "b" | "out", step: Code): Code => set(p[name]!, add(param(name), step))
  const code = upTo(n, param("batches"), 1, [
    one,
    next("a", param("aBatch")),
    next("b", param("bBatch")),
    next("out", mul(mul(param("rows"), param("columns")), i32(width)))
  ])
  return { params: PARAMETERS.map(() => I32), locals: locals.types, code }
}
