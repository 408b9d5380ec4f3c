import fc from "fast-check"
import {
  any,
  concat,
  iota,
  isNaN,
  max,
  min,
  ne,
  mul,
  onesLike,
  zerosLike,
  sort,
  stack,
  take,
  tensor,
  toTyped,
  Tree,
  where,
  type Tensor
} from "thalweg"
import { bernoulli, key, normal } from "thalweg/random"
import type { batches, Fold, impute, kFold, minMax, splitDataset, standardize } from "thalweg/train"
import { upTo } from "./arbitrary/model.js"
import { range } from "./arbitrary/numbers.js"
import { amplified, exact } from "./equality.js"
import { law, type Law } from "./law.js"
import { truth } from "./sides.js"

/** What divides, completes and scales data. */
export interface DataFunctions {
  readonly batches: typeof batches
  readonly kFold: typeof kFold
  readonly splitDataset: typeof splitDataset
  readonly standardize: typeof standardize
  readonly minMax: typeof minMax
  readonly impute: typeof impute
}

/** A number of folds, and labels of two classes, each of them as many or more. */
const folding = fc
  .record({ k: fc.integer({ min: 2, max: 4 }), seed: fc.nat(), more: fc.tuple(fc.nat(5), fc.nat(5)) })
  .map(({ k, seed, more: [a, b] }) => {
    const labels = tensor(
      range(2 * k + a + b).map(i => (i < k + a ? 0 : 1)),
      { dtype: "i32" }
    )
    return { k, seed, labels, x: iota(labels.shape, 0) }
  })

const countOf = (labels: Tensor, label: number): number => toTyped(labels).filter(own => own === label).length

const table = fc
  .record({ count: fc.integer({ min: 2, max: 5 }), features: upTo(3), seed: fc.nat() })
  .map(({ count, features, seed }) => {
    const [x, z] = [0, 1].map(salt => normal(key(seed + salt), [count, features], { dtype: "f64" })) as [Tensor, Tensor]
    return { x: { a: x }, z: { a: z } }
  })

/** The same with gaps, but for the first example of those that are fitted. */
const gaps = fc.tuple(table, fc.nat()).map(([{ x, z }, seed]) => {
  const [first, second] = [x, z].map(({ a }, i) => where(bernoulli(key(seed + i), 0.4, a.shape), NaN, a)) as [
    Tensor,
    Tensor
  ]
  return { x: { a: where(ne(iota(x.a.shape, 0), 0), first, x.a) }, z: { a: second } }
})

/**
 * Lists the laws of what divides, completes and scales data: folds, parts and batches partition it, by the key alone; with labels,
 * folds and parts are alike; what was scaled comes back, what was filled in has the mean or the median that it had, and what is
 * fitted does not depend on what is not.
 *
 * @example
 * import assert from "node:assert"
 * import * as train from "thalweg/train"
 * import { checkAll, dataLaws } from "thalweg/laws"
 *
 * assert(checkAll(dataLaws(train), { numRuns: 3 }).every(verdict => verdict.holds))
 */
