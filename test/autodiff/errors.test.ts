import * as t from "thalweg"
import { describe, expect, test } from "vitest"
import { f64, i32 } from "./samples.js"

type T = t.Tensor

const mistakeOf = (f: () => unknown): readonly [string, t.Mistake] => {
  try {
    f()
  } catch (error) {
    if (error instanceof t.ThalwegError) return [error.name, error.mistake]
    throw error
  }
  throw new Error("nothing was thrown")
}

const identity = (x: T): T => x
const params = { encoder: [{ kernel: f64([1, 2]), steps: i32(3) }] }
const [, pullback] = t.vjp((x: T) => ({ y: t.square(x), z: [t.sum(x)] }))(f64([1, 2]))
type Cotangent = Parameters<typeof pullback>[0]

const badBackward = (backward: (ct: T) => readonly unknown[]) => {
  const f = t.customVjp((a: T, b: T) => [t.mul(a, b), []], ((_: unknown, ct: T) => backward(ct)) as never)
  return () => t.grad((x: T) => t.sum(f(x, t.mul(x, 2))))(f64([1, 2]))
}

const closing = (close: (x: T) => T) => () =>
  t.grad((x: T) => {
    const f = t.customVjp(
      (a: T) => [t.mul(a, close(x)), []],
      (_, ct) => [ct]
    )
    return t.sum(f(x))
  })(f64([1, 2]))

