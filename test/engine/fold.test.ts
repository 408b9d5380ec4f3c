import { beforeEach, describe, expect, test } from "vitest"
import * as t from "thalweg"
import { Tree, type Tensor } from "thalweg"
import { f64, i32, observe, pattern } from "../dataflow/values.js"

interface State extends Readonly<Record<string, Tensor>> {
  readonly w: Tensor
  readonly count: Tensor
}

/** Gradient descent on a least-squares problem: a state, a batch, what is yielded. */
const step = ({ w, count }: State, batch: { x: Tensor; y: Tensor }) => {
  const loss = (p: Tensor): Tensor => t.mean(t.square(t.sub(t.matmul(batch.x, p), batch.y)))
  const [value, gradient] = t.valueAndGrad(loss)(w)
  return [{ w: t.sub(w, t.mul(0.001, gradient)), count: t.add(count, 1) }, { loss: value }] as const
}

const start: State = { w: f64([0.5, -1, 2]), count: i32(0) }
const batches = [0, 1, 2, 3, 4].map(i => ({ x: t.add(pattern([4, 3]), i), y: pattern([4]) }))

const seen = (tree: Tree) => Tree.leaves(tree).map(observe)

test("the batches are closed where the fold ends early", () => {
  const closed: string[] = []
  const batches = function* (name: string) {
    try {
      for (;;) yield f64([1])
    } finally {
      closed.push(name)
    }
  }
  const step = (n: Tensor, x: Tensor) => [t.add(n, t.sum(x)), n] as const
  const onStep = (): void => {
    throw new Error("seen")
  }
  expect(() => t.foldBatches(step, { onStep })(f64(0), batches("a watcher that throws"))).toThrow("seen")
  const steps = t.stepBatches(step)(f64(0), batches("told to stop"))
  steps.next()
  expect(t.item(steps.next("stop").value)).toBe(1)
  expect(closed).toEqual(["a watcher that throws", "told to stop"])
  const mistaken = t.stepBatches(step)(f64(0), batches("told something else"))
  mistaken.next()
  expect(() => mistaken.next(true as never)).toThrow('stepBatches: expected "stop" or nothing; got true')
  expect(closed.at(-1)).toBe("told something else")
})

describe("foldBatches is the plain fold", () => {
  test("of evaluate after step, bit for bit", () => {
    const plain = batches.reduce<{ state: State; yielded: readonly Tree[] }>(
      ({ state, yielded }, batch) => {
        const [next, value] = t.evaluate(step(state, batch))
        return { state: next, yielded: [...yielded, value] }
      },
      { state: start, yielded: [] }
    )
    const [state, yielded] = t.foldBatches(step, { fusedMultiplyAdd: false })(start, batches)
    expect(seen(state)).toEqual(seen(plain.state))
    expect(yielded.map(seen)).toEqual(plain.yielded.map(seen))
    expect(t.item(state.count)).toBe(5)
  })

  test("which can be cut in two", () => {
    const fold = t.foldBatches(step)
    const [middle, before] = fold(start, batches.slice(0, 2))
    const [end, after] = fold(middle, batches.slice(2))
    const [whole, yielded] = fold(start, batches)
    expect(seen(end)).toEqual(seen(whole))
    expect([...before, ...after].map(seen)).toEqual(yielded.map(seen))
  })

  test("of nothing: the state as it came", () => {
    const [state, yielded] = t.foldBatches(step)(start, [])
    expect([state === start, yielded]).toEqual([true, []])
  })

  test("of batches that change their shape", () => {
    const count = (n: Tensor, batch: Tensor) => [t.add(n, batch.shape[0] ?? 0), t.sum(batch)] as const
    const [n, sums] = t.foldBatches(count)(i32(0), [f64([1, 2]), f64([3]), f64([])])
    expect([t.item(n), sums.map(t.item)]).toEqual([3, [3, 3, 0]])
  })

  test("and changes neither its state nor its batches", () => {
    const [before, given] = [seen(start), batches.map(seen)]
    t.foldBatches(step)(start, batches)
    expect([seen(start), batches.map(seen)]).toEqual([before, given])
  })
})

