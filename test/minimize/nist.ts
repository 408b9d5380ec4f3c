import { readFileSync } from "node:fs"
import { add, atan, cos, div, exp, log, mul, neg, pow, sin, square, sub, tensor, type Tensor } from "thalweg"

/** A data set of NIST's Statistical Reference Datasets, with what scipy.optimize.least_squares came to from each start. */
export interface NistSet {
  readonly name: string
  readonly level: "lower" | "average" | "higher"
  readonly starts: readonly (readonly number[])[]
  readonly certified: readonly number[]
  readonly standardErrors: readonly number[]
  readonly sumOfSquares: number
  readonly y: readonly number[]
  readonly x: readonly number[] | readonly (readonly number[])[]
  /** ½ Σ r² at the second start, by jax. */
  readonly valueAtSecond: number
  readonly scipy: readonly Readonly<Record<"lm" | "trf", NistPeer>>[]
}

export interface NistPeer {
  readonly at: readonly (number | string)[]
  readonly value: number | string
  readonly residuals: number
  readonly jacobians: number
}

const file = new URL("../golden/nist.json", import.meta.url)

/** What test/golden/nist.py wrote. */
export const nist = JSON.parse(readFileSync(file, "utf8")) as {
  readonly tolerance: number
  readonly cases: readonly NistSet[]
}

/** The parameters b1, b2, … */
export type Parameters = readonly Tensor[]
type Model = (b: Parameters, x: readonly Tensor[]) => Tensor

const total = (...terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => add(a, b))
/** b₀ + b₁ x + b₂ x² + … */
const polynomial = (x: Tensor, ...b: readonly Tensor[]): Tensor =>
  b.reduceRight((rest, coefficient) => add(mul(rest, x), coefficient))
const decay = (a: Tensor, rate: Tensor, x: Tensor): Tensor => mul(a, exp(neg(mul(rate, x))))
const one = tensor(1, { dtype: "f64" })

/** A model of parameters by number, from 1 on, as NIST has them, and of one variable. */
const of =
  (f: (b: (i: number) => Tensor, x: Tensor) => Tensor): Model =>
  (parameters, [x]) =>
    f(i => parameters[i - 1] as Tensor, x as Tensor)

const peak = (height: Tensor, center: Tensor, width: Tensor, x: Tensor): Tensor =>
  mul(height, exp(neg(square(div(sub(x, center), width)))))
const wave = (cosine: Tensor, sine: Tensor, period: number | Tensor, x: Tensor): Tensor => {
  const angle = div(mul(2 * Math.PI, x), period)
  return add(mul(cosine, cos(angle)), mul(sine, sin(angle)))
}

const gauss = of((b, x) => total(decay(b(1), b(2), x), peak(b(3), b(4), b(5), x), peak(b(6), b(7), b(8), x)))
const lanczos = of((b, x) => total(decay(b(1), b(2), x), decay(b(3), b(4), x), decay(b(5), b(6), x)))
const chwirut = of((b, x) => div(exp(neg(mul(b(1), x))), add(b(2), mul(b(3), x))))
const cubics = of((b, x) => div(polynomial(x, b(1), b(2), b(3), b(4)), polynomial(x, one, b(5), b(6), b(7))))
const saturation = of((b, x) => mul(b(1), sub(1, exp(neg(mul(b(2), x))))))

const models: Readonly<Record<string, Model>> = {
  Misra1a: saturation,
  Misra1b: of((b, x) => mul(b(1), sub(1, pow(add(1, div(mul(b(2), x), 2)), -2)))),
  Misra1c: of((b, x) => mul(b(1), sub(1, pow(add(1, mul(2, mul(b(2), x))), -0.5)))),
  Misra1d: of((b, x) => div(mul(mul(b(1), b(2)), x), add(1, mul(b(2), x)))),
  BoxBOD: saturation,
  Chwirut1: chwirut,
  Chwirut2: chwirut,
  Lanczos1: lanczos,
  Lanczos2: lanczos,
  Lanczos3: lanczos,
  Gauss1: gauss,
  Gauss2: gauss,
  Gauss3: gauss,
  DanWood: of((b, x) => mul(b(1), pow(x, b(2)))),
  Kirby2: of((b, x) => div(polynomial(x, b(1), b(2), b(3)), polynomial(x, one, b(4), b(5)))),
  Hahn1: cubics,
  Thurber: cubics,
  Nelson: (b, x) => {
    const [b1, b2, b3, x1, x2] = [...b, ...x] as [Tensor, Tensor, Tensor, Tensor, Tensor]
    return sub(b1, mul(x1, decay(b2, b3, x2)))
  },
  MGH09: of((b, x) => div(mul(b(1), add(square(x), mul(x, b(2)))), polynomial(x, b(4), b(3), one))),
  MGH10: of((b, x) => mul(b(1), exp(div(b(2), add(x, b(3)))))),
  MGH17: of((b, x) => total(b(1), decay(b(2), b(4), x), decay(b(3), b(5), x))),
  Roszman1: of((b, x) => sub(sub(b(1), mul(b(2), x)), div(atan(div(b(3), sub(x, b(4)))), Math.PI))),
  ENSO: of((b, x) => total(b(1), wave(b(2), b(3), 12, x), wave(b(5), b(6), b(4), x), wave(b(8), b(9), b(7), x))),
  Rat42: of((b, x) => div(b(1), add(1, exp(sub(b(2), mul(b(3), x)))))),
  Rat43: of((b, x) => div(b(1), pow(add(1, exp(sub(b(2), mul(b(3), x)))), div(1, b(4))))),
  Eckerle4: of((b, x) => mul(div(b(1), b(2)), exp(mul(-0.5, square(div(sub(x, b(3)), b(2))))))),
  Bennett5: of((b, x) => mul(b(1), pow(add(b(2), x), div(-1, b(3)))))
}

const f64 = (data: number | readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(data, { dtype: "f64" })

/** The residuals of a set, of its parameters as scalars: Nelson's are of log y. */
export const residualsOf = ({ name, x, y }: NistSet): ((b: Parameters) => Tensor) => {
  const variables = Array.isArray(x[0]) ? (x as readonly (readonly number[])[]).map(f64) : [f64(x)]
  const observed = name === "Nelson" ? log(f64(y)) : f64(y)
  const model = models[name]
  if (model === undefined) throw new Error(`no model ${name}`)
  return b => sub(model(b, variables), observed)
}

/** A start of a set, as scalars. */
export const startOf = ({ starts }: NistSet, which: 0 | 1): Parameters => (starts[which] ?? []).map(f64)

/** How many decimal digits of a certified value are right, at most 11, which is what is certified: NIST's log relative error. */
export const digitsOf = (values: readonly number[], certified: readonly number[]): number =>
  Math.min(
    ...certified.map((right, i) => {
      const off = Math.abs((values[i] ?? NaN) - right) / Math.abs(right)
      return off === 0 ? 11 : Number.isNaN(off) ? -Infinity : Math.min(11, -Math.log10(off))
    })
  )
