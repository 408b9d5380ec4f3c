/** How tightly what is written holds together, from loose to tight. */
export const Level = {
  choice: 0,
  or: 1,
  and: 2,
  comparison: 3,
  big: 4,
  sum: 5,
  product: 6,
  prefix: 7,
  power: 8,
  atom: 9
}

/** A summand. */
interface Part {
  readonly negative: boolean
  readonly level: number
  readonly text: string
}

/** What is written for a term: usually one part, several for a sum. */
export type Doc = readonly Part[]

export const doc = (text: string, level: number = Level.atom): Doc => [{ negative: false, level, text }]

/** The signs in a sum turned around. */
const turn = (x: Doc): Doc => x.map(part => ({ ...part, negative: !part.negative }))

const isNegative = ([first, ...rest]: Doc): boolean => first?.negative === true && rest.length === 0
const absolute = (x: Doc): Doc => (isNegative(x) ? turn(x) : x)

/** Sums are written with a positive summand first, if there is one. */
const written = (x: Doc): string => {
  const first = Math.max(
    0,
    x.findIndex(({ negative }) => !negative)
  )
  return [...x.slice(first, first + 1), ...x.slice(0, first), ...x.slice(first + 1)]
    .map(({ negative, text }, i) => (i === 0 ? `${negative ? "-" : ""}${text}` : ` ${negative ? "-" : "+"} ${text}`))
    .join("")
}

const levelOf = (x: Doc): number => (x.length === 1 && !isNegative(x) ? (x[0]?.level ?? Level.atom) : Level.sum)

/** Ways to write that need to know what parentheses look like. */
export interface Writer {
  /** The text of what stands where at least `level` is wanted. */
  readonly at: (level: number, x: Doc) => string
  readonly negate: (x: Doc) => Doc
  readonly plus: (a: Doc, b: Doc) => Doc
  /** A product or quotient, before which the signs of both go. */
  readonly signed: (form: (a: Doc, b: Doc) => Doc) => (a: Doc, b: Doc) => Doc
  /** Both sides hold together at least as `inner`. */
  readonly infix: (sign: string, level: number, inner: number) => (a: Doc, b: Doc) => Doc
  readonly between: (left: string, right: string) => (x: Doc) => Doc
}

export const writer = (parentheses: (text: string) => string): Writer => {
  const at = (level: number, x: Doc): string => (levelOf(x) < level ? parentheses(written(x)) : written(x))
  const summands = (x: Doc): Doc =>
    x.map(part => (part.level < Level.product ? { ...part, level: Level.atom, text: parentheses(part.text) } : part))
  return {
    at,
    negate: x => turn(summands(x)),
    plus: (a, b) => [...summands(a), ...summands(b)],
    signed: form => (a, b) => {
      const result = form(absolute(a), absolute(b))
      return isNegative(a) === isNegative(b) ? result : turn(result)
    },
    infix: (sign, level, inner) => (a, b) => doc(`${at(inner, a)}${sign}${at(inner, b)}`, level),
    between: (left, right) => x => doc(`${left}${at(0, x)}${right}`)
  }
}
