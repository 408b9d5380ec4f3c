import { readFileSync } from "node:fs"
import * as t from "thalweg"
import { describe, expect, test } from "vitest"
import { errorOf } from "./differences.js"
import { f64, i32 } from "./samples.js"

type Rows = readonly (readonly number[])[]
type Dense<A, B> = { readonly kernel: A; readonly bias: B }
type Params<A, B> = Record<"dense0" | "dense1", Dense<A, B>>
type Network = Params<t.Tensor, t.Tensor>

/** What PyTorch computes in f64: see test/golden/mlp.py. */
interface Golden {
  readonly x: Rows
  readonly labels: readonly number[]
  readonly targets: Rows
  readonly params0: Params<Rows, readonly number[]>
  readonly cases: readonly {
    readonly name: keyof typeof losses
    readonly loss: number
    readonly grads: Params<Rows, readonly number[]>
    readonly inputGrad: Rows
  }[]
}

const golden = JSON.parse(readFileSync(new URL("../golden/mlp.json", import.meta.url), "utf8")) as Golden
const [x, targets, labels] = [f64(golden.x), f64(golden.targets), t.expandDims(i32(golden.labels), 1)]

const network = ({ dense0, dense1 }: Network, input: t.Tensor): t.Tensor => {
  const hidden = t.tanh(t.add(t.matmul(input, dense0.kernel), dense0.bias))
  return t.add(t.matmul(hidden, dense1.kernel), dense1.bias)
}

const crossEntropyEach = (y: t.Tensor): t.Tensor => t.neg(t.takeAlongAxis(t.logSoftmax(y), labels, 1))
const squares = (y: t.Tensor): t.Tensor => t.square(t.sub(y, targets))

const losses = {
  crossEntropy: (y: t.Tensor) => t.mean(crossEntropyEach(y)),
  crossEntropySum: (y: t.Tensor) => t.sum(crossEntropyEach(y)),
  halfSquared: (y: t.Tensor) => t.mean(t.div(squares(y), 2)),
  halfSquaredSum: (y: t.Tensor) => t.mean(t.div(t.sum(squares(y), { axes: 1 }), 2)),
  meanSquared: (y: t.Tensor) => t.mean(squares(y))
}

const read = (params: Params<Rows, readonly number[]>): Network => {
  const dense = ({ kernel, bias }: Dense<Rows, readonly number[]>) => ({ kernel: f64(kernel), bias: f64(bias) })
  return { dense0: dense(params.dense0), dense1: dense(params.dense1) }
}

const expectSame = (actual: t.Tree, expected: t.Tree): void => {
  t.Tree.requireSameStructure("golden", expected, actual)
  const [a, b] = [t.Tree.leaves(actual), t.Tree.leaves(expected)]
  a.forEach((leaf, i) => expect(errorOf(t.toTyped(leaf), t.toTyped(b[i] ?? leaf))).toBeLessThan(1e-12))
}

describe.each(golden.cases)("a small network against PyTorch: $name", ({ name, loss, grads, inputGrad }) => {
  const f = (params: Network, input: t.Tensor): t.Tensor => losses[name](network(params, input))
  const params = read(golden.params0)

  test("loss and gradients by the parameters", () => {
    const [value, gradient] = t.valueAndGrad(f)(params, x)
    expectSame([value, gradient], [f64(loss), read(grads)])
  })
  test("gradient by the input", () => expectSame(t.grad((input: t.Tensor) => f(params, input))(x), f64(inputGrad)))
  test("compiled", () => expectSame(t.compile(t.grad(f))(params, x), read(grads)))
})