export const dataLaws = (data: DataFunctions): readonly Law[] => [
  law("what folds hold out is the data, each example once", exact, folding, ({ k, seed, x }) => [
    sort(concat([...data.kFold({ k, key: key(seed) })(x)].map(({ validation }) => validation))),
    x
  ]),
  law("a fold trains on what it does not hold out", exact, folding, ({ k, seed, x, labels }) => {
    const folds = [...data.kFold({ k, key: key(seed), stratify: labels })(x)]
    return [folds.map(({ train, validation }) => sort(concat([train, validation]))), folds.map(() => x)]
  }),
  law("with labels, every fold has each class within one of its share", exact, folding, ({ k, seed, labels }) => {
    const folds = [...data.kFold({ k, key: key(seed), stratify: labels })(labels)]
    const fair = folds.map(({ validation }) =>
      [0, 1].every(label => Math.abs(countOf(validation, label) - countOf(labels, label) / k) < 1)
    )
    return [tensor(fair), tensor(folds.map(() => true))]
  }),
  law("in every round of a repeated folding each example is held out once", exact, folding, ({ k, seed, x }) => {
    const held = [...data.kFold({ k, key: key(seed), repeats: 2 })(x)].map(({ validation }) => validation)
    return [[held.slice(0, k), held.slice(k)].map(round => sort(concat(round))), [x, x]]
  }),
  law("batches are the data, in its order or in that of a key", exact, folding, ({ k, seed, x }) => {
    const joined = (key?: Tensor) => [...data.batches({ batchSize: k, ...(key && { key }) })(x)]
    const [plain, shuffled, other] = [joined(), joined(key(seed)), joined(key(seed + 1))]
    const long = iota([64], 0)
    const order = (own: Tensor) => concat([...data.batches({ batchSize: 9, key: own })(long)])
    return [
      [concat(plain), sort(concat(shuffled)), sort(concat(other)), any(ne(order(key(seed)), order(key(seed + 1))))],
      [x, x, x, truth(true)]
    ]
  }),
  law("the parts of a split are the data", exact, folding, ({ seed, x, labels }) => {
    const parts = data.splitDataset(key(seed), { a: 0.5, b: 0.5 }, { stratify: labels })(x)
    return [sort(concat([parts.a, parts.b])), x]
  }),
  law("with labels, every part of a split has each class within one of its share", exact, folding, sample => {
    const labels = concat([sample.labels, sample.labels]) // four of each at least
    const parts = data.splitDataset(key(sample.seed), { a: 0.25, b: 0.75 }, { stratify: labels })(labels)
    const fair = ([[parts.a, 0.25], [parts.b, 0.75]] as const).flatMap(([part, share]) =>
      [0, 1].map(label => Math.abs(countOf(part, label) - share * countOf(labels, label)) < 1)
    ) // prettier-ignore
    return [tensor(fair), tensor(fair.map(() => true))]
  }),
  law("what belongs to one example goes where it goes", exact, folding, ({ k, seed, x, labels }) => {
    const all = { x, rows: stack([x, mul(x, 2)], 1) }
    const { a, b } = data.splitDataset(key(seed), { a: 0.5, b: 0.5 }, { stratify: labels })(all)
    const folds = [...data.kFold({ k, key: key(seed), stratify: labels })(all)]
    const parts = [a, b, ...folds.flatMap(({ train, validation }) => [train, validation])]
    return [parts.map(({ rows }) => rows), parts.map(({ x }) => stack([x, mul(x, 2)], 1))]
  }),
  law("the same key divides alike, whatever is divided", exact, folding, ({ k, seed, x, labels }) => {
    const folds = data.kFold({ k, key: key(seed), repeats: 2 })
    const pairsOf = (of: Iterable<Fold<Tensor>>): Tree => [...of].map(({ train, validation }) => [train, validation])
    const split = (own: Tensor): Tree => data.splitDataset(key(seed), { a: 0.5, b: 0.5 })(own)
    const labelled = Tree.map((examples: Tensor) => take(labels, examples))
    const once = folds(x)
    return [
      [pairsOf(once), pairsOf(folds(labels)), split(labels)],
      [pairsOf(once), labelled(pairsOf(once)), labelled(split(x))]
    ]
  }),
  law("another key divides otherwise", exact, folding, ({ k, seed }) => {
    const x = iota([64], 0)
    const held = (key: Tensor) => [...data.kFold({ k, key })(x)].map(({ validation }) => toTyped(validation).join())
    const part = (key: Tensor) => toTyped(data.splitDataset(key, { a: 0.5, b: 0.5 })(x).a).join()
    const [own, other] = [key(seed), key(seed + 1)]
    const rounds = [...data.kFold({ k, key: own, repeats: 2 })(x)].map(({ validation }) => toTyped(validation).join())
    const differ = [held(own)[0] !== held(other)[0], part(own) !== part(other), rounds[0] !== rounds[k]]
    return [tensor(differ), tensor(differ.map(() => true))]
  }),
  ...(["standardize", "minMax"] as const).map(name => {
    const scaling = data[name]() as ReturnType<typeof standardize> & ReturnType<typeof minMax>
    return law(`${name}: what was scaled comes back`, amplified, table, ({ x, z }) => {
      const fitted = scaling.fit(x)
      return [scaling.invert(fitted, scaling.apply(fitted, z)), z]
    })
  }),
  ...(["standardize", "minMax", "impute"] as const).map(name => {
    const { fit, apply } = data[name]() as ReturnType<typeof standardize> & ReturnType<typeof impute>
    const examples = name === "impute" ? gaps : table
    return law(`${name}: what comes out for an example depends on it and the fit only`, exact, examples, ({ x, z }) => {
      const [fitted, join] = [fit(x), Tree.zipWith((a: Tensor, b: Tensor) => concat([a, b]))]
      return [apply(fitted, join(z, x)), join(apply(fitted, z), apply(fitted, x))]
    })
  }),
  law("imputed, numbers stay, and nothing else is NaN", exact, gaps, ({ x, z }) => {
    const { fit, apply } = data.impute()
    const [filled, missing] = [apply(fit(x), z).a, isNaN(z.a)]
    return [
      [where(missing, 0, filled), any(isNaN(filled))],
      [where(missing, 0, z.a), truth(false)]
    ]
  }),
  law("imputed, what was fitted has the mean or the median that it had", amplified, gaps, ({ x }) => {
    const both = (["mean", "median"] as const).map(way => data.impute({ with: way }))
    return [both.map(({ fit, apply }) => fit(apply(fit(x), x))), both.map(({ fit }) => fit(x))]
  }),
  law("by minMax, the least of what was fitted becomes 0, the largest 1", amplified, table, ({ x }) => {
    const { fit, apply } = data.minMax()
    const { a } = apply(fit(x), x)
    const [low, high] = [min(a, { axes: 0 }), max(a, { axes: 0 })]
    return [
      [low, high],
      [zerosLike(low), onesLike(high)]
    ]
  }),
  law("standardized, what was fitted has mean 0 and deviation 1", amplified, table, ({ x }) => {
    const { fit, apply } = data.standardize()
    const again = fit(apply(fit(x), x))
    return [again, { mean: Tree.zerosLike(again.mean), deviation: Tree.map(onesLike)(again.deviation) }]
  })
]
