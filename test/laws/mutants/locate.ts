import { locate, type NonFinite, type Tree } from "thalweg"
import { locateLaws } from "thalweg/laws"
import { mutant, type Mutants } from "./mutant.js"

type AnyFunction = (...args: readonly Tree[]) => Tree
type Found = NonFinite | undefined

const locating = (how: (f: AnyFunction, args: readonly Tree[]) => Found) =>
  locateLaws(
    ((f: AnyFunction) =>
      (...args: readonly Tree[]) =>
        how(f, args)) as unknown as typeof locate
  )

/** Tells something else of what is found. */
const telling = (change: (found: NonFinite) => Partial<NonFinite>) =>
  locating((f, args) => {
    const found = locate(f)(...args)
    return found && ({ ...found, ...change(found) } as NonFinite)
  })

export const locateMutants: Mutants = {
  "locate finds nothing exactly if all results are finite": [
    mutant(
      "finds what vanishes",
      locating((f, args) => locate((...symbols: readonly Tree[]) => [f(...symbols), symbols])(...args))
    ),
    mutant(
      "looks for NaN only",
      locating((f, args) => {
        const found = locate(f)(...args)
        return Number.isNaN(found?.value) ? found : undefined
      })
    )
  ],
  "what locate finds reaches results, and these are not finite": [
    mutant(
      "takes every result for reached",
      telling(() => ({ reaches: ["0", "1"] }))
    ),
    mutant(
      "does not reach any",
      telling(() => ({ reaches: [] }))
    )
  ],
  "an argument that locate finds is not finite there": [
    mutant(
      "counts from the last axis",
      telling(({ index }) => ({ index: index.toReversed() }))
    ),
    mutant(
      "always tells the first argument",
      telling(({ _tag }) => (_tag === "Argument" ? { path: "0/0" } : {}))
    )
  ]
}
