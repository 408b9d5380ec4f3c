import { checkList, checkTensor } from "../dataflow/check.js"
import { tensor } from "../dataflow/create.js"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import { checkKnown, take } from "../dataflow/indexing.js"
import type { Tensor } from "../dataflow/primitive.js"
import { showShape } from "../dataflow/shape.js"
import { evaluate, toTyped } from "../engine/index.js"
import { choice, fixed, type OptionsOf } from "../options/fields.js"
import { positiveInteger, whole } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"

/** What stands for all that is unknown, at id 0: Unicode's own character for it. */
const UNKNOWN = "\ufffd"

const vocabularyFields = {
  /**
   * What a text is cut into: its characters (Unicode code points); its words, which are runs of letters, marks, digits,
   * `_` and `'`, and every other character that is no white space; or nothing, for names of categories. Default
   * `"character"`.
   */
  by: choice(["character", "word", "whole"], "character"),
  /** How often a token must occur to be known, a whole number from 1. Default 1. */
  minCount: fixed(positiveInteger, 1),
  /** How many tokens are known at most, the most frequent ones, beside the unknown: a whole number from 1. Default all. */
  maxTokens: fixed(positiveInteger, "none")
}

/** How texts are cut, and what of them is known. */
export interface VocabularyOptions extends OptionsOf<typeof vocabularyFields> {}

/** Tokens and their ids. */
export interface Vocabulary {
  /** The tokens, each at the place of its id: the unknown first, then from the most to the least frequent. */
  readonly tokens: readonly string[]
  /** The ids of some tokens, `i32 [tokens]`; 0 for those that are unknown. */
  readonly ids: (tokens: readonly string[]) => Tensor
  /** The ids of a text, which is cut into tokens. */
  readonly encode: (text: string) => Tensor
  /** The text of ids `[tokens]`: characters beside each other, words with a space between them; of one id `[1]`, whole. */
  readonly decode: (ids: Tensor) => string
}

/** How a vocabulary comes about: from texts that are counted, or from the tokens of an earlier one. */
export interface Vocabularies {
  readonly fit: (texts: readonly string[]) => Vocabulary
  readonly of: (tokens: readonly string[]) => Vocabulary
}

