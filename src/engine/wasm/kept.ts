import { loopAttributes, loopName } from "../../dataflow/attributes.js"
import { ThalwegError } from "../../dataflow/error.js"
import { sizeOf } from "../../dataflow/shape.js"
import type { Program, Step } from "../program/program.js"
import { bytesIn } from "./elements.js"

/** What a loop keeps of each of its iterations, together, and its words. */
interface Kept {
  readonly bytes: number
  readonly words: string
}

const keptBy = ({ op, outs }: Step): readonly Kept[] => {
  if (op.kind !== "scan") return []
  const form = loopAttributes(op)
  if (form === "") return keptIn(op.body)
  const sizes = outs.slice(op.carried).map(({ shape, dtype }) => bytesIn({ size: sizeOf(shape), dtype }))
  const bytes = sizes.reduce((a, b) => a + b, 0)
  return [{ bytes, words: `a ${loopName(op)} of ${form} keeps ${bytes}` }, ...keptIn(op.body)]
}

const keptIn = ({ steps }: Program): readonly Kept[] => steps.flatMap(keptBy)

/** Runs; a `MemoryError` says what the loop of the program that keeps most keeps of all iterations that there may be. */
export const sayingWhatIsKept = <A>(program: Program, run: () => A): A => {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof ThalwegError) || error.name !== "MemoryError") throw error
    const most = keptIn(program).reduce((a, b) => (b.bytes > a.bytes ? b : a), { bytes: 0, words: "" })
    if (most.bytes === 0) throw error
    const { expected, ...rest } = error.mistake
    throw new ThalwegError("MemoryError", { ...rest, expected: `${expected}, of which ${most.words}` })
  }
}
