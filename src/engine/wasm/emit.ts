import type { FloatDType } from "../../dataflow/dtype.js"
import { showType } from "../../dataflow/type.js"
import { add, call, F64, get, getShared, i32, I32, Locals, set, setShared, type Code, type Func } from "./code.js"
import { bytesOf } from "./code.js"
import { loadElement, storeElement, VALUE_TYPE, WIDTH } from "./elements.js"
import { constantIn, type Call, type Elementwise, type Node, type Product, type View } from "./node.js"
import type { Group, ScalarGroup } from "./group.js"
import { emitLoop, isWide } from "./loop.js"
import { productOf, workspaceOf } from "./product.js"
import { moduleOf, type Import } from "./module.js"
import { isInside, type Placed } from "./place.js"
import type { Planned } from "./plan.js"
import { scanOf } from "./scan.js"
import { constantCode, LENT, scalarCode } from "./scalars.js"

/** What runs, one after the other, to be read by a person. */
export interface Kernel {
  readonly group: Group
  readonly text: string
}

/** A step that the interpreter runs, where its values are in the memory of a frame. */
export interface Asked {
  readonly call: Call
  readonly homes: Placed["homes"]
}

/** The bytes of a program, and what they ask the host for. */
export interface Emission {
  readonly bytes: Uint8Array
  /** Steps that the interpreter runs, by number. */
  readonly calls: readonly Asked[]
  readonly kernels: readonly Kernel[]
}

/** The interpreter's steps, and its functions of numbers. */
const IMPORTS: readonly Import[] = [
  { name: "interpret", params: [I32, I32], results: [] },
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
const scalarsOf = (group: ScalarGroup, placed: Placed, isInGroup: (node: Node) => boolean): Func => {
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
  for (const node of group.nodes)
    if (placed.homes.has(node)) code.push(storeElement(node.dtype, addressOf(node), get(values.get(node)!)))
  return { params: [I32, I32], locals: locals.types, code }
}

/** Functions, each once. */
class Functions {
  readonly list: Func[] = []
  private readonly known = new Map<string, number>()
  /** The number of a function with the same code. */
  readonly add = (func: Func): number => {
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

/** Writes a planned graph down as a module. */
export const emit = (program: Planned): Emission => {
  const functions = new Functions()
  const products = new Map<FloatDType, number>()
  const productIn = (dtype: FloatDType): number => {
    const number = products.get(dtype) ?? productOf(dtype, functions.add)
    products.set(dtype, number)
    return number
  }
  const calls: Asked[] = []
  const run = runOf(program, functions, productIn, calls)
  functions.add(run.func)
  return { bytes: moduleOf(IMPORTS, functions.list), calls, kernels: run.kernels }
}

/** All that a planned graph computes as a function of its frame. */
const runOf = (
  { grouped, placed }: Planned,
  functions: Functions,
  productIn: (dtype: FloatDType) => number,
  calls: Asked[]
) => {
  const kernels: Kernel[] = []
  const code: Code[] = []
  const [frame, scratch] = [0, 1]
  const addressOf = addresses(placed, get(frame), get(scratch))
  for (const group of grouped.groups) {
    const isIn = (node: Node): boolean => isInside(group, node, grouped)
    const loop = group.kind === "call" ? group.call.loop : undefined
    if (group.kind === "call" && loop !== undefined) {
      const body = placed.bodies.get(loop)!
      const inner = runOf(body, functions, productIn, calls)
      const given = group.call.args.map(({ node }) => node)
      const func = scanOf(
        loop,
        group.nodes,
        given,
        body,
        functions.add(inner.func),
        placed.workspaces.get(group.nodes[0]!)!,
        (f, s) => addresses(placed, f, s)
      )
      kernels.push({
        group,
        text: [`${loop.scan.length} times: {`, ...inner.kernels.map(lineOf(body.placed)), "}"].join("\n  ")
      })
      code.push(call(functions.add(func), get(frame), get(scratch)), setShared(get(frame)))
    } else if (group.kind === "call") {
      kernels.push({ group, text: `interpreter: ${namesIn(group)}` })
      code.push(call(INTERPRET, i32(calls.push({ call: group.call, homes: placed.homes }) - 1), get(frame)))
    } else if (group.kind === "scalars") {
      kernels.push({ group, text: `scalars: ${namesIn(group)}` })
      code.push(call(functions.add(scalarsOf(group, placed, isIn)), get(frame), get(scratch)))
    } else if (group.kind === "product") {
      const [node] = group.nodes
      const [a, b] = node.args as [View, View]
      kernels.push({ group, text: `product ${[...a.shape, b.shape[2]!].join("×")}` })
      const workspace = add(get(scratch), i32(placed.workspaces.get(node)!))
      code.push(call(productIn(node.dtype), ...productArgs(node, a, b, addressOf, workspace)))
    } else {
      const loop = emitLoop(group, node => placed.homes.has(node))
      const text = `loop[${loop.axes.join(", ")}]: ${count(loop.accesses, "buffer")}, ${namesIn(group)}`
      kernels.push({ group, text })
      if (isWide(loop)) code.push(call(functions.add(ownFunction(loop, placed))))
      else code.push(call(functions.add(loop.func), ...loop.args(addressOf)))
    }
  }
  const start: Code = [setShared(get(frame)), set(scratch, loadElement("i32", get(frame)))]
  const func: Func = { params: [I32], locals: [I32], code: [start, code] }
  return { func, kernels }
}

/** A kernel, and what of it is in memory, in a line. */
export const lineOf =
  ({ homes }: Placed) =>
  ({ group, text }: Kernel): string =>
    `  ${text} → ${group.nodes
      .filter(node => homes.has(node))
      .map(showType)
      .join(", ")}`

/** What a product is called with. */
const productArgs = (node: Product, a: View, b: View, addressOf: AddressOf, workspace: Code): readonly Code[] => {
  const bytes = WIDTH[node.dtype]
  const operand = ({ node: from, offset, strides }: View): readonly Code[] => [
    add(addressOf(from), i32(offset * bytes)),
    ...strides.map(stride => i32(stride * bytes))
  ]
  const [batches, rows, depth] = a.shape as readonly [number, number, number]
  const columns = b.shape[2]!
  const { left, right } = workspaceOf(node.dtype, rows, columns, depth)
  const places = [workspace, add(workspace, i32(left)), add(workspace, i32(right))]
  return [...[batches, rows, columns, depth].map(i32), ...operand(a), ...operand(b), addressOf(node), ...places]
}

/** A loop that finds its buffers itself. */
const ownFunction = ({ func, args }: ReturnType<typeof emitLoop>, placed: Placed): Func => {
  const addressOf = addresses(placed, getShared, loadElement("i32", getShared))
  const parameters = args(addressOf).map((value, local) => set(local, value))
  return { params: [], locals: [...func.params, ...func.locals], code: [parameters, func.code] }
}