const ways = {
  character: { cut: (text: string) => Array.from(text), glue: "" },
  word: { cut: (text: string) => text.match(/[\p{L}\p{M}\p{N}_'’]+|\S/gu) ?? [], glue: " " },
  whole: { cut: (text: string) => [text], glue: undefined }
} as const

const checkTexts = (operation: string, texts: readonly string[]): readonly string[] => {
  const odd = checkList(operation, "a list of texts", texts).findIndex(text => typeof text !== "string")
  return odd < 0 ? texts : fail("DataError", operation, "a text", describeValue(texts[odd]), String(odd))
}

const checkText = (operation: string, text: string): string =>
  typeof text === "string" ? text : fail("DataError", operation, "a text", describeValue(text))

/** Known tokens, the most frequent first, those of one frequency in the order of their code units. */
const byFrequency = (
  texts: readonly string[],
  cut: (text: string) => readonly string[],
  minCount: number
): readonly string[] => {
  const counts = new Map<string, number>()
  for (const text of texts) for (const token of cut(text)) counts.set(token, (counts.get(token) ?? 0) + 1)
  counts.delete(UNKNOWN)
  return [...counts]
    .filter(([, count]) => count >= minCount)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([token]) => token)
}

/** Ids in a line, or a named error. */
const requireIds = (operation: string, ids: Tensor): number => {
  const { dtype, shape } = checkTensor(operation, ids)
  if (dtype !== "i32" && dtype !== "u32") fail("DTypeError", operation, "ids of i32 or u32", dtype)
  return shape.length === 1 ? (shape[0] ?? 0) : fail("ShapeError", operation, "ids [tokens]", showShape(shape))
}

const checkTokens = (tokens: readonly string[]): readonly string[] => {
  checkTexts("vocabulary", tokens)
  if (tokens[0] !== UNKNOWN)
    fail("DataError", "vocabulary", `"${UNKNOWN}" first, the unknown`, describeValue(tokens[0]))
  return new Set(tokens).size === tokens.length
    ? Object.freeze([...tokens])
    : fail("DataError", "vocabulary", "every token once", "one that stands twice")
}

const vocabularyOf = (given: readonly string[], { cut, glue }: (typeof ways)[keyof typeof ways]): Vocabulary => {
  const tokens = checkTokens(given)
  const places = new Map(tokens.map((token, id) => [token, id]))
  const ids = (list: readonly string[]): Tensor =>
    tensor(Int32Array.from(checkTexts("ids", list), token => places.get(token) ?? 0))
  const decode = (coded: Tensor): string => {
    if (requireIds("decode", coded) !== 1 && glue === undefined)
      fail("ShapeError", "decode", "one id [1], where a token is a whole text", showShape(coded.shape))
    const known = evaluate(coded)
    checkKnown("decode", tokens.length, `ids from 0 to ${tokens.length - 1}`, known)
    return Array.from(toTyped(known), id => tokens[id] ?? "").join(glue ?? "")
  }
  return Object.freeze({ tokens, ids, decode, encode: (text: string) => ids(cut(checkText("encode", text))) })
}

/**
 * Makes vocabularies, which give every token of texts an id: `fit` counts the tokens of some texts (those of the training
 * set only), `of` takes the `tokens` of an earlier vocabulary, which are plain data.
 *
 * Id 0 is the unknown, `"\ufffd"`. Ids are `i32`; `oneHot(ids, tokens.length)` encodes categories. Options: see
 * `VocabularyOptions`; others are a `HyperparameterError`, and so are, for `of`, those that say what is counted. What is no text is
 * a `DataError`, an id that is not there an `IndexError`, ids that are no integers a `DTypeError`. Where tokens are whole texts,
 * several have no text, and `decode` of several ids is a `ShapeError`: `tokens` has the name of each.
 *
 * By characters and whole, `decode(encode(text))` is `text` where all of it is known; by words, up to white space.
 * `encode(decode(ids))` is `ids`. (All this of texts without halves of surrogate pairs, and of tokens that were fitted.) Ids depend
 * on the counts of tokens only, not on the order of the texts.
 *
 * @example
 * import assert from "node:assert"
 * import { oneHot, toArray } from "thalweg"
 * import { vocabulary } from "thalweg/train"
 *
 * const letters = vocabulary().fit(["banana"])
 * assert.deepStrictEqual(letters.tokens, ["\ufffd", "a", "n", "b"])
 * assert.deepStrictEqual(toArray(letters.encode("nab!")), [2, 1, 3, 0])
 * assert.strictEqual(letters.decode(letters.encode("bananas")), "banana\ufffd")
 *
 * const colours = vocabulary({ by: "whole" }).fit(["red", "blue", "red"])
 * assert.deepStrictEqual(toArray(oneHot(colours.ids(["blue", "pink"]), 3)), [[0, 0, 1], [1, 0, 0]])
 */
export const vocabulary: Recipe<typeof vocabularyFields, (options?: VocabularyOptions) => Vocabularies> = recipe(
  "vocabulary",
  vocabularyFields,
  {},
  ({ by, minCount, maxTokens }, given) => ({
    fit: (texts: readonly string[]) => {
      const known = byFrequency(checkTexts("vocabulary", texts), ways[by].cut, minCount)
      return vocabularyOf([UNKNOWN, ...known.slice(0, maxTokens)], ways[by])
    },
    of: (tokens: readonly string[]) => {
      for (const [name, value] of Object.entries({ minCount: given.minCount, maxTokens: given.maxTokens }))
        if (value !== undefined)
          fail("HyperparameterError", "vocabulary", `no ${name} for tokens that are given, since nothing is counted`, String(value)) // prettier-ignore
      return vocabularyOf(tokens, ways[by])
    }
  })
)

const chunkFields = {
  /** How many ids an example has, a whole number from 1. */
  places: fixed(whole(1, 2 ** 31 - 1)),
  /** How many ids further the next example begins, a whole number from 1. Default `places`, so that none is in two. */
  stride: fixed(positiveInteger, "none")
}

/** How ids are cut into examples. */
export interface ChunkOptions extends OptionsOf<typeof chunkFields> {}

/**
 * Cuts the ids of a text into examples for a language model: stretches of it, and as what is wanted of them the same one
 * place further on, so that at each place the next token is to be told.
 *
 * Shapes: `[ids] → { x: [examples, places], y: [examples, places] }`, of the dtype of the ids, as literals; ids at the end
 * that fill no example are left out. Throws a `DataError` for fewer than `places + 1` ids, a `ShapeError` or a
 * `DTypeError` for what are no ids, a `HyperparameterError` for other options than `ChunkOptions`.
 *
 * What is wanted is what comes next: `y[i, j] = x[i, j + 1]`.
 *
 * @example
 * import assert from "node:assert"
 * import { arange, toArray } from "thalweg"
 * import { chunks } from "thalweg/train"
 *
 * const { x, y } = chunks({ places: 3 })(arange(8))
 * assert.deepStrictEqual([toArray(x), toArray(y)], [[[0, 1, 2], [3, 4, 5]], [[1, 2, 3], [4, 5, 6]]])
 */
export const chunks: Recipe<
  typeof chunkFields,
  (options: ChunkOptions) => (ids: Tensor) => { readonly x: Tensor; readonly y: Tensor }
> = recipe("chunks", chunkFields, {}, ({ places, stride = places }) => (ids: Tensor) => {
  const length = requireIds("chunks", ids)
  if (length <= places) return fail("DataError", "chunks", `at least ${places + 1} ids`, String(length))
  const count = Math.floor((length - 1 - places) / stride) + 1
  const from = (first: number): Tensor => {
    const indices = Int32Array.from(
      { length: count * places },
      (_, i) => first + Math.floor(i / places) * stride + (i % places)
    )
    return take(ids, tensor(indices, { shape: [count, places] }))
  }
  return evaluate({ x: from(0), y: from(1) })
})
