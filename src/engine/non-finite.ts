import { describeKeys } from "../dataflow/describe.js"
import { showShape } from "../dataflow/shape.js"
import type { Operand } from "./interpreter/source.js"

/** An element that is not finite, where that begins. */
interface Found {
  /** NaN, Infinity or -Infinity. */
  readonly value: number
  /** Where the element stands in its tensor. */
  readonly index: readonly number[]
  /** The dtype and shape of the tensor: `"f32[3]"`. */
  readonly type: string
  /** The paths of the results that are not finite because of it; that of a result which is one tensor is `""`. */
  readonly reaches: readonly string[]
}

/** A value that is not finite came in with an argument. */
interface FoundArgument extends Found {
  readonly _tag: "Argument"
  /** The path of a leaf, which begins with the place of the argument: `"0/params/kernel"`. */
  readonly path: string
}

/** The function closes over a value that is not finite. */
interface FoundConstant extends Found {
  readonly _tag: "Constant"
  /** The operations that read it. */
  readonly readBy: readonly string[]
}

/** An operation made it of values that have none. */
interface FoundOperation extends Found {
  readonly _tag: "Operation"
  /** The name that `String(tensor)` shows: `"log"`. */
  readonly operation: string
  readonly operands: readonly Operand[]
  /** The places of the slices in hand in the loops around it, outermost first. */
  readonly iterations: readonly number[]
  /** The paths of at most three arguments that it is computed from, over the fewest operations first. */
  readonly from: readonly string[]
}

export type Finding = FoundArgument | FoundConstant | FoundOperation

/** Where a value that is not finite begins, and `message`, which says all of it in a sentence. */
export type NonFinite = Finding & { readonly message: string }

const show = (x: number): string => String(Number(x.toPrecision(7)))

const showOperand = (operand: Operand): string =>
  "value" in operand ? show(operand.value) : `${operand.type} from ${operand.range.map(show).join(" to ")}`

const subjectOf = (finding: Finding): string => {
  switch (finding._tag) {
    case "Argument":
      return `the argument ${finding.path} has`
    case "Constant":
      return `a constant (read by ${describeKeys(finding.readBy)}) has`
    case "Operation":
      return `${[finding.operation, finding.operands.map(showOperand).join(" and ")].join(" of ")} gives`
  }
}

/** All of a finding. */
export const sentence = (finding: Finding): string => {
  const { value, index, type, reaches } = finding
  const place = index.length === 0 ? "" : ` at ${showShape(index)}`
  const parts = [`${subjectOf(finding)} ${value}${place} in ${type}`]
  if (finding._tag === "Operation") {
    if (finding.iterations.length > 0) parts.push(`in iteration ${finding.iterations.join(", ")}`)
    if (finding.from.length > 0)
      parts.push(
        `computed from the ${finding.from.length === 1 ? "argument" : "arguments"} ${describeKeys(finding.from)}`
      )
  }
  return [...parts, `and reaches ${describeKeys(reaches.map(path => path || "the result"))}`].join(", ")
}
