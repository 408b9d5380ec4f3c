import { combinators, optimizers, type AnyOptimizer } from "thalweg/optimizer"
import { piecewiseConstant } from "thalweg/schedule"

interface Rates {
  /** Of what follows the gradient. */
  readonly rate: number
  /** Of what rescales the gradient: about the length of a step. */
  readonly pace: number
}

type Named<A> = Readonly<Record<string, A>>

/** The classics by family and name. Rates are equal within a family unless a paper or the nature of one says otherwise. */
export const classics = ({ rate, pace }: Rates): Named<Named<AnyOptimizer>> => {
  const momentum = optimizers.momentum.make({ learningRate: rate })
  // The first five steps of RAdam follow the gradient, the next ones are short.
  const rectified = piecewiseConstant({ boundaries: [5], values: [rate, 2 * pace] })
  return {
    "along the gradient": {
      sgd: optimizers.sgd.make({ learningRate: rate }),
      momentum,
      nag: optimizers.nag.make({ learningRate: rate }),
      lookahead: combinators.lookahead.make({})(momentum)
    },
    "by coordinate": {
      adagrad: optimizers.adagrad.make({ learningRate: 4 * pace }),
      adadelta: optimizers.adadelta.make({ eps: (pace / 5) ** 2 }),
      rmsprop: optimizers.rmsprop.make({ learningRate: pace }),
      rprop: optimizers.rprop.make({ learningRate: pace })
    },
    "Adam and its kin": {
      adam: optimizers.adam.make({ learningRate: pace }),
      adamax: optimizers.adamax.make({ learningRate: 2 * pace }),
      nadam: optimizers.nadam.make({ learningRate: pace }),
      amsgrad: optimizers.amsgrad.make({ learningRate: pace }),
      adamw: optimizers.adamw.make({ learningRate: pace }),
      radam: optimizers.radam.make({ learningRate: rectified }),
      adabound: optimizers.adabound.make({ learningRate: pace, finalRate: 3 * rate, gamma: 0.1 })
    }
  }
}
