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
import { isFixed, linesOf, reasonOf, timesOf, total, type Kernel } from "./explain.js"
import { callInterpreter, IMPORTS } from "./functions.js"
import type { CallGroup, Group, LoopGroup, ProductGroup } from "./group.js"
import type { FunctionOf } from "./lanes.js"
import { emitLoop, isWide, type Emitted } from "./loop.js"
import { moduleOf } from "./module.js"
import type { Call, Node, NumberDType, Repeated, View } from "./node.js"
import type { Placed, Planned } from "./place.js"
import { productOf, workspaceOf } from "./product.js"
import { scanOf } from "./scan.js"
import { whole } from "./view.js"
import type { PlaceOf } from "./walk.js"

/** A step that the interpreter runs, where its values are in the memory of a frame. */
export interface Asked {
  readonly call: Call
  readonly homes: Placed["homes"]
}

/** The first locals of a function that runs a graph, or a loop over one. */
const [FRAME, SCRATCH] = [get(0), get(1)]

/** The address of a node, by the code of those of the frame and of the scratch. */
const addressIn =
  ({ homes }: Placed, frame = FRAME, scratch = SCRATCH) =>
  (node: Node): Code => {
    const home = homes.get(node)!
    if ("slot" in home) return loadElement("i32", frame, 4 * home.slot)
    return home.scratch === 0 ? scratch : add(scratch, i32(home.scratch))
  }

/** Where in the scratch a group works. */
const workspaceIn = ({ workspaces }: Placed, group: Group): number => workspaces.get(group.nodes[0]) ?? 0

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
  /** Whether a function looks up the rows of the error function. */
  get hasErrors(): boolean {
    return this.named.has("erf f32") || this.named.has("erf f64")
  }
  product(dtype: NumberDType): number {
    return this.once(`dot ${dtype}`, () => productOf(dtype, this.isFused, this.add))!
  }
}

/** What runs a group, and what is said of it. */
interface Run {
  readonly kernel: Kernel
  readonly code: Code
}

/**
 * Writes a planned graph down as the bytes of a module, and says which steps it asks the interpreter for, by number, and whether
 * it needs the rows of the error function; `tables` is where those of elementary functions are, and products may be fused.
 */
export const emit = (program: Planned, tables: number, isFused: boolean) => {
  const parts = new Parts(tables, isFused)
  const { func, kernels } = runOf(program, parts)
  parts.add(func)
  return { bytes: moduleOf(IMPORTS, parts.functions), calls: parts.calls, hasErrors: parts.hasErrors, kernels }
}

/** All that a planned graph computes as a function of its frame. */
const runOf = (program: Planned, parts: Parts) => {
  const runs = program.grouped.groups.map((group): Run => {
    if (group.kind === "loop") return runOfLoop(group, program, parts)
    if (group.kind === "product") return runOfProduct(group, program, parts)
    const { loop } = group.call
    return loop === undefined ? runOfCall(group, program, parts) : runOfScan(group, loop, program, parts)
  })
  const start: Code = [setShared(FRAME), set(1, loadElement("i32", FRAME))]
  const func: Func = { params: [I32], locals: [I32], code: [start, runs.map(({ code }) => code)] }
  return { func, kernels: runs.map(({ kernel }) => kernel) }
}

const runOfLoop = (group: LoopGroup, { placed, grouped }: Planned, parts: Parts): Run => {
  const placeOf: PlaceOf = node => grouped.into.get(node) ?? (placed.homes.has(node) ? whole(node) : undefined)
  const nest = emitLoop(group, placeOf, parts.ofFour)
  const { axes, accesses, bytes, operations } = nest
  const names = [...new Set(group.nodes.map(({ fn }) => fn))].join(" ")
  const over = axes.length === 0 ? "scalars" : `loop[${axes.join(", ")}]`
  const text = `${over}: ${accesses} buffer${accesses === 1 ? "" : "s"}, ${names}`
  const code = isWide(nest)
    ? call(parts.add(ownFunction(nest, placed)))
    : call(parts.add(nest.func), ...nest.args(addressIn(placed)))
  return { kernel: { group, text, bytes, operations }, code }
}

