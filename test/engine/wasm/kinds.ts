import type fc from "fast-check"
import { grad } from "thalweg"
import { arbProgram, arbShape, arbSmoothProgram, lossOf, type Program } from "thalweg/laws"
import { arbLoop } from "./loops.js"
import { arbMovement } from "./movements.js"
import { arbProduct } from "./products.js"
import { arbReduction } from "./reductions.js"
import { arbStep } from "./steps.js"
import { arbConvolution, arbIntegerPooling, arbPooling } from "./windows.js"

/** Odd sizes, an empty one, and some that fill blocks of memory to the last byte. */
const sizes = [0, 1, 3, 5, 16, 17, 64, 130]
const large = arbShape({ sizes, mostElements: 20_000 })

const gradients: fc.Arbitrary<Program> = arbSmoothProgram().map(program => ({
  ...program,
  build: inputs => grad(lossOf(program))(inputs)
}))

/** Kinds of random programs, and how many of each are compared. */
export const kinds = {
  "random programs": [arbProgram(), 450],
  "random programs of odd sizes": [arbProgram({ shape: large, mostElements: 20_000 }), 150],
  "gradients of random programs": [gradients, 150],
  "random products": [arbProduct, 150],
  "random movements": [arbMovement, 200],
  "reductions at the ends of the exponent": [arbReduction, 100],
  "random convolutions": [arbConvolution, 200],
  "random poolings": [arbPooling, 200],
  "random poolings of integers": [arbIntegerPooling, 50],
  "random loops": [arbLoop, 200],
  "random steps of a state, in place": [arbStep, 300]
} satisfies Readonly<Record<string, readonly [programs: fc.Arbitrary<Program>, runs: number]>>

/** The name of a kind. */
export type Kind = keyof typeof kinds
