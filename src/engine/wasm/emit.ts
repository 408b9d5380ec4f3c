import { isFloat } from "../../dataflow/dtype.js"
import { sizeOf } from "../../dataflow/shape.js"
import {
  add,
  bytesOf,
  call,
  get,
  getShared,
  i32,
  I32,
  isZero,
  set,
  setShared,
  when,
  type Code,
  type Func
} from "./code.js"
import { elementary } from "./elementary.js"
import { bytesIn, loadElement, WIDTH } from "./elements.js"
import { linesOf, reasonOf, type Kernel } from "./explain.js"
import { callInterpreter, IMPORTS } from "./functions.js"
import type { Group } from "./group.js"
import type { FunctionOf } from "./lanes.js"
import { emitLoop, isWide } from "./loop.js"
import { moduleOf } from "./module.js"
import type { Call, Node, NumberDType, Product, Routine, View } from "./node.js"
import type { Placed, Planned } from "./planned.js"
import { productOf, workspaceOf } from "./product.js"
import { scanOf } from "./scan.js"
import { whole } from "./view.js"
import type { PlaceOf } from "./walk.js"

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

/** What a module is made of: functions, each once, and steps of the interpreter. */
class Parts {
  readonly functions: Func[] = []
  readonly calls: Asked[] = []
  private readonly known = new Map<string, number>()
  private readonly named = new Map<string, number | undefined>()
  constructor(
    private readonly tables: number,
    readonly isFused: boolean
  ) {}
  /** The number of a function with the same code. */
  readonly add = (func: Func): number => {
    const code = bytesOf(func.code)
    const key = `${func.params.join()} ${func.locals.join()} ${code.join()}`
    const number = this.known.get(key) ?? IMPORTS.length + this.functions.push({ ...func, code }) - 1
    this.known.set(key, number)
    return number
  }
  /** The number of a function that is written when it is first asked for. */
  private once(name: string, write: () => number | undefined): number | undefined {
    if (!this.named.has(name)) this.named.set(name, write())
    return this.named.get(name)
  }
  readonly ofFour: FunctionOf = (fn, dtype) =>
    this.once(`${fn} ${dtype}`, () => {
      const func = elementary(fn, dtype, this.tables)
      return func && this.add(func)
    })
  product(dtype: NumberDType): number {
    return this.once(`dot ${dtype}`, () => productOf(dtype, this.isFused, this.add))!
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

/**
 * Writes a planned graph down as a module; `tables` is where those of elementary functions are, and products may be
 * fused.
 */
export const emit = (program: Planned, tables: number, isFused: boolean): Emission => {
  const parts = new Parts(tables, isFused)
  const { func, kernels } = runOf(program, parts)
  parts.add(func)
  return { bytes: moduleOf(IMPORTS, parts.functions), calls: parts.calls, kernels }
}

/** All that a planned graph computes as a function of its frame. */
const runOf = ({ grouped, placed }: Planned, parts: Parts) => {
  const kernels: Kernel[] = []
  const code: Code[] = []
  const [frame, scratch] = [0, 1]
  const addressOf = addresses(placed, get(frame), get(scratch))
  const workspace = (group: Group): number => placed.workspaces.get(group.nodes[0]) ?? 0
  const placeOf: PlaceOf = node => grouped.into.get(node) ?? (placed.homes.has(node) ? whole(node) : undefined)
  for (const group of grouped.groups) {
    const loop = group.kind === "call" ? group.call.loop : undefined
    if (group.kind === "call" && loop !== undefined) {
      const body = placed.bodies.get(loop)!
      const inner = runOf(body, parts)
      const { length } = loop.scan
      const text = [`${length} times: {`, ...linesOf(body, inner.kernels), "}"].join("\n  ")
      const times = (of: "bytes" | "operations"): number =>
        inner.kernels.reduce((n, kernel) => n + length * kernel[of], 0)
      kernels.push({ group, text, bytes: times("bytes"), operations: times("operations") })
      const around = (f: Code, s: Code): AddressOf => addresses(placed, f, s)
      const func = scanOf(group.call, loop, body, parts.add(inner.func), workspace(group), around)
      code.push(call(parts.add(func), get(frame), get(scratch)), setShared(get(frame)))
    } else if (group.kind === "call") {
      const { routine, args } = group.call
      const interpreted = (): Code =>
        callInterpreter(i32(parts.calls.push({ call: group.call, homes: placed.homes }) - 1), get(frame))
      const at = add(get(scratch), i32(workspace(group)))
      const places = [...args.map(view => addressOf(view.node)), addressOf(group.nodes[0]!), at]
      const why = routine === undefined ? ` by the interpreter, as ${reasonOf(group.call)}` : ""
      const bytes = [...args.map(view => view.node), ...group.nodes].reduce((n, node) => n + bytesIn(node), 0)
      kernels.push({ group, text: `${namesIn(group)}${why}`, bytes, operations: 0 })
      code.push(routine === undefined ? interpreted() : routineCode(routine, parts, places, interpreted))
    } else if (group.kind === "product") {
      const [node] = group.nodes
      const [a, b] = node.args as [View, View]
      const sizes = [...a.shape, b.shape[2]!]
      const bytes = (sizeOf(a.shape) + sizeOf(b.shape) + node.size) * WIDTH[node.dtype]
      kernels.push({
        group,
        text: `product ${sizes.join("×")}${parts.isFused && isFloat(node.dtype) ? ", fused" : ""}`,
        bytes,
        operations: 2 * sizeOf(sizes)
      })
      const at = add(get(scratch), i32(workspace(group)))
      code.push(call(parts.product(node.dtype), ...productArgs(node, a, b, addressOf, at)))
    } else {
      const nest = emitLoop(group, placeOf, parts.ofFour)
      const axes = nest.axes.length === 0 ? "scalars" : `loop[${nest.axes.join(", ")}]`
      const text = `${axes}: ${count(nest.accesses, "buffer")}, ${namesIn(group)}`
      kernels.push({ group, text, bytes: nest.bytes, operations: nest.operations })
      if (isWide(nest)) code.push(call(parts.add(ownFunction(nest, placed))))
      else code.push(call(parts.add(nest.func), ...nest.args(addressOf)))
    }
  }
  const start: Code = [setShared(get(frame)), set(scratch, loadElement("i32", get(frame)))]
  const func: Func = { params: [I32], locals: [I32], code: [start, code] }
  return { func, kernels }
}

/** The call of a routine; where it finds a wrong argument, the interpreter says so. */
const routineCode = (
  { func, sizes }: Routine,
  parts: Parts,
  addresses: readonly Code[],
  interpreted: () => Code
): Code => {
  const run = call(parts.add(func), ...sizes.map(i32), ...addresses)
  return func.results?.length === 1 ? when(isZero(run), interpreted()) : run
}

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
