// An optimizer is composed of parts; its state is a value that can be saved, replayed and branched from.
import assert from "node:assert"
import { add, evaluate, grad, item, mul, pipe, scalar, scan, square, sub, type Tensor } from "thalweg"
import { clipByNorm, lookahead, sgd, withMomentum, withWeightDecay, type AnyOptimizer } from "thalweg/optimizer"

type Point = { readonly x: Tensor; readonly y: Tensor }

/** Rosenbrock's curved ravine, whose lowest point is (1, 1). */
const ravine = ({ x, y }: Point) => add(square(sub(1, x)), mul(100, square(sub(y, square(x)))))

const compose = (learningRate: number) =>
  pipe(
    sgd({ learningRate }),
    withMomentum(0.9),
    withWeightDecay(1e-5),
    clipByNorm(1),
    lookahead({ every: 5, mix: 0.5 })
  )

type Run = readonly [Point, ReturnType<AnyOptimizer["init"]>]

const run = ({ step }: AnyOptimizer, from: Run, steps: number): Run => {
  const next = ([params, state]: typeof from) => step(params, state, grad(ravine)(params))
  return evaluate(scan(carry => [next(carry), []], from, [], { length: steps })[0])
}

const optimizer = compose(0.02)
const params0 = { x: scalar(-1.5), y: scalar(1.5) }
const state0 = optimizer.init(params0)

const [params1, state1] = optimizer.step(params0, state0, grad(ravine)(params0))
console.log("after one step", evaluate(params1), "to deploy", evaluate(optimizer.evalParams(params1, state1)))

const height = ([params]: readonly [Point, unknown]) => item(ravine(params))
const saved = run(optimizer, [params0, state0], 300)
const onward = run(optimizer, saved, 300)
const slower = run(compose(0.002), saved, 300)
const heights = { saved: height(saved), onward: height(onward), slower: height(slower) }
console.log("heights", heights)

assert.deepStrictEqual(run(optimizer, [params0, state0], 600), onward)
assert.deepStrictEqual(run(optimizer, saved, 300), onward)
assert.ok(heights.slower < 0.001 && heights.slower < heights.onward / 10)
