import { mul, scalar, Tree, zerosLike, type Tensor } from "thalweg"
import { freezeLaws, maskedDecayLaws, maskedLaws, partitionLaws } from "thalweg/laws"
import {
  type AnyOptimizer,
  freeze,
  masked,
  partition,
  withL2,
  withWeightDecay,
  type DecayOptions
} from "thalweg/optimizer"
import type { Labels, Mask } from "thalweg/transform"
import { mutant, type Mutants } from "../mutant.js"
import { after, before, rateless, restarting, stepOf, type AnyState, type Wrap } from "./wrap.js"

type Masking = (mask: Mask) => Wrap

const mask: Masking = meant => inner => masked(meant)(inner)
const frozen: Masking = meant => inner => freeze(meant)(inner)

const masks = (how: Masking) => maskedLaws(how)
const freezes = (how: Masking) => freezeLaws(how)

/** Zeros for what a function does not mean. */
const blanked = (meant: Mask, flipped = false): ((tree: Tree) => Tree) =>
  Tree.map((t: Tensor, path) => (typeof meant !== "function" || meant(path, t) !== flipped ? t : zerosLike(t)))

const onGradientsOnly: Masking = meant => before(blanked(meant))
const onDisplacementsOnly: Masking = meant => after(blanked(meant))

const namesOf = (meant: Mask): readonly string[] => [meant].flat().filter(item => typeof item === "string")

/** Patterns as if they were paths. */
const literal: Masking = meant => mask(namesOf(meant).length > 0 ? path => namesOf(meant).includes(path) : meant)

/** The rate, by the share of the leaves that it is for. */
const shared: Masking = meant => inner => {
  const right = mask(meant)(inner)
  const shareOf = (params: Tree): number => {
    const [paths, leaves] = [Tree.paths(params), Tree.leaves(params)]
    if (typeof meant !== "function" || paths.length === 0) return 1
    return paths.filter((path, i) => meant(path, leaves[i] as Tensor)).length / paths.length
  }
  type Sharing = AnyState & { readonly share: Tensor }
  return {
    ...right,
    init: (params: Tree) => ({ ...(right.init(params) as object), share: scalar(shareOf(params), "f64") }),
    step: (params: Tree, { share, ...state }: Sharing, grads: Tree) => {
      const [moved, next] = stepOf(right)(params, state, grads)
      return [moved, { ...(next as object), share }]
    },
    rate: ({ share, ...state }: Sharing) => mul(right.rate(state), share)
  } as unknown as AnyOptimizer
}

export const maskedMutants: Mutants = {
  "a mask that is true everywhere changes nothing": [mutant("takes patterns for paths", masks(literal))],
  "a mask that is false everywhere moves nothing": [mutant("masks gradients only", masks(onGradientsOnly))],
  "masked moves leaves as the optimizer alone would": [mutant("masks displacements only", masks(onDisplacementsOnly))],
  "masked leaves the others where they are": [mutant("masks gradients only", masks(onGradientsOnly))],
  "patterns, functions and trees mean the same leaves": [
    mutant(
      "looks at the first pattern only",
      masks(meant => mask(namesOf(meant)[0] ?? meant))
    )
  ],
  "masked keeps no state for the others": [mutant("hides displacements only", masks(onDisplacementsOnly))],
  "masked keeps the rate": [
    mutant(
      "says a rate of its own",
      masks(meant => rateless(mask(meant)))
    ),
    mutant("says the rate by the share of the leaves", masks(shared))
  ]
}

export const freezeMutants: Mutants = {
  "to freeze nothing changes nothing": [mutant("freezes the others", freezes(mask))],
  "frozen parameters never change": [mutant("freezes the others", freezes(mask))],
  "to freeze is to mask the others": [
    mutant(
      "freezes displacements only",
      freezes(meant => after(blanked(meant, true)))
    )
  ],
  "freeze keeps the rate": [
    mutant(
      "says a rate of its own",
      freezes(meant => rateless(frozen(meant)))
    )
  ]
}

type Named = "a" | "b"
type Pair = { readonly a: AnyOptimizer; readonly b: AnyOptimizer }
type Parting = (optimizers: Pair, labels: Labels<Named>) => AnyOptimizer

const part: Parting = (optimizers, labels) => partition(optimizers, labels)
const parts = (how: Parting) => partitionLaws(how)

const anew = parts(({ a, b }, labels) => part({ a: restarting(a), b: restarting(b) }, labels))

