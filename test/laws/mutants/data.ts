import { add, div, isNaN, max, min, mul, sliceAxis, sub, Tree, where, type Tensor } from "thalweg"
import { dataLaws, type DataFunctions } from "thalweg/laws"
import { foldIn, key } from "thalweg/random"
import * as train from "thalweg/train"
import { mutant, type Mutants } from "./mutant.js"

const broken = (wrong: { readonly [K in keyof DataFunctions]?: unknown }) =>
  dataLaws({ ...train, ...wrong } as DataFunctions)

let calls = 0

type Pair = train.Fold<Tensor>

/** Folds that come out otherwise. */
const folding = (change: (folds: readonly Pair[], data: Tensor) => readonly Pair[]) =>
  broken({ kFold: (options: train.KFoldOptions) => (data: Tensor) => change([...train.kFold(options)(data)], data) })

/** Batches under other options. */
const batching = (change: (options: train.BatchOptions) => train.BatchOptions) =>
  broken({ batches: (options: train.BatchOptions) => train.batches(change(options)) })

/** A scaling by the extremes of what it is applied to. */
const leaking = {
  ...train.minMax(),
  apply: (_: unknown, x: Tree): Tree =>
    Tree.map((t: Tensor) => {
      const [low, high] = [min(t, { axes: 0 }), max(t, { axes: 0 })]
      return div(sub(t, low), add(sub(high, low), 1))
    })(x)
}

const unlike = {
  ...train.standardize(),
  apply: (_: unknown, x: Tree): Tree => train.standardize().apply(train.standardize().fit(x as Tensor), x as Tensor)
}

type Values = { readonly a: Tensor }

/** Fills in as `impute` does. */
const filling = (fill: Values, x: Values): Values => train.impute().apply({ fill }, x)

/** The largest of numbers with gaps, and 0. */
const largest = ({ a }: Values): Values => ({ a: max(where(isNaN(a), 0, a), { axes: 0 }) })

