import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { abs, mul, reshape, scalar, sign, tensor, toTyped, Tree, type Tensor } from "thalweg"
import {
  ontoBox,
  ontoL1Ball,
  ontoL2Ball,
  ontoLInfBall,
  ontoNonNegative,
  ontoSimplex,
  type Projection
} from "thalweg/optimizer"
import {
  centralize,
  chain,
  clipByGlobalNorm,
  clipElements,
  clipLeaves,
  clipUnits,
  clockAt,
  normalize,
  scaleByMuon,
  scaleBySign,
  scaleByTrustRatio,
  type NewtonSchulzOptions,
  type AnyF,
  type Transform
} from "thalweg/transform"
import type { Given } from "../variants/cases.js"

type Numbers = number | readonly Numbers[]
type Leaves = Readonly<Record<string, Numbers>>
type Leaf = "kernel" | "bias" | "scalar"

/** What a case was made with, bounds for every leaf. */
type Hyper = Omit<Given, "lower" | "upper"> & {
  readonly lower: Readonly<Record<Leaf, number>>
  readonly upper: Readonly<Record<Leaf, number>>
}

interface Case {
  readonly name: string
  readonly dtype: "f32" | "f64"
  readonly hyper: Hyper
  readonly input: Leaves
  readonly params?: Leaves
  readonly output: Leaves
}

const named: Readonly<Record<string, number>> = { NaN, inf: Infinity, "-inf": -Infinity }
const { cases } = JSON.parse(
  readFileSync("test/golden/catalogue_transforms.json", "utf8"),
  (_, value: unknown): unknown => (typeof value === "string" ? (named[value] ?? value) : value)
) as { readonly cases: readonly Case[] }

type Params = Readonly<Record<string, Tensor>>
type Mapped = (input: Params, params: Params) => Params
type Recipes = Readonly<Record<string, (h: Hyper) => Mapped>>

/** The first update of a transform. */
const first =
  (transform: Transform<AnyF>): Mapped =>
  (input, params) =>
    transform.update(input, transform.init(params), params, clockAt(0))[0]

const byNorm = (h: Hyper) => first(clipByGlobalNorm(h.maxNorm))
const byNormOfTorch = (h: Hyper) => first(clipByGlobalNorm(h.maxNorm, { eps: h.clipEps }))

/** What was made NaN by the first is seen by the second: where the norm is not finite, all is NaN, as in Keras. */
const byNormOfKeras = ({ maxNorm }: Hyper) => first(chain(clipByGlobalNorm(maxNorm), clipByGlobalNorm(maxNorm)))

const byNorms: Recipes = Object.fromEntries(
  ["above", "below", "zero", "at", "infinite", "nan"].flatMap(where => [
    [`clip-by-norm-${where}/optax`, byNorm],
    ...(where === "at" ? [] : [[`clip-by-norm-${where}/torch`, byNormOfTorch] as const]),
    ...(where === "at" ? [] : [[`clip-by-norm-${where}/keras`, byNormOfKeras] as const])
  ])
)

/** optax's unit of a rank 3 is a slice along its first axis alone: the rows of a matrix in our sense. */
const unitsOfOptax =
  (transform: Mapped): Mapped =>
  (input, params) => {
    const flat = Tree.map(t => (t.shape.length === 3 ? reshape(t, [t.shape[0] ?? 0, -1]) : t))
    return Tree.zipWith((u: Tensor, like: Tensor) => reshape(u, like.shape))(
      transform(flat(input), flat(params)),
      input
    )
  }

const adaptive = (h: Hyper) => unitsOfOptax(first(clipUnits(h.clipping, { eps: h.eps })))
const byLeafNorm = (h: Hyper) => first(clipLeaves(h.maxLeafNorm))

const clips: Recipes = {
  ...byNorms,
  "clip-by-value": h => first(clipElements(h.maxValue)),
  "clip-by-value-nan": h => first(clipElements(h.maxValue)),
  "clip-by-leaf-rms": h => first(clipLeaves(h.maxLeafRms, { measure: "rms" })),
  "clip-by-leaf-norm/keras": byLeafNorm,
  "clip-by-leaf-norm-zero/keras": byLeafNorm,
  "clip-adaptive": adaptive,
  "clip-adaptive-zero-params": adaptive,
  "clip-adaptive-zero": adaptive
}

/** O(g): the first update of Muon without anything around. */
const orthogonal =
  (more: NewtonSchulzOptions) =>
  ({ nsSteps, nsCoefficients, eps }: Hyper) =>
    first(scaleByMuon({ nsSteps, nsCoefficients, eps, momentum: 0, nesterov: false, adjust: "none", ...more }))

const scalings: Recipes = {
  centralize: () => first(centralize({ units: "first" })),
  normalize: ({ scale, eps }) => first(normalize({ scale, eps })),
  "normalize-zero": ({ scale, eps }) => first(normalize({ scale, eps })),
  sign: () => first(scaleBySign),
  "trust-ratio": h => first(scaleByTrustRatio(h)),
  "trust-ratio-zero": h => first(scaleByTrustRatio(h)),
  "orthogonalize-frobenius/optax": orthogonal({}),
  "orthogonalize-aol/optax": orthogonal({ preconditioning: "aol" }),
  "orthogonalize-schatten/optax": orthogonal({ preconditioning: "schatten" }),
  "orthogonalize/torch": orthogonal({ epsPlace: "bounding" })
}

