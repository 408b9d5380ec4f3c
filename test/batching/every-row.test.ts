import fc from "fast-check"
import { add, compile, grad, jvp, moveAxis, mul, stack, sum, toTyped, vmap, type Tensor } from "thalweg"
import { describe, expect, test } from "vitest"
import { errorOf, lossOf } from "../autodiff/differences.js"
import { rows } from "../autodiff/rows.js"
import type { Row } from "../autodiff/rows.elementwise.js"
import { operationRows } from "../autodiff/rows.operations.js"
import { direction, type Sample } from "../autodiff/samples.js"

const SIZE = 3

/** Points near the one of a sample, each of its arguments for every example, or the same for all. */
const examplesOf = ({ at }: Sample, mapped: readonly boolean[]): readonly (readonly Tensor[])[] =>
  Array.from({ length: SIZE }, (_, k) =>
    at.map((t, i) => (mapped[i] === true ? add(t, mul(1e-3 * k, direction(i + k)(t))) : t))
  )

const subsets = (count: number): readonly (readonly boolean[])[] =>
  Array.from({ length: 2 ** count - 1 }, (_, code) =>
    Array.from({ length: count }, (_, i) => ((code + 1) >> i) % 2 === 1)
  )

/** For every choice of arguments that differ between examples, and the arguments for all examples at once. */
const inAllWays = (
  sample: Sample,
  compare: (examples: readonly (readonly Tensor[])[], all: readonly Tensor[], axes: readonly (number | null)[]) => void
): void => {
  for (const mapped of subsets(sample.at.length)) {
    const examples = examplesOf(sample, mapped)
    const axes = mapped.map(is => (is ? 0 : null))
    const all = sample.at.map((t, i) => (mapped[i] === true ? stack(examples.map(xs => xs[i] as Tensor)) : t))
    compare(examples, all, axes)
  }
}

const expectClose = (a: readonly Tensor[], b: readonly Tensor[], tolerance = 1e-12): void => {
  expect(a.map(t => [t.dtype, ...t.shape])).toEqual(b.map(t => [t.dtype, ...t.shape]))
  expect(
    errorOf(
      a.flatMap(t => [...toTyped(t)]),
      b.flatMap(t => [...toTyped(t)])
    )
  ).toBeLessThan(tolerance)
}

type F = (...xs: readonly Tensor[]) => Tensor
type Many = (...xs: readonly Tensor[]) => readonly Tensor[]

const atOnce = (f: F, axes: readonly (number | null)[]) => vmap(f, axes as never)
const manyAtOnce = (f: Many, axes: readonly (number | null)[]) => vmap(f, axes as never)

const laws: Readonly<Record<string, (sample: Sample) => void>> = {
  "the examples apart": sample => {
    const f: F = sample.f
    inAllWays(sample, (examples, all, axes) => {
      const expected = [stack(examples.map(xs => f(...xs)))]
      expectClose([atOnce(f, axes)(...all)], expected)
      expectClose([compile((xs: readonly Tensor[]) => atOnce(f, axes)(...xs))(all)], expected)
    })
  },
  "examples along the last axis": sample => {
    const f: F = sample.f
    const examples = examplesOf(
      sample,
      sample.at.map(() => true)
    )
    const all = sample.at.map((_, i) => moveAxis(stack(examples.map(xs => xs[i] as Tensor)), 0, -1))
    expectClose(
      [
        atOnce(
          f,
          sample.at.map(() => -1)
        )(...all)
      ],
      [stack(examples.map(xs => f(...xs)))]
    )
  },
  twice: sample => {
    const f: F = sample.f
    const examples = examplesOf(
      sample,
      sample.at.map(() => true)
    )
    const all = sample.at.map((_, i) => stack(examples.map(xs => xs[i] as Tensor)))
    const pairs = all.map((_, i) => (i === 0 ? 0 : null))
    const table = vmap(atOnce(f, pairs), all.map((_, i) => (i === 0 ? null : 0)) as never) // prettier-ignore
    if (sample.at.length < 2) return
    expectClose([table(...all)], [stack(examples.map(b => stack(examples.map(a => f(a[0] as Tensor, ...b.slice(1))))))])
  },
  "gradients of examples apart": sample => {
    const slope = grad(lossOf(sample.f))
    inAllWays(sample, (examples, all, axes) => {
      const found = manyAtOnce((...xs) => slope(xs), axes)(...all)
      const apart = examples.map(slope)
      expectClose(
        found,
        found.map((_, i) => stack(apart.map(g => g[i] as Tensor)))
      )
    })
  },
  "the gradient of a sum": sample => {
    const loss = lossOf(sample.f)
    inAllWays(sample, (examples, all, axes) => {
      const total = (xs: readonly Tensor[]) => sum(atOnce((...x) => loss(x), axes)(...xs))
      const found = grad(total as (xs: Tensor[]) => Tensor)([...all])
      const apart = examples.map(xs => grad(loss as (xs: Tensor[]) => Tensor)([...xs]))
      const expected = found.map((_, i) => {
        const each = stack(apart.map(g => g[i] as Tensor))
        return axes[i] === 0 ? each : sum(each, { axes: [0] })
      })
      expectClose(found, expected, 1e-10)
    })
  },
  "derivatives in a direction": sample => {
    const push = (xs: readonly Tensor[]): Tensor => {
      const f = (at: readonly Tensor[]): Tensor => sample.f(...at)
      return jvp(f as (xs: Tensor[]) => Tensor)(
        [...xs],
        xs.map((t, i) => direction(i + 1)(t))
      )[1]
    }
    inAllWays(sample, (examples, all, axes) => {
      expectClose([atOnce((...xs) => push(xs), axes)(...all)], [stack(examples.map(push))], 1e-10)
    })
  }
}

const every = Object.entries({ ...rows, operations: operationRows }).flatMap(([kind, list]) =>
  list.map(row => [`${kind}: ${row.name}`, row] as const)
)

const holds = ({ samples }: Row, law: (sample: Sample) => void): void =>
  fc.assert(fc.property(samples, law), { seed: 3, numRuns: 2 })

describe.each(Object.entries(laws))("all examples at once are %s", (_, law) => {
  test.each(every)("%s", (_, row) => holds(row, law))
})
