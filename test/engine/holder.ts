import { add, evaluate, grad, item, mul, ones, scan, square, sub, sum, valueAndGrad, vjp, type Tensor } from "thalweg"

/** Megabytes in buffers and on the heap, when what nobody holds was collected. */
const held = (): number => {
  for (let i = 0; i < 3; i++) gc?.()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return (arrayBuffers + heapUsed) / 2 ** 20
}

const loss = (x: Tensor): Tensor => sum(square(sub(x, 3)))

/** Steps of a loop that is not compiled; each gives a scalar, which is read, and held. */
const steps: Readonly<Record<string, (x: Tensor) => readonly [x: Tensor, scalar: Tensor]>> = {
  "a loss": x => [sub(x, mul(grad(loss)(x), 0.1)), loss(x)],
  "a loss with its gradient": x => {
    const [value, gradient] = valueAndGrad(loss)(x)
    return [sub(x, mul(gradient, 0.1)), value]
  },
  "a loss that was read while it was differentiated": x => {
    const seen: Tensor[] = []
    const gradient = grad((x: Tensor) => {
      const value = loss(x)
      item(value)
      seen.push(value)
      return value
    })(x)
    return [sub(x, mul(gradient, 0.1)), seen[0] as Tensor]
  },
  "a result of a loop": x => {
    const [last, moved] = scan((_: Tensor, t: Tensor) => [t, mul(t, 0.9)] as const, sum(x), x)
    return [moved, last]
  },
  "a sum over the value of a vjp": x => {
    const [value, pullback] = vjp((x: Tensor) => mul(x, x))(x)
    pullback(value)
    return [mul(x, 0.9), sum(add(value, x))]
  }
}

/** Megabytes that 200 scalars hold, by the step that gave them. */
export const scalars = (): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(steps).map(([name, step]) => {
      const before = held()
      let x: Tensor = ones([20_000])
      const results = Array.from({ length: 200 }, () => {
        const [next, result] = step(x)
        x = evaluate(next)
        item(result)
        return result
      })
      const after = held()
      if (results.some(result => Number.isNaN(item(result)))) throw new Error(`${name} is not a number`)
      return [name, after - before]
    })
  )

/** Megabytes of the process after half of 1e5 steps and after all, whose results are kept and dropped at random. */
export const random = (): readonly number[] => {
  let seed = 1
  const below = (n: number): number => (seed = (seed * 48271) % 2147483647) % n
  const kept: Tensor[] = []
  let x: Tensor = ones([1000])
  const run = (count: number): number => {
    for (let i = 0; i < count; i++) {
      x = mul(add(x, 1), 0.5)
      const mean = mul(sum(x), 1e-3)
      kept[below(100)] = below(2) === 0 ? x : mean
      if (below(4) === 0) item(mean)
    }
    return process.memoryUsage.rss() / 2 ** 20
  }
  return [run(5e4), run(5e4)]
}
