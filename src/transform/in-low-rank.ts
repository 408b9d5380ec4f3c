import { add, rem, sub } from "../dataflow/arithmetic.js"
import { matmul } from "../dataflow/contract.js"
import { zeros } from "../dataflow/create.js"
import { factor, unpacked } from "../dataflow/factor.js"
import { eq } from "../dataflow/logic.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sliceAxis } from "../dataflow/slice.js"
import { transpose } from "../dataflow/structure.js"
import { choice, fixed, hyper, maskField, type OptionsOf } from "../options/fields.js"
import { nonNegative, positiveI32 } from "../options/range.js"
import { recipe, type Recipe } from "../options/recipe.js"
import { cond } from "../tree/cond.js"
import { Tree } from "../tree/index.js"
import { chosen } from "../tree/mask.js"
import { times } from "./common.js"
import { changeNeeds } from "./needs.js"
import { matrixLike } from "./scale-by-muon.js"
import {
  checkGoesByGradient,
  checkTransform,
  type Clock,
  type NeedsOf,
  type StateFamily,
  type StateOf,
  type Transform
} from "./transform.js"

const fields = {
  /** r: how many directions of a matrix are kept, a whole number from 1; all, if it has fewer. Default 128. */
  rank: fixed(positiveI32, 128),
  /** T: after how many steps they are found anew, a whole number from 1. Default 200. */
  gap: fixed(positiveI32, 200),
  /** α ≥ 0: what the updates of matrices are multiplied by. Default 0.25. */
  scale: hyper(nonNegative, 0.25),
  /** Which side of a matrix is projected: the "smaller" (the default, the paper's), or the "larger", of which less is kept (optax). */
  side: choice(["smaller", "larger"], "smaller"),
  /** Which leaves of rank 2 are projected: a `Mask`. Default all. */
  matrices: maskField("**")
}

/** How matrices are projected. */
export interface LowRankOptions extends OptionsOf<typeof fields> {}

type LowRankState<S extends Tree> = { readonly directions: readonly Tensor[]; readonly inner: S }

/**
 * The directions of each matrix that is projected, as orthonormal columns, in the order of the paths (`directions`), and the
 * state of the transform within, which keeps for them what it keeps for a matrix of so few rows or columns (`inner`).
 */
export interface LowRankF<F extends StateFamily> extends StateFamily {
  readonly type: LowRankState<StateOf<F, this["params"]>>
  readonly needs: NeedsOf<F, this["params"]>
}

/** What projects a matrix, and takes back what is of its directions. */
interface Projection {
  readonly start: (t: Tensor) => Tensor
  /** Left singular vectors where rows are projected, else right ones. NaN where a gradient is not finite. */
  readonly find: (g: Tensor) => Tensor
  readonly project: (directions: Tensor, g: Tensor) => Tensor
  readonly projectBack: (directions: Tensor, x: Tensor, like: Tensor) => Tensor
}

const projection = (rank: number, side: "smaller" | "larger"): Projection => {
  const ofRows = ({ shape: [rows = 0, columns = 0] }: Tensor): boolean =>
    side === "smaller" ? rows <= columns : rows >= columns
  const kept = ({ shape }: Tensor): number => Math.min(rank, ...shape)
  return {
    start: t => zeros([t.shape[ofRows(t) ? 0 : 1] ?? 0, kept(t)], t.dtype),
    find: g => {
      const packed = factor("svd", g, { operation: "inLowRank", onFailure: "nan" })
      const [u, , v] = unpacked("svd", packed, g.shape) as [Tensor, Tensor, Tensor]
      return sliceAxis(ofRows(g) ? u : v, 1, 0, kept(g))
    },
    project: (directions, g) => (ofRows(g) ? matmul(transpose(directions), g) : matmul(g, directions)),
    projectBack: (directions, x, like) => (ofRows(like) ? matmul(directions, x) : matmul(x, transpose(directions)))
  }
}

/** Each leaf that is meant together with its own of a list, which is as long as there are such leaves. */
const zipChosen = <P extends Tree, A>(
  keep: readonly boolean[],
  tree: P,
  own: readonly A[],
  f: (leaf: Tensor, own: A) => Tensor
): P => {
  const { leaves, structure } = Tree.flatten(tree)
  const rest = own.values()
  return Tree.unflatten<P>(structure)(leaves.map((t, i) => (keep[i] ? f(t, rest.next().value as A) : t)))
}

