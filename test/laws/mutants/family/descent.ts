import { add, div, mul, neg, sign, sqrt, sub, Tree, type Tensor } from "thalweg"
import {
  adaptiveLaws,
  momentumFamilyLaws,
  signLaws,
  type AdaptiveFamily,
  type MomentumFamily,
  type SignFamily
} from "thalweg/laws"
import {
  adadelta,
  adagrad,
  adam,
  ftrl,
  lion,
  madgrad,
  momentum,
  nag,
  noisySgd,
  onGradient,
  optimisticGradientDescent,
  optimizer,
  rmsprop,
  rprop,
  sgd,
  signSgd,
  signum,
  withL2
} from "thalweg/optimizer"
import type { Schedule } from "thalweg/schedule"
import {
  chain,
  clipByGlobalNorm,
  scale,
  scaleByLearningRate,
  type StateFamily,
  type Transform
} from "thalweg/transform"
import { afterwards, forgetful, made, tampered, wrapped, zeroIsUnset } from "./family.js"
import { mutant, type Mutants } from "../mutant.js"

const momenta = { sgd, momentum, nag, optimisticGradientDescent, noisySgd }
const moving = (wrong: Partial<MomentumFamily>) => momentumFamilyLaws({ ...momenta, ...wrong })

interface LastF extends StateFamily {
  readonly type: this["params"]
}

/** Compares the first gradient with zeros. */
const fromZeros = (beta: number): Transform<LastF> => ({
  init: params => Tree.zerosLike(params),
  update: (grads, last) => [
    Tree.zipWith((g: Tensor, before: Tensor) => add(g, mul(sub(g, before), beta)))(grads, last),
    grads
  ]
})

export const momentumFamilyMutants: Mutants = {
  "momentum of 0 is sgd": [mutant("takes 0 for unset", moving({ momentum: zeroIsUnset(momentum, "momentum", 0.9) }))],
  "nag of momentum 0 is sgd": [mutant("takes 0 for unset", moving({ nag: zeroIsUnset(nag, "momentum", 0.9) }))],
  "optimistic descent that does not look at changes is sgd": [
    mutant(
      "takes 0 for unset",
      moving({ optimisticGradientDescent: zeroIsUnset(optimisticGradientDescent, "beta", 1) })
    )
  ],
  "optimistic descent at a constant gradient is sgd": [
    mutant(
      "compares the first gradient with zeros",
      moving({
        optimisticGradientDescent: made(optimisticGradientDescent, ({ learningRate = 0, beta = 1 }) =>
          optimizer(chain(fromZeros(beta), scaleByLearningRate(learningRate)))
        )
      })
    )
  ],
  "noisy descent without variance is sgd": [
    mutant("takes 0 for unset", moving({ noisySgd: options => noisySgd({ ...options, eta: 0.01 }) }))
  ],
  "momentum at a constant rate is sgd with momentum": [
    mutant(
      "averages displacements",
      moving({
        momentum: made(momentum, ({ learningRate = 0, momentum: mu = 0.9 }) =>
          sgd({ learningRate, momentum: mu, dampening: mu })
        )
      })
    )
  ],
  "nag, its gradients taken at the parameters, is momentum": [
    mutant(
      "looks ahead in its step too",
      moving({
        nag: made(nag, ({ learningRate = 0, momentum: mu = 0.9 }) =>
          sgd({ learningRate, momentum: mu, nesterov: true })
        )
      })
    )
  ],
  "sgd at rate η(1-μ) is sgd on the average at rate η": [
    mutant("does not dampen", moving({ sgd: tampered(sgd, o => ("dampening" in o ? { dampening: 0 } : {})) }))
  ],
  "optimistic descent is linear in the gradients": [
    mutant(
      "clips gradients",
      moving({ optimisticGradientDescent: wrapped(optimisticGradientDescent, onGradient(clipByGlobalNorm(0.5))) })
    )
  ],
  "the gradient points of nag are the parameters of sgd with nesterov": [
    mutant("takes gradients at its parameters", moving({ nag: momentum })),
    mutant("does not look ahead", moving({ sgd: tampered(sgd, o => ("nesterov" in o ? { nesterov: false } : {})) }))
  ]
}

