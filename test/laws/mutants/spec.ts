import { sub, Tree } from "thalweg"
import { specLaws } from "thalweg/laws"
import {
  decodeOptimizer,
  encodeOptimizer,
  fromSpec,
  toSpec,
  type OptimizerSpec,
  type OptionSpecs,
  type SpecifiedOptimizer
} from "thalweg/spec"
import { mutant, throughF32, type Mutants } from "./mutant.js"

const right = { decode: decodeOptimizer, encode: encodeOptimizer, fromSpec, toSpec }

const isSchedule = (option: unknown): boolean => typeof option === "object" && option !== null && "schedule" in option

const without = (options: OptionSpecs, drop: (option: unknown) => boolean): OptionSpecs =>
  Object.fromEntries(Object.entries(options).filter(([, option]) => !drop(option)))

/** As if scheduled values had been kept in f32. */
const rounding = (spec: OptimizerSpec): SpecifiedOptimizer => {
  const optimizer = fromSpec(spec)
  if (!Object.values(spec.options).some(isSchedule)) return optimizer
  const { step } = optimizer
  const rounded: typeof step = (params, state, grads, ...extra) => throughF32(step(params, state, grads, ...extra))
  return { ...optimizer, step: rounded }
}

/** Keeps nothing of hyperparameters that are large. */
const sparing = (spec: OptimizerSpec): SpecifiedOptimizer => {
  const optimizer = fromSpec(spec)
  const lively = Object.values(spec.options).some(option => typeof option === "number" && option >= 0.5)
  if (lively) return optimizer
  return {
    ...optimizer,
    init: () => [],
    step: (params: Tree, _: Tree, grads: Tree) => [Tree.zipWith(sub)<Tree>(params, grads), []]
  } as never
}

export const specMutants: Mutants = {
  "decoding undoes encoding": [
    mutant(
      "does not write the combinators",
      specLaws({ ...right, encode: spec => encodeOptimizer({ ...spec, pipe: [] }) })
    ),
    mutant(
      "does not write what is 0",
      specLaws({
        ...right,
        encode: spec => encodeOptimizer({ ...spec, options: without(spec.options, option => option === 0) })
      })
    )
  ],
  "the order of options is not written": [
    mutant(
      "writes options as they come",
      specLaws({ ...right, encode: ({ optimizer, options }) => ({ optimizer, ...options }) })
    )
  ],
  "an optimizer carries the spec it was made of": [
    mutant("forgets the combinators", specLaws({ ...right, toSpec: optimizer => ({ ...toSpec(optimizer), pipe: [] }) }))
  ],
  "a constant schedule is the number": [
    mutant("rounds what is scheduled to f32", specLaws({ ...right, fromSpec: rounding }))
  ],
  "a state goes on under other hyperparameters": [
    mutant("keeps no state where hyperparameters are small", specLaws({ ...right, fromSpec: sparing }))
  ]
}
