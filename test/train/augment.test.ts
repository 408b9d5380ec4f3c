import { describe, expect, test } from "vitest"
import {
  arange,
  cast,
  compile,
  flip,
  item,
  mean,
  ones,
  reshape,
  sliceAxis,
  sum,
  tensor,
  toArray,
  toTyped,
  zeros,
  type Tensor
} from "thalweg"
import { crossEntropy } from "thalweg/nn"
import { key } from "thalweg/random"
import {
  augment,
  balancedIndices,
  classWeights,
  cutout,
  mixup,
  randomCrop,
  randomFlip,
  randomNoise,
  randomRotation,
  randomShift
} from "thalweg/train"

const images = reshape(cast(arange(2 * 3 * 4 * 2), "f64"), [2, 3, 4, 2])
const one = (x: Tensor, i: number): Tensor => sliceAxis(x, 0, i, i + 1)
const same = (a: Tensor, b: Tensor): void => expect(toArray(a)).toEqual(toArray(b))

describe("augmentations", () => {
  test("a shift takes every pixel from one place, and 0 from outside; all shifts are drawn", () => {
    const x = reshape(tensor([1, 2, 3, 4, 5, 6, 7, 8, 9]), [1, 3, 3, 1])
    const seen = new Set(
      Array.from({ length: 100 }, (_, seed) => [...toTyped(randomShift({ by: 1 })(key(seed), x))].join())
    )
    expect(seen.size).toBe(9)
    expect(seen).toContain("5,6,0,8,9,0,0,0,0")
    expect(seen).toContain("0,0,0,0,1,2,0,4,5")
  })

  test("a crop is a window of the image, of all its channels; padding lets it begin outside", () => {
    const cut = randomCrop({ height: 2, width: 3 })(key(3), images)
    const windows = [0, 1].flatMap(r =>
      [0, 1].map(c => toArray(sliceAxis(sliceAxis(one(images, 0), 1, r, r + 2), 2, c, c + 3)))
    )
    expect(windows).toContainEqual(toArray(one(cut, 0)))
    const padded = Array.from({ length: 30 }, (_, seed) =>
      item(sum(randomCrop({ height: 1, width: 1, padding: 1 })(key(seed), ones([1, 1, 1, 1]))))
    )
    expect(new Set(padded)).toEqual(new Set([0, 1]))
  })

  test("a flip is that of the whole image, for about its share of the images", () => {
    same(randomFlip({ rate: 1 })(key(0), images), flip(images, 2))
    same(randomFlip({ rate: 1, direction: "vertical" })(key(0), images), flip(images, 1))
    const many = toArray(
      randomFlip({ rate: 0.25 })(
        key(0),
        reshape(tensor(Array.from({ length: 2000 }, (_, i) => i % 2)), [1000, 1, 2, 1])
      )
    )
    const flipped = (many as readonly number[][][][]).filter(image => image[0]?.[0]?.[0] === 1)
    expect(Math.abs(flipped.length - 250)).toBeLessThan(50)
  })

  test("a rotation is bilinear: what is linear stays so inside", () => {
    const [size, center] = [7, 3]
    const ramp = Array.from({ length: size * size }, (_, i) => Math.floor(i / size) - center)
    const x = reshape(tensor(ramp, { dtype: "f64" }), [1, size, size, 1])
    const y = toTyped(randomRotation({ degrees: 40 })(key(5), x))
    // of a ramp, y = cos·row + sin·column about the center
    const at = (row: number, column: number): number => y[(row + center) * size + column + center] ?? NaN
    const [cos, sin] = [at(1, 0), at(0, 1)]
    expect(cos * cos + sin * sin).toBeCloseTo(1, 12)
    expect(at(1, 1)).toBeCloseTo(cos + sin, 12)
    expect(at(-1, 2)).toBeCloseTo(2 * sin - cos, 12)
    expect(Math.abs(sin)).toBeGreaterThan(0.01)
  })

  test("cutout takes a square out of all channels, which may lie partly outside", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const y = cutout({ size: 2 })(key(seed), ones([1, 4, 4, 2]))
      expect([2 * 15, 2 * 14, 2 * 12]).toContain(item(sum(y)))
      same(sliceAxis(y, 3, 0, 1), sliceAxis(y, 3, 1, 2))
    }
    expect(item(sum(cutout({ size: 3 })(key(0), ones([1, 1, 1, 1]))))).toBe(0)
  })

  test("noise has its deviation; mixing keeps sums, and goes between examples", () => {
    const noise = toTyped(randomNoise({ deviation: 0.5 })(key(0), zeros([10, 10, 10, 2])))
    const square = [...noise].reduce((total, value) => total + value * value, 0) / noise.length
    expect(Math.sqrt(square)).toBeCloseTo(0.5, 1)
    const mixed = mixup({ alpha: 1 })(key(2), { x: images, y: tensor([[1, 0], [0, 1]]) }) // prettier-ignore
    const [[a = NaN, b = NaN] = []] = toArray(mixed.y) as readonly (readonly number[])[]
    expect(a + b).toBeCloseTo(1, 6)
    const x = toTyped(one(mixed.x, 0))
    expect(x[0]).toBeCloseTo(24 * b, 5)
  })

  test("with nothing to do they change nothing, images differ, the key decides, and compiled they are the same", () => {
    const nothing = [
      randomShift({ by: 0 }),
      randomCrop({ height: 3, width: 4 }),
      randomFlip({ rate: 0 }),
      randomRotation({ degrees: 0 }),
      randomNoise({ deviation: 0 }),
      cutout({ size: 0 }),
      augment()
    ]
    for (const part of nothing) same(part(key(1), images), images)
    const batch = { x: images, y: ones([2, 1]) }
    same(mixup({ alpha: 0 })(key(1), batch).x, images)
    const all = augment(randomShift({ by: 2 }), randomRotation({ degrees: 30 }), randomNoise({ deviation: 1 }))
    const alike = tensor(Array.from({ length: 2 }, () => toArray(images) as number[]).flat(), { dtype: "f64" })
    const y = all(key(1), alike)
    expect(toArray(one(y, 0))).not.toEqual(toArray(one(y, 2)))
    same(all(key(1), alike), y)
    expect(toArray(all(key(2), alike))).not.toEqual(toArray(y))
    const compiled = compile(all, { fusedMultiplyAdd: false })
    same(compiled(key(1), alike), y)
    expect(y.dtype).toBe("f64")
  })

  test.each([
    [
      "randomShift: expected images [batch, height, width, channels]; got f32[2, 3]",
      () => randomShift({ by: 1 })(key(0), zeros([2, 3]))
    ],
    [
      "randomShift: expected images [batch, height, width, channels]; got an array of 1 (write tensor(…))",
      () => randomShift({ by: 1 })(key(0), [1] as never)
    ],
    [
      "cutout: expected images of f32 or f64 (cast them first); got i32",
      () => cutout({ size: 1 })(key(0), zeros([1, 1, 1, 1], "i32"))
    ],
    [
      "randomFlip: expected images of one pixel or more; got f32[1, 0, 1, 1]",
      () => randomFlip()(key(0), zeros([1, 0, 1, 1]))
    ],
    [
      "randomCrop: expected images of 5 × 1 or more, with padding 1; got f32[1, 2, 2, 1]",
      () => randomCrop({ height: 5, width: 1, padding: 1 })(key(0), zeros([1, 2, 2, 1]))
    ],
    [
      'mixup at "y": expected f32 or f64 (encode labels by oneHot); got i32',
      () => mixup()(key(0), { x: images, y: zeros([2], "i32") })
    ],
    ["randomFlip: expected rate to be a number from 0 to 1; got 2", () => randomFlip({ rate: 2 })],
    ["randomShift: expected by to be a whole number from 0 to 1073741824; got 2147483648", () => randomShift({ by: 2 ** 31 })], // prettier-ignore
    ["randomCrop: expected padding to be a whole number from 0 to 1073741824; got 2147483648", () => randomCrop({ height: 1, width: 1, padding: 2 ** 31 })], // prettier-ignore
    ["randomRotation: expected degrees to be a number from 0 to 360; got 1e+300", () => randomRotation({ degrees: 1e300 })], // prettier-ignore
    ["randomNoise: expected deviation to be a finite number ≥ 0 that f32 can hold; got 1e+39", () => randomNoise({ deviation: 1e39 })], // prettier-ignore
    ["augment: expected augmentations, such as randomFlip(); got 3", () => augment(3 as never)]
  ])("%s", (text, use) => {
    expect(use).toThrow(text)
  })
})

