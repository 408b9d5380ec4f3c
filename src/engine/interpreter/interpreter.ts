import { valueOf } from "../../dataflow/value.js"
import type { Engine } from "../engine.js"
import { printProgram } from "../program/print.js"
import { planOf, run } from "./run.js"

/** The engine that gives programs their meaning: plain loops over typed arrays, one step after the other. */
export const interpreter: Engine = {
  name: "interpreter",
  prepare: program => {
    const plan = planOf(program)
    return {
      run: args => {
        const results = run(
          plan,
          args.map(value => value.read())
        )
        return results.map((data, i) => valueOf(plan.types[program.outputs[i]!]!, data))
      },
      explain: () => ["Interpreted, one step after the other:", ...printProgram(program)].join("\n")
    }
  }
}
