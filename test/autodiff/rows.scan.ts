import * as t from "thalweg"
import type { Row } from "./rows.elementwise.js"
import { f64, fixed, i32, type Sample } from "./samples.js"

const row = (name: string, shapes: readonly t.Shape[], f: Sample["f"]): Row => ({ name, samples: fixed(shapes, f) })

const join = (...parts: readonly t.Tensor[]): t.Tensor => t.concat(parts.map(t.flatten))

/** Carry, slice and captured value all matter, to the next carry and to what is stacked. */
const cell =
  (w: t.Tensor) =>
  (c: t.Tensor, x: t.Tensor): readonly [t.Tensor, t.Tensor] => [t.tanh(t.add(t.mul(c, w), x)), t.mul(t.mul(c, x), w)]

const basic =
  (options: t.ScanOptions, pick: (c: t.Tensor, ys: t.Tensor) => t.Tensor = join): Sample["f"] =>
  (c0, xs, w) =>
    pick(...t.scan(cell(w), c0, xs, options))

const shapes: readonly t.Shape[] = [[2], [3, 2], [2]]

const plain: readonly Row[] = [
  row("forward", shapes, basic({})),
  row("reverse", shapes, basic({ reverse: true })),
  row(
    "carry only",
    shapes,
    basic({}, c => c)
  ),
  row(
    "stacked results only",
    shapes,
    basic({}, (_, ys) => ys)
  ),
  row(
    "stacked results only, reverse",
    shapes,
    basic({ reverse: true }, (_, ys) => ys)
  ),
  row("length 1", [[], [1], []], basic({})),
  row("length 0", [[2], [0, 2], [2]], basic({}))
]

const step =
  (f: (c: t.Tensor, x: t.Tensor) => readonly [t.Tensor, t.Tensor]): Sample["f"] =>
  (...[c0, xs]) =>
    join(...t.scan(f, c0 as t.Tensor, xs as t.Tensor))

const ignoring: readonly Row[] = [
  row(
    "x ignored",
    [[2], [3]],
    step(c => [t.sin(c), t.square(c)])
  ),
  row(
    "carry ignored",
    [[2], [3, 2]],
    step((_, x) => [t.sin(x), t.square(x)])
  ),
  row(
    "carry passed on",
    [[], [3]],
    step((c, x) => [c, t.mul(c, x)])
  ),
  row(
    "carry passed on, x stacked as it is",
    [[], [3]],
    step((c, x) => [c, x])
  ),
  row(
    "next carry and stacked result are one tensor",
    [[], [3]],
    step((c, x) => {
      const y = t.mul(c, t.exp(x))
      return [y, y]
    })
  ),
  row(
    "body of constants",
    [[], [3]],
    step(() => [t.scalar(2, "f64"), t.scalar(3, "f64")])
  ),
  row("captured value stacked as it is", [[2]], w => t.scan(c => [c, w], f64(0), [], { length: 3 })[1])
]

const integers: readonly Row[] = [
  row("integer carry first and read first", [[]], x => {
    const body = ([k, c]: readonly [t.Tensor, t.Tensor]) => [[t.add(k, 1), t.mul(c, x)], []] as const
    const [[n, p]] = t.scan(body, [i32(0), x] as const, [], { length: 3 })
    return t.mul(t.cast(n, "f64"), p)
  }),
  row("integer results stacked and read first", [[], [3]], (c0, xs) => {
    const [c, [places, ys]] = t.scan(
      (carry: t.Tensor, x: t.Tensor) =>
        [t.sin(t.add(carry, x)), [t.cast(t.mul(x, 10), "i32"), t.mul(x, carry)]] as const,
      c0,
      xs
    )
    return t.mul(t.mul(t.cast(places, "f64"), ys), c)
  }),
  row("an integer carry indexes a captured table", [[4], [3]], (table, xs) => {
    const body = ([k, c]: readonly [t.Tensor, t.Tensor], x: t.Tensor) =>
      [[t.add(k, 1), t.mul(t.add(c, x), t.take(table, k))], c] as const
    const [[, c], ys] = t.scan(body, [i32(1), f64(1)] as const, xs)
    return join(c, ys)
  }),
  row("a captured table, read at several places, whole, and changed", [[4]], table => {
    const body = (c: t.Tensor, k: t.Tensor): readonly [t.Tensor, t.Tensor] => {
      const changed = t.scatterAdd(table, k, t.square(c))
      const read = [t.take(changed, k), t.take(changed, t.sub(3, k)), t.take(table, k), t.sum(t.sin(table))]
      return [read.reduce(t.mul, t.add(c, 1)), c]
    }
    return join(...t.scan(body, f64(0.5), i32([2, 0, 0, 1])))
  }),
  row("a carried table, read and written over", [[4]], table => {
    const body = (c: t.Tensor, k: t.Tensor): readonly [t.Tensor, t.Tensor] => {
      const read = t.mul(t.take(c, k), t.take(c, t.sub(3, k)))
      return [t.scatterSet(c, k, t.sin(read)), read]
    }
    return join(...t.scan(body, table, i32([2, 0, 0, 1])))
  }),
  row(
    "integer xs",
    [[3]],
    table => t.scan((c, k) => [t.add(t.mul(c, t.take(table, k)), 1), []], f64(0.5), i32([2, 0, 0, 1]))[0]
  )
]

