import {
  abs,
  add,
  all,
  and,
  cast,
  ge,
  gt,
  isFinite,
  isNaN,
  le,
  neg,
  not,
  or,
  scalar,
  Tree,
  where,
  type Tensor
} from "thalweg"
import { ifFiniteLaws, maximizeLaws } from "thalweg/laws"
import {
  around,
  clocked,
  ifFinite,
  maximize,
  noMove,
  optimizerOf,
  type AnyOptimizer,
  type Clocked,
  type IfFiniteOptions
} from "thalweg/optimizer"
import type { AnyF, Need } from "thalweg/transform"
import { mutant, type Mutants } from "../mutant.js"
import { after, before, rateless, type Wrap } from "./wrap.js"

interface Parts {
  /** Whether an element is fit. */
  readonly fit: (t: Tensor) => Tensor
  /** Whether a row is too long to be skipped. */
  readonly tooLong: (row: Tensor, tolerate: number) => Tensor
  readonly looked: (grads: Tree, loss: Tree) => Tree
  /** The row after a finite gradient. */
  readonly ended: (row: Tensor) => Tensor
  /** The state inside after a skip. */
  readonly skipped: (before: Tree, after: Tree) => Tree
}

type State = { readonly inRow: Tensor; readonly skipped: Tensor; readonly inner: Clocked<Tree> }

const right: Parts = {
  fit: isFinite,
  tooLong: gt,
  looked: (grads, loss) => [grads, loss],
  ended: () => scalar(0, "i32"),
  skipped: state => state
}

const pick = <T extends Tree>(condition: Tensor, yes: T, no: T): T =>
  Tree.zipWith((a: Tensor, b: Tensor) => where(condition, a, b))(yes, no)

/** A guard of one's own making. */
const made =
  (parts: Partial<Parts>) =>
  ({ tolerate = Infinity }: IfFiniteOptions = {}): Wrap =>
  inner => {
    const { fit, tooLong, looked, ended, skipped } = { ...right, ...parts }
    const stepping: AnyOptimizer = optimizerOf(clocked(inner.motion))
    const { init, move } = stepping.motion
    return around<AnyF, AnyF>(stepping, {
      needs: [...new Set<Need>([...inner.needs, "loss"])],
      init: params => ({ inRow: scalar(0, "i32"), skipped: scalar(0, "i32"), inner: init(params) }),
      move: (grads, before, params, now) => {
        const state = before as State
        const seen = looked(grads, now.loss ?? [])
        const fine = Tree.reduce(scalar(true), (sofar, t) => and(sofar, all(fit(t))))(seen)
        const inRow = where(fine, ended(state.inRow), add(state.inRow, 1))
        const apply = tolerate === Infinity ? fine : or(fine, tooLong(inRow, tolerate))
        const counts = { inRow, skipped: add(state.skipped, cast(not(apply), "i32")) }
        const [moved, next] = move(grads, state.inner, params, now)
        const inside = pick(apply, next, skipped(state.inner, next))
        return [pick(apply, moved, noMove(params)), { ...counts, inner: inside }]
      }
    })
  }

const suite = (how: (options?: IfFiniteOptions) => Wrap) => ifFiniteLaws(how)
const broken = (parts: Partial<Parts>) => suite(made(parts))

const goingOn = broken({ skipped: (_, next) => next })

export const ifFiniteMutants: Mutants = {
  "ifFinite of finite gradients is the optimizer inside": [
    mutant("skips what is large, too", broken({ fit: t => le(abs(t), 2) }))
  ],
  "a skip changes neither parameters nor the state inside": [mutant("lets the state inside go on", goingOn)],
  "what is skipped leaves no trace": [
    mutant("lets the state inside go on", goingOn),
    mutant("looks for NaN only", broken({ fit: t => not(isNaN(t)) }))
  ],
  "more than are tolerated in a row are applied": [mutant("tolerates one less", broken({ tooLong: ge }))],
  "a finite gradient ends the row": [mutant("counts all that were ever bad", broken({ ended: row => row }))],
  "a loss that is not finite is skipped": [mutant("looks at gradients only", broken({ looked: grads => grads }))],
  "ifFinite keeps the rate": [
    mutant(
      "says a rate of its own",
      suite(options => rateless(inner => ifFinite(options)(inner)))
    )
  ]
}

const climbs = (how: Wrap) => maximizeLaws(how)

const negative = Tree.map(neg) as (tree: Tree) => Tree

export const maximizeMutants: Mutants = {
  "to maximize is to minimize the negative": [
    mutant("negates the displacement", climbs(after(negative))),
    mutant(
      "does nothing",
      climbs(inner => inner)
    )
  ],
  "maximize twice changes nothing": [
    mutant("climbs the size of the gradient", climbs(before(Tree.map(t => neg(abs(t))))))
  ],
  "maximize negates the loss": [mutant("negates the gradient alone", climbs(before(negative)))],
  "maximize keeps the rate": [mutant("says a rate of its own", climbs(rateless(inner => maximize(inner))))]
}
