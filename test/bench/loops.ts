import { add, compile, lt, mul, ones, scalar, scan, toTyped, whileLoop, type Tensor } from "thalweg"
import { medians, timed, type Run } from "./measure.js"
import { printTable } from "./table.js"

const step = (c: Tensor): Tensor => add(mul(c, 0.999), 1)

/** So many steps of a compiled loop, which knows how many there are, or asks after each whether another follows. */
const loops: Readonly<Record<string, (count: number) => (x: Tensor) => Tensor>> = {
  scan: count => x => scan((c: Tensor) => [step(c), []] as const, x, [], { length: count })[0],
  whileLoop: count => x =>
    whileLoop(
      ({ n }) => lt(n, count),
      ({ n, c }) => ({ n: add(n, 1), c: step(c) }),
      { n: scalar(0, "i32"), c: x }
    ).c
}

/** Nanoseconds per iteration of a compiled loop whose carry has so many elements. */
export const benchLoops = async (count: number, sizes: readonly number[], rounds: number): Promise<void> => {
  const runs = Object.values(loops).flatMap(loop => {
    const run = compile(loop(count))
    return sizes.map((size): Run => {
      const x = ones([size])
      return timed(() => toTyped(run(x)))
    })
  })
  const times = (await medians(runs, rounds)).map(ms => (ms * 1e6) / count)
  const rows = Object.keys(loops).map((name, i) => [name, ...times.slice(i * sizes.length, (i + 1) * sizes.length)])
  printTable("loops, ns per iteration", ["", ...sizes.map(n => `${n} elements`)], rows)
}
