import { check, render, type CheckOptions, type Law } from "thalweg/laws"
import { describe, expect, test } from "vitest"
import { isFoundOut, type Mutant, type Mutants } from "./mutants/mutant.js"
import type { Suite } from "./suites/suite.js"

/** Milliseconds; a law takes a tenth of a second, but not on a busy machine. */
const TIMEOUT = 60_000

const verdictOf = ({ suite }: Mutant, name: string) => {
  const claim = suite.find(({ name: own }) => own === name)
  return claim === undefined ? undefined : check(claim, { shrink: false })
}

/** Every law holds. */
export const holds = (suite: readonly Law[], options: CheckOptions = { numRuns: 60 }): void => {
  test.each(suite.map(claim => [claim.name, claim] as const))(
    "%s",
    (_, claim) => {
      const verdict = check(claim, options)
      expect(verdict.holds, render(verdict)).toBe(true)
    },
    TIMEOUT
  )
}

/** What a suite says is so, and it finds out what is wrong. */
export const isHeld = ([, laws, mutants]: Suite, options?: CheckOptions): void => {
  holds(laws, options)
  hasTeeth(laws, mutants)
}

/** Every law has mutants, no mutant is without a law, and each dies by its law under the default seed. */
export const hasTeeth = (suite: readonly Law[], mutants: Mutants): void => {
  test("every law has a mutant, and every mutant a law", () => {
    expect(Object.keys(mutants).sort()).toEqual([...new Set(suite.map(({ name }) => name))].sort())
    expect(Object.values(mutants).every(list => list.length > 0)).toBe(true)
  })
  describe.each(Object.entries(mutants))("%s", (name, list) => {
    test.each(list.map(mutant => [mutant.name, mutant] as const))(
      "finds out what %s",
      (_, mutant) => {
        const verdict = verdictOf(mutant, name)
        expect(verdict).toMatchObject({ holds: false, law: name })
        expect(verdict && isFoundOut(mutant, verdict), verdict && render(verdict)).toBe(true)
      },
      TIMEOUT
    )
  })
}
