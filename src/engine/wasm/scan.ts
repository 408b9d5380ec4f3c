import { add, call, get, i32, I32, Locals, repeatWhile, set, sub, type Code, type Func } from "./code.js"
import { loadElement, storeElement, WIDTH } from "./elements.js"
import type { Call, Node, Output, Repeated, Work } from "./node.js"
import { bytesOf, type Planned } from "./planned.js"

/** What a loop needs in the scratch of the program around it. */
export interface Workspace {
  /** The frame of the body comes first, its scratch stands here. */
  readonly scratch: number
  /** Where results of the body are that do not go over the carry. */
  readonly results: ReadonlyMap<Node, number>
  readonly bytes: number
}

/** The argument over which a result of the body is written. */
const overOf = (output: Output, { grouped }: Planned): Node | undefined =>
  output.kind === "node" ? grouped.inPlace.get(output.node) : undefined

export const workspaceOf = (body: Planned): Workspace => {
  const scratch = Math.ceil((4 * body.placed.slots) / 64) * 64
  let bytes = scratch + body.placed.scratch
  const results = new Map<Node, number>()
  for (const output of body.graph.outputs)
    if (output.kind === "node" && overOf(output, body) === undefined && !results.has(output.node)) {
      results.set(output.node, bytes)
      bytes += bytesOf(output.node)
    }
  return { scratch, results, bytes }
}

const copied = (to: Code, from: Code, bytes: number): Code => [to, from, i32(bytes), 0xfc, 0x0a, 0, 0]

const sizeInBytes = ({ size, dtype }: Pick<Node, "size" | "dtype">): number => size * WIDTH[dtype]

/**
 * A loop as a function of the frame and the scratch of the program around it: the results hold the carry, over which its
 * body writes the next where it may, and the stacked slices. `run` is the number of the function of the body.
 */
export const scanOf = (
  { args: views, results }: Call,
  { scan, body: { args }, constants }: Repeated,
  body: Planned,
  run: number,
  at: number,
  addressIn: (frame: Code, scratch: Code) => (node: Node) => Code
): Func => {
  const { captured, carried, length, reverse } = scan
  const given = views.map(({ node }) => node)
  const locals = new Locals(2)
  const [frame, left] = [locals.fresh(I32), locals.fresh(I32)]
  const addressOf = addressIn(get(0), get(1))
  const { scratch, results: places } = workspaceOf(body)
  const slotOf = (node: Node): number => (body.placed.homes.get(node) as { readonly slot: number }).slot
  const fill = (slot: number, address: Code): Code => storeElement("i32", get(frame), address, 4 * slot)
  const filled = (slot: number): Code => loadElement("i32", get(frame), 4 * slot)
  const isCarry = (i: number): boolean => i >= captured && i < captured + carried
  const isSlice = (i: number): boolean => i >= captured + carried
  /** Goes to the last slice, in reverse. */
  const from = (address: Code, bytes: number): Code => (reverse ? add(address, i32((length - 1) * bytes)) : address)
  const step = (bytes: number): Code => i32(reverse ? -bytes : bytes)
  const stacked = results
    .slice(carried)
    .map(node => ({ node, pointer: locals.fresh(I32), bytes: sizeInBytes(node) / length }))
  const outputs = body.graph.outputs.flatMap((output, i): readonly (readonly [Work, number])[] =>
    output.kind === "node" ? [[output.node, i]] : []
  )

  const start: Code = [
    set(frame, add(get(1), i32(at))),
    fill(0, add(get(frame), i32(scratch))),
    args.map((arg, i) => {
      if (!isCarry(i))
        return fill(slotOf(arg), isSlice(i) ? from(addressOf(given[i]!), sizeInBytes(arg)) : addressOf(given[i]!))
      const own = addressOf(results[i - captured]!)
      return [copied(own, addressOf(given[i]!), sizeInBytes(arg)), fill(slotOf(arg), own)]
    }),
    constants.map((node, i) => fill(slotOf(node), addressOf(given[args.length + i]!))),
    outputs.map(([node]) => {
      const over = body.grouped.inPlace.get(node)
      if (over === undefined) return fill(slotOf(node), add(get(frame), i32(places.get(node)!)))
      return fill(slotOf(node), addressOf(results[args.findIndex(arg => arg === over) - captured]!))
    }),
    stacked.map(({ node, pointer, bytes }) => set(pointer, from(addressOf(node), bytes)))
  ]
  const keep = outputs.map(([node, i]) => {
    if (i >= carried) return copied(get(stacked[i - carried]!.pointer), filled(slotOf(node)), sizeInBytes(node))
    return body.grouped.inPlace.get(node) === args[captured + i]
      ? []
      : copied(addressOf(results[i]!), filled(slotOf(node)), sizeInBytes(node))
  })
  const advance = [
    args.map((arg, i) => (isSlice(i) ? fill(slotOf(arg), add(filled(slotOf(arg)), step(sizeInBytes(arg)))) : [])),
    stacked.map(({ pointer, bytes }) => set(pointer, add(get(pointer), step(bytes))))
  ]
  const turn: Code = [call(run, get(frame)), keep, advance, set(left, sub(get(left), i32(1)))]
  return {
    params: [I32, I32],
    locals: locals.types,
    code: [start, set(left, i32(length)), repeatWhile(turn, get(left))]
  }
}
