import { matmul } from "../dataflow/contract.js"
import { zeros } from "../dataflow/create.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { split as cut } from "../dataflow/slice.js"
import { showType } from "../dataflow/type.js"
import { fixed, type Resolved } from "../options/fields.js"
import { positiveInteger } from "../options/range.js"
import { split } from "../random/index.js"
import { affine, affineFields, drawAffine, initializer, type AffineOf, type Bias } from "./affine.js"
import { glorotUniform, type Initializer } from "./initializer.js"
import { checkInput, entryOf, floatOf } from "./input.js"

/** The kernel by which a hidden state is multiplied, `[units, gates · units]`. */
export type Recurrent = { readonly recurrent: Tensor }

/** What all cells remember: what they gave last, `[batch, units]`. */
export type Hidden = { readonly hidden: Tensor }

/** The parameters of a cell, which has a bias or none. */
export type CellParams<B extends Bias = Initializer> = AffineOf<B> & Recurrent

/** The options of all cells. */
export const cellFields = {
  /** How many units, a whole number from 1. */
  units: fixed(positiveInteger),
  ...affineFields(glorotUniform),
  /** How the kernel of the hidden state is drawn. */
  recurrent: initializer(glorotUniform)
}

type Drawing = Resolved<typeof cellFields>

/** A batch of inputs at one place. */
const checkPlace = (cell: string, x: Tensor): Tensor =>
  checkInput(cell, x).shape.length === 2 ? x : fail("ShapeError", cell, "inputs [batch, features]", showType(x))

/** Draws the parameters of a cell, the gates side by side. */
export const drawCell = (
  cell: string,
  gates: number,
  key: Tensor,
  x: Tensor,
  { units, recurrent, ...own }: Drawing
): CellParams<Bias> => {
  const [ownKey, recurrentKey] = split(key)
  const [, features = 0] = checkPlace(cell, x).shape
  return {
    ...drawAffine(cell, ownKey, x, [features, gates * units], own),
    recurrent: recurrent(recurrentKey, [units, gates * units], floatOf(cell, x))
  }
}

/** The state with which a sequence begins, for a batch like the input. */
export const zeroState = (cell: string, x: Tensor, units: number): Tensor =>
  zeros([checkPlace(cell, x).shape[0] ?? 0, units], floatOf(cell, x))

/** What a cell remembers under a name, for a batch like the input. */
export const stateOf = <S extends object>(
  cell: string,
  units: number,
  state: S,
  name: keyof S & string,
  x: Tensor
): Tensor => {
  const { shape } = entryOf(cell, state, name, ["batch", units], x)
  if (shape[0] !== x.shape[0])
    fail(
      "ShapeError",
      cell,
      `a batch of ${shape[0] ?? 0}, for which the state is (recurrent begins anew with every batch; where the state goes on, remainder: "drop" leaves out a smaller last one)`,
      `inputs ${showType(x)}`,
      name
    )
  return state[name] as Tensor
}

/** `x · kernel + bias` and `h · recurrent`, the gates side by side. */
export const productsOf = (
  cell: string,
  gates: number,
  { units, bias }: Pick<Drawing, "units" | "bias">,
  params: CellParams<Bias>,
  state: Hidden,
  x: Tensor
): readonly [input: Tensor, hidden: Tensor] => {
  const input = affine(cell, checkPlace(cell, x), params, gates * units, bias)
  const recurrent = entryOf(cell, params, "recurrent", [units, gates * units])
  return [input, matmul(stateOf(cell, units, state, "hidden", x), recurrent)]
}

/** Gates that stand side by side, one by one. */
export const gatesOf = (gates: Tensor, count: number, units: number): readonly Tensor[] =>
  cut(gates, Array<number>(count).fill(units), -1)
