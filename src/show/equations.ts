import { checkOptions } from "../dataflow/check.js"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { AnyOptimizer } from "../optimizer/optimizer.js"
import type { Tree, TreeLike } from "../tree/index.js"
import type { Doc } from "./doc.js"
import { latex } from "./latex.js"
import { definitionsOf, isReferred } from "./definitions.js"
import { write, type Notation } from "./notation.js"
import { listingOf, type Listing } from "./listing.js"
import type { Term } from "./term.js"
import { text } from "./text.js"
import { symbolicStep, type ShowOptions } from "./step.js"

const notations = { text, latex } satisfies Readonly<Record<string, Notation>>

/** How the equations of an optimizer are written. */
export interface EquationsOptions<P extends object = Tree> extends ShowOptions<P> {
  /** `text`, the default: one line for each. `latex`: an `aligned` environment, for amsmath or MathJax. */
  readonly notation?: "text" | "latex"
}

const print = (notation: Notation, listing: Listing): string => {
  const definitions = definitionsOf(listing)
  const names = new Map(
    [...definitions]
      .filter(isReferred)
      .reverse()
      .map(({ name, term }) => [term, name])
  )
  const bodies = new Map<Term, Doc>()
  const reference = (t: Term, except?: string): Doc => {
    const name = t.args.length === 0 ? undefined : names.get(t)
    return name === undefined || name === except ? (bodies.get(t) ?? []) : notation.symbol(name)
  }
  for (const t of listing.terms)
    bodies.set(
      t,
      write(
        notation,
        t,
        t.args.map(a => reference(a))
      )
    )
  return notation.equations(definitions.map(({ name, term }) => [notation.symbol(name), reference(term, name)]))
}

/**
 * Writes what one step of an optimizer computes, as equations.
 *
 * They are read off the expression that `step` builds, so that they say what the code does: `p` is the parameter, `g`
 * its gradient, `t` the number of steps made so far, `loss` the loss (if it is needed), `f` the objective (`∇f(…)` its gradient
 * at a point, `∇²f(…)·v` a product of its Hessian), `g_examples` the gradients of the examples of a batch, one below the other, as
 * if there were two, other symbols are leaves of the
 * state, named by the end of their path; a prime marks the value after the step. If the gradient is to be taken
 * elsewhere than at the parameter, `g = ∇f(…)` says where (`gradientPoint`); if something else than the parameter is to
 * be deployed (`evalParams`), the last line says what: `deployed' = …`. Terms that are used more than once are `x₁`,
 * `x₂`, …; leaves of the state that never change are left out. Between matrices `·` is their product, `⊙` that of their
 * elements. Rounding aside, which makes moments 0 that would be subnormal, an equation means what is computed; constants
 * have twelve digits, `a mod b` has the sign of `a`, and dtypes do not show. Throws what `init` and `step` throw on such parameters.
 *
 * `shape`: of the parameter, default a vector (`Σ` is a sum over its elements). An optimizer for matrices shows what it
 * does elsewhere unless asked for one: `equations(muon(), { shape: [2, 3] })`. `params`: a tree of parameters to show
 * instead, of which shapes and paths count; names are made of paths (`enc/w` is `enc_w`, its gradient `g_enc_w`), and in
 * `g_enc_w = ∇f(…)` stands where `enc_w` is then. An optimizer that looks at paths (`freeze`, `partition`) needs it,
 * else it is a `TreeError`. `notation`: `"text"` or `"latex"`.
 *
 * @example
 * import assert from "node:assert"
 * import { pipe, zeros } from "thalweg"
 * import { adam, clipByNorm, freeze, nag, withWeightDecay } from "thalweg/optimizer"
 * import { equations } from "thalweg/show"
 *
 * const opt = pipe(adam({ learningRate: 0.001 }), withWeightDecay(0.01), clipByNorm(1))
 * assert.strictEqual(
 *   equations(opt),
 *   `t' = t + 1
 * x₁ = g/max(√(Σ g²), 1)
 * mu' = 0.9·mu + 0.1·x₁
 * nu' = 0.999·nu + 0.001·x₁²
 * p' = p - 0.001·mu'/(√nu'·(1 - 0.9^t')/√(1 - 0.999^t') + 1e-8·(1 - 0.9^t')) - 1e-5·p`
 * )
 *
 * const parts = pipe(nag({ learningRate: 0.1, momentum: 0.9 }), freeze("enc/*"))
 * assert.strictEqual(
 *   equations(parts, { params: { enc: { w: zeros([2, 3]) }, head: zeros([3]) } }),
 *   `g_head = ∇f(head + 0.9·velocity_head)
 * enc_w' = enc_w
 * velocity_head' = 0.9·velocity_head - 0.1·g_head
 * head' = head + velocity_head'`
 * )
 */
export const equations = <P extends TreeLike<P>>(
  optimizer: AnyOptimizer,
  options: EquationsOptions<P> = {}
): string => {
  const { notation = "text", ...others } = checkOptions("equations", options, ["notation", "shape", "params"])
  if (typeof notation !== "string" || !Object.hasOwn(notations, notation))
    fail("HyperparameterError", "equations", "notation to be text or latex", describeValue(notation))
  return print(notations[notation], listingOf(symbolicStep("equations", optimizer, others)))
}
