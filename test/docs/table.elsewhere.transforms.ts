import { pipe } from "thalweg"
import {
  accumulate,
  adam,
  centralizeGradients,
  clipAdaptive,
  clipByLeafNorm,
  clipByNorm,
  clipByValue,
  ifFinite,
  lookahead,
  normalizeGradients,
  ontoBox,
  ontoL1Ball,
  ontoL2Ball,
  ontoLInfBall,
  ontoNonNegative,
  ontoSimplex,
  optimizer,
  partition,
  project,
  sgd,
  withEma,
  withL2,
  withWeightDecay
} from "thalweg/optimizer"
import { exponential } from "thalweg/schedule"
import { applyWhere, chain, scaleByLearningRate, trace } from "thalweg/transform"
import { same, words, type ElsewhereRow } from "./table.elsewhere.row.js"

const wrappers: readonly ElsewhereRow[] = [
  words(
    "`init(params)`, `update(…)`, `apply_updates`",
    "`init(params)`, `update(grads, state, params)`, `step(params, state, grads)`"
  ),
  same(
    "chain(clip_by_global_norm(maxNorm), adamw(…))",
    ({ learningRate, b1, b2, eps, weightDecay, maxNorm }) =>
      pipe(adam({ learningRate, b1, b2, eps }), withWeightDecay(weightDecay), clipByNorm(maxNorm)),
    "optax/clip-adam-decay"
  ),
  same(
    "adam(exponential_decay(…), …)",
    ({ learningRate, schedule, b1, b2, eps }) =>
      adam({ learningRate: exponential({ start: learningRate, rate: schedule.exponential }), b1, b2, eps }),
    "optax/adam-exponential"
  ),
  words("inject_hyperparams", "nothing: a hyperparameter may be a tensor or a schedule"),
  words("scale_by_schedule", "`withSchedule`, or a schedule as `learningRate`"),
  same(
    "`multi_transform`, `partition`",
    ({ adam: moments, sgd: heavy, labels }) =>
      partition({ adam: adam(moments), sgd: sgd(heavy), frozen: sgd({ learningRate: 0 }) }, labels),
    "combinators/partition"
  ),
  same(
    'masked(trace(momentum), {"kernel": True, …})',
    ({ learningRate, momentum }) =>
      optimizer(chain(applyWhere("kernel")(trace({ decay: momentum })), scaleByLearningRate(learningRate))),
    "combinators/masked"
  ),
  words(
    "`masked(opt, mask)`",
    "`masked(mask)`, where the other parameters stay; `applyWhere(mask)`, where their updates pass as they are"
  ),
  words("`freeze`, `selective_transform`, `set_to_zero`", "`freeze` and `masked`"),
  same(
    "MultiSteps(…, every)",
    ({ learningRate, momentum, every }) => pipe(sgd({ learningRate, momentum }), accumulate(every)),
    "combinators/accumulate-momentum"
  ),
  words("apply_every(k)", "`accumulate(k)` comes near: of the mean gradient, not of the sum of updates"),
  same(
    "apply_if_finite(…, tolerate)",
    ({ learningRate, momentum, tolerate }) => pipe(sgd({ learningRate, momentum }), ifFinite({ tolerate })),
    "combinators/if-finite-momentum"
  ),
  same(
    "lookahead(…, sync_period=every, slow_step_size=mix)",
    ({ learningRate, momentum, every, mix }) => pipe(sgd({ learningRate, momentum }), lookahead({ every, mix })),
    "combinators/lookahead-momentum"
  ),
  same(
    "lookahead(…, reset_state=True)",
    ({ learningRate, momentum, every, mix }) =>
      pipe(sgd({ learningRate, momentum }), lookahead({ every, mix, atSync: "reset" })),
    "combinators/lookahead-momentum-reset"
  ),
  same(
    "`ema(emaDecay)` of the parameters",
    ({ learningRate, momentum, emaDecay }) => pipe(sgd({ learningRate, momentum }), withEma(emaDecay)),
    "combinators/ema"
  )
]

