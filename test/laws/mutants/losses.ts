import {
  abs,
  add,
  cast,
  cumSum,
  div,
  exp,
  gt,
  log,
  mean,
  mul,
  neg,
  ones,
  scalar,
  sliceAxis,
  softmax,
  sub,
  sum,
  type Tensor
} from "thalweg"
import * as nn from "thalweg/nn"
import { crossEntropyLaws, lossLaws, type Judged, type Losses } from "thalweg/laws"
import { mutant, type Mutants } from "./mutant.js"

const same = (target: Tensor): Tensor => target
const yesOrNo = (x: Tensor): Tensor => cast(gt(x, 0), "f64")
const signs = (x: Tensor): Tensor => sub(mul(yesOrNo(x), 2), 1)

/** All losses of numbers, and what is true of each. */
export const judgedLosses: Losses = {
  squaredError: { loss: nn.squaredError, best: same },
  halfSquaredError: { loss: nn.halfSquaredError, best: same },
  absoluteError: { loss: nn.absoluteError, best: same },
  huberLoss: { loss: nn.huberLoss, best: same },
  logCoshLoss: { loss: nn.logCoshLoss, best: same },
  quantileLoss: { loss: nn.quantileLoss, best: same },
  cosineLoss: { loss: nn.cosineLoss, best: same },
  klDivergence: { loss: nn.klDivergence, best: log, target: softmax },
  crossEntropy: { loss: nn.crossEntropy, target: softmax },
  binaryCrossEntropy: { loss: nn.binaryCrossEntropy, target: yesOrNo, best: y => mul(sub(y, 0.5), 1e4) },
  focalLoss: { loss: nn.focalLoss, target: yesOrNo, best: y => mul(sub(y, 0.5), 1e4) },
  hingeLoss: { loss: nn.hingeLoss, target: signs, best: same },
  squaredHingeLoss: { loss: nn.squaredHingeLoss, target: signs, best: same },
  poissonLoss: { loss: nn.poissonLoss, target: exp, signed: true }
}

type Call = (prediction: Tensor, target: Tensor, weights?: Tensor) => Tensor
type Change = (call: Call, options: nn.Reducing) => Call

/** A squared error of which something is wrong. */
const wrong = (change: Change, weight: Call = nn.squaredError.weight): ReturnType<typeof lossLaws> => {
  const loss = nn.squaredError
  const plain: Call = change(loss, {})
  const broken = Object.assign((...args: Parameters<Call>) => plain(...args), {
    weight,
    with: (options: nn.Reducing) => change(loss.with(options), options)
  })
  const judged: Judged = { loss: broken, best: same }
  return lossLaws({ broken: judged })
}

/** The weighted mean as it is written. */
const plainMean = wrong((call, { reduction = "mean" }) => (x, y, w) => {
  if (reduction !== "mean" || w === undefined) return call(x, y, w)
  return div(sum(mul(nn.squaredError.with({ reduction: "none" })(x, y), w)), sum(w))
})

