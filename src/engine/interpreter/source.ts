import type { Data } from "../../dataflow/dtype.js"
import { showType, type Type } from "../../dataflow/type.js"
import type { Site } from "../program/nearest.js"
import type { Program, ProgramOp, Scan } from "../program/program.js"
import type { Call } from "./call.js"
import { broadcastStrides, offsets } from "./strided.js"

/** What an operation read: the element, if it was one, or the least and the greatest of all. */
export type Operand =
  | { readonly type: string; readonly value: number }
  | { readonly type: string; readonly range: readonly [least: number, greatest: number] }

/** The primitive of a step that is no loop. */
export type Primitive = Exclude<ProgramOp, Scan>

/** Where in a program it is: the input or constant of a number, or a step. */
export type Origin =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "constant"; readonly index: number; readonly program: Program }
  | { readonly kind: "step"; readonly op: Primitive; readonly site: Site; readonly operands: readonly Operand[] }

/** An element that is not finite, of a value that was computed from none that is not. */
export interface Source {
  /** Sources are counted as they are met, but constants, which are mostly meant, come last. */
  readonly rank: number
  readonly type: Type
  /** Which element it is. */
  readonly at: number
  readonly value: number
  readonly origin: Origin
}

/** A value, and the first sources of its NaNs and of its infinities, if it has any. */
export interface Sourced {
  readonly data: Data
  readonly nan: Source | undefined
  readonly infinity: Source | undefined
}

const first = (sources: readonly (Source | undefined)[]): Source | undefined =>
  sources.reduce((a, b) => (a === undefined || (b !== undefined && b.rank < a.rank) ? b : a), undefined)

const firstInfinity = (values: readonly Sourced[]): Source | undefined => first(values.map(({ infinity }) => infinity))

/** The first source of the NaNs among some values, or, where there are none, of the infinities. */
export const firstSource = (values: readonly Sourced[]): Source | undefined =>
  first(values.map(({ nan }) => nan)) ?? firstInfinity(values)

/** The places of the NaNs and of the infinities. */
const placesIn = (data: Data): readonly [nans: readonly number[], infinities: readonly number[]] => {
  const [nans, infinities]: [number[], number[]] = [[], []]
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i])) (Number.isNaN(data[i]) ? nans : infinities).push(i)
  return [nans, infinities]
}

/**
 * A value with its sources, given what the elements at some places were computed from: of NaNs, the sources of NaNs, or,
 * where there are none, of infinities; of infinities, those of infinities. Where there are none either, one begins here.
 */
export const sourced = (
  data: Data,
  from: (places: readonly number[]) => readonly Sourced[],
  begin?: (at: number) => Source
): Sourced => {
  const [nans, infinities] = placesIn(data)
  const [nan, infinity] = [nans[0], infinities[0]]
  return {
    data,
    nan: nan === undefined ? undefined : (firstSource(from(nans)) ?? begin?.(nan)),
    infinity: infinity === undefined ? undefined : (firstInfinity(from(infinities)) ?? begin?.(infinity))
  }
}

const elementwise: ReadonlySet<Primitive["kind"]> = new Set(["unary", "binary", "cast", "select"])

/** What the elements at some places were computed from: for an elementwise primitive, as many of each operand. */
export const readFor =
  ({ kind }: Primitive, { shape, args }: Call, given: readonly Sourced[]) =>
  (places: readonly number[]): readonly Sourced[] =>
    elementwise.has(kind)
      ? given.map((value, i) => {
          const from = offsets(shape, broadcastStrides(args[i]!.shape, shape))
          return sourced(
            Float64Array.from(places, place => value.data[from[place]!]!),
            () => [value]
          )
        })
      : given

/** What a person is told of an operand. */
export const operandOf = (type: Type, data: Data): Operand => {
  if (data.length === 1) return { type: showType(type), value: data[0]! }
  let [least, greatest] = [Infinity, -Infinity]
  for (const x of data) {
    if (x < least) least = x
    if (x > greatest) greatest = x
  }
  return { type: showType(type), range: [least, greatest] }
}
