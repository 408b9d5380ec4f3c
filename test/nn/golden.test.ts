import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import {
  argMax,
  compile,
  evaluate,
  grad,
  item,
  mul,
  reshape,
  sum,
  tensor,
  toTyped,
  Tree,
  valueAndGrad,
  type Tensor
} from "thalweg"
import {
  accuracy,
  activation,
  crossEntropy,
  dense,
  halfSquaredError,
  leakyRelu,
  logSoftmax,
  relu,
  sequential,
  sigmoid,
  softplus,
  softmax,
  tanh
} from "thalweg/nn"
import { adam, dpSgd } from "thalweg/optimizer"
import { key } from "thalweg/random"
import { trainStep } from "thalweg/train"

type Rows = readonly (readonly number[])[]
type Weights = { readonly kernel: Rows; readonly bias: readonly number[] }
type Network = { readonly dense0: Weights; readonly dense1: Weights }

interface Training {
  readonly steps: readonly { readonly loss: number; readonly params: Network }[]
}

interface Golden {
  readonly x: Rows
  readonly labels: readonly number[]
  readonly targets: Rows
  readonly params0: Network
  readonly values: Readonly<Record<"hidden" | "logits" | "softmax" | "logSoftmax" | "predictions", Rows>> & {
    readonly accuracy: number
  }
  readonly cases: readonly {
    readonly name: string
    readonly loss: number
    readonly grads: Network
    readonly inputGrad: Rows
  }[]
  readonly training: Training
  readonly privateTraining: Training
  readonly activations: readonly {
    readonly name: string
    readonly attrs: { readonly slope?: number }
    readonly input: readonly number[]
    readonly output: readonly number[]
    readonly derivative: readonly number[]
  }[]
}

const golden = JSON.parse(readFileSync("test/golden/mlp.json", "utf8")) as Golden

const f64 = (values: Rows | readonly number[]): Tensor => tensor(values, { dtype: "f64" })
const layer = ({ kernel, bias }: Weights) => ({ kernel: f64(kernel), bias: f64(bias) })
/** Parameters as `sequential` keeps them: none for the activation. */
const network = ({ dense0, dense1 }: Network) => [layer(dense0), [] as const, layer(dense1)] as const
type Params = ReturnType<typeof network>

const model = sequential(dense({ units: 4 }), activation(tanh), dense({ units: 3 }))
const [x, targets] = [f64(golden.x), f64(golden.targets)]
const labels = tensor(golden.labels, { dtype: "i32" })
const params0 = network(golden.params0)
const state0 = [[], [], []] as const
const logitsOf = (params: Params, input: Tensor): Tensor => model.apply(params, state0, input, { training: false })[0]

/** Within 1e-13 of the largest number of the expected leaf. */
const expectClose = (actual: Tree, expected: Tree): void => {
  expect(Tree.paths(actual)).toEqual(Tree.paths(expected))
  const leaves = Tree.leaves(actual)
  Tree.leaves(expected).forEach((t, i) => {
    expect(leaves[i]?.shape).toEqual(t.shape)
    const [ours, theirs] = [toTyped(leaves[i] ?? t), toTyped(t)]
    const scale = Math.max(...theirs.map(Math.abs))
    theirs.forEach((value, j) => expect(Math.abs((ours[j] ?? NaN) - value)).toBeLessThanOrEqual(1e-13 * scale))
  })
}

/** How each loss of the file is said with ours; both have a batch of 6 and 3 outputs. */
const column = (t: Tensor): Tensor => reshape(t, [-1, 1])
const losses: Readonly<Record<string, (logits: Tensor) => Tensor>> = {
  crossEntropy: logits => crossEntropy(logits, labels),
  crossEntropySum: logits => mul(crossEntropy(logits, labels), 6),
  halfSquared: logits => halfSquaredError(column(logits), column(targets)),
  halfSquaredSum: logits => halfSquaredError(logits, targets),
  meanSquared: logits => mul(halfSquaredError(column(logits), column(targets)), 2)
}

