import { add, mean, mul, where, gt, zerosLike, type Tensor } from "thalweg"
import { dropoutLaws, type Dropping } from "thalweg/laws"
import * as nn from "thalweg/nn"
import { key } from "thalweg/random"
import { mutant, type Mutants } from "./mutant.js"

type Drop = (x: Tensor, rate: number, mode: nn.Mode) => Tensor

const right: Drop = (x, rate, mode) => nn.dropout({ rate }).apply([], [], x, mode)[0]
const dropping = (drop: Drop, name: keyof Dropping = "dropout") =>
  dropoutLaws({
    ...nn,
    [name]: ({ rate }: nn.DropoutOptions) => nn.stateless(name, (x, mode) => drop(x, rate, mode))
  })

const always: nn.Mode = { training: true, key: key(1) }

export const dropoutMutants: Mutants = {
  "a model that is not trained drops nothing": [
    mutant(
      "drops always",
      dropping((x, rate) => right(x, rate, always))
    ),
    mutant("scales what is not trained, as the paper does", dropping((x, rate, mode) => (mode.training ? right(x, rate, mode) : mul(x, 1 - rate)))) // prettier-ignore
  ],
  "what is dropped is 0, and what is not is divided by the share that is left": [
    mutant(
      "does not scale",
      dropping((x, rate, mode) => mul(right(x, rate, mode), 1 - rate))
    ),
    mutant("drops to the mean", dropping((x, rate, mode) => where(gt(right(add(mul(x, 0), 1), rate, mode), 0), right(x, rate, mode), mean(x)))) // prettier-ignore
  ],
  "what is dropped depends on the key, and not on the numbers": [
    mutant("drops what is small", dropping((x, rate, mode) => (mode.training && rate > 0 ? where(gt(x, 0), x, zerosLike(x)) : x))), // prettier-ignore
    mutant(
      "has a key of its own",
      dropping((x, rate, mode) => right(x, rate, mode.training ? always : mode))
    ),
    mutant("has a key of its own for channels", dropping((x, rate, mode) => nn.spatialDropout({ rate }).apply([], [], x, mode.training ? always : mode)[0], "spatialDropout")) // prettier-ignore
  ],
  "all places of a channel are dropped, or none is": [
    mutant("drops each place by itself", dropping(right, "spatialDropout"))
  ],
  "dropping keeps the mean": [
    mutant(
      "does not scale",
      dropping((x, rate, mode) => mul(right(x, rate, mode), 1 - rate))
    ),
    mutant("scales by the share that is dropped", dropping((x, rate, mode) => (mode.training ? mul(right(x, rate, mode), (1 - rate) / (rate || 1)) : x), "spatialDropout")) // prettier-ignore
  ]
}
