import { curvatureLaws, type CurvatureFamily } from "thalweg/laws"
import { adahessian, fromage, lbfgs, optimizer, sgd, sophia } from "thalweg/optimizer"
import { chain, identity, scaleByLbfgs, scaleByLearningRate } from "thalweg/transform"
import { made, tampered } from "./family.js"
import { mutant, type Mutants } from "../mutant.js"

const family: CurvatureFamily = { lbfgs, scaleByLbfgs, adahessian, sophia }
const suite = (wrong: Partial<CurvatureFamily>) => curvatureLaws({ ...family, ...wrong })

const unsearched = made(lbfgs, ({ memory = 10 }) => optimizer(chain(scaleByLbfgs({ memory }), scaleByLearningRate(1))))

export const curvatureMutants: Mutants = {
  "the steps of lbfgs are those of minimize": [
    mutant("remembers one step more", suite({ lbfgs: tampered(lbfgs, ({ memory = 10 }) => ({ memory: memory + 1 })) })),
    mutant("searches for less slope", suite({ lbfgs: tampered(lbfgs, () => ({ curvature: 0.1 })) })),
    mutant("takes every step whole", suite({ lbfgs: unsearched }))
  ],
  "no step of lbfgs raises the objective": [
    mutant("takes every step whole, and long", suite({ lbfgs: made(lbfgs, () => sgd({ learningRate: 1 })) }))
  ],
  "lbfgs does not see how parameters are divided into leaves": [
    mutant("goes by the norm of each leaf", suite({ lbfgs: made(lbfgs, () => fromage({ learningRate: 0.1 })) }))
  ],
  "adahessian is Newton's method where the Hessian is diagonal": [
    mutant("divides by the root", suite({ adahessian: tampered(adahessian, () => ({ hessianPower: 0.5 })) })),
    mutant(
      "does not correct the bias",
      suite({ adahessian: tampered(adahessian, () => ({ learningRate: Math.sqrt(0.001) })) })
    )
  ],
  "sophia of signs is Newton's method where the Hessian is diagonal": [
    mutant("divides by the estimate before", suite({ sophia: tampered(sophia, () => ({ estimate: "old" })) })),
    mutant("draws normal numbers", suite({ sophia: tampered(sophia, () => ({ probe: "normal" })) }))
  ],
  "no step of sophia is longer than ηρ": [
    mutant(
      "takes ρ for its square",
      suite({ sophia: tampered(sophia, ({ clip = 1 }) => ({ clip: clip < 1 ? Math.sqrt(clip) : clip ** 2 })) })
    )
  ],
  "sophia estimates in every k-th step, from the first": [
    mutant("estimates in every step", suite({ sophia: tampered(sophia, () => ({ every: 1 })) })),
    mutant("estimates less often", suite({ sophia: tampered(sophia, () => ({ every: 3 })) }))
  ],
  "scaleByLbfgs turns the newest change into the newest step": [
    mutant("remembers nothing", suite({ scaleByLbfgs: made(scaleByLbfgs, () => identity) })),
    mutant(
      "remembers only what curves much",
      suite({ scaleByLbfgs: tampered(scaleByLbfgs as never, () => ({ leastCurvature: 0.9 })) })
    )
  ]
}
