import { add, bytesOf, call, get, getShared, i32, I32, set, setShared, type Code, type Func } from "./code.js"
import { elementary } from "./elementary.js"
import { loadElement, WIDTH } from "./elements.js"
import { callInterpreter, IMPORTS } from "./functions.js"
import type { Group, Grouped } from "./group.js"
import type { FunctionOf } from "./lanes.js"
import { emitLoop, isWide } from "./loop.js"
import { moduleOf } from "./module.js"
import type { Call, Graph, Node, View } from "./node.js"
import type { Placed } from "./place.js"
import { productOf } from "./product.js"

/** What runs, one after the other, to be read by a person. */
export interface Kernel {
  readonly group: Group
  readonly text: string
}

/** The bytes of a program, and what they ask the host for. */
export interface Emission {
  readonly bytes: Uint8Array
  /** Steps that the interpreter runs, by number. */
  readonly calls: readonly Call[]
  readonly kernels: readonly Kernel[]
}

type AddressOf = (node: Node) => Code

/** Addresses, where `frame` is the code of that of the frame. */
const addresses =
  ({ homes }: Placed, frame: Code, scratch: Code): AddressOf =>
  node => {
    const home = homes.get(node)!
    return "slot" in home
      ? loadElement("i32", frame, 4 * home.slot)
      : home.scratch === 0
        ? scratch
        : add(scratch, i32(home.scratch))
  }

/** Functions, each once. */
class Functions {
  readonly list: Func[] = []
  private readonly known = new Map<string, number>()
  private readonly four = new Map<string, number | undefined>()
  constructor(private readonly tables: number) {}
  /** The number of a function with the same code. */
  add(func: Func): number {
    const code = bytesOf(func.code)
    const key = `${func.params.join()} ${func.locals.join()} ${code.join()}`
    const number = this.known.get(key) ?? IMPORTS.length + this.list.push({ ...func, code }) - 1
    this.known.set(key, number)
    return number
  }
  /** Elementary functions are written when they are first asked for. */
  readonly ofFour: FunctionOf = (fn, dtype) => {
    const key = `${fn} ${dtype}`
    if (!this.four.has(key)) {
      const func = elementary(fn, dtype, this.tables)
      this.four.set(key, func && this.add(func))
    }
    return this.four.get(key)
  }
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`

const namesIn = (group: Group): string =>
  [
    ...new Set(
      group.nodes.map(node =>
        node.kind === "called" ? node.call.step.op.kind : node.kind === "product" ? "dot" : node.fn
      )
    )
  ].join(" ")

/** Writes a grouped and placed graph down as a module; `tables` is where those of elementary functions are. */
export const emit = (graph: Graph, grouped: Grouped, placed: Placed, tables: number): Emission => {
  const functions = new Functions(tables)
  const calls: Call[] = []
  const kernels: Kernel[] = []
  const code: Code[] = []
  const [frame, scratch] = [0, 1]
  const addressOf = addresses(placed, get(frame), get(scratch))
  for (const group of grouped.groups) {
    if (group.kind === "call") {
      kernels.push({ group, text: `interpreter: ${namesIn(group)}` })
      code.push(callInterpreter(i32(calls.push(group.call) - 1)))
    } else if (group.kind === "product") {
      const [node] = group.nodes
      const [a, b] = node.args as [View, View]
      kernels.push({ group, text: `product ${[...a.shape, b.shape[2]!].join("×")}` })
      const workspace = add(get(scratch), i32(placed.workspaces.get(node)!))
      code.push(call(functions.add(productOf(node.dtype)), ...productArgs(node, a, b, addressOf, workspace)))
    } else {
      const loop = emitLoop(group, node => placed.homes.has(node), functions.ofFour)
      const axes = loop.axes.length === 0 ? "scalars" : `loop[${loop.axes.join(", ")}]`
      kernels.push({ group, text: `${axes}: ${count(loop.accesses, "buffer")}, ${namesIn(group)}` })
      if (isWide(loop)) code.push(call(functions.add(ownFunction(loop, placed))))
      else code.push(call(functions.add(loop.func), ...loop.args(addressOf)))
    }
  }
  const run: Func = {
    params: [I32],
    locals: [I32],
    code: [setShared(get(frame)), set(scratch, loadElement("i32", get(frame))), code]
  }
  return { bytes: moduleOf(IMPORTS, [...functions.list, run]), calls, kernels }
}

/** What a product is called with. */
const productArgs = (node: Node, a: View, b: View, addressOf: AddressOf, workspace: Code): readonly Code[] => {
  const bytes = WIDTH[node.dtype]
  const operand = ({ node: from, offset, strides }: View): readonly Code[] => [
    add(addressOf(from), i32(offset * bytes)),
    ...strides.map(stride => i32(stride * bytes))
  ]
  const [batches = 1, rows = 1, depth = 1] = a.shape
  return [...[batches, rows, b.shape[2]!, depth].map(i32), ...operand(a), ...operand(b), addressOf(node), workspace]
}

/** A loop that finds its buffers itself. */
const ownFunction = ({ func, args }: ReturnType<typeof emitLoop>, placed: Placed): Func => {
  const addressOf = addresses(placed, getShared, loadElement("i32", getShared))
  const parameters = args(addressOf).map((value, local) => set(local, value))
  return { params: [], locals: [...func.params, ...func.locals], code: [parameters, func.code] }
}
