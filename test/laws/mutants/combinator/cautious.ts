import { lt, mul, sum, Tree, where, zerosLike, type Tensor } from "thalweg"
import { cautiousLaws } from "thalweg/laws"
import { altered, cautious, moveBy, type CautiousOptions } from "thalweg/optimizer"
import { mutant, type Mutants } from "../mutant.js"
import { rateless, type Wrap } from "./wrap.js"

type Cautious = (options?: CautiousOptions) => Wrap

const right: Cautious = options => inner => cautious(options)(inner)
const holding = (how: Cautious) => cautiousLaws(how)

/** Holds back a leaf of which the displacement, as a whole, goes up the gradient. */
const wholeLeaves: Wrap = inner =>
  altered(inner, {
    move: (grads, state, params, now) => {
      const [{ by }, after] = inner.motion.move(grads, state, params, now)
      const held = Tree.zipWith((d: Tensor, g: Tensor) => where(lt(sum(mul(d, g)), 0), d, zerosLike(d)))
      return [moveBy(params, held(by, grads)), after]
    }
  })

export const cautiousMutants: Mutants = {
  "nothing cautious goes up the gradient": [
    mutant(
      "holds nothing back",
      holding(() => inner => inner)
    )
  ],
  "cautious steps are those inside or 0, and all that go down": [
    mutant(
      "makes up for it all the same",
      holding(options => right({ ...options, scale: "counted" }))
    ),
    mutant(
      "holds back leaves, not elements",
      holding(() => wholeLeaves)
    )
  ],
  "over sgd nothing is held back": [
    mutant(
      "makes up for it all the same",
      holding(options => right({ ...options, scale: "counted" }))
    )
  ],
  "where all go on, d/(d + ξ) of it does": [
    mutant(
      "adds 1 whatever ξ",
      holding(options => right({ ...options, xi: 1 }))
    )
  ],
  "a bounded share makes steps no longer than 1/least of those inside": [
    mutant(
      "does not bound",
      holding(options => right({ ...options, least: 0 }))
    )
  ],
  "cautious keeps the rate": [
    mutant(
      "says a rate of its own",
      holding(options => rateless(right(options)))
    )
  ]
}
