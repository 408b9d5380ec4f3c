import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { tensor, toTyped, Tree } from "thalweg"
import { scaleByMuon, scaleBySign, scaleByTrustRatio, type StateFamily, type Transform } from "thalweg/transform"

type Numbers = number | readonly Numbers[]
type Leaves = Readonly<Record<string, Numbers>>
interface Case {
  readonly name: string
  readonly dtype: "f32" | "f64"
  readonly hyper: {
    readonly trustCoefficient: number
    readonly eps: number
    readonly nsSteps: number
    readonly nsCoefficients: readonly number[]
  }
  readonly input: Leaves
  readonly params?: Leaves
  readonly output: Leaves
}

const { cases } = JSON.parse(readFileSync("test/golden/catalogue_transforms.json", "utf8")) as {
  cases: readonly Case[]
}

/** O(g): the first update of Muon without anything around. */
const orthogonal = ({ nsSteps, nsCoefficients, eps }: Case["hyper"], more: object) =>
  scaleByMuon({ nsSteps, nsCoefficients, eps, momentum: 0, nesterov: false, adjust: "none", ...more })

const any = <F extends StateFamily>(transform: Transform<F>) => transform as unknown as Transform<StateFamily>
const transforms: Readonly<Record<string, (h: Case["hyper"]) => Transform<StateFamily>>> = {
  sign: () => any(scaleBySign),
  "trust-ratio": h => any(scaleByTrustRatio(h)),
  "trust-ratio-zero": h => any(scaleByTrustRatio(h)),
  "orthogonalize-frobenius/optax": h => any(orthogonal(h, {})),
  "orthogonalize-aol/optax": h => any(orthogonal(h, { preconditioning: "aol" })),
  "orthogonalize-schatten/optax": h => any(orthogonal(h, { preconditioning: "schatten" })),
  "orthogonalize/torch": h => any(orthogonal(h, { epsPlace: "bounding" }))
}
const notOffered = ["orthogonalize-spectral/optax"] // divides by a singular value

const recipeName = (name: string): string => name.replace(/\/f(32|64)$/, "")
const mine = cases.filter(({ name }) => /^(sign|trust-ratio|orthogonalize)/.test(name))

test("every case is offered, or listed", () => {
  const names = [...new Set(mine.map(({ name }) => recipeName(name)))]
  expect(names.toSorted()).toEqual([...Object.keys(transforms), ...notOffered].toSorted())
})

describe("goldens", () => {
  test.each(mine.filter(({ name }) => recipeName(name) in transforms).map(c => [c.name, c] as const))("%s", (_, c) => {
    const read = (leaves: Leaves): Tree =>
      Object.fromEntries(Object.entries(leaves).map(([k, v]) => [k, tensor(v, { dtype: c.dtype })]))
    const transform = transforms[recipeName(c.name)]?.(c.hyper) as Transform<StateFamily>
    const [input, params] = [read(c.input), read(c.params ?? c.input)]
    const [updates] = transform.update(input, transform.init(params), params)
    const numbers = (tree: Tree): readonly number[] => Tree.leaves(tree).flatMap(t => [...toTyped(t)])
    const expected = numbers(read(c.output))
    const largest = Math.max(...expected.map(Math.abs))
    numbers(updates).forEach((value, i) => {
      expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThanOrEqual((c.dtype === "f64" ? 1e-12 : 1e-5) * largest)
    })
  })
})
