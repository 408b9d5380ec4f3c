import { minimum, mul, pipe } from "thalweg"
import {
  adam,
  lookahead,
  mechanize,
  momentum,
  ontoBox,
  ontoL1Ball,
  ontoL2Ball,
  ontoLInfBall,
  ontoNonNegative,
  ontoSimplex,
  project,
  sgd,
  withEma,
  withPolyakAverage
} from "thalweg/optimizer"
import { overwriteEvery } from "./aside.js"
import { golden, known, type Family } from "./variant.js"

const wide = () => ({ radius: 20 })

/** What acts on parameters after a step: averages and projections. */
export const parameters = {
  leader: "lookahead",
  rows: {
    lookahead: {
      variants: [
        known(
          { optaxBeside: "lookahead(…, sync_period=every, slow_step_size=mix)" },
          ({ learningRate, momentum, every, mix }) => pipe(sgd({ learningRate, momentum }), lookahead({ every, mix })),
          ...["combinators/lookahead-momentum", "torch/lookahead-sgd", "torch/lookahead-sgd-momentum"],
          "optax/lookahead-sgd"
        ),
        known(
          { optaxBeside: "lookahead(…, reset_state=True)" },
          ({ learningRate, momentum, every, mix }) =>
            pipe(sgd({ learningRate, momentum }), lookahead({ every, mix, atSync: "reset" })),
          "combinators/lookahead-momentum-reset"
        ),
        golden(
          ({ learningRate, momentum, every, mix }) =>
            pipe(sgd({ learningRate, momentum }), lookahead({ every, mix, atSync: "pullback" })),
          "combinators/lookahead-momentum-pullback"
        ),
        golden(
          ({ every, mix, ...h }) => pipe(adam(h), lookahead({ every, mix })),
          ...["combinators/lookahead-adam", "torch/lookahead-adam"]
        ),
        golden(
          ({ learningRate, b1, b2, eps, every, mix }) =>
            pipe(adam({ learningRate, b1, b2, eps }), lookahead({ every, mix, atSync: "reset" })),
          "combinators/lookahead-adam-reset"
        )
      ],
      sampling: { always: { every: 2 } }
    },
    mechanize: {
      variants: [
        known(
          { contrib: "mechanize(sgd(lr))" },
          ({ learningRate }) => pipe(sgd({ learningRate }), mechanize({ sum: "recovered" })),
          "optax/mechanize-default"
        ),
        golden(
          ({ learningRate, momentum, ...h }) =>
            pipe(sgd({ learningRate, momentum }), mechanize({ ...h, sum: "recovered" })),
          ...["optax/mechanize", "optax/mechanize-options"]
        ),
        golden(
          ({ adam: options, ...h }) => pipe(adam(options), mechanize({ ...h, sum: "recovered" })),
          "optax/mechanize-adam"
        ),
        golden(
          ({ learningRate, momentum, ...h }) => pipe(sgd({ learningRate, momentum }), mechanize(h)),
          "paper/mechanize"
        )
      ],
      descent: () => ({ sInit: 0.1 }),
      sampling: { always: { sInit: 0.1 } }
    },
    withEma: {
      variants: [
        known(
          { optaxBeside: "`ema(emaDecay)` of the parameters" },
          ({ learningRate, momentum, emaDecay }) => pipe(sgd({ learningRate, momentum }), withEma(emaDecay)),
          "combinators/ema"
        ),
        golden(({ emaDecay, ...h }) => pipe(sgd(h), withEma(emaDecay, { start: "zero" })), "combinators/ema-biased"),
        known(
          { torchBeside: "swa_utils.get_ema_multi_avg_fn(emaDecay)" },
          ({ learningRate, momentum, emaDecay }) =>
            pipe(
              sgd({ learningRate, momentum }),
              withEma(t => mul(minimum(t, 1), emaDecay))
            ),
          "torch/sgd-ema"
        ),
        known(
          { kerasBeside: "use_ema=True, ema_momentum=emaDecay" },
          ({ learningRate, momentum: gamma, emaDecay }) =>
            pipe(
              momentum({ learningRate, momentum: gamma }),
              withEma(t => mul(minimum(t, 1), emaDecay))
            ),
          "keras/ema"
        ),
        golden(
          ({ emaDecay, every, ...h }) =>
            pipe(
              sgd(h),
              withEma(t => mul(minimum(t, 1), emaDecay)),
              overwriteEvery(every)
            ),
          "keras/ema-overwrite"
        )
      ],
      descent: () => ({ decay: 0.9 })
    },
    withPolyakAverage: {
      variants: [
        known(
          { torchBeside: "swa_utils.AveragedModel" },
          ({ learningRate, momentum }) => pipe(sgd({ learningRate, momentum }), withPolyakAverage()),
          "torch/sgd-average"
        )
      ],
      // The mean over the whole of a bent way lies beside it.
      descent: ({ steps }) => ({ skip: steps / 2 })
    },
    ontoNonNegative: {
      variants: [
        known(
          { optaxBeside: "keep_params_nonnegative()" },
          ({ learningRate, momentum }) => pipe(sgd({ learningRate, momentum }), project(ontoNonNegative)),
          ...["combinators/keep-non-negative", "combinators/project-non-negative"]
        )
      ]
    },
    ontoBox: {
      variants: [
        known(
          { optaxBeside: "projection_box" },
          ({ learningRate, momentum, lower, upper }) =>
            pipe(sgd({ learningRate, momentum }), project(ontoBox({ lower, upper }))),
          "combinators/project-box"
        )
      ],
      sampling: { always: { lower: -0.2, upper: 0.3 } }
    },
    ontoL1Ball: {
      variants: [
        known(
          { optaxBeside: "projection_l1_ball" },
          ({ learningRate, momentum, radius }) => pipe(sgd({ learningRate, momentum }), project(ontoL1Ball(radius))),
          "combinators/project-l1-ball"
        )
      ],
      descent: wide
    },
    ontoL2Ball: {
      variants: [
        known(
          { optaxBeside: "projection_l2_ball" },
          ({ learningRate, momentum, radius }) => pipe(sgd({ learningRate, momentum }), project(ontoL2Ball(radius))),
          "combinators/project-l2-ball"
        )
      ],
      descent: wide
    },
    ontoLInfBall: {
      variants: [
        known(
          { optaxBeside: "projection_linf_ball" },
          ({ learningRate, momentum, radius }) => pipe(sgd({ learningRate, momentum }), project(ontoLInfBall(radius))),
          "combinators/project-linf-ball"
        )
      ],
      descent: wide
    },
    ontoSimplex: {
      variants: [
        known(
          { optaxBeside: "projection_simplex" },
          ({ learningRate, momentum, scale }) => pipe(sgd({ learningRate, momentum }), project(ontoSimplex(scale))),
          "combinators/project-simplex"
        )
      ],
      descent: () => ({ total: 2 })
    }
  }
} satisfies Family
