import { pipe } from "thalweg"
import { lion, rprop, signSgd, signum, withWeightDecay } from "thalweg/optimizer"
import { cosine } from "thalweg/schedule"
import { golden, known, words, type Scale, type Family } from "./variant.js"

/** Steps of constant length need a falling rate. */
const falling = ({ pace, steps }: Scale) => ({ learningRate: cosine({ start: pace, steps }) })

const inSign = "it matters to what a sign is taken of"
const modes = [{}, { mode: "smooth" }, { mode: "refined" }]

/** What steps by signs. */
export const signs = {
  leader: "lion",
  rows: {
    signSgd: {
      variants: [known({ optax: "sign_sgd(lr)" }, ({ learningRate }) => signSgd({ learningRate }), "optax/sign-sgd")],
      descent: falling
    },
    signum: {
      variants: [
        known({ optax: "signum(lr)" }, ({ learningRate }) => signum({ learningRate }), "optax/signum-default"),
        golden(signum, "optax/signum")
      ],
      descent: falling,
      sampling: { flat: { b1: inSign } }
    },
    lion: {
      variants: [
        known(
          { optax: "lion(lr)" },
          ({ learningRate }) => lion({ learningRate, weightDecay: 0.001 }),
          "optax/lion-default"
        ),
        known({ keras: "Lion()" }, () => lion({ learningRate: 0.001 }), "keras/lion-default"),
        golden(lion, "optax/lion", "optax/lion-decay", "keras/lion"),
        golden(h => lion({ ...h, mode: "smooth" }), "optax/lion-smooth"),
        golden(({ smoothBeta: _, ...h }) => lion({ ...h, mode: "refined" }), "optax/lion-refined"),
        golden(({ weightDecay, ...h }) => pipe(lion(h), withWeightDecay(weightDecay)), "keras/lion-decay")
      ],
      descent: falling,
      sampling: {
        beside: { b1: modes, b2: modes, smoothBeta: { mode: "smooth" } },
        flat: { b1: inSign, b2: inSign }
      }
    },
    rprop: {
      variants: [
        known({ torch: "Rprop()" }, () => rprop(), "torch/rprop-default", "paper/rprop-default"),
        words({ optax: "rprop" }, "`rprop`, by the paper and PyTorch; optax applies each length one step late"),
        golden(rprop, "torch/rprop", "paper/rprop")
      ],
      sampling: {
        // the rule would have the least step be the greatest
        always: { learningRate: 0.15, minStep: 0.01, maxStep: 2 },
        beside: {
          etaMinus: { learningRate: 0.7 },
          minStep: { learningRate: 0.5, etaMinus: 0.1, minStep: 0.4 },
          maxStep: { etaPlus: 4, maxStep: 0.15 }
        }
      }
    }
  }
} satisfies Family
