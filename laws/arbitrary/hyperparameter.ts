import fc from "fast-check"
import { scalar } from "thalweg"
import { cosine, exponential, linear, type Hyperparameter } from "thalweg/schedule"

/** A value and how it would be written. */
export interface Written<A> {
  readonly value: A
  readonly text: string
  toString(): string
}

export const write = <A>(value: A, text: string): Written<A> => ({ value, text, toString: () => text })

/** A number with few digits from 0 to `most`. */
export const fixed = (most: number, least = 0): fc.Arbitrary<number> =>
  fc.integer({ min: Math.round(least * 100), max: Math.round(most * 100) }).map(n => n / 100)

/** As a scheduled number would be: within the same bounds at every step. */
const scheduled = (number: fc.Arbitrary<number>): fc.Arbitrary<Written<Hyperparameter>> =>
  fc.tuple(fc.constantFrom("linear", "cosine", "exponential"), number, number).map(([kind, a, b]) => {
    const [start, end] = [Math.max(a, b), Math.min(a, b)]
    const written = `{ start: ${start}, end: ${end}, steps: 4 }`
    if (kind === "linear") return write(linear({ start, end, steps: 4 }), `linear(${written})`)
    if (kind === "cosine") return write(cosine({ start, end, steps: 4 }), `cosine(${written})`)
    return write(exponential({ start, rate: 0.9 }), `exponential({ start: ${start}, rate: 0.9 })`)
  })

/** Numbers, scalar tensors and schedules. Shrinks to a number. */
export const arbHyperparameter = (number: fc.Arbitrary<number>): fc.Arbitrary<Written<Hyperparameter>> =>
  fc.oneof(
    { withCrossShrink: true },
    { weight: 4, arbitrary: number.map(value => write(value, String(value))) },
    { weight: 1, arbitrary: number.map(n => write(scalar(n, "f64"), `scalar(${n}, "f64")`)) },
    { weight: 2, arbitrary: scheduled(number) }
  )

/** A record of options, and how it would be written. */
const written = <A extends object>(parts: { readonly [K in keyof A]: Written<A[K]> }): Written<A> => {
  const entries = Object.entries<Written<unknown>>(parts)
  return write(
    Object.fromEntries(entries.map(([name, part]) => [name, part.value])) as A,
    `{ ${entries.map(([name, part]) => `${name}: ${part.text}`).join(", ")} }`
  )
}

/** A value written as JavaScript prints it. */
export const plain = <A extends number | boolean>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<Written<A>> =>
  arbitrary.map(value => write(value, String(value)))

/** Options made apart, as one record. */
export const options = <A extends object>(parts: {
  readonly [K in keyof A]: fc.Arbitrary<Written<A[K]>>
}): fc.Arbitrary<Written<A>> =>
  fc.record(parts as Record<string, fc.Arbitrary<Written<unknown>>>).map(made => written<A>(made as never))