/** Both optimizers see all leaves. */
const overlooking: Parting = ({ a, b }, labels) => {
  if (typeof labels !== "function") return part({ a, b }, labels)
  const chosen = (ofA: Tree, ofB: Tree): Tree => {
    const others = new Map(Tree.paths(ofB).map((path, i) => [path, Tree.leaves(ofB)[i]]))
    return Tree.map((t: Tensor, path) => (labels(path, t) === "a" ? t : (others.get(path) ?? t)))(ofA)
  }
  type Both = { readonly a: AnyState; readonly b: AnyState }
  return {
    ...a,
    init: (params: Tree) => ({ a: a.init(params), b: b.init(params) }),
    step: (params: Tree, state: Both, grads: Tree) => {
      const [[p, s], [q, t]] = [stepOf(a)(params, state.a, grads), stepOf(b)(params, state.b, grads)]
      return [chosen(p, q), { a: s, b: t }]
    },
    gradientPoint: (params: Tree, state: Both) =>
      chosen(a.gradientPoint(params, state.a), b.gradientPoint(params, state.b)),
    evalParams: (params: Tree, state: Both) => chosen(a.evalParams(params, state.a), b.evalParams(params, state.b)),
    rate: (state: Both) => a.rate(state.a)
  } as unknown as AnyOptimizer
}

type Annotated = string | readonly Annotated[] | { readonly [key: string]: Annotated }

/** Labels in the order in which keys were written, not sorted as the leaves are. */
const asWritten = (labels: Annotated): readonly string[] =>
  typeof labels === "string" ? [labels] : Object.values<Annotated>(labels).flatMap(asWritten)

const unsorted: Parting = (optimizers, labels) => {
  if (typeof labels === "function" || labels instanceof Map) return part(optimizers, labels)
  const order = asWritten(labels as Annotated)
  const pathsOf = (node: Annotated, path: readonly string[]): readonly string[] =>
    typeof node === "string"
      ? [path.join("/")]
      : (Array.isArray(node) ? [...node.keys()].map(String) : Object.keys(node).sort()).flatMap(key =>
          pathsOf((node as Readonly<Record<string, Annotated>>)[key] ?? "", [...path, key])
        )
  const paths = pathsOf(labels as Annotated, [])
  return part(optimizers, path => (order[paths.indexOf(path)] === "b" ? "b" : "a"))
}

const lastFirst: Parting = (optimizers, labels) =>
  part(optimizers, labels instanceof Map ? new Map([...(labels as ReadonlyMap<string, Named>)].reverse()) : labels)

export const partitionMutants: Mutants = {
  "a partition with one label is that optimizer": [mutant("begins its optimizers anew at every step", anew)],
  "each optimizer of a partition moves its leaves as alone": [
    mutant("shows all leaves to both optimizers", parts(overlooking))
  ],
  "two alike that treat leaves apart are one": [mutant("begins its optimizers anew at every step", anew)],
  "patterns, functions and trees give the same labels": [
    mutant("reads trees of labels as they were written", parts(unsorted))
  ],
  "the first pattern that matches counts": [mutant("lets the last pattern count", parts(lastFirst))],
  "the rate of a partition is the largest": [
    mutant(
      "says the rate of the first",
      parts(({ a, b }, labels) => ({
        ...part({ a, b }, labels),
        rate: ({ count, inner }) => a.rate({ count, inner: (inner as { readonly a: Tree }).a })
      }))
    )
  ]
}

type Decays = (lambda: number, options?: DecayOptions) => Wrap

const inverted = (meant: Mask | undefined): DecayOptions =>
  meant === undefined ? {} : { mask: typeof meant === "function" ? (path, leaf) => !meant(path, leaf) : meant }

const decayMutants = (right: Decays): Mutants => ({
  "a mask that is true everywhere is none": [
    mutant(
      "does not decay under a mask",
      maskedDecayLaws((lambda, options) => right(options?.mask === undefined ? lambda : 0, options))
    )
  ],
  "decay with a mask that is false everywhere is none": [
    mutant(
      "overlooks the mask",
      maskedDecayLaws(lambda => right(lambda))
    )
  ],
  "only what a mask means decays": [
    mutant(
      "overlooks the mask",
      maskedDecayLaws(lambda => right(lambda))
    ),
    mutant(
      "takes the mask for what is not to decay",
      maskedDecayLaws((lambda, options) => right(lambda, inverted(options?.mask)))
    )
  ]
})

export const maskedL2Mutants = decayMutants((lambda, options) => inner => withL2(lambda, options)(inner))
export const maskedDecayMutants = decayMutants((lambda, options) => inner => withWeightDecay(lambda, options)(inner))