export const lossMutants: Mutants = {
  "a loss is not negative, and 0 at its target": [
    mutant(
      "forgets the absolute value",
      wrong(() => (x, y) => mean(sub(x, y)))
    ),
    mutant(
      "is off",
      wrong(call => (x, y, w) => add(call(x, y, w), 0.1))
    )
  ],
  "the mean and the sum are those of the losses": [
    mutant(
      "sums means",
      wrong((call, { reduction }) => (reduction === "sum" ? nn.squaredError : call))
    )
  ],
  "weights multiply losses, and the mean is over their sum": [
    mutant(
      "does not weigh",
      wrong(call => (x, y) => call(x, y))
    ),
    mutant(
      "takes the mean over examples",
      wrong(
        (call, { reduction = "mean" }) =>
          (x, y, w) =>
            reduction === "mean" && w ? mean(nn.squaredError.with({ reduction: "none" })(x, y, w)) : call(x, y, w)
      )
    )
  ],
  "the losses of batches, by their weights, make that of the whole": [
    mutant(
      "weighs by the number of examples",
      wrong(
        call => call,
        x => scalar(x.shape[0] ?? 0, "f64")
      )
    )
  ],
  "an example of weight 0 is as if it were not there, whatever it is": [
    mutant("multiplies what is infinite", plainMean)
  ],
  "a loss of each example does not depend on the others": [
    mutant(
      "centers predictions over the batch",
      wrong(call => (x, y, w) => call(sub(x, mean(x, { axes: 0, keepDims: true })), y, w))
    ),
    mutant(
      "averages where it should tell each",
      wrong((call, { reduction }) => (x, y, w) => (reduction === "none" ? add(mul(call(x, y, w), 0), mean(call(x, y, w))) : call(x, y, w))) // prettier-ignore
    )
  ],
  "the order of examples does not matter to a loss": [
    mutant(
      "counts the first twice",
      wrong(
        call => (x, y, w) => add(call(x, y, w), mean(nn.squaredError(sliceAxis(x, 0, 0, 1), sliceAxis(y, 0, 0, 1))))
      )
    ),
    mutant(
      "weighs in another order",
      wrong(call => (x, y, w) => call(x, y, w && cumSum(w, { axis: 0 })))
    )
  ],
  "where nothing counts, a loss is 0, and so is its derivative": [mutant("divides by nothing", plainMean)]
}

type Options = nn.CrossEntropyOptions

/** A cross-entropy of which something is wrong. */
const crossed = (change: (call: Call, options: Options) => Call) => {
  const plain = change(nn.crossEntropy, {})
  const broken = Object.assign((...args: Parameters<Call>) => plain(...args), {
    weight: nn.crossEntropy.weight,
    with: (options: Options) => change(nn.crossEntropy.with(options), options)
  })
  return crossEntropyLaws(broken)
}

export const crossEntropyMutants: Mutants = {
  "what is added to all logits does not matter": [
    mutant(
      "punishes large logits",
      crossed(call => (x, y, w) => add(call(x, y, w), mean(abs(x))))
    )
  ],
  "cross-entropy of one-hot labels is that of integer ones": [
    mutant(
      "averages over classes",
      crossed(call => (x, y, w) => (y.dtype === "f64" ? mul(call(x, y, w), 0.5) : call(x, y, w)))
    ),
    mutant(
      "divides by the number of examples",
      crossed((call, { classWeights, ...rest }) =>
        classWeights === undefined
          ? call
          : (x, y, w) =>
              y.dtype === "f64"
                ? mean(nn.crossEntropy.with({ classWeights, ...rest, reduction: "none" })(x, y, w))
                : call(x, y, w)
      )
    )
  ],
  "smoothing 0 is no smoothing, and class weights of 1 are none": [
    mutant(
      "smooths by a tenth unless told otherwise",
      crossed((call, { smoothing, ...rest }) =>
        smoothing === 0 ? nn.crossEntropy.with({ ...rest, smoothing: 0.1 }) : call
      )
    ),
    mutant(
      "divides by the sum of the class weights",
      crossed(
        (call, { classWeights }) =>
          (x, y, w) =>
            classWeights === undefined ? call(x, y, w) : mul(call(x, y, w), 1 / classWeights.length)
      )
    )
  ],
  "smoothing is the mixture with even labels": [
    mutant(
      "does not smooth",
      crossed((call, { smoothing }) => (smoothing === undefined ? call : nn.crossEntropy))
    )
  ],
  "an ignored label is a weight of 0": [
    mutant(
      "ignores nothing",
      crossed((call, { ignored }) => (ignored === undefined ? call : nn.crossEntropy))
    ),
    mutant(
      "divides by all examples",
      crossed((call, { ignored }) =>
        ignored === undefined ? call : (x, y) => mean(nn.crossEntropy.with({ ignored, reduction: "none" })(x, y))
      )
    )
  ],
  "the derivative is what is thought less what is wanted": [
    mutant(
      "goes up",
      crossed(call => (x, y, w) => neg(call(x, y, w)))
    ),
    mutant(
      "adds up",
      crossed(call => (x, y, w) => sum(mul(call(x, y, w), ones([2], "f64"))))
    )
  ]
}
