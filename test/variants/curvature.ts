import { adahessian, lbfgs, optimizer, sophia } from "thalweg/optimizer"
import { linear } from "thalweg/schedule"
import { chain, scaleByLbfgs, scaleByLearningRate } from "thalweg/transform"
import { golden, known, type Family } from "./variant.js"

/** What goes by how the objective curves. */
export const curvature = {
  leader: "lbfgs",
  rows: {
    lbfgs: {
      variants: [
        known({ optax: "lbfgs(memory_size=memory)" }, ({ memory }) => lbfgs({ memory }), "optax/lbfgs"),
        golden(
          ({ learningRate, memory }) => optimizer(chain(scaleByLbfgs({ memory }), scaleByLearningRate(learningRate))),
          "optax/scale-by-lbfgs"
        )
      ]
    },
    adahessian: {
      variants: [
        golden(
          h => adahessian({ ...h, seed: 0, spatialAverage: false }),
          ...["pytorch_optimizer/adahessian", "pytorch_optimizer/adahessian-power"]
        ),
        golden(h => adahessian({ ...h, seed: 0 }), "paper/adahessian-spatial")
      ],
      descent: () => ({ seed: 1 }),
      sampling: { flat: { b2: "the curvature of the loss does not change" } }
    },
    sophia: {
      variants: [
        known(
          { contrib: "sophia(lr, b1, b2, …)" },
          h => sophia({ ...h, seed: 0, probe: "signs", biasCorrection: true, estimate: "old" }),
          ...["optax/sophia", "optax/sophia-decay"]
        ),
        golden(h => sophia({ ...h, seed: 0, probe: "signs" }), "paper/sophia")
      ],
      // Its steps are of constant length, where little is known of the curvature.
      descent: ({ steps, pace }) => ({ seed: 1, gamma: 1, learningRate: linear({ start: 4 * pace, end: 0, steps }) }),
      sampling: {
        always: { gamma: 1, clip: 50, probe: "signs" },
        beside: { clip: { gamma: 0 }, eps: { gamma: 0, eps: 0.5 } }
      }
    }
  }
} satisfies Family
