import { describe, expect, expectTypeOf, test } from "vitest"
import { add, concat, mul, scalar, tensor, toArray, toTyped, zeros, type Tensor } from "thalweg"
import { key, normal } from "thalweg/random"
import { decodeTree, encodeTree } from "thalweg/spec"
import { minMax, splitDataset, standardize } from "thalweg/train"

const draw = (seed: number, shape: readonly number[]) => normal(key(seed), shape, { dtype: "f64" })

describe("standardize and minMax", () => {
  test("nothing of what was held out is in the figures", () => {
    const data = { x: add(mul(draw(0, [20, 3]), 5), 2) }
    const { train, test: held } = splitDataset(key(1), { train: 0.7, test: 0.3 })(data)
    for (const scaling of [standardize(), minMax()]) {
      const figures = scaling.fit(train.x) as Readonly<Record<string, Tensor>>
      const whole = scaling.fit(concat([train.x, mul(held.x, 100)])) as Readonly<Record<string, Tensor>>
      for (const name of Object.keys(figures)) {
        expect(figures[name]?.op.kind).toBe("literal")
        expect(toArray(whole[name] as Tensor)).not.toEqual(toArray(figures[name] as Tensor))
      }
    }
    // of an example that was held out, what comes out does not depend on what stands beside it
    const { fit, apply } = standardize()
    const figures = fit(train.x)
    const alone = toTyped(apply(figures, held.x)).slice(0, 3)
    expect(toTyped(apply(figures, concat([held.x, mul(held.x, 1e6)]))).slice(0, 3)).toEqual(alone)
  })

  test("channels of images have figures of their own, or every place has", () => {
    const images = tensor([[[[1, 10]], [[3, 30]]], [[[5, 50]], [[7, 70]]]]) // prettier-ignore
    expect(toArray(standardize().fit(images).mean)).toEqual([4, 40])
    expect(toArray(standardize({ per: "place" }).fit(images).mean)).toEqual([[[3, 30]], [[5, 50]]])
    expect(toArray(minMax().fit(tensor([3, 1, 2])).max)).toEqual(3)
  })

  test("what is constant becomes 0, and comes back", () => {
    const x = tensor(
      [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1].map(v => [v]),
      { dtype: "f64" }
    )
    for (const scaling of [standardize(), minMax()]) {
      const figures = scaling.fit(x) as never
      const y = scaling.apply(figures, x)
      expect(Math.max(...toTyped(y).map(Math.abs))).toBeLessThan(1e-15)
      expect(toArray(scaling.invert(figures, y))).toEqual(toArray(x))
    }
  })

  test.each([
    ["minMax", "f32", 3e38, [0, 0.5, 1]],
    ["minMax", "f64", 1.7e308, [0, 0.5, 1]],
    ["standardize", "f32", 3e38, [-Math.sqrt(1.5), 0, Math.sqrt(1.5)]]
  ] as const)("%s scales what is apart by more than %s holds, and back", (name, dtype, most, scaled) => {
    const scaling = name === "minMax" ? minMax() : standardize()
    const x = tensor([[-most], [0], [most]], { dtype }) // prettier-ignore
    const figures = scaling.fit(x) as never
    const y = scaling.apply(figures, x)
    toTyped(y).forEach((value, i) => expect(value).toBeCloseTo(scaled[i] ?? NaN, 6))
    toTyped(scaling.invert(figures, y)).forEach((value, i) => expect(value / most).toBeCloseTo(i - 1, 6))
  })

  test("what comes out beyond the dtype is infinite", () => {
    const figures = minMax().fit(tensor([[3e38], [3e38]])) // prettier-ignore
    expect(toArray(minMax().apply(figures, tensor([[-3e38]])))).toEqual([[-Infinity]])
  })

  test("figures are a tree that is saved as any; types stay", () => {
    const x = { a: draw(0, [4, 2]), b: [draw(1, [4])] as const }
    const { fit, apply } = standardize()
    const figures = fit(x)
    expectTypeOf(figures.mean).toEqualTypeOf<typeof x>()
    const read = decodeTree(figures)(encodeTree(figures))
    expect(read._tag === "Right" && toArray(apply(read.right.tree, x).a)).toEqual(toArray(apply(figures, x).a))
  })

  const { fit, apply } = standardize()
  const figures = fit(zeros([4, 3]))
  test.each([
    ["DTypeError standardize: expected f32 or f64 (cast it first); got i32", () => fit(zeros([4, 3], "i32"))],
    ["DataError standardize: expected at least one example; got an empty data set", () => fit(zeros([0, 3]))],
    [
      "ShapeError standardize: expected examples like those that were fitted, figures [3]; got [4, 1]",
      () => apply(figures, zeros([4, 1]))
    ],
    [
      "ShapeError standardize: expected examples like those that were fitted, figures [3]; got []",
      () => apply(figures, scalar(1))
    ],
    [
      "DataError standardize: expected what fit gave, { mean, deviation }; got a record with keys max, min",
      () => apply(minMax().fit(zeros([1, 1])) as never, zeros([1, 1]))
    ],
    [
      'HyperparameterError standardize: expected per to be feature or place; got "all"',
      () => standardize({ per: "all" as never })
    ]
  ])("%s", (text, use) => {
    const [name, ...message] = text.split(" ")
    expect(use).toThrow(expect.objectContaining({ name, message: message.join(" ") }) as Error)
  })
})
