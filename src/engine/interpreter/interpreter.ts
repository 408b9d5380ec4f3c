import { valueOf } from "../../dataflow/value.js"
import type { Engine } from "../engine.js"
import { typesOf } from "../program/program.js"
import { planOf, run } from "./run.js"

/** The engine that gives programs their meaning: plain loops over typed arrays, one step after the other. */
export const interpreter: Engine = {
  name: "interpreter",
  prepare: program => {
    const plan = planOf(program)
    const types = typesOf(program)
    const outputs = program.outputs.map(output => types[output]!)
    return {
      run: args => {
        const results = run(
          plan,
          args.map(value => value.read())
        )
        return results.map((data, i) => valueOf(outputs[i]!, data))
      },
      explain: () => ""
    }
  }
}
