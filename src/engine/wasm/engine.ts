import { valueOf } from "../../dataflow/value.js"
import type { Engine, Executable } from "../engine.js"
import { interpreter } from "../interpreter/interpreter.js"
import { perform } from "../interpreter/run.js"
import type { Program } from "../program/program.js"
import { tables } from "./elementary.js"
import { bytesOf } from "./elements.js"
import { emit, type Asked } from "./emit.js"
import { explained } from "./explain.js"
import { lent } from "./functions.js"
import { graphOf } from "./graph.js"
import type { Node } from "./node.js"
import { heapIn, takeAll, type Heap, type Owned } from "./heap.js"
import { holdingIn, makingRoom } from "./held.js"
import { sayingWhatIsKept } from "./kept.js"
import type { WebAssemblyHost } from "./host.js"
import { planned } from "./plan.js"
import { slotOf, type Planned } from "./place.js"
import { canFuse } from "./probe.js"
import { planOf, runOnce } from "./run.js"

/** Runs a step of the interpreter on views of the memory. */
const interpret = ({ call, homes }: Asked, frame: number, heap: Heap): void => {
  const { step, argTypes, args, results } = call
  const addressIn = (slot: number): number => heap.view("i32", frame + 4 * slot, 1)[0]!
  const addressOf = (node: Node): number => {
    const home = homes.get(node)!
    return "slot" in home ? addressIn(home.slot) : addressIn(0) + home.scratch
  }
  const given = args.map(({ node }, i) => valueOf(argTypes[i]!, heap.view(node.dtype, addressOf(node), node.size)))
  perform(step, given).forEach((value, i) => {
    heap.write(results[i]!.dtype, addressOf(results[i]!), value.read())
  })
}

/** Memory for the frame of a program, and for the constants that it reads. */
const roomFor = ({ graph, placed }: Planned, owned: Owned) => {
  const constants = graph.nodes.flatMap(node => (node.kind === "constant" && placed.homes.has(node) ? [node] : []))
  return {
    owned,
    frame: owned.take(4 * placed.slots),
    constants: constants.map(node => ({ node, slot: slotOf(placed, node), address: owned.take(bytesOf(node)) }))
  }
}

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
  const lookedUp = tables(false)
  const tablesAt = heap.take(lookedUp.byteLength)
  heap.write("f64", tablesAt, lookedUp)
  let knowsErrors = false
  const holding = holdingIn(heap)
  const abandoned = new FinalizationRegistry<Owned>(owned => {
    owned.giveBack()
  })
  const hasFused = canFuse(host)
  const prepare: Engine["prepare"] = (program, { fusedMultiplyAdd = true } = {}) => {
    const isFused = hasFused && fusedMultiplyAdd
    const plan = planned(graphOf(program))
    const { bytes, calls, hasErrors } = emit(plan, tablesAt, isFused)
    if (hasErrors && !knowsErrors) heap.write("f64", tablesAt, tables(true))
    knowsErrors ||= hasErrors
    const calling = (number: number, frame: number): void => {
      interpret(calls[number]!, frame, heap)
    }
    const { run, reason } = instantiated(host, bytes, { memory: heap.memory, interpret: calling, ...lent })
    if (run === undefined) return interpreted(program, reason)
    const { owned, frame, constants } = makingRoom(holding, () => takeAll(heap, taken => roomFor(plan, taken)))
    for (const { node, address } of constants) heap.write(node.dtype, address, node.value.read())
    const placements = constants.map(({ slot, address }) => ({ slot, address }))
    const entrance = planOf(plan, frame, placements)
    const executable: Executable = {
      run: (args, spend) =>
        sayingWhatIsKept(program, () =>
          runOnce(entrance, heap, holding, args, spend, () => {
            try {
              run(frame)
            } catch (error) {
              // Steps run in another order here; where no argument is spent, the interpreter says which is the first to throw.
              if (!spend.includes(true)) interpreter.prepare(program).run(args, spend)
              throw error
            }
          })
        ),
      // Plans once more, so that what runs keeps no plan.
      explain: paths => {
        const again = planned(graphOf(program))
        const emission = emit(again, tablesAt, isFused)
        return explained(again, emission.bytes.length, emission.kernels, paths)
      }
    }
    abandoned.register(executable, owned)
    return executable
  }
  return { name: "wasm", prepare }
}
