import { compile, evaluate, scalar, zeros } from "thalweg"
import { adam } from "thalweg/optimizer"
import type { Sizes } from "./goals.js"
import { inTurn, medians, timed, type Run } from "./measure.js"
import { firstCalls } from "./solves.js"
import { printTable } from "./table.js"
import { cnn, mlp } from "./thalweg.js"

const optimizer = adam()

/** A number that no other program has: one that was seen before is not planned again. */
let programs = 0
const unseen = () => scalar((programs += 1))

const network =
  ({ step, state, examples }: ReturnType<typeof mlp>) =>
  () => {
    const own = unseen()
    return timed(() => compile((s: typeof state, e: typeof examples) => [step(s, e), own])(state, examples))()
  }

const leaves = (count: number) => {
  const params = evaluate(Array.from({ length: count }, () => zeros([16])))
  const state = evaluate(optimizer.init(params))
  return () => {
    const own = unseen()
    const first = compile((p: typeof params, s: typeof state) => [optimizer.step(p, s, p), own])
    return timed(() => first(params, state))()
  }
}

/**
 * Milliseconds of the first call of a compiled function: tracing, planning, emitting, compiling, and running it. The first of
 * all in a process pays for what the host has not compiled yet. Where time is linear, those over leaves are in proportion.
 */
export const benchFirstCalls = async (sizes: Sizes, counts: readonly number[], rounds: number): Promise<void> => {
  const runs: Readonly<Record<string, Run>> = {
    [`dense ${sizes.mlp.slice(1).join("-")}`]: network(mlp(...sizes.mlp)),
    [`convolutions of ${sizes.cnn.slice(2, 4).join(", ")}`]: network(cnn(...sizes.cnn)),
    "minimization by L-BFGS": () => firstCalls.lbfgs(2).steps(1),
    "fit of a decay": () => firstCalls.decay(20).steps(1),
    ...Object.fromEntries(counts.map(n => [`Adam over ${n} leaves`, leaves(n)]))
  }
  const cold = await inTurn(Object.values(runs), run => run())
  const warm = await medians(Object.values(runs), rounds)
  const rows = Object.keys(runs).map((name, i) => [name, cold[i] ?? NaN, warm[i] ?? NaN])
  printTable("first call of a compiled function, ms", ["", "cold", "warm"], rows)
}
