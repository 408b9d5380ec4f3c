import fc from "fast-check"
import { inner } from "../arbitrary/optimizer.js"
import { run } from "../arbitrary/run.js"
import type { Wrap } from "../callable.js"
import { exact } from "../equality.js"
import { law, type Law } from "../law.js"
import { stepsOf, type AnyState } from "../sides.js"
import { innerOf } from "./probe.js"

/** The law that a combinator says, at each of its states, the rate of the optimizer inside at the state inside. */
export const keepsRate = (
  name: string,
  combinators: fc.Arbitrary<Wrap>,
  inside: (state: AnyState) => AnyState = innerOf
): Law =>
  law(`${name} keeps the rate`, exact, fc.tuple(combinators, inner, run), ([wrap, optimizer, r]) => {
    const wrapped = wrap(optimizer)
    const states = [wrapped.init(r.params), ...stepsOf(wrapped, r).map(([, state]) => state)]
    return [states.map(state => wrapped.rate(state)), states.map(state => optimizer.rate(inside(state)))]
  })
