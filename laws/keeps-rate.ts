import fc from "fast-check"
import { arbOptimizer, type AnyOptimizer } from "./arbitrary/optimizer.js"
import { arbRun } from "./arbitrary/run.js"
import { exact } from "./equality.js"
import { law, type Law } from "./law.js"
import { stepsOf } from "./observe.js"

/** The law that a combinator says, at each of its states, the rate of the optimizer inside. */
export const keepsRate = (name: string, combinators: fc.Arbitrary<(optimizer: AnyOptimizer) => AnyOptimizer>): Law =>
  law(`${name} keeps the rate`, exact, fc.tuple(combinators, arbOptimizer(), arbRun()), ([wrap, optimizer, run]) => {
    const wrapped = wrap(optimizer)
    return [
      stepsOf(wrapped, run).map(([, state]) => wrapped.rate(state)),
      stepsOf(optimizer, run).map(([, state]) => optimizer.rate(state))
    ]
  })
