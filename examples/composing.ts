// An optimizer is composed of parts, and its state is a value: save it, replay it, branch from it.
import assert from "node:assert"
import { add, evaluate, grad, item, mul, pipe, scalar, scan, square, sub, toArray, type Tensor } from "thalweg"
import { clipByNorm, lookahead, sgd, withMomentum, withWeightDecay, type Optimizer } from "thalweg/optimizer"
import type { StateFamily, StateOf } from "thalweg/transform"
import { pathsOverContours, writeSvg } from "./lib/plot/index.js"

type Point = { readonly x: Tensor; readonly y: Tensor }

/** Rosenbrock's curved ravine; its lowest point is (1, 1). */
const ravine = ({ x, y }: Point) => add(square(sub(1, x)), mul(100, square(sub(y, square(x)))))

const compose = (learningRate: number) =>
  pipe(
    sgd({ learningRate }),
    withMomentum(0.9),
    withWeightDecay(1e-4),
    clipByNorm(1),
    lookahead({ every: 5, mix: 0.5 })
  )

const run = <F extends StateFamily>(
  { step }: Optimizer<F>,
  from: readonly [params: Point, state: StateOf<F, Point>],
  steps: number
) =>
  evaluate(
    scan(([params, state]) => [step(params, state, grad(ravine)(params)), params] as const, from, [], { length: steps })
  )

const optimizer = compose(0.01)
const params0 = { x: scalar(-1.5), y: scalar(1.5) }
const [params1, state1] = optimizer.step(params0, optimizer.init(params0), grad(ravine)(params0))
console.log(evaluate(params1), evaluate(state1))

const [saved, trunk] = run(optimizer, [params1, state1], 60)
const [end, onward] = run(optimizer, saved, 300)
const [, gentle] = run(compose(0.002), saved, 300)
const points = ({x, y}: Point) => { const [xs, ys] = [toArray(x) as number[], toArray(y) as number[]]; return xs.map((x, i) => [x, ys[i]!] as const)}
console.log(evaluate(end))
await writeSvg("examples/out/composing.svg", pathsOverContours({
   title: "t", f: (x, y) => (1-x)**2 + 100*(y-x*x)**2, domain: [[-2, 2], [-1, 3]],
   paths: [
    {name: "trunk", points: points(trunk)},
    {name: "onward", points: points(onward)},
    {name: "gentle", points: points(gentle)},
], minimum: [1,1]}))
