import { compile, evaluate, zeros } from "thalweg"
import { adam } from "thalweg/optimizer"
import type { Sizes } from "./goals.js"
import { medians, timed } from "./measure.js"
import { printTable } from "./table.js"
import { cnn, mlp } from "./thalweg.js"

const optimizer = adam()

const network = ({ step, state, examples }: ReturnType<typeof mlp>) => timed(() => compile(step)(state, examples))

const leaves = (count: number) => {
  const params = evaluate(Array.from({ length: count }, () => zeros([16])))
  const state = evaluate(optimizer.init(params))
  return timed(() => compile(optimizer.step)(params, state, params))
}

/**
 * Milliseconds of the first call of a compiled step: tracing, planning, emitting, compiling, and the step. The first of
 * all in a process pays for what the host has not compiled yet. Where time is linear, those over leaves are in proportion.
 */
export const benchFirstCalls = async (sizes: Sizes, counts: readonly number[], rounds: number): Promise<void> => {
  const runs = {
    "dense layers": network(mlp(...sizes.mlp)),
    convolutions: network(cnn(...sizes.cnn)),
    ...Object.fromEntries(counts.map(n => [`Adam, ${n} leaves`, leaves(n)]))
  }
  const first = Object.values(runs).map(run => run())
  const times = await medians(Object.values(runs), rounds)
  const rows = Object.keys(runs).map((name, i) => [name, first[i] ?? NaN, times[i] ?? NaN])
  printTable("first call of a compiled step, ms", ["", "in this process", "again"], rows)
}