const gradients: readonly ElsewhereRow[] = [
  same(
    "clip_by_global_norm(maxNorm)",
    ({ learningRate, momentum, maxNorm }) => pipe(sgd({ learningRate, momentum }), clipByNorm(maxNorm)),
    "combinators/clip-by-norm"
  ),
  same(
    "clip(maxValue)",
    ({ learningRate, momentum, maxValue }) => pipe(sgd({ learningRate, momentum }), clipByValue(maxValue)),
    "combinators/clip-by-value"
  ),
  same(
    "clip_by_block_rms(maxLeafRms)",
    ({ learningRate, momentum, maxLeafRms }) =>
      pipe(sgd({ learningRate, momentum }), clipByLeafNorm(maxLeafRms, { measure: "rms" })),
    "combinators/clip-by-leaf-rms"
  ),
  same(
    "adaptive_grad_clip(clipping, eps)",
    ({ learningRate, momentum, clipping, eps }) =>
      pipe(sgd({ learningRate, momentum }), clipAdaptive(clipping, { eps })),
    "combinators/clip-adaptive-eps"
  ),
  same(
    "centralize()",
    ({ learningRate, momentum }) => pipe(sgd({ learningRate, momentum }), centralizeGradients({ units: "first" })),
    "combinators/centralize"
  ),
  same(
    "normalize_by_update_norm()",
    ({ learningRate, momentum }) => pipe(sgd({ learningRate, momentum }), normalizeGradients({ eps: 1e-6 })),
    "combinators/normalize"
  ),
  same(
    "`add_decayed_weights(l2)`, first in a chain",
    ({ learningRate, b1, b2, eps, l2 }) => pipe(adam({ learningRate, b1, b2, eps }), withL2(l2)),
    "combinators/l2-adam"
  ),
  same(
    '`add_decayed_weights(…, mask={"kernel": True, …})`, after `scale_by_adam`',
    ({ learningRate, b1, b2, eps, weightDecay }) =>
      pipe(adam({ learningRate, b1, b2, eps }), withWeightDecay(weightDecay, { mask: "kernel" })),
    "combinators/decay-masked"
  ),
  words("add_noise", "`addNoise`, with the same distribution and other draws"),
  words(
    "`scale_by_adam`, `trace`, `scale`, `identity`, …",
    "`scaleByAdam`, `trace`, `scale`, `identity`, … of `thalweg/transform`"
  ),
  words("`skip_large_updates`, `zero_nans`, `stateless(f)`", "a `Transform` of your own, lifted by `onGradient`")
]

const projections: readonly ElsewhereRow[] = [
  same(
    "keep_params_nonnegative()",
    ({ learningRate, momentum }) => pipe(sgd({ learningRate, momentum }), project(ontoNonNegative)),
    "combinators/keep-non-negative"
  ),
  same(
    "projection_box",
    ({ learningRate, momentum, lower, upper }) =>
      pipe(sgd({ learningRate, momentum }), project(ontoBox({ lower, upper }))),
    "combinators/project-box"
  ),
  same(
    "projection_l1_ball",
    ({ learningRate, momentum, radius }) => pipe(sgd({ learningRate, momentum }), project(ontoL1Ball(radius))),
    "combinators/project-l1-ball"
  ),
  same(
    "projection_l2_ball",
    ({ learningRate, momentum, radius }) => pipe(sgd({ learningRate, momentum }), project(ontoL2Ball(radius))),
    "combinators/project-l2-ball"
  ),
  same(
    "projection_linf_ball",
    ({ learningRate, momentum, radius }) => pipe(sgd({ learningRate, momentum }), project(ontoLInfBall(radius))),
    "combinators/project-linf-ball"
  ),
  same(
    "projection_simplex",
    ({ learningRate, momentum, scale }) => pipe(sgd({ learningRate, momentum }), project(ontoSimplex(scale))),
    "combinators/project-simplex"
  )
]

/** What optax puts around optimizers and into chains: wrappers, gradient transformations, projections. */
export const transformRows: readonly ElsewhereRow[] = [...wrappers, ...gradients, ...projections]