const captures: readonly Row[] = [
  row("one tensor captured, initial carry and xs", [[2]], x =>
    join(...t.scan((c, slice) => [t.add(t.mul(c, slice), t.sin(x)), t.mul(c, x)], x, x))
  ),
  row("captured intermediate values", [[2]], x => {
    const [s, square] = [t.sin(x), t.square(x)]
    return t.scan(c => [t.add(t.mul(c, s), square), t.add(s, square)], square, [], { length: 3 })[0]
  }),
  row("a loop over the results of a loop, which it also captures", [[], [3]], (c0, xs) => {
    const [c, ys] = t.scan((a, x) => [t.sin(t.add(a, x)), t.mul(a, x)], c0, xs)
    return join(...t.scan((a, y) => [t.add(t.mul(a, y), t.sum(ys)), t.mul(a, c)], c, ys, { reverse: true }))
  }),
  row("matrices", [[2], [3, 2], [2, 2], [2, 2]], (c0, xs, w, u) =>
    join(
      ...t.scan(
        (c, x) => {
          const next = t.tanh(t.add(t.matmul(c, w), t.matmul(u, x)))
          return [next, t.max(next)]
        },
        c0,
        xs
      )
    )
  ),
  row("records as carry, xs and results", [[], [], [3], [3]], (a, b, u, v) => {
    const [carry, ys] = t.scan(
      (c, x) => [
        { a: t.mul(c.b, x.u), b: t.add(c.a, x.v) },
        { sum: t.add(c.a, c.b), v: x.v }
      ],
      { a, b },
      { v, u }
    )
    return join(carry.a, carry.b, ys.sum, ys.v)
  })
]

const nested: readonly Row[] = [
  row("a loop in a loop, captures at both levels", [[], [2], [3], []], (c0, xs, inner, w) => {
    const outer = (c: t.Tensor, x: t.Tensor): readonly [t.Tensor, t.Tensor] => {
      const [last, ys] = t.scan((d, y) => [t.mul(t.sin(t.add(d, t.mul(x, y))), w), t.mul(d, c)], t.mul(c, w), inner)
      return [t.add(last, c), t.sum(ys)]
    }
    return join(...t.scan(outer, c0, xs))
  }),
  row("a gradient in a loop", [[], [3]], (c0, xs) => {
    const loss = (c: t.Tensor, x: t.Tensor): t.Tensor => t.sin(t.mul(t.square(c), x))
    return join(...t.scan((c, x) => [t.sub(c, t.mul(0.1, t.grad(loss)(c, x))), loss(c, x)], c0, xs))
  }),
  row("a loop in a gradient in a loop", [[], [2], [2]], (c0, xs, ws) => {
    const loss = (c: t.Tensor, x: t.Tensor): t.Tensor =>
      t.scan((d, w) => [t.sin(t.mul(t.add(d, x), t.mul(w, c))), []], c, ws)[0]
    return join(...t.scan((c, x) => [t.sub(c, t.grad(loss)(c, x)), t.grad(loss)(x, c)], c0, xs))
  }),
  row("a compiled function in a loop", [[], [3], []], (c0, xs, w) => {
    const f = t.compile((c: t.Tensor, x: t.Tensor) => t.mul(t.sin(t.mul(c, x)), w))
    return join(...t.scan((c, x) => [f(c, x), f(x, x)], c0, xs))
  }),
  row("a jacobian (itself a loop) in a loop", [[2], [2]], (c0, xs) => {
    const f = (c: t.Tensor): t.Tensor => t.sin(t.mul(c, t.sum(c)))
    return t.scan((c, x) => [t.matmul(t.jacobian(f)(c), t.add(c, x)), []], c0, xs)[0]
  })
]

export const scanRows: readonly Row[] = [plain, ignoring, integers, captures, nested].flatMap(group =>
  group.map(({ name, ...rest }) => ({ name: `scan, ${name}`, ...rest }))
)
