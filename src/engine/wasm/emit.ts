import { add, call, F64, get, getShared, i32, I32, Locals, plain, set, setShared, when } from "./code.js"
import type { Code, Func } from "./code.js"
import { bytesOf } from "./code.js"
import { loadElement, storeElement, VALUE_TYPE, WIDTH } from "./elements.js"
import { constantIn, type Call, type Elementwise, type Graph, type Node, type Routine, type View } from "./node.js"
import type { Group, Grouped, ScalarGroup } from "./group.js"
import { emitLoop, isWide, type PlaceOf } from "./loop.js"
import { productOf } from "./product.js"
import { moduleOf, type Import } from "./module.js"
import { isInside, type Placed } from "./place.js"
import { constantCode, LENT, scalarCode } from "./scalars.js"
import { whole } from "./view.js"

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

/** The interpreter's steps, and its functions of numbers. */
const IMPORTS: readonly Import[] = [
  { name: "interpret", params: [I32], results: [] },
  ...LENT.map(name => ({
    name,
    params: name === "pow" || name === "atan2" ? ([F64, F64] as const) : ([F64] as const),
    results: [F64] as const
  }))
]

const INTERPRET = 0
const lentIndex = (fn: (typeof LENT)[number]): number => 1 + LENT.indexOf(fn)

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

/** Scalars as a function of the frame and the scratch. */
const scalarsOf = (group: ScalarGroup, placed: Placed, isInGroup: (node: Node) => boolean, placeOf: PlaceOf): Func => {
  const locals = new Locals(2)
  const addressOf = addresses(placed, get(0), get(1))
  const values = new Map<Node, number>()
  const code: Code[] = []
  for (const node of group.nodes as readonly Elementwise[]) {
    const args = node.args.map(view => {
      const { dtype } = view.node
      const x = constantIn(view)
      if (x !== undefined) return constantCode(dtype, x)
      if (isInGroup(view.node)) return get(values.get(view.node)!)
      return loadElement(dtype, addressOf(view.node), view.offset * WIDTH[dtype])
    })
    const local = locals.fresh(VALUE_TYPE[node.dtype])
    values.set(node, local)
    code.push(
      set(
        local,
        scalarCode(node, args, (fn, given) => call(lentIndex(fn), ...given))
      )
    )
  }
  for (const node of group.nodes) {
    const place = placeOf(node)
    if (place === undefined) continue
    const at = place.offset * WIDTH[node.dtype]
    code.push(storeElement(node.dtype, addressOf(place.node), get(values.get(node)!), at))
  }
  return { params: [I32, I32], locals: locals.types, code }
}

/** Functions, each once. */
class Functions {
  readonly list: Func[] = []
  private readonly known = new Map<string, number>()
  /** The number of a function with the same code. */
  add(func: Func): number {
    const code = bytesOf(func.code)
    const key = `${func.params.join()} ${func.locals.join()} ${code.join()}`
    const number = this.known.get(key) ?? IMPORTS.length + this.list.push({ ...func, code }) - 1
    this.known.set(key, number)
    return number
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

/** Writes a grouped and placed graph down as a module. */
export const emit = (graph: Graph, grouped: Grouped, placed: Placed): Emission => {
  const functions = new Functions()
  const calls: Call[] = []
  const kernels: Kernel[] = []
  const code: Code[] = []
  const [frame, scratch] = [0, 1]
  const addressOf = addresses(placed, get(frame), get(scratch))
  const placeOf: PlaceOf = node => grouped.into.get(node) ?? (placed.homes.has(node) ? whole(node) : undefined)
  for (const group of grouped.groups) {
    const isIn = (node: Node): boolean => isInside(group, node, grouped)
    if (group.kind === "call") {
      const { routine, args } = group.call
      const [result] = group.nodes as [Node]
      const workspace = add(get(scratch), i32(placed.workspaces.get(result) ?? 0))
      const addresses = [...args.map(view => addressOf(view.node)), addressOf(result), workspace]
      kernels.push({ group, text: `${routine === undefined ? "interpreter: " : ""}${namesIn(group)}` })
      const interpreted = (): Code => call(INTERPRET, i32(calls.push(group.call) - 1))
      code.push(routine === undefined ? interpreted() : routineCode(routine, functions, addresses, interpreted))
    } else if (group.kind === "scalars") {
      kernels.push({ group, text: `scalars: ${namesIn(group)}` })
      code.push(call(functions.add(scalarsOf(group, placed, isIn, placeOf)), get(frame), get(scratch)))
    } else if (group.kind === "product") {
      const [node] = group.nodes
      const [a, b] = node.args as [View, View]
      kernels.push({ group, text: `product ${[...a.shape, b.shape[2]!].join("×")}` })
      const workspace = add(get(scratch), i32(placed.workspaces.get(node)!))
      code.push(call(functions.add(productOf(node.dtype)), ...productArgs(node, a, b, addressOf, workspace)))
    } else {
      const loop = emitLoop(group, placeOf)
      const text = `loop[${loop.axes.join(", ")}]: ${count(loop.accesses, "buffer")}, ${namesIn(group)}`
      kernels.push({ group, text })
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

/** The call of a routine; where it finds a wrong argument, the interpreter says so. */
const routineCode = (
  { func, sizes }: Routine,
  functions: Functions,
  addresses: readonly Code[],
  interpreted: () => Code
): Code => {
  const run = call(functions.add(func), ...sizes.map(i32), ...addresses)
  return func.results?.length === 1 ? when(plain(0x45, run), interpreted()) : run
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