const onto =
  (projection: Projection): Mapped =>
  input =>
    projection(input, scalar(0, "i32"))

/** Bounds of their own for every leaf. */
const boxes =
  ({ lower, upper }: Hyper): Mapped =>
  input =>
    Tree.map((t, path) => {
      const leaf = path as Leaf
      return ontoBox({ lower: lower[leaf], upper: upper[leaf] })(t, scalar(0, "i32"))
    })(input)

/** The sphere `Σ|p| = r`: sizes on the simplex, with their signs. */
const ontoL1Sphere = (radius: number): Mapped => {
  const sized = onto(ontoSimplex(radius))
  return (input, params) =>
    Tree.zipWith((size: Tensor, p: Tensor) => mul(sign(p), size))(sized(Tree.map(abs)(input), params), input)
}

const places = ["outside", "inside"]
const sets: Recipes = {
  "non-negative": () => onto(ontoNonNegative),
  box: boxes,
  simplex: h => onto(ontoSimplex(h.scale)),
  "simplex-scaled": h => onto(ontoSimplex(h.scale)),
  "l1-ball": h => onto(ontoL1Ball(h.radius)),
  "l1-sphere": h => ontoL1Sphere(h.radius),
  "l2-ball": h => onto(ontoL2Ball(h.radius)),
  "l2-sphere": h => first(normalize({ scale: h.radius })),
  "linf-ball": h => onto(ontoLInfBall(h.radius))
}

const projections: Recipes = {
  ...Object.fromEntries(
    Object.entries(sets).flatMap(([set, recipe]) => places.map(place => [`project-${set}-${place}`, recipe]))
  ),
  ...Object.fromEntries(
    ["vertex", "edge", "far", "ties", "one", "negative"].map(of => [
      `project-simplex-${of}`,
      (h: Hyper) => onto(ontoSimplex(h.scale))
    ])
  )
}

const recipes: Recipes = { ...clips, ...scalings, ...projections }

/** Cases that nothing here is composed to, and why. */
const notReached: Readonly<Record<string, string>> = {
  "orthogonalize-spectral/optax": "divides by the largest singular value, which we have no decomposition for"
}

const recipeName = ({ name }: Case): string => name.replace(/\/f(32|64)$/, "")

test("every case of the file has a recipe, or a reason not to have one", () => {
  const known = [...Object.keys(recipes), ...Object.keys(notReached)]
  const names = cases.map(({ name }) => name)
  expect(names.toSorted()).toEqual(known.flatMap(name => [`${name}/f32`, `${name}/f64`]).toSorted())
})

const tolerance = { f64: 1e-12, f32: 1e-5 }

/** The largest difference in a leaf, relative to its largest finite element; 0 where both are one. */
const worst = (ours: Tensor, theirs: Tensor): number => {
  const [actual, expected] = [[...toTyped(ours)], [...toTyped(theirs)]]
  const largest = Math.max(0, ...expected.filter(Number.isFinite).map(Math.abs))
  const apart = expected.map((value, i) => {
    const mine = actual[i] ?? NaN
    return mine === value || Object.is(mine, value) ? 0 : Math.abs(mine - value) / largest
  })
  return Math.max(...apart)
}

const offered = cases.filter(each => recipeName(each) in recipes)

/** How far the leaves of a case are from its recipe, at the worst. */
const deviation = (golden: Case): number => {
  const { dtype } = golden
  const read = (leaves: Leaves): Params =>
    Object.fromEntries(Object.entries(leaves).map(([name, numbers]) => [name, tensor(numbers, { dtype })]))
  const recipe = recipes[recipeName(golden)]
  if (recipe === undefined) throw new Error(`no recipe for ${golden.name}`)
  const ours = recipe(golden.hyper)(read(golden.input), read(golden.params ?? golden.input))
  const theirs = read(golden.output)
  expect(Tree.paths(ours)).toEqual(Tree.paths(theirs))
  const expected = Tree.leaves(theirs)
  const most = Math.max(...Tree.leaves(ours).map((leaf, i) => worst(leaf, expected[i] as Tensor)))
  return Number.isNaN(most) ? Infinity : most
}

const offs = new Map<string, number>()

test.each(offered.map(golden => [golden.name, golden] as const))("%s", (name, golden) => {
  const off = deviation(golden)
  offs.set(name, off)
  expect(off).toBeLessThanOrEqual(tolerance[golden.dtype])
})

test.each(["f64", "f32"] as const)("the worst of %s is within the tolerance", dtype => {
  const far = offered
    .filter(golden => golden.dtype === dtype)
    .map(({ name }) => [offs.get(name) ?? Infinity, name] as const)
  const [most, name] = far.reduce((a, b) => (b[0] > a[0] ? b : a))
  if (process.env["DEVIATIONS"] !== undefined) console.log(dtype, `${far.length} cases`, most, name)
  expect(most).toBeLessThanOrEqual(tolerance[dtype])
})
