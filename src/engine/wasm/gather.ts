import { highestOf, lowestOf, type DType } from "../../dataflow/dtype.js"
import type { ReduceFn } from "../../dataflow/primitive.js"
import { get, set, shuffle, simd, vector, type Code, type Locals } from "./code.js"
import { storeFirst, storeLanes } from "./elements.js"
import {
  assigned,
  combining,
  demoted,
  freshLanes,
  promoted,
  splat,
  valuesIn,
  type Lanes,
  type Vectors
} from "./lanes.js"
import type { Reduction } from "./node.js"

/** In what a reduction is summed up: f32 in f64. */
const sumType = ({ fn, args }: Reduction): DType => {
  const { dtype } = args[0]!.node
  return dtype === "f32" && fn !== "max" && fn !== "min" ? "f64" : dtype
}

const foldOf = (fn: ReduceFn): "sum" | "prod" | "max" | "min" => (fn === "mean" || fn === "norm" ? "sum" : fn)

const identityOf = (node: Reduction): number => {
  const [fn, dtype] = [foldOf(node.fn), sumType(node)]
  return fn === "sum" ? 0 : fn === "prod" ? 1 : fn === "max" ? lowestOf(dtype) : highestOf(dtype)
}

/** Registers in which a reduction gathers. */
export interface Gathered {
  readonly node: Reduction
  readonly sums: Lanes
  /** Room for one more value of the sums' type. */
  readonly value: Lanes
  readonly access: number
}

export const gatheredIn = (node: Reduction, access: number, locals: Locals): Gathered => {
  const fresh = (): Lanes => freshLanes(sumType(node), locals)
  return { node, sums: fresh(), value: fresh(), access }
}

export const begun = ({ node, sums }: Gathered): Code =>
  sums.map(sum => set(sum, splat(sumType(node), identityOf(node))))

/** A value in the first lane; in others what changes nothing. */
const alone = (node: Reduction, type: DType, term: Code): Code => {
  const identity = splat(type, identityOf(node))
  const width = type === "f64" ? 8 : 4
  const mask = vector(new Uint8Array(16).fill(0xff, 0, width))
  return simd(0x52, term, identity, mask)
}

/** Takes one more value, or four, into a reduction; `isAlone` if only the first counts. */
export const taken = ({ node, sums, value }: Gathered, given: Vectors, isAlone: boolean): Code => {
  const [from, type, fold] = [node.args[0]!.node.dtype, sumType(node), foldOf(node.fn)]
  const x = from === type ? given : valuesIn(value)
  const widen = from === type ? [] : assigned(value, promoted(given[0]!))
  const opcode = combining(fold, type)
  const take = sums.map((sum, i): Code => {
    if (isAlone && i > 0) return []
    const v = x[i]!
    const term = node.fn === "norm" ? simd(combining("prod", type), v, v) : v
    return set(sum, simd(opcode, get(sum), isAlone ? alone(node, type, term) : term))
  })
  return [widen, take]
}

/** One value of four lanes, in the first. */
const combined = ({ node, sums }: Gathered): Code => {
  const [a, b] = sums
  const opcode = combining(foldOf(node.fn), sumType(node))
  const fold = (lanes: readonly number[]): Code => set(a!, simd(opcode, get(a!), shuffle(lanes, get(a!), get(a!))))
  if (b !== undefined) return [set(a!, simd(opcode, get(a!), get(b))), fold([2, 3, 0, 1])]
  return [fold([2, 3, 0, 1]), fold([1, 0, 3, 2])]
}

const [DIVIDE, ROOT] = [0xf3, 0xef]

/** Writes a reduction of `count` values down: one, if lanes go `isAcross` what is reduced, or as many as are computed. */
export const finished = (
  gathered: Gathered,
  pointer: number,
  count: number,
  isAcross: boolean,
  lanes: number
): Code => {
  const { node, sums } = gathered
  const type = sumType(node)
  const last = sums.map((sum): Code => {
    if (node.fn === "mean") return set(sum, simd(DIVIDE, get(sum), splat("f64", count)))
    return node.fn === "norm" ? set(sum, simd(ROOT, get(sum))) : []
  })
  const narrow = node.dtype === type ? [] : set(sums[0]!, demoted(valuesIn(sums)))
  const written = node.dtype === type ? sums : sums.slice(0, 1)
  const store = isAcross || lanes === 1 ? storeFirst : storeLanes
  return [isAcross ? combined(gathered) : [], last, narrow, store(node.dtype, pointer, valuesIn(written))]
}