const mistakes: Record<string, readonly [() => unknown, tag: string, mistake: t.Mistake]> = {
  "a result that is not a scalar": [
    () => t.grad(identity)(f64([1, 2])),
    "GradientError",
    { operation: "grad", expected: "a scalar of f32 or f64", received: "f64[2]" }
  ],
  "an integer result": [
    () => t.grad((x: T) => t.cast(x, "i32"))(f64(1)),
    "GradientError",
    { operation: "grad", expected: "a scalar of f32 or f64", received: "i32[]" }
  ],
  "a boolean result": [
    () => t.valueAndGrad((x: T) => t.gt(x, 0))(f64(1)),
    "GradientError",
    { operation: "valueAndGrad", expected: "a scalar of f32 or f64", received: "bool[]" }
  ],
  "an integer parameter": [
    () => t.grad((p: typeof params) => t.sum(p.encoder[0]?.kernel ?? f64(0)))(params),
    "GradientError",
    { operation: "grad", expected: "f32 or f64 values to differentiate by", received: "i32", path: "encoder/0/steps" }
  ],
  "an integer at the root": [
    () => t.vjp(identity)(i32(1)),
    "GradientError",
    { operation: "vjp", expected: "f32 or f64 values to differentiate by", received: "i32" }
  ],
  "a function that returns a number": [
    () => t.grad((() => 3) as unknown as (x: T) => T)(f64(1)),
    "GradientError",
    { operation: "grad", expected: "a function with a scalar result", received: "3" }
  ],
  "a function that returns nothing": [
    () => t.grad((() => undefined) as unknown as (x: T) => T)(f64(1)),
    "GradientError",
    { operation: "grad", expected: "a function with a scalar result", received: "undefined" }
  ],
  "no auxiliary result": [
    () => t.valueAndGradWithAux(t.sum as unknown as (x: T) => readonly [T, T])(f64([1])),
    "GradientError",
    {
      operation: "valueAndGradWithAux",
      expected: "a function that returns [loss, auxiliary]",
      received: "a tensor f64[]"
    }
  ],
  "an auxiliary result beside a loss that is not a scalar": [
    () => t.valueAndGradWithAux((x: T) => [x, x] as const)(f64([1])),
    "GradientError",
    { operation: "valueAndGradWithAux", expected: "a scalar of f32 or f64", received: "f64[1]" }
  ],
  "a Jacobian of an integer": [
    () => t.jacobian((x: T) => t.cast(x, "i32"))(f64([1])),
    "GradientError",
    { operation: "jacobian", expected: "a function with a result of f32 or f64", received: "a tensor i32[1]" }
  ],
  "a Jacobian of a record": [
    () => t.jacobian((x: T) => ({ x }) as unknown as T)(f64([1])),
    "GradientError",
    { operation: "jacobian", expected: "a function with a result of f32 or f64", received: "a record with keys x" }
  ],
  "a derivative by hand in a loop that closes over the variable": [
    () =>
      t.grad(
        (x: T) =>
          t.scan(
            c => [
              t.customVjp(
                (a: T) => [t.mul(a, x), []],
                (_, ct) => [ct]
              )(c),
              []
            ],
            x,
            [],
            { length: 2 }
          )[0]
      )(f64(1)),
    "GradientError",
    {
      operation: "customVjp",
      expected: "differentiated values to come in as arguments",
      received: "one that is closed over"
    }
  ],
  "a parameter that is no tensor": [
    () => t.grad((p: { a: T }) => p.a)({ a: 1 } as unknown as { a: T }),
    "TreeError",
    {
      operation: "tree",
      expected: "a tensor, an array or a plain record",
      received: "1",
      path: "a"
    }
  ],
  "a cotangent of another structure": [
    () => pullback({ y: f64([1, 1]) } as unknown as Cotangent),
    "TreeError",
    {
      operation: "vjp",
      expected: "a cotangent that is a record with keys y, z",
      received: "a record with keys y",
      path: "(root)"
    }
  ],
  "a cotangent with another structure inside": [
    () => pullback({ y: f64([1, 1]), z: [] }),
    "TreeError",
    { operation: "vjp", expected: "a cotangent that is an array of 1", received: "an array of 0", path: "z" }
  ],
  "a cotangent of another shape": [
    () => pullback({ y: f64([1, 1]), z: [f64([1])] }),
    "ShapeError",
    { operation: "vjp", expected: "a cotangent of f64[]", received: "f64[1]", path: "z/0" }
  ],
  "a cotangent of another dtype": [
    () => pullback({ y: t.tensor([1, 1]), z: [f64(1)] }),
    "DTypeError",
    { operation: "vjp", expected: "a cotangent of f64[2]", received: "f32[2]", path: "y" }
  ],
  "a direction of another shape": [
    () => t.jvp(identity)(f64([1, 2]), f64(1)),
    "ShapeError",
    { operation: "jvp", expected: "a tangent of f64[2]", received: "f64[]" }
  ],
  "a derivative by hand of the wrong shape": [
    badBackward(ct => [ct, t.sum(ct)]),
    "GradientError",
    { operation: "customVjp", expected: "a cotangent of f64[2]", received: "f64[]", path: "1" }
  ],
  "a derivative by hand of the wrong dtype": [
    badBackward(ct => [t.cast(ct, "f32"), ct]),
    "GradientError",
    { operation: "customVjp", expected: "a cotangent of f64[2]", received: "f32[2]", path: "0" }
  ],
  "too few derivatives by hand": [
    badBackward(ct => [ct]),
    "GradientError",
    {
      operation: "customVjp",
      expected: "a backward that returns 2 cotangents, one per argument",
      received: "an array of 1"
    }
  ],
  "too many derivatives by hand": [
    badBackward(ct => [ct, ct, ct]),
    "GradientError",
    {
      operation: "customVjp",
      expected: "a backward that returns 2 cotangents, one per argument",
      received: "an array of 3"
    }
  ],
  "a derivative by hand that closes over the variable": [
    closing(identity),
    "GradientError",
    {
      operation: "customVjp",
      expected: "differentiated values to come in as arguments",
      received: "one that is closed over"
    }
  ],
  "a derivative by hand that closes over something computed from the variable": [
    closing(x => t.sin(t.mul(x, 2))),
    "GradientError",
    {
      operation: "customVjp",
      expected: "differentiated values to come in as arguments",
      received: "one that is closed over"
    }
  ]
}

describe("mistakes are named", () => {
  test.each(Object.entries(mistakes))("%s", (_, [f, tag, mistake]) => {
    expect(mistakeOf(f)).toEqual([tag, mistake])
  })
  test("in words", () => {
    expect(() => t.grad(identity)(f64([1, 2]))).toThrow("grad: expected a scalar of f32 or f64; got f64[2]")
  })
  test("a mistake inside the function is thrown as it is, and tracing ends", () => {
    const mistaken = (x: T): T => t.sum(t.matmul(x, x))
    expect(() => t.grad(mistaken)(f64([[1, 2, 3]]))).toThrow("matmul")
    expect(t.item(t.compile(identity)(f64(1)))).toBe(1)
  })
})

describe("what is not a mistake", () => {
  test("closing over a value that is held fixed", () => {
    expect(t.toArray(closing(x => t.stopGradient(x))())).toEqual([1, 1])
    expect(t.toArray(closing(x => t.cast(t.argMax(x), "f64"))())).toEqual([1, 1])
    expect(t.toArray(closing(() => f64(3))())).toEqual([1, 1])
  })
  test("a cotangent that is left out", () => {
    expect(t.toArray(badBackward(ct => [ct, undefined])())).toEqual([1, 1])
  })
})