/** A loop that finds its buffers itself. */
const ownFunction = ({ func, args }: Emitted, placed: Placed): Func => {
  const addressOf = addressIn(placed, getShared, loadElement("i32", getShared))
  const parameters = args(addressOf).map((value, local) => set(local, value))
  return { params: [], locals: [...func.params, ...func.locals], code: [parameters, func.code] }
}

const runOfProduct = (group: ProductGroup, { placed }: Planned, parts: Parts): Run => {
  const [node] = group.nodes
  const { dtype, size } = node
  const [a, b] = node.args as [View, View]
  const [batches, rows, depth] = a.shape as readonly [number, number, number]
  const [columns, width, addressOf] = [b.shape[2]!, WIDTH[dtype], addressIn(placed)]
  const text = `product ${[batches, rows, depth, columns].join("×")}${parts.isFused && isFloat(dtype) ? ", fused" : ""}`
  const bytes = (sizeOf(a.shape) + sizeOf(b.shape) + size) * width
  const operations = 2 * batches * rows * depth * columns
  const operand = ({ node: from, offset, strides }: View): readonly Code[] => [
    add(addressOf(from), i32(offset * width)),
    ...strides.map(stride => i32(stride * width))
  ]
  const { left, right } = workspaceOf(dtype, rows, columns, depth)
  const tile = add(SCRATCH, i32(workspaceIn(placed, group)))
  const places = [addressOf(node), tile, add(tile, i32(left)), add(tile, i32(right))]
  const args = [...[batches, rows, columns, depth].map(i32), ...operand(a), ...operand(b), ...places]
  return { kernel: { group, text, bytes, operations }, code: call(parts.product(dtype), ...args) }
}

/** A step of a routine or of the interpreter, which says where the routine finds a wrong argument. */
const runOfCall = (group: CallGroup, { placed, grouped }: Planned, parts: Parts): Run => {
  const { call: asked, nodes } = group
  const { routine, step, args } = asked
  const given = args.map(({ node }) => node)
  const addressOf = addressIn(placed)
  const why = routine === undefined ? ` by the interpreter, as ${reasonOf(asked)}` : ""
  const isInPlace = grouped.inPlace.has(nodes[0]!)
  // What is changed in place is as much as it is changed by.
  const moved = isInPlace ? [...given.slice(1), ...given.slice(2)] : [...given, ...nodes]
  const bytes = moved.reduce((n, node) => n + bytesIn(node), 0)
  const kernel = { group, text: `${step.op.kind}${isInPlace ? " in place" : ""}${why}`, bytes, operations: 0 }
  const interpreted = (): Code =>
    callInterpreter(i32(parts.calls.push({ call: asked, homes: placed.homes }) - 1), FRAME)
  if (routine === undefined) return { kernel, code: interpreted() }
  const workspace = add(SCRATCH, i32(workspaceIn(placed, group)))
  const addresses = [...given.map(addressOf), addressOf(nodes[0]!), workspace]
  const run = call(parts.add(routine.func), ...routine.sizes.map(i32), ...addresses)
  return { kernel, code: routine.func.results?.length === 1 ? when(isZero(run), interpreted()) : run }
}

const runOfScan = (group: CallGroup, loop: Repeated, { placed }: Planned, parts: Parts): Run => {
  const body = placed.bodies.get(loop)!
  const { func, kernels } = runOf(body, parts)
  const text = [`${timesOf(loop.scan)}: {`, ...linesOf(body, kernels), "}"].join("\n  ")
  const known = isFixed(loop.scan) ? loop.scan.length : 1
  const [bytes, operations] = [known * total(kernels, "bytes"), known * total(kernels, "operations")]
  const scan = scanOf(group.call, loop, body, parts.add(func), workspaceIn(placed, group), addressIn(placed))
  const code = [call(parts.add(scan), FRAME, SCRATCH), setShared(FRAME)]
  return { kernel: { group, text, bytes, operations }, code }
}
