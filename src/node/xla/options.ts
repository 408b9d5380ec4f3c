import { describeList, describeValue, isList, isPair, isRecord } from "../../dataflow/describe.js"
import { fail } from "../../dataflow/error.js"
import { listOf } from "../../options/checks.js"
import { codeField, fixed, functionField, type CodeField, type OptionsOf } from "../../options/fields.js"
import { positiveInteger } from "../../options/range.js"
import { recordField } from "../../options/resolve.js"
import type { Mesh, Placements } from "./placement.js"

const isMesh = (value: unknown): value is Mesh =>
  isRecord(value) &&
  Object.keys(value).length > 0 &&
  Object.values(value).every(size => Number.isSafeInteger(size) && (size as number) > 0)

const isRule = (value: unknown): value is Placements[number] =>
  isPair(value) &&
  typeof value[0] === "string" &&
  isList(value[1]) &&
  value[1].every(axis => axis === null || [axis].flat().every(one => typeof one === "string"))

/** A list of rules, of which a mistake says the place and what stands there. */
const placeField: CodeField<Placements, Placements> = {
  kind: "code",
  default: [],
  check: listOf((operation, name, rule) =>
    isRule(rule)
      ? rule
      : fail(
          "HyperparameterError",
          operation,
          `${name} to be a pattern and its axes, each a text, several or null, such as ["batch/**", ["data"]]`,
          isList(rule) ? describeList(rule) : describeValue(rule)
        )
  )
}

const isText = (given: unknown): given is string => typeof given === "string" && given !== ""

const checkpointFields = {
  /** So many steps lie between two checkpoints, a whole number from 1. */
  every: fixed(positiveInteger),
  /** The file, which is replaced each time. */
  path: codeField("a path", isText)
}

/** When the state is saved, and where. */
export interface CheckpointOptions extends OptionsOf<typeof checkpointFields> {}

export const placementFields = {
  /** The devices, by axes of a mesh: `{ data: 4, model: 2 }` are eight. Default one. */
  mesh: codeField<Mesh, Mesh>("a record of whole numbers from 1, such as { data: 8 }", isMesh, { data: 1 }),
  /** Where tensors are: see `Placements`. By default all of them are whole on every device. */
  place: placeField
}

/** On which devices a step runs, and what is where. */
export interface PlacementOptions extends OptionsOf<typeof placementFields> {}

export const xlaFields = {
  ...placementFields,
  /** The Python that has jax, a command. Default `"python3"`. */
  python: codeField<string, string>("a command", isText, "python3"),
  /** How many processes share the work, each with its own devices, on this machine. Default 1. */
  processes: fixed(positiveInteger, 1),
  /** How many virtual devices each process makes of the CPU. Default: the devices that there are. */
  devices: fixed(positiveInteger, "none"),
  /** A folder that keeps compiled programs, so that they are not compiled anew. It is made; one that cannot be written is refused. */
  cache: codeField<string, "none">("a folder", isText, "none"),
  checkpoint: recordField(checkpointFields),
  /** Told what XLA made of the step, once for each program that the processes do not have yet: by shapes of state and batch. */
  onCompiled: functionField<(compiled: CompiledStep) => void, "none">("none")
}

/** What XLA made of a step. */
export interface CompiledStep {
  readonly seconds: number
  readonly devices: number
  /** How many of each kind of exchange between devices a step makes, by XLA's names, such as `"all-reduce"`. */
  readonly collectives: Readonly<Record<string, number>>
}

/** How steps are made on XLA. */
export interface XlaOptions extends PlacementOptions, Omit<OptionsOf<typeof xlaFields>, "checkpoint"> {
  /** Writes the state to a file every so many steps, as `writeTree` does, with `{ step }`, how many were made; one that cannot be written is refused before the first. */
  readonly checkpoint?: CheckpointOptions | undefined
}
