import {
  add,
  advance,
  call,
  choose,
  clear,
  copyBytes,
  get,
  i32,
  I32,
  isLess,
  Locals,
  mul,
  repeatWhile,
  set,
  sub,
  when,
  type Code,
  type Func
} from "./code.js"
import { bytesIn, loadElement, storeElement } from "./elements.js"
import type { Call, Node, Repeated } from "./node.js"
import { bodyWorkspaceOf, slotOf, type Planned } from "./place.js"

/**
 * A loop as a function of the frame and the scratch of the program around it: the results hold the carry, over which its
 * body writes the next where it may, and the stacked slices, of which those that it does not come to are 0. `run` is the number of the function of the body; `at` is where
 * in the scratch it works.
 */
export const scanOf = (
  { args: views, results }: Call,
  { scan, body: { args }, constants }: Repeated,
  body: Planned,
  run: number,
  at: number,
  addressOf: (node: Node) => Code
): Func => {
  const { captured, carried, length, reverse, counted, exits } = scan
  const given = views.map(({ node }) => node)
  const firstConstant = given.length - constants.length
  const locals = new Locals(2)
  const [frame, left] = [locals.fresh(I32), locals.fresh(I32)]
  const { scratch, results: places } = bodyWorkspaceOf(body)
  const slot = (node: Node): number => 4 * slotOf(body.placed, node)
  const fill = (node: Node, address: Code): Code => storeElement("i32", get(frame), address, slot(node))
  const filled = (node: Node): Code => loadElement("i32", get(frame), slot(node))
  const copied = (to: Code, from: Code, node: Node): Code => copyBytes(to, from, i32(bytesIn(node)))
  const isCarry = (i: number): boolean => i >= captured && i < captured + carried
  const isSlice = (i: number): boolean => i >= captured + carried
  /** So many bytes for each iteration that is left. */
  const forLeft = (bytes: number): Code => (counted ? mul(get(left), i32(bytes)) : i32(length * bytes))
  /** Goes to the last slice, in reverse. */
  const from = (address: Code, bytes: number): Code =>
    reverse ? add(address, sub(forLeft(bytes), i32(bytes))) : address
  const step = (bytes: number): Code => i32(reverse ? -bytes : bytes)
  const stacked = results
    .slice(carried)
    .map(node => ({ node, pointer: locals.fresh(I32), bytes: bytesIn(node) / length }))
  const outputs = body.graph.outputs.flatMap((output, i) =>
    output.kind === "node" ? [{ node: output.node, i, over: body.grouped.inPlace.get(output.node) }] : []
  )

  const atMost = (most: Code, n: Code): Code => choose(isLess(most, n), most, n)
  const isPositive = isLess(i32(0), get(left))
  const limit: Code = counted
    ? [
        set(left, loadElement("i32", addressOf(given[firstConstant - 1]!))),
        set(left, choose(isPositive, atMost(i32(length), get(left)), i32(0)))
      ]
    : set(left, i32(length))
  const start: Code = [
    set(frame, add(get(1), i32(at))),
    storeElement("i32", get(frame), add(get(frame), i32(scratch))),
    args.map((arg, i) => {
      const first = addressOf(given[i]!)
      if (!isCarry(i)) return fill(arg, isSlice(i) ? from(first, bytesIn(arg)) : first)
      const own = addressOf(results[i - captured]!)
      return [copied(own, first, arg), fill(arg, own)]
    }),
    constants.map((node, i) => fill(node, addressOf(given[firstConstant + i]!))),
    outputs.map(({ node, over }) =>
      fill(
        node,
        over === undefined
          ? add(get(frame), i32(places.get(node)!))
          : addressOf(results[args.findIndex(arg => arg === over) - captured]!)
      )
    ),
    stacked.map(({ node, pointer, bytes }) => set(pointer, from(addressOf(node), bytes)))
  ]
  const end = exits ? outputs.at(-1) : undefined
  const keep = outputs.slice(0, exits ? -1 : undefined).map(({ node, i, over }) => {
    if (i >= carried) return copied(get(stacked[i - carried]!.pointer), filled(node), node)
    return over === args[captured + i] ? [] : copied(addressOf(results[i]!), filled(node), node)
  })
  const next = [
    args.map((arg, i) => (isSlice(i) ? fill(arg, add(filled(arg), step(bytesIn(arg)))) : [])),
    stacked.map(({ pointer, bytes }) => advance(pointer, step(bytes)))
  ]
  const turn: Code = [call(run, get(frame)), keep, next, set(left, sub(get(left), i32(1)))]
  const follows = end === undefined ? get(left) : choose(loadElement("bool", filled(end.node)), get(left), i32(0))
  const turns = repeatWhile(turn, follows)
  // What lies behind the slices that were come to.
  const rest = stacked.map(({ node, pointer, bytes }) => {
    const first = addressOf(node)
    const [from, to] = [reverse ? add(first, forLeft(bytes)) : get(pointer), add(first, i32(bytesIn(node)))]
    return clear(from, sub(to, from))
  })
  const loop = counted ? when(get(left), turns) : turns
  const cleared = reverse ? [rest, loop] : [loop, rest]
  return {
    params: [I32, I32],
    locals: locals.types,
    code: [limit, start, counted || exits ? cleared : loop]
  }
}
