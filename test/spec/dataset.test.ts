import fc from "fast-check"
import { isLeft, isRight, type Either } from "fp-ts/lib/Either.js"
import type { Errors } from "io-ts"
import { describe, expect, expectTypeOf, test } from "vitest"
import { scalar, tensor, toArray, toTyped, zeros, type Tensor } from "thalweg"
import { dataset, report, type RawDataset } from "thalweg/spec"

const FEATURES = 2
const CLASSES = 3
const codec = dataset({ features: FEATURES, classes: CLASSES })

/** The lines of a refusal; "accepted" if there was none. */
const refusal = (input: unknown): readonly string[] => {
  const decoded: Either<Errors, unknown> = codec.decode(input)
  return isLeft(decoded) ? report(decoded.left) : ["accepted"]
}

const accepted = (input: unknown): { readonly x: Tensor; readonly y: Tensor } => {
  const decoded = codec.decode(input)
  if (isRight(decoded)) return decoded.right
  throw new Error(report(decoded.left).join("\n"))
}

const arbRaw: fc.Arbitrary<RawDataset> = fc.integer({ min: 1, max: 8 }).chain(n =>
  fc.record({
    x: fc.array(
      fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: FEATURES, maxLength: FEATURES }),
      { minLength: n, maxLength: n }
    ),
    y: fc.array(fc.nat(CLASSES - 1), { minLength: n, maxLength: n })
  })
)

describe("round trip", () => {
  test("encode ∘ decode is the identity on numbers of f32, decode ∘ encode on data sets", () => {
    fc.assert(
      fc.property(arbRaw, raw => {
        const data = accepted(raw)
        expect(codec.encode(data)).toEqual(raw)
        const again = accepted(codec.encode(data))
        expect([toTyped(again.x), toTyped(again.y)]).toEqual([toTyped(data.x), toTyped(data.y)])
        expect([data.x.shape, data.x.dtype]).toEqual([[raw.y.length, FEATURES], "f32"])
        expect([data.y.shape, data.y.dtype]).toEqual([[raw.y.length], "i32"])
        expect(codec.is(data)).toBe(true)
      })
    )
  })

  test("through text, but for the sign of zero, which JSON does not keep", () => {
    fc.assert(
      fc.property(arbRaw, raw => {
        const data = accepted(raw)
        const again = accepted(JSON.parse(JSON.stringify(codec.encode(data))))
        expect(toTyped(again.x).map(v => v + 0)).toEqual(toTyped(data.x).map(v => v + 0))
        expect(toTyped(again.y)).toEqual(toTyped(data.y))
      })
    )
  })

  test("numbers are rounded to f32, once", () => {
    expect(toArray(accepted({ x: [[0.1, 1e-50]], y: [0] }).x)).toEqual([[Math.fround(0.1), 0]])
  })

  test("copies: what is decoded does not change with the input", () => {
    const raw = { x: [[1, 2]], y: [1] }
    const { x, y } = accepted(raw)
    raw.x[0]?.fill(9)
    raw.y.fill(0)
    expect([toArray(x), toArray(y)]).toEqual([[[1, 2]], [1]])
  })

  test("keys that it does not know are refused, since they would be lost", () => {
    expect(refusal({ x: [[1, 2]], y: [1], weights: [2] })).toEqual([
      "weights: expected x and y alone; got an array of length 1"
    ])
  })

  test("types", () => {
    expectTypeOf(codec.encode(accepted({ x: [[1, 2]], y: [1] }))).toEqualTypeOf<RawDataset>()
  })
})

test("there are no more classes than labels that i32 can hold", () => {
  const most = dataset({ features: 1, classes: 2 ** 31 })
  expect(isRight(most.decode({ x: [[1]], y: [2 ** 31 - 1] }))).toBe(true)
  expect(isRight(most.decode({ x: [[1]], y: [2 ** 31] }))).toBe(false)
  expect(() => dataset({ features: 1, classes: 2 ** 31 + 1 })).toThrow("expected classes to be")
})

test("what throws when it is read is refused, and is no data set", () => {
  const throwing = { get x() { throw new Error("x") } } // prettier-ignore
  expect(refusal(throwing)).toEqual([
    '(root): expected { x: number[][], y: number[] }; got "an object that cannot be read"'
  ])
  expect(codec.is(throwing)).toBe(false)
})

test("is: data sets of these features, and nothing else", () => {
  const [x, y] = [zeros([3, 2]), zeros([3], "i32")]
  expect([codec.is({ x, y }), codec.is({ x, y, more: 1 })]).toEqual([true, false])
  const others = [null, undefined, x, [], {}, { x }, { x, y: [0, 1, 2] }, { x: [[1, 2]], y: [0] }, { x: zeros([3, 2], "f64"), y }, { x: zeros([2, 2]), y }, { x: zeros([3, 3]), y }, { x, y: zeros([3]) }, { x, y: zeros([3, 1], "i32") }, { x: scalar(1), y: scalar(1, "i32") }] // prettier-ignore
  for (const other of others) expect(codec.is(other), JSON.stringify(other)).toBe(false)
})

