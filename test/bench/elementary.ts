import * as t from "thalweg"
import { key, uniform } from "thalweg/random"
import { inTurn, medians, timed } from "./measure.js"
import { printTable } from "./table.js"

type Loop = (out: Float64Array, a: Float64Array, b: Float64Array) => void

/** Loops over `Math`, whose last bits depend on the JavaScript engine, each with its own code. */
const loops = {
  exp: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.exp(a[i] as number)
  },
  expm1: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.expm1(a[i] as number)
  },
  log: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.log(a[i] as number)
  },
  log1p: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.log1p(a[i] as number)
  },
  sin: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.sin(a[i] as number)
  },
  cos: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.cos(a[i] as number)
  },
  tanh: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.tanh(a[i] as number)
  },
  atan: (out, a) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.atan(a[i] as number)
  },
  atan2: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.atan2(a[i] as number, b[i] as number)
  },
  pow: (out, a, b) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.pow(a[i] as number, b[i] as number)
  }
} satisfies Readonly<Record<string, Loop>>

const isBinary = (name: keyof typeof loops) => name === "atan2" || name === "pow"

/** Nanoseconds per element of elementary functions in f64, and of those of `Math`. */
export const benchElementary = async (n: number, rounds: number): Promise<void> => {
  const [a, b] = t.evaluate([
    uniform(key(0), [n], { min: 0.01, max: 8, dtype: "f64" }),
    uniform(key(1), [n], { min: -4, max: 4, dtype: "f64" })
  ] as const)
  const [left, right] = [a, b].map(x => Float64Array.from(t.toTyped(x))) as [Float64Array, Float64Array]
  const rows = await inTurn(Object.keys(loops) as (keyof typeof loops)[], async name => {
    const own = t.compile((x: t.Tensor, y: t.Tensor) => (isBinary(name) ? t[name](x, y) : t[name](x)))
    const loop: Loop = loops[name]
    const runs = [timed(() => own(a, b)), timed(() => loop(new Float64Array(n), left, right))]
    const [ours = NaN, math = NaN] = (await medians(runs, rounds)).map(ms => (ms * 1e6) / n)
    return [name, ours, math, ours / math]
  })
  printTable("elementary functions, ns per element of f64", ["", "thalweg", "Math", "ratio"], rows)
}
