import { sameType, showType } from "../../dataflow/type.js"
import { valueOf } from "../../dataflow/value.js"
import type { Engine, Executable } from "../engine.js"
import { interpreter } from "../interpreter/interpreter.js"
import { perform } from "../interpreter/run.js"
import type { Program } from "../program/program.js"
import { emit, type Emission } from "./emit.js"
import { graphOf } from "./graph.js"
import type { Call, Graph, Node } from "./node.js"
import { grouped, type Grouped } from "./group.js"
import { heapIn, type Heap } from "./heap.js"
import { holdingIn, makingRoom } from "./held.js"
import type { WebAssemblyHost } from "./host.js"
import { bytesOf, placed, type Placed } from "./place.js"
import { planOf, runOnce, type Placement } from "./run.js"
import { lent } from "./scalars.js"

/** Which result may take the memory of which argument: that at the same place, if it is of the same type. */
const pairsOf = ({ args, outputs, kept }: Graph): ReadonlyMap<Node, Node> => {
  const pairs = new Map<Node, Node>()
  outputs.forEach((output, i) => {
    const arg = args[i]
    if (output.kind !== "node" || arg === undefined || kept.has(i) || !sameType(arg, output.type)) return
    if (!pairs.has(output.node)) pairs.set(output.node, arg)
  })
  return pairs
}

/** Runs a step of the interpreter on views of the memory. */
const interpret = ({ step, argTypes, args, results }: Call, addressOf: (node: Node) => number, heap: Heap): void => {
  const given = args.map(({ node }, i) => valueOf(argTypes[i]!, heap.view(node.dtype, addressOf(node), node.size)))
  perform(step, given).forEach((value, i) => {
    heap.write(results[i]!.dtype, addressOf(results[i]!), value.read())
  })
}

/** Constants that are read from memory, written there. */
const constantsIn = (heap: Heap, { nodes }: Graph, { homes }: Placed): readonly Placement[] =>
  nodes.flatMap(node => {
    const home = homes.get(node)
    if (node.kind !== "constant" || home === undefined || !("slot" in home)) return []
    const bytes = bytesOf(node)
    const address = heap.take(bytes)
    heap.write(node.dtype, address, node.value.read())
    return [{ slot: home.slot, address, bytes }]
  })

const explained = ({ bytes, kernels }: Emission, { into }: Grouped, { homes, scratch, apart }: Placed): string =>
  [
    `WebAssembly of ${bytes.length} bytes; ${scratch} bytes of scratch, in place of ${apart}:`,
    ...kernels.map(({ group, text }) => {
      const written = group.nodes.filter(node => homes.has(node) || into.has(node))
      return `  ${text} → ${written.map(showType).join(", ")}`
    })
  ].join("\n")

/** A module with what it is lent, or what the host says against it: browsers bound the size of modules. */
const instantiated = (host: WebAssemblyHost, bytes: Uint8Array, lend: Readonly<Record<string, unknown>>) => {
  try {
    const { exports } = new host.Instance(new host.Module(bytes), { e: lend })
    return { run: exports.run as (frame: number) => void }
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}

/** What the interpreter does in its place. */
const interpreted = (program: Program, reason: string): Executable => {
  const executable = interpreter.prepare(program)
  return { ...executable, explain: () => `The host refuses a module: ${reason}\n${executable.explain()}` }
}

/** Pages of 64 KiB: addresses stay below 2³¹, so that they are the same numbers with a sign and without. */
const MOST_PAGES = 2 ** 15

/** The engine that compiles programs to WebAssembly. All of them, and the values that they give, share one memory. */
export const wasmEngine = (host: WebAssemblyHost): Engine => {
  const heap = heapIn(new host.Memory({ initial: 1, maximum: MOST_PAGES }))
  const holding = holdingIn(heap)
  const abandoned = new FinalizationRegistry<() => void>(release => {
    release()
  })
  const prepare = (program: Program): Executable => {
    const graph = graphOf(program)
    const groups = grouped(graph, pairsOf(graph))
    const places = placed(graph, groups)
    const emission = emit(graph, groups, places)
    let current: Int32Array = new Int32Array(0)
    const addressOf = (node: Node): number => {
      const home = places.homes.get(node)!
      return "slot" in home ? current[home.slot]! : current[0]! + home.scratch
    }
    const calling = (number: number): void => {
      interpret(emission.calls[number]!, addressOf, heap)
    }
    const { run, reason } = instantiated(host, emission.bytes, { memory: heap.memory, interpret: calling, ...lent })
    if (run === undefined) return interpreted(program, reason)
    const frameBytes = 4 * places.slots
    const frame = makingRoom(holding, () => heap.take(frameBytes))
    const constants = makingRoom(holding, () => constantsIn(heap, graph, places))
    const plan = planOf(graph, places, groups.inPlace, frame, constants)
    const executable: Executable = {
      run: (args, spend) =>
        runOnce(plan, heap, holding, args, spend, addresses => {
          current = addresses
          run(frame)
        }),
      explain: () => explained(emission, groups, places)
    }
    abandoned.register(executable, () => {
      heap.give(frame, frameBytes)
      for (const { address, bytes } of constants) heap.give(address, bytes)
    })
    return executable
  }
  return { name: "wasm", prepare }
}
