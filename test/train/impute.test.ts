import { describe, expect, expectTypeOf, test } from "vitest"
import { isNaN, scalar, tensor, toArray, toTyped, zeros } from "thalweg"
import { key, normal } from "thalweg/random"
import { decodeCsv, decodeTree, encodeTree } from "thalweg/spec"
import { impute, standardize } from "thalweg/train"

const column = (...values: readonly number[]) => tensor(values, { shape: [values.length, 1], dtype: "f64" })
const both = ["mean", "median"] as const

describe("impute", () => {
  test("columns of a file with gaps come to be standardized", () => {
    const table = decodeCsv({ columns: { age: "number" }, missing: ["NA"] })(Buffer.from("age\n20\nNA\n30\n70\n"))
    if (table._tag === "Left") throw new Error("the file is read")
    const [ages, other] = [table.right.age, tensor([NaN, 50])]
    const { fit, apply } = impute()
    const fitted = fit(ages)
    expect(toArray(standardize().fit(ages).mean)).toBeNaN()
    expect(toArray(standardize().fit(apply(fitted, ages)).mean)).toBe(40)
    expect([toArray(apply(fitted, other)), toArray(isNaN(other))]).toEqual([[40, 50], [true, false]]) // prettier-ignore
  })

  test("what is held out is not in what is filled in", () => {
    const { fit, apply } = impute({ with: "median" })
    const fitted = fit(column(1, NaN, 3))
    expect(fitted.fill.op.kind).toBe("literal")
    expect(toTyped(apply(fitted, column(NaN, 1e9, 1e9)))).toEqual(Float64Array.of(2, 1e9, 1e9))
  })

  test("channels have fills of their own, or every place has", () => {
    const images = tensor([[[[1, 10]], [[NaN, 30]]], [[[5, NaN]], [[3, 70]]]]) // prettier-ignore
    for (const way of both) {
      expect(toArray(impute({ with: way, per: "place" }).fit(images).fill)).toEqual([[[3, 10]], [[3, 50]]])
      expect(toArray(impute({ with: way }).fit(tensor([3, NaN, 2])).fill)).toBe(2.5)
    }
    expect(toArray(impute({ with: "mean" }).fit(images).fill)).toEqual([3, Math.fround(110 / 3)])
    expect(toArray(impute({ with: "median" }).fit(images).fill)).toEqual([3, 30])
  })

  test.each([
    [[4, 1, NaN, 3, 2], 2.5, 2.5],
    [[NaN, 9, NaN, 1, 2], 4, 2],
    [[NaN, NaN, 7], 7, 7],
    [[Infinity, NaN, Infinity], Infinity, Infinity],
    [[-Infinity, NaN, 1, 2, 3], -Infinity, 1.5],
    [[1.5e308, NaN, 1.7e308, 1.6e308, 1.6e308], 1.6e308, 1.6e308],
    [[-1.7e308, NaN, 1.7e308], 0, 0]
  ])("of %j the mean is %d and the median %d", (values, mean, median) => {
    const fills = both.map(way => toTyped(impute({ with: way }).fit(column(...values)).fill)[0])
    expect(fills).toEqual([mean, median])
  })

  test("without gaps nothing changes; a tree keeps its types, and what was fitted is saved as any", () => {
    const x = { a: normal(key(0), [4, 2], { dtype: "f64" }), b: [tensor([NaN, 1, 2, 3])] as const }
    const { fit, apply } = impute()
    const fitted = fit(x)
    expectTypeOf(fitted.fill).toEqualTypeOf<typeof x>()
    expect(toArray(apply(fitted, x).a)).toEqual(toArray(x.a))
    const read = decodeTree(fitted)(encodeTree(fitted))
    expect(read._tag === "Right" && toArray(apply(read.right.tree, x).b[0])).toEqual([2, 1, 2, 3])
  })

  const { fit, apply } = impute()
  const fitted = fit(zeros([4, 3]))
  test.each([
    ["DTypeError impute: expected f32 or f64 (cast it first); got i32", () => fit(zeros([4, 3], "i32"))],
    ["DataError impute: expected at least one example; got an empty data set", () => fit(zeros([0, 3]))],
    [
      'DataError impute at "table": expected examples that have a mean; got nothing but NaN (leave out what is never known) for number 1 of [2]',
      () => fit({ table: tensor([[1, NaN], [2, NaN]]) }) // prettier-ignore
    ],
    [
      "DataError impute: expected examples that have a median; got nothing but NaN (leave out what is never known)",
      () => impute({ with: "median" }).fit(tensor([NaN, NaN]))
    ],
    [
      'DataError impute at "a": expected examples that have a median; got ∞ and -∞, between which there is none, for number 0 of [1]',
      () => impute({ with: "median" }).fit({ a: column(Infinity, NaN, -Infinity) })
    ],
    [
      "DataError impute: expected examples that have a mean; got ∞ and -∞, between which there is none, for number 0 of [1]",
      () => fit(column(Infinity, 3, -Infinity))
    ],
    [
      'DTypeError impute at "a": expected examples of the dtype that was fitted, f32 (cast them); got f64',
      () => apply({ fill: { a: zeros([1]) } }, { a: column(1) })
    ],
    [
      "DTypeError standardize: expected examples of the dtype that was fitted, f64 (cast them); got f32",
      () => standardize().apply(standardize().fit(column(1, 2)), zeros([1, 1]))
    ],
    [
      "ShapeError impute: expected examples like those that were fitted, figures [3]; got [4, 1]",
      () => apply(fitted, zeros([4, 1]))
    ],
    [
      "ShapeError impute: expected examples like those that were fitted, figures [3]; got []",
      () => apply(fitted, scalar(1))
    ],
    [
      "DataError impute: expected what fit gave, { fill }; got a record with keys deviation, mean",
      () => apply(standardize().fit(zeros([1, 1])) as never, zeros([1, 1]))
    ],
    [
      'HyperparameterError impute: expected with to be mean or median; got "mode"',
      () => impute({ with: "mode" as never })
    ]
  ])("%s", (text, use) => {
    const [name, ...message] = text.split(" ")
    expect(use).toThrow(expect.objectContaining({ name, message: message.join(" ") }) as Error)
  })
})
