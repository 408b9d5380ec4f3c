import * as t from "thalweg"
import type { Row } from "./rows.elementwise.js"
import { f64, fixed, i32, type Sample } from "./samples.js"

const row = (name: string, shapes: readonly t.Shape[], f: Sample["f"]): Row => ({ name, samples: fixed(shapes, f) })

const join = (...parts: readonly t.Tensor[]): t.Tensor => t.concat(parts.map(t.flatten))

const { add, cond, gt, lt, mul, scalar, sin, sub, sum, tanh, whileLoop } = t

/** So many steps: carry and captured value matter. */
const times =
  (n: t.Tensor | number, options: t.WhileLoopOptions): Sample["f"] =>
  (c0, w) =>
    whileLoop(
      ({ i }: { i: t.Tensor; c: t.Tensor }) => lt(i, n),
      ({ i, c }) => ({ i: add(i, 1), c: tanh(add(mul(c, w), 0.3)) }),
      { i: i32(0), c: c0 },
      options
    ).c

/** Grows until it is beyond a bound, and not near it. */
const growing: Sample["f"] = (x, w) => {
  const start = add(2, mul(0.1, tanh(x)))
  const step = (y: t.Tensor): t.Tensor => add(mul(y, 2), mul(0.1, sin(mul(y, w))))
  return whileLoop(y => lt(sum(y), 40), step, start, { max: 20 })
}

const repeated: readonly Row[] = [
  row("three times of five", [[2], [2]], times(3, { max: 5 })),
  row("three times of three", [[2], [2]], times(3, { max: 3 })),
  row("cut off by max", [[2], [2]], times(9, { max: 2 })),
  row("once", [[], []], times(1, { max: 4 })),
  row("never", [[2], [2]], times(0, { max: 4 })),
  row("as often as the values say", [[], []], growing),
  row("a captured value that only the condition reads, and an integer that counts", [[], []], (x, bound) => {
    const { n, y } = whileLoop(
      ({ n, y }: { n: t.Tensor; y: t.Tensor }) => t.and(lt(n, 3), lt(y, add(t.square(bound), 100))),
      ({ n, y }) => ({ n: add(n, 1), y: add(mul(y, 1.5), mul(x, t.cast(n, "f64"))) }),
      { n: i32(0), y: x },
      { max: 8 }
    )
    return mul(t.cast(n, "f64"), y)
  }),
  row("a carry that is exchanged, one that nobody reads", [[], []], (a, b) => {
    const last = whileLoop(
      ({ n }: { n: t.Tensor; a: t.Tensor; b: t.Tensor; c: t.Tensor }) => lt(n, 5),
      ({ n, a, b, c }) => ({ n: add(n, 1), a: b, b: mul(a, add(b, 2)), c: t.sqrt(mul(c, 0)) }),
      { n: i32(0), a: a, b: b, c: a },
      { max: 9 }
    )
    return join(last.a, last.b)
  })
]