describe("refusals name the place, what was expected and what came", () => {
  const good = { x: [[1, 2], [3, 4]], y: [0, 2] } // prettier-ignore
  const outer = "{ x: number[][], y: number[] }"
  test.each([
    [null, [`(root): expected ${outer}; got null`]],
    [undefined, [`(root): expected ${outer}; got undefined`]],
    [3, [`(root): expected ${outer}; got 3`]],
    ["{}", [`(root): expected ${outer}; got "{}"`]],
    [[[1, 2]], [`(root): expected ${outer}; got an array of length 1`]],
    [{}, ["x: expected an array of examples; got undefined"]],
    [{ ...good, x: { 0: [1, 2], length: 1 } }, ["x: expected an array of examples; got an object with keys 0, length"]],
    [{ ...good, x: "12" }, ['x: expected an array of examples; got "12"']],
    [{ x: good.x }, ["y: expected an array of labels; got undefined"]],
    [{ ...good, y: 0 }, ["y: expected an array of labels; got 0"]],
    [{ x: [], y: [] }, ["x: expected at least one example; got an array of length 0"]],
    [{ ...good, y: [0] }, ["y: expected 2 labels, one for each example; got an array of length 1"]],
    [{ ...good, x: [[1, 2], [3]] }, ["x/1: expected an array of 2 numbers; got an array of length 1"]], // prettier-ignore
    [{ ...good, x: [[1, 2], [3, 4, 5]] }, ["x/1: expected an array of 2 numbers; got an array of length 3"]], // prettier-ignore
    [{ ...good, x: [[1, 2], null] }, ["x/1: expected an array of 2 numbers; got null"]], // prettier-ignore
    [{ ...good, x: [[1, 2], [3, "4"]] }, ['x/1/1: expected a finite number; got "4"']], // prettier-ignore
    [{ ...good, x: [[1, 2], [true, 4]] }, ["x/1/0: expected a finite number; got true"]], // prettier-ignore
    [{ ...good, x: [[NaN, 2], [3, Infinity]] }, ["x/0/0: expected a finite number; got NaN", "x/1/1: expected a finite number; got Infinity"]], // prettier-ignore
    [{ ...good, x: [[1, 2], [3, [4]]] }, ["x/1/1: expected a finite number; got an array of length 1"]], // prettier-ignore
    [{ ...good, x: [[1, 2], [3, 1e39]] }, ["x/1/1: expected a number that f32 can hold; got 1e+39"]], // prettier-ignore
    [{ ...good, y: [0, 3] }, ["y/1: expected a whole number from 0 to 2; got 3"]],
    [{ ...good, y: [-1, 0.5] }, ["y/0: expected a whole number from 0 to 2; got -1", "y/1: expected a whole number from 0 to 2; got 0.5"]], // prettier-ignore
    [{ ...good, y: ["0", NaN] }, ['y/0: expected a whole number from 0 to 2; got "0"', "y/1: expected a whole number from 0 to 2; got NaN"]], // prettier-ignore
    [{ x: [[1, 2], [3]], y: [0, 3] }, ["x/1: expected an array of 2 numbers; got an array of length 1", "y/1: expected a whole number from 0 to 2; got 3"]] // prettier-ignore
  ])("%j", (input, lines) => {
    expect(refusal(input)).toEqual(lines)
  })

  test.each([
    ["features to be a whole number ≥ 1", "0", () => dataset({ features: 0, classes: 2 })],
    ["features to be a whole number ≥ 1", "1.5", () => dataset({ features: 1.5, classes: 2 })],
    ["classes to be a whole number from 1 to 2147483648", "NaN", () => dataset({ features: 1, classes: NaN })],
    ["classes to be a whole number from 1 to 2147483648", "1099511627776", () => dataset({ features: 1, classes: 2 ** 40 })] // prettier-ignore
  ])("an option out of range is a mistake of the program: %s %s", (expected, got, use) => {
    const message = `dataset: expected ${expected}; got ${got}`
    expect(use).toThrow(expect.objectContaining({ name: "HyperparameterError", message }) as Error)
  })

  test("so is an option that there is not", () => {
    const message = 'dataset: expected options among features, classes; got "labels"'
    expect(() => dataset({ features: 1, classes: 2, labels: 3 } as never)).toThrow(
      expect.objectContaining({ name: "HyperparameterError", message }) as Error
    )
  })
})

test("tensors are not raw data: a data set is decoded once", () => {
  const line = "x: expected an array of examples; got a tensor f32[1, 2]"
  expect(refusal({ x: tensor([[1, 2]]), y: tensor([0]) })).toEqual([line])
})