const rates = { adagrad, ftrl, adadelta, rmsprop, rprop, madgrad, signSgd }
const adapting = (wrong: Partial<AdaptiveFamily>) => adaptiveLaws({ ...rates, ...wrong })

const averaging = made(adagrad, ({ learningRate = 0.01 }) => rmsprop({ learningRate, eps: 0 }))

/** As optax 0.2.8: with the lengths found one step earlier. */
const stepping = Tree.zipWith((length: Tensor, g: Tensor) => neg(mul(length, sign(g))))
const lengthsOf = (state: Tree): Tree => (state as { readonly inner: { readonly lengths: Tree } }).inner.lengths

/** As optax 0.2.8: with the lengths found one step earlier. */
const late = wrapped(rprop, right =>
  afterwards(right, ([, after], { grads, state }) => [stepping<Tree>(lengthsOf(state), grads), after])
)

const stubborn = wrapped(rprop, right =>
  afterwards(right, ([, after], { grads }) => [stepping<Tree>(lengthsOf(after), grads), after])
)

export const adaptiveMutants: Mutants = {
  "adagrad does not see the scale of gradients": [
    mutant("begins at the sum of optax", adapting({ adagrad: tampered(adagrad, () => ({ initialAccumulator: 0.1 })) })),
    mutant("takes an ε of 0 for unset", adapting({ adagrad: zeroIsUnset(adagrad, "eps", 1e-8) }))
  ],
  "ftrl without regularization is adagrad, at any rate": [
    mutant("takes 0 for unset", adapting({ ftrl: zeroIsUnset(ftrl, "beta", 1) })),
    mutant(
      "keeps the first rate",
      adapting({
        ftrl: tampered(ftrl, ({ learningRate }) => ({
          learningRate: (t: Tensor) => (learningRate as unknown as Schedule)(mul(t, 0)) // that law gives a schedule
        }))
      })
    )
  ],
  "ftrl stays at 0 while the sum of gradients is within λ₁": [
    mutant("does not cut", adapting({ ftrl: tampered(ftrl, () => ({ lambda1: 0 })) }))
  ],
  "ftrl of power 0, without β, begins by -η·(g - clip(g, ±λ₁)) / (1 + η·λ₂)": [
    mutant(
      "counts λ₂ twice, as Keras",
      adapting({ ftrl: tampered(ftrl, ({ lambda2 = 0 }) => ({ lambda2: 2 * lambda2 })) })
    ),
    mutant("takes a power of 0 for unset", adapting({ ftrl: zeroIsUnset(ftrl, "power", 0.5) }))
  ],
  "the first step of rmsprop is as long as its bound": [
    mutant("corrects a bias", adapting({ rmsprop: tampered(rmsprop, () => ({ biasCorrection: true })) }))
  ],
  "adagrad at a constant gradient steps by η/√t": [mutant("averages squares", adapting({ adagrad: averaging }))],
  "no step of adagrad is longer than η": [mutant("averages squares", adapting({ adagrad: averaging }))],
  "the sums of adagrad never fall": [mutant("forgets", adapting({ adagrad: forgetful(adagrad, "sum") }))],
  "a rate decay of adagrad is a schedule of its rate": [
    mutant(
      "counts from 1",
      adapting({
        adagrad: tampered(adagrad, ({ learningRate = 0, rateDecay }) =>
          rateDecay === undefined
            ? {}
            : { learningRate: (t: Tensor) => div(learningRate, add(1, mul(rateDecay, add(t, 1)))), rateDecay: 0 }
        )
      })
    )
  ],
  "no step of rmsprop is longer than η/√(1-ρ)": [
    mutant(
      "takes the decay for its complement",
      adapting({ rmsprop: tampered(rmsprop, ({ decay = 0.9 }) => ({ decay: Math.min(0.99, 1 - decay) })) })
    )
  ],
  "rmsprop without bias, at a constant gradient, steps by η": [
    mutant("corrects no bias", adapting({ rmsprop: tampered(rmsprop, () => ({ biasCorrection: false })) }))
  ],
  "adadelta begins as rmsprop at the rate √ε": [
    mutant(
      "does not multiply by its average of steps",
      adapting({
        adadelta: made(adadelta, ({ rho = 0.9, eps = 1e-6 }) => rmsprop({ learningRate: 1, decay: rho, eps }))
      })
    )
  ],
  "the rate of adadelta does not enter its averages": [
    mutant(
      "multiplies gradients by the rate",
      adapting({
        adadelta: made(adadelta, ({ learningRate = 1, ...o }) => onGradient(scale(learningRate))(adadelta(o)))
      })
    )
  ],
  "adadelta without ε never moves": [
    mutant("takes 0 for unset", adapting({ adadelta: zeroIsUnset(adadelta, "eps", 1e-6) }))
  ],
  "rprop that never grows its steps is signSgd while signs stay": [
    mutant("takes 1 for unset", adapting({ rprop: tampered(rprop, o => (o["etaPlus"] === 1 ? { etaPlus: 1.2 } : {})) }))
  ],
  "rprop lengthens its steps by η⁺ while signs stay": [
    mutant("applies the length found one step earlier", adapting({ rprop: late }))
  ],
  "rprop stays where signs change, and shortens its next step by η⁻": [
    mutant("steps where signs change", adapting({ rprop: stubborn })),
    mutant("does not shorten", adapting({ rprop: tampered(rprop, () => ({ etaMinus: 0.999 })) }))
  ],
  "no step of rprop is longer than its bound": [
    mutant("has no bound", adapting({ rprop: tampered(rprop, () => ({ maxStep: 50 })) }))
  ],
  "madgrad without momentum, at a constant gradient, is (η·Σ√i)^⅔·∛g from its start": [
    mutant(
      "weighs all gradients alike",
      adapting({
        madgrad: tampered(madgrad, ({ learningRate = 0.01 }) => ({
          learningRate: (t: Tensor) => div(learningRate, sqrt(add(t, 1)))
        }))
      })
    )
  ],
  "madgrad goes 1-μ of the way that it goes without momentum": [
    mutant(
      "goes μ of the way",
      adapting({ madgrad: tampered(madgrad, ({ momentum: mu = 0.9 }) => (mu === 0 ? {} : { momentum: 1 - mu })) })
    )
  ],
  "gradients a times as large make the steps of madgrad ∛a times as long": [
    mutant(
      "takes the square root",
      adapting({ madgrad: made(madgrad, ({ learningRate = 0.01 }) => adagrad({ learningRate, eps: 0 })) })
    )
  ]
}

