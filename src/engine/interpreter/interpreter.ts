import { valueOf } from "../../dataflow/value.js"
import type { Engine } from "../engine.js"
import { printProgram } from "../program/print.js"
import { prepare, run } from "./run.js"

/** The engine that gives programs their meaning: plain loops over typed arrays, one step after the other. */
export const interpreter: Engine = {
  name: "interpreter",
  prepare: program => {
    const prepared = prepare(program)
    return {
      run: args => {
        const results = run(
          prepared,
          args.map(value => value.read())
        )
        return results.map((data, i) => valueOf(prepared.types[program.outputs[i]!]!, data))
      },
      explain: () => ["Interpreted, one step after the other:", ...printProgram(program)].join("\n")
    }
  }
}