describe("stepBatches", () => {
  const drawn: number[] = []
  const source = function* (): Generator<Tensor> {
    try {
      for (const v of [1, 2, 3]) {
        drawn.push(v)
        yield f64(v)
      }
    } finally {
      drawn.push(NaN)
    }
  }
  const sum = t.stepBatches((total: Tensor, x: Tensor) => [t.add(total, x), t.mul(total, 10)] as const)
  beforeEach(() => void drawn.splice(0))

  test("makes a step when it is asked for one, and returns the last state", () => {
    const steps = sum(f64(0), source())
    expect(drawn).toEqual([])
    expect([steps.next(), drawn]).toEqual([{ done: false, value: expect.anything() as Tensor }, [1]])
    expect([...[steps.next(), steps.next()].map(({ value }) => t.item(value)), drawn]).toEqual([10, 30, [1, 2, 3]])
    const { done, value } = steps.next()
    expect([done, t.item(value)]).toEqual([true, 6])
  })

  test("stops where it is told, with the state that it has reached, and draws no more batches", () => {
    const steps = sum(f64(0), source())
    steps.next()
    steps.next()
    const { done, value } = steps.next("stop")
    expect([done, t.item(value), drawn]).toEqual([true, 3, [1, 2, NaN]])
  })

  test("can be abandoned, begun again, and run beside itself", () => {
    for (const value of sum(f64(0), source())) {
      expect(t.item(value)).toBe(0)
      break
    }
    expect(drawn).toEqual([1, NaN])
    const [a, b] = [sum(f64(0), source()), sum(f64(5), source())]
    expect([a, b, a, b].map(steps => t.item(steps.next().value))).toEqual([0, 50, 10, 60])
  })
})

describe("the fold runs in order", () => {
  const running = (total: Tensor, x: Tensor) => [t.add(total, x), t.mul(total, 10)] as const

  test("onStep is told each yield and its index before the next batch is drawn", () => {
    const log: string[] = []
    const drawn = function* (): Generator<Tensor> {
      for (const v of [1, 2, 3]) {
        log.push(`draw ${v}`)
        yield f64(v)
      }
    }
    const onStep = (yielded: Tensor, index: number): void => void log.push(`step ${index}: ${t.item(yielded)}`)
    const [total] = t.foldBatches(running, { onStep })(f64(0), drawn())
    expect(log).toEqual(["draw 1", "step 0: 0", "draw 2", "step 1: 10", "draw 3", "step 2: 30"])
    expect(t.item(total)).toBe(6)
  })

  test("f is called once for all batches of a shape, in every fold", () => {
    let calls = 0
    const fold = t.foldBatches((total: Tensor, x: Tensor) => {
      calls++
      return [t.add(total, x), x] as const
    })
    for (const from of [0, 100]) expect(t.item(fold(f64(from), [f64(1), f64(2), f64(3)])[0])).toBe(from + 6)
    expect(calls).toBe(1)
  })

  test("an error in a step stops it, and the steps before are not lost to whoever watched", () => {
    const log: number[] = []
    const pick = (total: Tensor, i: Tensor) => [t.add(total, t.take(f64([1, 2]), i)), i] as const
    const fold = t.foldBatches(pick, { onStep: (_, index) => void log.push(index) })
    expect(() => fold(f64(0), [i32(0), i32(1), i32(2), i32(0)])).toThrow("take: expected indices from 0 to 1")
    expect(log).toEqual([0, 1])
    expect(t.item(fold(f64(0), [i32(1)])[0])).toBe(2)
  })

  test("a fold differentiates", () => {
    const decay = (rate: Tensor): Tensor =>
      t.foldBatches((w: Tensor, x: Tensor) => [t.sub(w, t.mul(rate, t.mul(w, x))), []] as const)(f64(1), [
        f64(1),
        f64(2)
      ])[0]
    // (1 - r)(1 - 2r): the derivative at 0.5 is -3 + 4r
    expect(t.item(t.grad(decay)(f64(0.5)))).toBe(-1)
  })
})