describe("balancing", () => {
  const labels = tensor([0, 0, 0, 2, 2, 0], { dtype: "i32" })

  test("weights make classes count alike, and are 1 in the mean; a class that does not occur has none", () => {
    expect(classWeights(labels, 3)).toEqual([6 / 12, 0, 1])
    const both = tensor([0, 0, 0, 1], { dtype: "i32" })
    const weights = classWeights(both, 2)
    expect(() => crossEntropy.with({ classWeights: weights })).not.toThrow()
    expect(item(mean(tensor([0, 0, 0, 1].map(c => weights[c] ?? NaN))))).toBeCloseTo(1, 6)
  })

  test("indices have every class alike often, and are drawn by the key", () => {
    const drawn = [...toTyped(balancedIndices(key(0), labels, 3, 2000))]
    const rare = drawn.filter(i => i === 3 || i === 4).length
    expect(Math.abs(rare - 1000)).toBeLessThan(100)
    expect([...toTyped(balancedIndices(key(0), labels, 3, 2000))]).toEqual(drawn)
    expect(balancedIndices(key(0), labels, 3, 5).dtype).toBe("i32")
  })

  test("as many indices as there are many examples need no table of both", () => {
    const isRare = (i: number): boolean => i % 100 === 0
    const many = tensor(
      Array.from({ length: 50_000 }, (_, i) => Number(isRare(i))),
      { dtype: "i32" }
    )
    const rare = [...toTyped(balancedIndices(key(0), many, 2, 50_000))].filter(isRare)
    expect(Math.abs(rare.length - 25_000)).toBeLessThan(500)
    expect(new Set(rare).size).toBe(500)
  })

  test.each([
    ["classWeights: expected labels of i32 or u32; got f32", () => classWeights(zeros([2]), 2)],
    ["classWeights: expected labels [examples], one or more; got [0]", () => classWeights(zeros([0], "i32"), 2)],
    ["classWeights: expected labels from 0 to 1 (2 classes); got 2 at place 3", () => classWeights(labels, 2)],
    ["balancedIndices: expected count to be a whole number ≥ 1; got 0", () => balancedIndices(key(0), labels, 3, 0)]
  ])("%s", (text, use) => {
    expect(use).toThrow(text)
  })
})
