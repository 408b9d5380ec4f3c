import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { arange, tensor, toArray, zeros } from "thalweg"
import { chunks, vocabulary } from "thalweg/train"

const ids = (list: readonly number[]) => tensor(list, { dtype: "i32" })

describe("vocabulary", () => {
  const fitted = fc.array(
    fc.oneof(fc.string({ unit: "binary" }), fc.lorem(), fc.constantFrom("it’s 1, 2", "a b", "\ufffd"))
  )

  test.each(["character", "word", "whole"] as const)("by %s, ids of what is decoded are the same ids", by => {
    fc.assert(
      fc.property(fitted, fc.array(fc.nat(), { minLength: 1, maxLength: 9 }), (texts, places) => {
        const { encode, decode, tokens } = vocabulary({ by }).fit(texts)
        const all = places.slice(0, by === "whole" ? 1 : Infinity).map(place => place % tokens.length)
        expect(toArray(encode(decode(ids(all))))).toEqual(all)
        expect(vocabulary({ by }).of(tokens).tokens).toEqual(tokens)
      }),
      { numRuns: 50 }
    )
  })

  test.each(["character", "whole"] as const)("by %s, gives every text back that is known", by => {
    fc.assert(
      fc.property(fitted, texts => {
        const { encode, decode } = vocabulary({ by }).fit(texts)
        for (const text of texts) expect(decode(encode(text))).toBe(text)
      }),
      { numRuns: 50 }
    )
  })

  test("orders by frequency, then by code units, whatever the order of the texts; knows what occurs often enough", () => {
    const of = (texts: readonly string[], options = {}) => vocabulary({ by: "word", ...options }).fit(texts).tokens
    expect(of(["the cat, the dog", "The cat’s dog"])).toEqual(["\ufffd", "dog", "the", ",", "The", "cat", "cat’s"])
    expect(of(["The cat’s dog", "the cat, the dog"])).toEqual(of(["the cat, the dog", "The cat’s dog"]))
    expect(of(["a b a c a b"], { minCount: 2 })).toEqual(["\ufffd", "a", "b"])
    expect(of(["a b a c a b"], { maxTokens: 1 })).toEqual(["\ufffd", "a"])
    expect(of([])).toEqual(["\ufffd"])
  })

  test("what only another text has is unknown", () => {
    const words = vocabulary({ by: "word" }).fit(["a known word"])
    expect(words.decode(words.encode("an unknown word"))).toBe("\ufffd \ufffd word")
    expect(toArray(words.ids([]))).toEqual([])
    expect(toArray(words.ids(["__proto__", "constructor"]))).toEqual([0, 0])
  })

  const letters = vocabulary().fit(["ab"])
  const colours = vocabulary({ by: "whole" }).fit(["red", "dark blue"])
  test.each([
    ['DataError vocabulary at "1": expected a text; got 3', () => vocabulary().fit(["a", 3 as never])],
    ['DataError vocabulary: expected "\ufffd" first, the unknown; got "a"', () => vocabulary().of(["a"])],
    [
      "DataError vocabulary: expected every token once; got one that stands twice",
      () => vocabulary().of(["\ufffd", "a", "a"])
    ],
    ["IndexError decode: expected ids from 0 to 2; got 3 at place 1", () => letters.decode(ids([0, 3]))],
    ["DTypeError decode: expected ids of i32 or u32; got f32", () => letters.decode(zeros([1]))],
    ["ShapeError decode: expected ids [tokens]; got [1, 1]", () => letters.decode(zeros([1, 1], "i32"))],
    [
      "ShapeError decode: expected one id [1], where a token is a whole text; got [2]",
      () => colours.decode(ids([1, 2]))
    ],
    ["ShapeError decode: expected one id [1], where a token is a whole text; got [0]", () => colours.decode(ids([]))],
    [
      "HyperparameterError vocabulary: expected minCount to be a whole number ≥ 1; got 0",
      () => vocabulary({ minCount: 0 })
    ],
    [
      "HyperparameterError vocabulary: expected no minCount for tokens that are given, since nothing is counted; got 2",
      () => vocabulary({ minCount: 2 }).of(["\ufffd", "a"])
    ],
    [
      "HyperparameterError vocabulary: expected no maxTokens for tokens that are given, since nothing is counted; got 1",
      () => vocabulary({ maxTokens: 1 }).of(["\ufffd", "a"])
    ]
  ])("%s", (text, use) => {
    const [name, ...message] = text.split(" ")
    expect(use).toThrow(expect.objectContaining({ name, message: message.join(" ") }) as Error)
  })
})

describe("chunks", () => {
  test("cover the ids, each with what comes next; a smaller stride makes them overlap", () => {
    const { x, y } = chunks({ places: 2, stride: 1 })(arange(4))
    expect([toArray(x), toArray(y)]).toEqual([[[0, 1], [1, 2]], [[1, 2], [2, 3]]]) // prettier-ignore
    expect(chunks({ places: 3 })(arange(7)).x.shape).toEqual([2, 3])
    expect(chunks({ places: 3 })(arange(6)).x.shape).toEqual([1, 3])
    expect(chunks({ places: 3 })(arange(7)).x.dtype).toBe("i32")
  })

  test.each([
    ["DataError chunks: expected at least 4 ids; got 3", () => chunks({ places: 3 })(arange(3))],
    ["ShapeError chunks: expected ids [tokens]; got [1, 4]", () => chunks({ places: 3 })(zeros([1, 4], "i32"))],
    ["DTypeError chunks: expected ids of i32 or u32; got f32", () => chunks({ places: 3 })(zeros([9]))],
    [
      "HyperparameterError chunks: expected places to be a whole number from 1 to 2147483647; got 0",
      () => chunks({ places: 0 })
    ]
  ])("%s", (text, use) => {
    const [name, ...message] = text.split(" ")
    expect(use).toThrow(expect.objectContaining({ name, message: message.join(" ") }) as Error)
  })
})
