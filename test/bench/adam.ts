import { compile, evaluate, toTyped } from "thalweg"
import { adam } from "thalweg/optimizer"
import { key, normal, split } from "thalweg/random"
import { medians, timed } from "./measure.js"
import { printTable } from "./table.js"

const ETA = 1e-3
const B1 = 0.9
const B2 = 0.999
const EPS = 1e-8

/** What a person writes by hand: one loop, in place. */
const stepInPlace = (p: Float32Array, m: Float32Array, v: Float32Array, g: Float32Array, t: number): void => {
  const [c1, c2] = [1 - B1 ** t, 1 - B2 ** t]
  for (let i = 0; i < p.length; i++) {
    const gi = g[i] as number
    const mi = B1 * (m[i] as number) + (1 - B1) * gi
    const vi = B2 * (v[i] as number) + (1 - B2) * gi * gi
    m[i] = mi
    v[i] = vi
    p[i] = (p[i] as number) - (ETA * (mi / c1)) / (Math.sqrt(vi / c2) + EPS)
  }
}

/** Nanoseconds per parameter of one step of Adam. */
export const benchAdam = (sizes: readonly number[], rounds: number): void => {
  const optimizer = adam({ learningRate: ETA, b1: B1, b2: B2, eps: EPS })
  const step = compile(optimizer.step)
  const [paramKey, gradKey] = split(key(0))
  const rows = sizes.map(n => {
    const [params, grads] = evaluate([normal(paramKey, [n]), normal(gradKey, [n])] as const)
    const state = evaluate(optimizer.init(params))
    const [p, g] = [Float32Array.from(toTyped(params)), Float32Array.from(toTyped(grads))]
    const [m, v] = [new Float32Array(n), new Float32Array(n)]
    let t = 0
    const times = medians([timed(() => step(params, state, grads)), timed(() => stepInPlace(p, m, v, g, ++t))], rounds)
    const [own = NaN, loop = NaN] = times.map(ms => (ms * 1e6) / n)
    return [`${n}`, own, loop, own / loop]
  })
  printTable("Adam, ns per parameter", ["parameters", "thalweg", "one loop in JS, in place", "ratio"], rows)
}