const signed = { signSgd, signum, lion }
const signing = (wrong: Partial<SignFamily>) => signLaws({ ...signed, ...wrong })

export const signMutants: Mutants = {
  "signum of β 0 is signSgd": [mutant("takes 0 for unset", signing({ signum: zeroIsUnset(signum, "b1", 0.9) }))],
  "lion of β₁ 0 is signSgd": [mutant("takes 0 for unset", signing({ lion: zeroIsUnset(lion, "b1", 0.9) }))],
  "lion of equal betas is signum": [
    mutant("mixes with the new average", signing({ lion: tampered(lion, ({ b1 = 0.9 }) => ({ b1: b1 ** 2 })) }))
  ],
  "lion with decay is weight decay over lion": [
    mutant(
      "decays through the gradient",
      signing({
        lion: made(lion, ({ weightDecay = 0, ...o }) => withL2(weightDecay)(lion(o)))
      })
    )
  ],
  "smooth lion is lion as its slope grows": [
    mutant(
      "has a slope of 1",
      signing({ lion: tampered(lion, ({ mode }) => (mode === undefined ? {} : { smoothBeta: 1 })) })
    )
  ],
  "every step of signSgd has length η": [
    mutant("divides by a root with ε", signing({ signSgd: made(signSgd, o => adam({ ...o, b1: 0, b2: 0 })) }))
  ],
  "no step of lion is longer than η": [
    mutant(
      "takes no sign",
      signing({
        lion: made(lion, ({ learningRate = 0, b1 = 0 }) => sgd({ learningRate, momentum: b1, dampening: b1 }))
      })
    )
  ]
}