describe("torch", () => {
  test("the values of a small network", () => {
    const { hidden, logits, softmax: probabilities, logSoftmax: logs } = golden.values
    const ours = logitsOf(params0, x)
    const [inner] = sequential(dense({ units: 4 }), activation(tanh)).apply([params0[0], []], [[], []], x, {
      training: false
    })
    expectClose([inner, ours, softmax(ours), logSoftmax(ours)], [hidden, logits, probabilities, logs].map(f64))
    expect([...toTyped(argMax(ours))]).toEqual(golden.values.predictions)
    expect(item(accuracy(ours, labels))).toBe(golden.values.accuracy)
  })

  test("the file has the losses that we know", () => {
    expect(golden.cases.map(({ name }) => name)).toEqual(Object.keys(losses))
  })

  test.each(golden.cases.map(expected => [expected.name, expected] as const))(
    "%s and its gradients",
    (name, expected) => {
      const loss = (params: Params, input: Tensor): Tensor => losses[name]?.(logitsOf(params, input)) as Tensor
      for (const run of [valueAndGrad(loss), compile(valueAndGrad(loss))]) {
        const [value, gradient] = run(params0, x)
        expectClose([value, gradient], [tensor(expected.loss, { dtype: "f64" }), network(expected.grads)])
      }
      expectClose(grad((input: Tensor) => loss(params0, input))(x), f64(expected.inputGrad))
    }
  )

  test.each([
    ["trainStep", trainStep({ model, loss: crossEntropy, optimizer: adam({ learningRate: 0.05 }) })],
    ["trainStep, compiled", compile(trainStep({ model, loss: crossEntropy, optimizer: adam({ learningRate: 0.05 }) }))]
  ])("five steps of Adam by %s", (_, step) => {
    let state = { params: params0, state: state0, optimizer: adam().init(params0), key: key(0) }
    for (const { loss, params } of golden.training.steps) {
      const [next, metrics] = evaluate(step(state, { x, y: labels }))
      expectClose([metrics.loss, next.params], [tensor(loss, { dtype: "f64" }), network(params)])
      expect(item(metrics.rate)).toBe(0.05)
      state = next
    }
  })

  const clipping = dpSgd({ learningRate: 0.5, momentum: 0.5, maxNorm: 1.5, noiseMultiplier: 0, seed: 0 })
  const clipped = trainStep({ model, loss: crossEntropy, optimizer: clipping }, { accuracy })
  test.each([
    ["trainStep", clipped],
    ["trainStep, compiled", compile(clipped)]
  ])("five steps by gradients of examples, each clipped, by %s", (_, step) => {
    let state = { params: params0, state: state0, optimizer: clipping.init(params0), key: key(0) }
    for (const { loss, params } of golden.privateTraining.steps) {
      const before = accuracy(logitsOf(state.params, x), labels)
      const [next, metrics] = evaluate(step(state, { x, y: labels }))
      expectClose([metrics.loss, next.params], [tensor(loss, { dtype: "f64" }), network(params)])
      expect(item(metrics.metrics.accuracy)).toBe(item(before))
      state = next
    }
  })
})

const activations: Readonly<Record<string, (attrs: { readonly slope?: number }) => (x: Tensor) => Tensor>> = {
  relu: () => relu,
  leakyRelu: ({ slope }) => leakyRelu(slope),
  sigmoid: () => sigmoid,
  tanh: () => tanh,
  softplus: () => softplus
}
const notOfferedYet = ["elu", "silu", "gelu"]

test("every activation of the file is offered, or listed as not offered yet", () => {
  const names = new Set(golden.activations.map(({ name }) => name))
  expect(names).toEqual(new Set([...Object.keys(activations), ...notOfferedYet]))
})

test.each(
  golden.activations.filter(({ name }) => name in activations).map(expected => [expected.name, expected] as const)
)("%s and its derivative", (name, { attrs, input, output, derivative }) => {
  const f = activations[name]?.(attrs) ?? relu
  const z = f64(input)
  const close = (actual: Tensor, expected: readonly number[], floor = 1e-17): void =>
    toTyped(actual).forEach((value, i) => {
      const wanted = expected[i] ?? NaN
      expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-14 * Math.abs(wanted) + floor)
    })
  close(f(z), output)
  close(grad((t: Tensor) => sum(f(t)))(z), derivative, 2 ** -53) // a value near 1 is rounded to that
  close(activation(f).apply([], [], z, { training: false })[0], output)
})