export const dataMutants: Mutants = {
  "what folds hold out is the data, each example once": [
    mutant(
      "holds out the same each time",
      folding(folds => folds.map(() => folds[0] as Pair))
    ),
    mutant(
      "leaves out the first fold",
      folding(folds => folds.slice(1))
    )
  ],
  "a fold trains on what it does not hold out": [
    mutant(
      "trains on everything",
      folding((folds, train) => folds.map(({ validation }) => ({ train, validation })))
    )
  ],
  "with labels, every fold has each class within one of its share": [
    mutant("does not look at labels", broken({ kFold: ({ k }: train.KFoldOptions) => train.kFold({ k }) }))
  ],
  "in every round of a repeated folding each example is held out once": [
    mutant(
      "mixes rounds",
      broken({
        kFold: (options: train.KFoldOptions) => (data: Tensor) => {
          const folds = [...train.kFold(options)(data)]
          return (options.repeats ?? 1) > 1 ? [folds.at(-1), ...folds.slice(1, -1), folds[0]] : folds
        }
      })
    )
  ],
  "with labels, every part of a split has each class within one of its share": [
    mutant(
      "does not look at labels",
      broken({ splitDataset: (key: Tensor, fractions: { a: number; b: number }) => train.splitDataset(key, fractions) })
    )
  ],
  "what belongs to one example goes where it goes": [
    mutant(
      "shuffles every leaf by itself",
      broken({
        splitDataset:
          (key: Tensor, fractions: { a: number; b: number }) => (data: Readonly<Record<string, Tensor>>) => {
            const parts = Object.entries(data).map(
              ([name, leaf], i) => [name, train.splitDataset(foldIn(key, i), fractions)(leaf)] as const
            )
            const part = (of: "a" | "b") => Object.fromEntries(parts.map(([name, own]) => [name, own[of]]))
            return { a: part("a"), b: part("b") }
          }
      })
    )
  ],
  "the same key divides alike, whatever is divided": [
    mutant(
      "draws anew at every call",
      broken({
        splitDataset: (key: Tensor, fractions: { a: number; b: number }) =>
          train.splitDataset(foldIn(key, calls++), fractions)
      })
    ),
    mutant(
      "draws anew when it is iterated again",
      broken({
        kFold: (options: train.KFoldOptions & { key: Tensor }) => (data: Tensor) => ({
          [Symbol.iterator]: () =>
            train
              .kFold({ ...options, key: foldIn(options.key, calls++) })(data)
              [Symbol.iterator]()
        })
      })
    )
  ],
  "another key divides otherwise": [
    mutant(
      "has a key of its own",
      broken({
        splitDataset: (_: Tensor, fractions: { a: number; b: number }) => train.splitDataset(key(0), fractions)
      })
    ),
    mutant(
      "shuffles once for all rounds",
      broken({
        kFold:
          ({ repeats = 1, ...options }: train.KFoldOptions) =>
          (data: Tensor) =>
            Array.from({ length: repeats }, () => [...train.kFold(options)(data)]).flat()
      })
    )
  ],
  "batches are the data, in its order or in that of a key": [
    mutant(
      "drops the rest",
      batching(options => ({ ...options, remainder: "drop" }))
    ),
    mutant(
      "shuffles always",
      batching(options => ({ key: key(0), ...options }))
    ),
    mutant(
      "shuffles by a key of its own",
      batching(options => ({ ...options, ...(options.key && { key: key(0) }) }))
    )
  ],
  "by minMax, the least of what was fitted becomes 0, the largest 1": [
    mutant(
      "goes from -1 to 1",
      broken({
        minMax: () => ({
          ...train.minMax(),
          apply: (fitted: ReturnType<ReturnType<typeof train.minMax>["fit"]>, x: Tensor) =>
            Tree.map((t: Tensor) => sub(mul(t, 2), 1))(train.minMax().apply(fitted, x))
        })
      })
    )
  ],
  "the parts of a split are the data": [
    mutant(
      "loses an example",
      broken({
        splitDataset: (key: Tensor, fractions: { a: number; b: number }) => (data: Tensor) => {
          const { a, b } = train.splitDataset(key, fractions)(data)
          return { a: sliceAxis(a, 0, 1, a.shape[0] ?? 1), b }
        }
      })
    )
  ],
  "standardize: what was scaled comes back": [
    mutant(
      "inverts nothing",
      broken({ standardize: () => ({ ...train.standardize(), invert: (_: unknown, x: Tree) => x }) })
    )
  ],
  "standardize: what comes out for an example depends on it and the fit only": [
    mutant("fits what it is applied to", broken({ standardize: () => unlike }))
  ],
  "minMax: what was scaled comes back": [
    mutant("inverts nothing", broken({ minMax: () => ({ ...train.minMax(), invert: (_: unknown, x: Tree) => x }) }))
  ],
  "minMax: what comes out for an example depends on it and the fit only": [
    mutant("goes by the extremes of what it is applied to", broken({ minMax: () => leaking }))
  ],
  "impute: what comes out for an example depends on it and the fit only": [
    mutant(
      "goes by the largest of what it is applied to",
      broken({
        impute: () => ({
          ...train.impute(),
          apply: (_: unknown, x: Tree) => filling(largest(x as Values), x as Values)
        })
      })
    )
  ],
  "imputed, numbers stay, and nothing else is NaN": [
    mutant("fills in nothing", broken({ impute: () => ({ ...train.impute(), apply: (_: unknown, x: Tree) => x }) })),
    mutant(
      "fills in everything",
      broken({
        impute: () => ({
          ...train.impute(),
          apply: ({ fill }: { fill: Values }, x: Values) => filling(fill, Tree.map((t: Tensor) => mul(t, NaN))(x))
        })
      })
    )
  ],
  "imputed, what was fitted has the mean or the median that it had": [
    mutant(
      "fills in 0",
      broken({
        impute: (options?: train.ImputeOptions) => ({
          ...train.impute(options),
          apply: ({ fill }: { fill: Values }, x: Values) => filling(Tree.zerosLike(fill), x)
        })
      })
    ),
    mutant(
      "fills in the mean always",
      broken({
        impute: (options?: train.ImputeOptions) => ({
          ...train.impute(options),
          apply: (_: unknown, x: Values) => train.impute().apply(train.impute().fit(x), x)
        })
      })
    )
  ],
  "standardized, what was fitted has mean 0 and deviation 1": [
    mutant(
      "takes no mean away",
      broken({
        standardize: () => ({
          ...train.standardize(),
          apply: (f: { deviation: Tree }, x: Tree) => Tree.zipWith(div)(x, f.deviation)
        })
      })
    )
  ]
}
