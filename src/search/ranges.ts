import type { Range } from "../options/range.js"

/** Above 0 and below 1. */
export const unit: Range = { expected: "a number > 0 and < 1", holds: value => value > 0 && value < 1 }
/** From 0 to below ½. */
export const share: Range = { expected: "a number ≥ 0 and < 0.5", holds: value => value >= 0 && value < 0.5 }
/** Above 1.1. */
export const stretch: Range = { expected: "a finite number > 1.1", holds: value => value > 1.1 && value < Infinity }
/** From 1. */
export const atLeastOne: Range = { expected: "a finite number ≥ 1", holds: value => value >= 1 && value < Infinity }
