import * as thalweg from "thalweg"
import { elementaryLaws, type Elementary } from "thalweg/laws"
import { mutant, type Mutants } from "./mutant.js"

const { add, atan, cast, cos, div, exp, log, mul, rem, sub, tanh, tensor, toTyped } = thalweg
type Tensor = thalweg.Tensor

const broken = (wrong: { readonly [K in keyof Elementary]?: unknown }) =>
  elementaryLaws({ ...thalweg, ...wrong } as Elementary)

const rounding = broken({ pow: (a: Tensor, b: Tensor | number) => exp(mul(log(a), b)) })

const javaScript = (a: Tensor, b: Tensor | number): Tensor => {
  const powers = typeof b === "number" ? undefined : toTyped(b)
  return tensor(
    Array.from(toTyped(a), (x, i) => x ** (powers?.[i] ?? Number(b))),
    { dtype: a.dtype, shape: a.shape }
  )
}

export const elementaryMutants: Mutants = {
  "the power 1 changes nothing": [mutant("rounds the logarithm", rounding)],
  "anything to the power 0 is 1, and 1 to anything": [
    mutant("has NaN where JavaScript has it", broken({ pow: javaScript }))
  ],
  "a power that is a double comes out exactly": [mutant("rounds the logarithm", rounding)],
  "the powers 2, ½ and -1 are the square, the root and the reciprocal": [mutant("rounds the logarithm", rounding)],
  "log undoes exp": [mutant("has e in f32", broken({ exp: (x: Tensor) => thalweg.pow(Math.fround(Math.E), x) }))],
  "expm1 undoes log1p": [
    mutant("cancels", broken({ expm1: (x: Tensor) => sub(exp(x), 1) })),
    mutant("loses what is below 1", broken({ log1p: (x: Tensor) => log(add(x, 1)) }))
  ],
  "erf undoes erfInv": [
    mutant("is found in f32", broken({ erfInv: (x: Tensor) => cast(thalweg.erfInv(cast(x, "f32")), "f64") }))
  ],
  "sigmoid x is (1 + tanh(x/2)) / 2 for x > 0, and for -x it is e⁻ˣ times that": [
    mutant("cancels", broken({ sigmoid: (x: Tensor) => div(add(tanh(div(x, 2)), 1), 2) }))
  ],
  "tanh x is E / (E + 2) with E = e²ˣ - 1": [
    mutant("cancels", broken({ tanh: (x: Tensor) => sub(1, div(2, add(exp(mul(x, 2)), 1))) }))
  ],
  "sin, tanh, erf, erfInv and atan2 are odd, cos is even": [
    mutant(
      "takes the sine for a cosine a quarter of a turn before",
      broken({ sin: (x: Tensor) => cos(sub(x, Math.PI / 2)) })
    )
  ],
  "sin² + cos² is 1": [mutant("reduces by a rounded π", broken({ cos: (x: Tensor) => cos(rem(x, 2 * Math.PI)) }))],
  "atan2 finds the angle of a point": [
    mutant("does not tell quadrants apart", broken({ atan2: (y: Tensor, x: Tensor) => atan(div(y, x)) }))
  ],
  "exp, expm1, log, log1p, tanh, sigmoid and erf never fall, in f32": [
    mutant("overflows on its way", broken({ tanh: (x: Tensor) => div(sub(exp(mul(x, 2)), 1), add(exp(mul(x, 2)), 1)) }))
  ]
}
