import { attributes, loopAttributes, loopName } from "../../dataflow/attributes.js"
import { showValue } from "../../dataflow/print.js"
import { nameOf, type Kind, type OpOf } from "../../dataflow/primitive.js"
import { showType, type Type } from "../../dataflow/type.js"
import type { Program, Step } from "./program.js"

const attributesOf = <K extends Kind>(op: OpOf<K>): string => attributes[op.kind](op)

const named = (name: string, type: Type): string => `${name}: ${showType(type)}`

const call = ({ op }: Step, args: readonly string[]): string => {
  const [name, extra] = op.kind === "scan" ? [loopName(op), loopAttributes(op)] : [nameOf(op), attributesOf(op)]
  return `${name}(${[...args, ...(extra === "" ? [] : [extra])].join(", ")})`
}

/**
 * A program as text: inputs (by `names`, or `x0`, `x1`, …), constants that are no scalars, a line for each step, outputs.
 * The body of a loop stands below its step.
 */
export const printProgram = (program: Program, names: readonly string[] = []): readonly string[] => {
  const shown = program.inputs.map((_, i) => names[i] ?? `x${i}`)
  const lines =
    program.inputs.length === 0 ? [] : [`inputs ${program.inputs.map((type, i) => named(shown[i]!, type)).join(", ")}`]
  program.consts.forEach((value, i) => {
    const isScalar = value.type.shape.length === 0
    shown.push(isScalar ? showValue(value) : `c${i}`)
    if (!isScalar) lines.push(`${named(`c${i}`, value.type)} = ${showValue(value)}`)
  })
  let count = 0
  for (const step of program.steps) {
    const results = step.outs.map(() => `t${count++}`)
    const types = step.outs.map((type, i) => named(results[i]!, type))
    lines.push(
      `${types.join(", ")} = ${call(
        step,
        step.args.map(a => shown[a]!)
      )}`
    )
    if (step.op.kind === "scan") for (const line of printProgram(step.op.body)) lines.push(`  ${line}`)
    shown.push(...results)
  }
  return [...lines, `outputs ${program.outputs.map(output => shown[output]!).join(", ")}`]
}
