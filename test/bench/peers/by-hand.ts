import { called } from "../measure.js"
import { LEARNING_RATE as ETA, type Peer } from "../works.js"

const [B1, B2, EPS] = [0.9, 0.999, 1e-8]

const numbers = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(i))

/** One loop, in place. */
const adam = (n: number) => {
  const [p, m, v, g] = [numbers(n), new Float32Array(n), new Float32Array(n), numbers(n)]
  let t = 0
  return called(() => {
    t += 1
    const [c1, c2] = [1 - B1 ** t, 1 - B2 ** t]
    for (let i = 0; i < n; i++) {
      const gi = g[i] as number
      const mi = B1 * (m[i] as number) + (1 - B1) * gi
      const vi = B2 * (v[i] as number) + (1 - B2) * gi * gi
      m[i] = mi
      v[i] = vi
      p[i] = (p[i] as number) - (ETA * (mi / c1)) / (Math.sqrt(vi / c2) + EPS)
    }
  })
}

/** Adam on numbers. */
const bowl = () => {
  const [w, p, m, v] = [[0.1, 2] as const, [5, 2] as [number, number], [0, 0] as [number, number], [0, 0] as [number, number]] // prettier-ignore
  let t = 0
  return called(() => {
    t += 1
    const [c1, c2] = [1 - B1 ** t, 1 - B2 ** t]
    for (const i of [0, 1] as const) {
      const g = 2 * w[i] * p[i]
      m[i] = B1 * m[i] + (1 - B1) * g
      v[i] = B2 * v[i] + (1 - B2) * g * g
      p[i] -= (ETA * (m[i] / c1)) / (Math.sqrt(v[i] / c2) + EPS)
    }
  })
}

/** What a person writes by hand in JavaScript. */
export const byHand: Peer = { name: "JS by hand", works: { adam, bowl } }
