import { compile, evaluate, matmul, toTyped } from "thalweg"
import { key, normal, split } from "thalweg/random"
import { medians, timed } from "./measure.js"
import { printTable } from "./table.js"

/** What a person writes by hand: three loops. */
const naive = (a: Float32Array, b: Float32Array, n: number): Float32Array => {
  const out = new Float32Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let total = 0
      for (let k = 0; k < n; k++) total += (a[i * n + k] as number) * (b[k * n + j] as number)
      out[i * n + j] = total
    }
  return out
}

/** Billions of multiplications and additions per second of square matrix products. */
export const benchMatmul = (sizes: readonly number[], rounds: number): void => {
  const [keyA, keyB] = split(key(0))
  const product = compile(matmul)
  const rows = sizes.map(n => {
    const [a, b] = evaluate([normal(keyA, [n, n]), normal(keyB, [n, n])] as const)
    const [x, y] = [Float32Array.from(toTyped(a)), Float32Array.from(toTyped(b))]
    const times = medians([timed(() => product(a, b)), timed(() => naive(x, y, n))], rounds)
    const [own = NaN, loops = NaN] = times.map(ms => (2 * n ** 3) / (ms * 1e6))
    return [`${n}`, own, loops, own / loops]
  })
  printTable("matrix products, GFLOP/s", ["n", "thalweg", "three loops in JS", "ratio"], rows)
}