const nested: readonly Row[] = [
  row("a while in a while, which end by values of both", [[], []], (x, w) => {
    const inner = (y: t.Tensor, n: t.Tensor): t.Tensor =>
      whileLoop(
        ({ i }: { i: t.Tensor; z: t.Tensor }) => lt(i, n),
        ({ i, z }) => ({ i: add(i, 1), z: add(mul(z, 0.7), mul(sin(y), w)) }),
        { i: i32(0), z: mul(y, w) },
        { max: 4 }
      ).z
    return whileLoop(
      ({ n }: { n: t.Tensor; y: t.Tensor }) => lt(n, 3),
      ({ n, y }) => ({ n: add(n, 1), y: tanh(inner(y, n)) }),
      { n: i32(0), y: x },
      { max: 6 }
    ).y
  }),
  row("a while in a scan, and a scan in a while", [[], [3]], (x, xs) => {
    const halving = (y: t.Tensor): t.Tensor =>
      whileLoop(
        z => gt(t.abs(z), 0.2),
        z => mul(z, 0.45),
        y,
        { max: 9 }
      )
    const [c, ys] = t.scan((c: t.Tensor, s: t.Tensor) => [add(mul(c, s), halving(s)), sin(c)] as const, x, xs)
    const total = whileLoop(
      ({ n }: { n: t.Tensor; y: t.Tensor }) => lt(n, 2),
      ({ n, y }) => ({ n: add(n, 1), y: t.scan((d: t.Tensor, s: t.Tensor) => [mul(d, sin(s)), []], y, ys)[0] }),
      { n: i32(0), y: c },
      { max: 3 }
    ).y
    return join(c, ys, total)
  }),
  row("a gradient in a while, a while in a gradient", [[]], x => {
    const f = (y: t.Tensor): t.Tensor =>
      whileLoop(
        z => lt(z, 8),
        z => add(mul(z, z), 1.5),
        add(t.square(y), 1.1),
        { max: 6 }
      )
    return whileLoop(
      ({ n }: { n: t.Tensor; y: t.Tensor }) => lt(n, 3),
      ({ n, y }) => ({ n: add(n, 1), y: sub(y, mul(0.001, t.grad(f)(y))) }),
      { n: i32(0), y: x },
      { max: 4 }
    ).y
  }),
  row(
    "forward mode through a loop without bound",
    [[], []],
    (x, w) => t.jvp((y: t.Tensor) => times(3, { max: 7 })(y, w))(x, w)[1]
  )
]

const choices: readonly Row[] = [true, false].flatMap(is => [
  row(`a choice that is ${is}`, [[2], [2]], (a, b) =>
    cond(
      scalar(is),
      (x: t.Tensor, y: t.Tensor) => mul(sin(x), y),
      (x, y) => add(mul(x, x), mul(x, t.exp(y))),
      a,
      b
    )
  ),
  row(`a choice that is ${is}, of several, with what it captured`, [[], [2], []], (a, b, w) => {
    const { u, v } = cond(
      scalar(is),
      ({ p, q }: { p: t.Tensor; q: t.Tensor }) => ({ u: mul(p, sum(q)), v: mul(q, w) }),
      ({ p, q }) => ({ u: p, v: sin(mul(q, p)) }),
      { p: a, q: b }
    )
    return join(u, v)
  })
])

const chosen: readonly Row[] = [
  row("choices in a loop, by its values", [[], [4]], (x, xs) =>
    join(
      ...t.scan(
        (c: t.Tensor, s: t.Tensor) => {
          const next = cond(
            gt(s, 0),
            (d: t.Tensor, e: t.Tensor) => mul(d, e),
            (d, e) => sin(add(d, e)),
            c,
            s
          )
          return [next, next] as const
        },
        x,
        xs
      )
    )
  ),
  row("a choice within a choice, and a loop in a branch", [[], []], (x, y) =>
    cond(
      scalar(true),
      (a: t.Tensor, b: t.Tensor) =>
        cond(
          scalar(false),
          (c: t.Tensor, d: t.Tensor) => add(c, d),
          (c, d) => times(2, { max: 3 })(c, d),
          mul(a, b),
          b
        ),
      a => a,
      x,
      y
    )
  ),
  row("an operand of integers", [[3]], x =>
    cond(
      scalar(true),
      (y: t.Tensor, n: t.Tensor) => mul(y, t.cast(n, "f64")),
      y => y,
      x,
      i32(3)
    )
  ),
  row("an operand that stands twice, and results that are operands", [[]], x =>
    join(
      ...cond(
        scalar(true),
        (a: t.Tensor, b: t.Tensor) => [mul(a, b), a] as const,
        (a, b) => [b, a] as const,
        x,
        x
      ),
      f64(1)
    )
  )
]

export const loopRows: readonly Row[] = [
  ...[...repeated, ...nested].map(({ name, ...rest }) => ({ name: `whileLoop, ${name}`, ...rest })),
  ...[...choices, ...chosen].map(({ name, ...rest }) => ({ name: `cond, ${name}`, ...rest }))
]
