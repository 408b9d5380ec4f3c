import fc from "fast-check"
import { evaluate, type Tree } from "thalweg"
import { difference, type Equality } from "./equality.js"

/** What a law compares: two trees of tensors. Truths and errors are said with boolean scalars. */
export type Sides = readonly [left: Tree, right: Tree]

/**
 * A law as data: for everything that `arbitrary` makes (its preconditions are in there), both sides are equal in the
 * sense of `equality`.
 */
export interface Law<A = unknown> {
  readonly name: string
  readonly equality: Equality
  readonly arbitrary: fc.Arbitrary<A>
  // A method, so that laws over different values can stand in one list of `Law`.
  sides(sample: A): Sides
}

/**
 * Makes a law.
 *
 * @example
 * import assert from "node:assert"
 * import { add } from "thalweg"
 * import { arbTensor, check, exact, law } from "thalweg/laws"
 *
 * const commutative = law("addition commutes", exact, arbTensor({ dtypes: ["f32"] }), x => [add(x, 1), add(1, x)])
 * assert(check(commutative).holds)
 */
export const law = <A>(
  name: string,
  equality: Equality,
  arbitrary: fc.Arbitrary<A>,
  sides: (sample: A) => Sides
): Law<A> => ({ name, equality, arbitrary, sides })

/** What was found out about a law. */
export type Verdict = Holds | Fails

/** No counterexample in `runs` samples. */
export interface Holds {
  readonly holds: true
  readonly law: string
  readonly runs: number
}

/** A counterexample, as small as it could be made; everything as text. The seed finds it again. */
export interface Fails {
  readonly holds: false
  readonly law: string
  readonly counterexample: string
  readonly left: string
  readonly right: string
  /** Where the sides differ first, or what was thrown while they were made. */
  readonly difference: string
  readonly seed: number
}

/** How a law is checked. */
export interface CheckOptions {
  /** How many samples are looked at. Default 100. */
  readonly numRuns?: number
  /** The same seed gives the same samples. Default 1. */
  readonly seed?: number
  /** Whether a counterexample is made smaller, which takes longer than to find it. Default true. */
  readonly shrink?: boolean
}

/** How a sample breaks a law. */
interface Breach {
  readonly left: string
  readonly right: string
  readonly difference: string
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)

const show = (side: Tree): string => {
  try {
    return fc.stringify(evaluate(side))
  } catch (error) {
    return messageOf(error)
  }
}

/** A breach without sides. */
const nothing = (difference: string): Breach => ({ left: "", right: "", difference })

const breachOf = <A>(claim: Law<A>, sample: A): Breach | undefined => {
  try {
    const [left, right] = claim.sides(sample)
    const found = difference(claim.equality, left, right)
    return found === undefined ? undefined : { left: show(left), right: show(right), difference: found }
  } catch (error) {
    return nothing(`threw ${messageOf(error)}`)
  }
}

/**
 * Carries a breach out of fast-check, so that the sides need not be made again (they may not be pure: that is
 * tested).
 */
class Broken extends Error {
  constructor(readonly breach: Breach) {
    super(breach.difference)
  }
}

/**
 * Looks for a counterexample to a law and makes it smaller. Nothing is thrown, and the same seed gives the same
 * verdict.
 *
 * @example
 * import assert from "node:assert"
 * import fc from "fast-check"
 * import { scalar } from "thalweg"
 * import { check, exact, law } from "thalweg/laws"
 *
 * const verdict = check(law("doubling changes nothing", exact, fc.nat(), n => [scalar(n), scalar(2 * n)]))
 * assert(!verdict.holds)
 * assert.strictEqual(verdict.difference, "at [0]: 1 and 2")
 */
export const check = <A>(claim: Law<A>, options: CheckOptions = {}): Verdict => {
  const { numRuns = 100, seed = 1, shrink = true } = options
  const property = fc.property(claim.arbitrary, sample => {
    const breach = breachOf(claim, sample)
    if (breach !== undefined) throw new Broken(breach)
  })
  const failed = (counterexample: string, breach: Breach): Fails => ({
    ...{ holds: false, law: claim.name, counterexample },
    ...breach,
    seed
  })
  try {
    const {
      failed: broken,
      numRuns: runs,
      errorInstance,
      counterexample
    } = fc.check(property, {
      numRuns,
      seed,
      endOnFailure: !shrink
    })
    if (!broken) return { holds: true, law: claim.name, runs }
    const breach = errorInstance instanceof Broken ? errorInstance.breach : nothing(messageOf(errorInstance))
    return failed(fc.stringify(counterexample?.[0]), breach)
  } catch (error) {
    return failed("", nothing(`threw ${messageOf(error)} while samples were made`))
  }
}

/**
 * Checks every law of a suite, in order.
 *
 * @example
 * import assert from "node:assert"
 * import { sgd } from "thalweg/optimizer"
 * import { checkAll, optimizerLaws } from "thalweg/laws"
 *
 * const verdicts = checkAll(optimizerLaws(sgd({ learningRate: 0.1 })), { numRuns: 5 })
 * assert(verdicts.every(verdict => verdict.holds))
 */
export const checkAll = (suite: readonly Law[], options: CheckOptions = {}): readonly Verdict[] =>
  suite.map(claim => check(claim, options))

/**
 * Prints a verdict: a line for a law that holds; the counterexample and both sides for one that does not.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor } from "thalweg"
 * import { arbTensor, check, exact, law, render } from "thalweg/laws"
 *
 * const reflexive = law("a tensor equals itself", exact, arbTensor(), x => [x, x])
 * assert.strictEqual(render(check(reflexive, { numRuns: 10 })), "a tensor equals itself: holds in 10 samples")
 */
export const render = (verdict: Verdict): string =>
  verdict.holds
    ? `${verdict.law}: holds in ${verdict.runs} samples`
    : [
        `${verdict.law}: ${verdict.difference}`,
        `counterexample (seed ${verdict.seed}): ${verdict.counterexample}`,
        `left: ${verdict.left}`,
        `right: ${verdict.right}`
      ].join("\n")
