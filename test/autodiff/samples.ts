import fc from "fast-check"
import { add, iota, mul, reshape, sin, tensor, type Shape, type Tensor } from "thalweg"

/** A function, and the point at which its derivatives are looked at. */
export interface Sample {
  readonly f: (...xs: readonly Tensor[]) => Tensor
  readonly at: readonly Tensor[]
}

export const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)
export const sizeOf = (shape: Shape): number => shape.reduce((n, size) => n * size, 1)
export const f64 = (values: Parameters<typeof tensor>[0], shape?: Shape): Tensor =>
  tensor(values, { dtype: "f64", ...(shape === undefined ? {} : { shape }) })
export const i32 = (values: Parameters<typeof tensor>[0], shape?: Shape): Tensor =>
  tensor(values, { dtype: "i32", ...(shape === undefined ? {} : { shape }) })

/** Numbers of either sign, no two within 0.1 of each other and none within 0.05 of 0: far from ties and kinks. */
const apart = (count: number): fc.Arbitrary<readonly number[]> => {
  const places = range(count).slice()
  const order = fc.shuffledSubarray(places, { minLength: count, maxLength: count })
  return order.map(list => list.map(place => (place + 0.5 - Math.floor(count / 2)) * 0.13))
}

/** How a value of `apart` becomes an argument. */
export type Domain = (value: number) => number
export const any: Domain = value => value
export const positive: Domain = value => 0.3 + Math.abs(value)
/** Well off 0, of either sign. */
export const nonzero: Domain = value => value + Math.sign(value) / 2
export const unit: Domain = value => 0.95 * Math.tanh(value)
/** Between integers, and off their halves. */
export const betweenIntegers: Domain = value => Math.round(value * 5) + (value > 0 ? 0.25 : -0.25)

/** Tensors of some shapes, all of whose elements are apart. */
export const tensors = (shapes: readonly Shape[], domains: readonly Domain[] = []): fc.Arbitrary<readonly Tensor[]> => {
  const sizes = shapes.map(sizeOf)
  return apart(sizes.reduce((n, size) => n + size, 0)).map(values => {
    let next = 0
    return shapes.map((shape, i) => {
      const domain = domains[i] ?? any
      const own = values.slice(next, (next += sizes[i] ?? 0))
      return f64(own.map(domain), shape)
    })
  })
}

export const arbShape = (minRank = 0, maxRank = 3): fc.Arbitrary<Shape> =>
  fc.array(fc.integer({ min: 1, max: 3 }), { minLength: minRank, maxLength: maxRank })

/** A shape that broadcasts to another: some sizes 1, some leading axes missing. */
const arbBroadcast = (shape: Shape): fc.Arbitrary<Shape> =>
  fc
    .tuple(fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }), fc.nat(shape.length))
    .map(([ones, dropped]) => shape.map((n, axis) => (ones[axis] === true ? 1 : n)).slice(dropped))

/** Shapes that broadcast together. */
export const arbShapes = (count: number): fc.Arbitrary<readonly Shape[]> =>
  arbShape().chain(shape => fc.tuple(...range(count).map(() => fc.oneof(fc.constant(shape), arbBroadcast(shape)))))

/** A function of tensors that have the given shapes, whatever these are. */
export const elementwise = (
  f: Sample["f"],
  domains: readonly Domain[],
  shapes: fc.Arbitrary<readonly Shape[]> = arbShapes(domains.length)
): fc.Arbitrary<Sample> => shapes.chain(list => tensors(list, domains)).map(at => ({ f, at }))

/** A function of one tensor, made for its shape. */
export const shaped = (
  make: (shape: Shape) => fc.Arbitrary<Sample["f"]>,
  shapes: fc.Arbitrary<Shape> = arbShape(1),
  domain: Domain = any
): fc.Arbitrary<Sample> =>
  shapes.chain(shape => fc.tuple(make(shape), tensors([shape], [domain]))).map(([f, at]) => ({ f, at }))

/** Some functions of tensors that have these shapes. */
export const fixed = (
  shapes: readonly Shape[],
  f: Sample["f"],
  domains: readonly Domain[] = []
): fc.Arbitrary<Sample> => tensors(shapes, domains).map(at => ({ f, at }))

export const axisOf = (shape: Shape): fc.Arbitrary<number> => fc.nat(Math.max(0, shape.length - 1))
export const axesOf = (shape: Shape): fc.Arbitrary<readonly number[]> =>
  fc.subarray(range(shape.length).slice(), { minLength: Math.min(1, shape.length) })
export const vector = <A>(shape: Shape, element: (size: number) => fc.Arbitrary<A>): fc.Arbitrary<readonly A[]> =>
  fc.tuple(...shape.map(element))

/** A fixed direction of the shape and dtype of a tensor; another one for every phase. */
export const direction =
  (phase: number) =>
  (t: Tensor): Tensor =>
    reshape(sin(add(mul(iota([sizeOf(t.shape)], 0, t.dtype), 1.7), phase)), t.shape)
