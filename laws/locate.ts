import { evaluate, type locate, toTyped, Tree, type Tensor } from "thalweg"
import { arbProgram } from "./arbitrary/program.js"
import { exact } from "./equality.js"
import { law, type Law } from "./law.js"
import { truth } from "./sides.js"

const isFinite = (t: Tensor): boolean => toTyped(t).every(Number.isFinite)

/** The element at an index, in row-major order. */
const elementAt = (t: Tensor | undefined, index: readonly number[]): number | undefined =>
  t && toTyped(t)[index.reduce((place, i, axis) => place * (t.shape[axis] ?? 1) + i, 0)]

const leafAt = (tree: Tree, path: string): Tensor | undefined => Tree.leaves(tree)[Tree.paths(tree).indexOf(path)]

const program = arbProgram()

/**
 * Lists the laws of `locate` over random programs, whose arguments and results may be anything: it finds something where
 * there is something, and what it says of arguments and results is so.
 *
 * @example
 * import assert from "node:assert"
 * import { locate } from "thalweg"
 * import { checkAll, locateLaws } from "thalweg/laws"
 *
 * assert(checkAll(locateLaws(locate), { numRuns: 5 }).every(verdict => verdict.holds))
 */
export const locateLaws = (find: typeof locate): readonly Law[] => [
  law("locate finds nothing exactly if all results are finite", exact, program, p => [
    truth(find(p.build)(p.inputs) === undefined),
    truth(evaluate(p.build(p.inputs)).every(isFinite))
  ]),
  law("what locate finds reaches results, and these are not finite", exact, program, p => {
    const found = find(p.build)(p.inputs)
    if (found === undefined) return [[], []]
    const reached = found.reaches.map(path => leafAt(evaluate(p.build(p.inputs)), path))
    const isSo = reached.length > 0 && reached.every(t => t !== undefined && !isFinite(t))
    return [[truth(isSo)], [truth(true)]]
  }),
  law("an argument that locate finds is not finite there", exact, program, p => {
    const found = find(p.build)(p.inputs)
    if (found?._tag !== "Argument") return [[], []]
    const value = elementAt(leafAt([p.inputs], found.path), found.index)
    return [
      [truth(Object.is(value, found.value)), truth(Number.isFinite(value))],
      [truth(true), truth(false)]
    ]
  })
]
