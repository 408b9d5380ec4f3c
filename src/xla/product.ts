import { isFloat } from "../dataflow/dtype.js"
import { range } from "../dataflow/shape.js"
import type { Type } from "../dataflow/type.js"
import type { Row } from "./row.js"
import { listText, typesText, typeText } from "./text.js"
import type { Named, Writer } from "./writer.js"

/** Accelerators would round the factors of f32 to fewer digits. */
export const dot: Row<"dot"> = ({ batch, contract }, [a, b], out, w) => {
  const shared = batch[0].length === 0 ? "" : `, batching_dims = ${listText(batch[0])} x ${listText(batch[1])}`
  const contracted = `, contracting_dims = ${listText(contract[0])} x ${listText(contract[1])}`
  const precision = isFloat(out.dtype) ? ", precision = [HIGHEST, HIGHEST]" : ""
  return w.call("dot_general", [a, b], out, `${shared}${contracted}${precision}`)
}

/** The order of axes in which the leading one, of groups, stands before the channels, which are last. */
const besideChannels = (rank: number): readonly number[] => [...range(rank - 2).map(i => i + 1), 0, rank - 1]

/** Groups as blocks of channels, which is how StableHLO has them. */
const merged = (w: Writer, x: Named): Named => {
  const moved = w.transpose(x, besideChannels(x.shape.length))
  const [groups, channels] = moved.shape.slice(-2) as [number, number]
  return w.reshape(moved, [...moved.shape.slice(0, -2), groups * channels])
}

export const conv: Row<"conv"> = (op, [x, kernel], out, w) => {
  const groups = x.shape[0] ?? 0
  const [input, weights] = [merged(w, x), merged(w, kernel)]
  const spatial = op.strides.map((_, i) => i)
  const labels = `${listText(["b", ...spatial, "f"])}x${listText([...spatial, "i", "o"])}->${listText(["b", ...spatial, "f"])}`
  const window = [
    `stride = ${listText(op.strides)}`,
    `pad = ${listText(op.padding.map(listText))}`,
    `lhs_dilate = ${listText(op.inputDilation)}`,
    `rhs_dilate = ${listText(op.kernelDilation)}`
  ]
  const precision = "#stablehlo<precision HIGHEST>"
  const attributes = `batch_group_count = 1 : i64, feature_group_count = ${groups} : i64, precision_config = [${precision}, ${precision}]`
  const [places, channels] = [out.shape.slice(1, -1), out.shape.at(-1) ?? 0]
  const type: Type = { shape: [...places, groups * channels], dtype: out.dtype }
  const result = w.define(
    type,
    `stablehlo.convolution(${input.name}, ${weights.name}) dim_numbers = ${labels}, window = {${window.join(", ")}} {${attributes}} : (${typesText([input, weights])}) -> ${typeText(type)}`
  )
  const rank = out.shape.length
  return w.transpose(w.reshape(result, [...places, groups, channels]), [rank - 2, ...range(rank - 2), rank - 1])
}