/**
 * Applies a transform to gradients projected onto few directions, so that it keeps little for a matrix: of a matrix `G` of no
 * more rows than columns, at every `T`-th step `P` is made of the first `r` left singular vectors of `G`; the transform is given
 * `Pᵀ·G`, and what it makes of that, `N`, is taken back, `α·P·N`. Of a matrix of more rows, `G·Q` and `α·N·Qᵀ` with right ones.
 *
 * With `side: "larger"` the other way round: left singular vectors where there are no fewer rows than columns.
 *
 * `matrices`: which leaves of rank 2, all if absent; others are handed to the transform as they are. What the transform keeps goes
 * on when directions change, as in the paper. Between, no singular values are computed. The transform is shown parameters projected
 * as gradients are, and an objective of these: `f(p + P·(x - Pᵀ·p))`. Updates of a gradient that is not finite are NaN until
 * directions are found anew. Throws a `HyperparameterError` for options out of range, and for a transform that needs the
 * gradient of each example; a `TreeError` for a pattern that matches no matrix.
 *
 * Laws: with all directions, of `identity`, the gradient times α; updates of a matrix have no more than rank `r`; without
 * matrices, the transform itself.
 * Source: Zhao et al. 2024, arXiv 2403.03507, Algorithms 1 and 2. Of each singular vector one component is made positive (see
 * `svd`), where the paper says nothing.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray } from "thalweg"
 * import { clockAt, identity, inLowRank } from "thalweg/transform"
 *
 * const g = tensor([[3, 0], [0, 1]])
 * const low = inLowRank({ rank: 1, scale: 1 })(identity)
 * const [u, { directions }] = low.update(g, low.init(g), g, clockAt(0)) // the larger of two directions is kept
 * assert.deepStrictEqual([toArray(u), directions[0]?.shape], [[[3, 0], [0, 0]], [2, 1]])
 */
export const inLowRank: Recipe<
  typeof fields,
  (options?: LowRankOptions) => <F extends StateFamily>(transform: Transform<F>) => Transform<LowRankF<F>>
> = recipe(
  "inLowRank",
  fields,
  {},
  ({ rank, gap, scale, side, matrices }) =>
    <F extends StateFamily>(transform: Transform<F>): Transform<LowRankF<F>> => {
      const {
        init,
        update,
        rate,
        needs = []
      } = checkGoesByGradient("inLowRank", checkTransform("inLowRank", transform))
      const meant = (tree: Tree): readonly boolean[] => chosen("inLowRank", matrices, tree, matrixLike(false))
      const { start, find, project, projectBack } = projection(rank, side)
      const begin = (params: Tree): readonly Tensor[] =>
        Tree.leaves(params)
          .filter((_, i) => meant(params)[i])
          .map(start)
      return {
        init: params => {
          const directions = begin(params)
          return { directions, inner: init(zipChosen(meant(params), params, directions, (t, p) => project(p, t))) }
        },
        update: (updates, state, params, now) => {
          const keep = meant(params)
          const gradients = Tree.leaves(updates).filter((_, i) => keep[i])
          const directions = cond(
            eq(rem(now.step, gap), 0),
            (ofNow: readonly Tensor[]) => ofNow.map(find),
            (_: readonly Tensor[], before: readonly Tensor[]) => before,
            gradients,
            state.directions
          )
          const shown = <Q extends Tree>(tree: Q): Q => zipChosen(keep, tree, directions, (t, p) => project(p, t))
          const from = Tree.leaves(params).filter((_, i) => keep[i])
          const kept = directions.map((own, i) => ({ own, at: from[i] as Tensor }))
          /** Where projected parameters lie: in the directions kept, through the parameters. */
          const whole = <Q extends Tree>(tree: Q): Q =>
            zipChosen(keep, tree, kept, (x, { own, at }) => add(at, projectBack(own, sub(x, project(own, at)), at)))
          const within = changeNeeds<F, typeof params>(now, { objective: objective => at => objective(whole(at)) })
          const [made, inner] = update(shown(updates), state.inner, shown(params), within)
          const alpha = scale(now.step)
          const taken = zipChosen(keep, made, kept, (x, { own, at }) => times(projectBack(own, x, at), alpha))
          return [taken, { directions, inner }]
        },
        ...(rate && { rate: (state: LowRankState<StateOf<F, Tree>>, now: Clock) => rate(state.inner, now) }),
        needs
      }
    }
)
