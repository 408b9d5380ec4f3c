import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import { locate, zeros, type NonFinite, type Tensor, type Tree } from "thalweg"
import { activation, crossEntropy, dense, relu, sequential } from "thalweg/nn"
import { adam, reduceOnPlateau, sgd } from "thalweg/optimizer"
import { key } from "thalweg/random"
import { initTraining, trainStep, type Loss } from "thalweg/train"
import { f32, f64, i32, pattern } from "../dataflow/values.js"

/** What is found, if it is an operation: its name, its operands and the value it gave. */
const operation = (found: NonFinite | undefined) => {
  if (found?._tag !== "Operation") throw new Error(`no operation: ${found?.message}`)
  return found
}

const numbers = ({ operands }: ReturnType<typeof operation>) =>
  operands.map(operand => ("value" in operand ? operand.value : operand.range))

const model = sequential(dense({ units: 4 }), activation(relu), dense({ units: 3 }))
const batch = { x: pattern([5, 2], "f32"), y: i32([0, 1, 2, 0, 1]) }

const training = (loss: Loss = crossEntropy, optimizer = adam()) => {
  const task = { model, loss, optimizer }
  return { step: trainStep(task), state: initTraining(task)(key(0), zeros([1, 2])) }
}

/** A leaf in which one element is another. */
const withElement = (x: Tensor, place: number, value: number): Tensor =>
  t.tensor(
    Array.from(t.toTyped(x), (old, i) => (i === place ? value : old)),
    { dtype: x.dtype, shape: x.shape }
  )

describe("in a step of training", () => {
  test("nothing is found where all is finite", () => {
    const { step, state } = training()
    expect(locate(step)(state, batch)).toBeUndefined()
  })

  test("a NaN in the batch is an argument", () => {
    const { step, state } = training()
    const found = locate(step)(state, { ...batch, x: withElement(batch.x, 7, NaN) })
    expect(found).toMatchObject({ _tag: "Argument", path: "1/x", index: [3, 1], value: NaN, type: "f32[5, 2]" })
    expect(found?.reaches).toContain("1/loss")
    expect(found?.message).toMatch(/^the argument 1\/x has NaN at \[3, 1\] in f32\[5, 2\], and reaches 0\/optimizer/)
  })

  test("a NaN in the parameters is an argument, by the path of its layer", () => {
    const { step, state } = training()
    const [first, none, last] = state.params
    const params = [first, none, { ...last, kernel: withElement(last.kernel, 4, NaN) }] as const
    expect(locate(step)({ ...state, params }, batch)).toMatchObject({ path: "0/params/2/kernel", index: [1, 1] })
  })

  test("an infinite state of the optimizer is an argument", () => {
    const { step, state } = training()
    const mu = t.Tree.map((x, path) => (path === "0/bias" ? withElement(x, 2, -Infinity) : x))(
      state.optimizer.inner[0].mu
    )
    const optimizer = { ...state.optimizer, inner: [{ ...state.optimizer.inner[0], mu }, []] as const }
    const found = locate(step)({ ...state, optimizer }, batch)
    expect(found).toMatchObject({ path: "0/optimizer/inner/0/mu/0/bias", value: -Infinity, index: [2] })
    expect(found?.reaches).toEqual(["0/optimizer/inner/0/mu/0/bias", "0/params/0/bias", "1/parameterNorm"])
  })

  test("exp overflows in the forward pass", () => {
    const { step, state } = training(logits => t.mean(t.exp(t.mul(logits, 1e4))))
    const found = operation(locate(step)(state, batch))
    expect(found).toMatchObject({ operation: "exp", value: Infinity, type: "f32[5, 3]", iterations: [] })
    expect(numbers(found)[0]).toBeGreaterThan(88)
    expect(found.from.slice(0, 2)).toEqual(["0/params/2/bias", "0/params/2/kernel"])
  })

  test("a loss takes the logarithm of 0", () => {
    const { step, state } = training(logits => t.neg(t.mean(t.log(relu(logits)))))
    const found = operation(locate(step)(state, batch))
    expect([found.operation, numbers(found), found.value]).toEqual(["log", [0], -Infinity])
    expect(found.from[0]).toBe("0/params/2/bias")
    expect(found.reaches).toContain("1/loss")
  })

  test("a NaN is found, although there is an infinity that is meant", () => {
    const optimizer = reduceOnPlateau({ factor: 0.5, patience: 1 })(sgd({ learningRate: 0.1 }))
    const task = { model, loss: (logits: Tensor) => t.mean(t.log(logits)), optimizer }
    const found = operation(locate(trainStep(task))(initTraining(task)(key(0), zeros([1, 2])), batch))
    expect(found).toMatchObject({ operation: "log", value: NaN })
    expect(found.reaches).not.toContain("0/optimizer/inner/plateau/best") // is Infinity, as it came
  })
})

describe("in derivatives", () => {
  const norm = (params: { readonly w: Tensor; readonly other: Tensor }): Tensor =>
    t.add(t.sqrt(t.sum(t.square(params.w))), t.sum(params.other))

  test("the root has an infinite slope at 0", () => {
    const found = locate(t.grad((x: Tensor) => t.sum(t.sqrt(x))))(f32([4, 0]))
    expect(found).toMatchObject({ operation: "div", value: Infinity, index: [1], from: ["0"] })
    expect(numbers(operation(found))).toEqual([1, 0])
  })

  test("0 · ∞ comes from the slope, and the argument is the one below the root", () => {
    const found = locate(t.valueAndGrad(norm))({ w: f64([0, 0]), other: f64([1]) })
    expect(found).toMatchObject({ operation: "div", from: ["0/w"], reaches: ["1/w"] })
  })

  test("what where does not take makes NaN on the way back", () => {
    const found = locate(t.grad((x: Tensor) => t.sum(t.where(t.gt(x, 0), t.log(x), 0))))(f32([1, 0]))
    expect([operation(found).operation, numbers(operation(found))]).toEqual(["div", [0, 0]])
  })
})

describe("what is meant and vanishes is not found", () => {
  const mask = f32([[0, -Infinity], [0, 0]]) // prettier-ignore
  const attention = (scores: Tensor, values: Tensor): Tensor => t.matmul(t.softmax(t.add(scores, mask)), values)

  test.each<[string, () => Tree]>([
    ["a mask below a softmax", () => attention(f32([[1, 2], [3, 4]]), f32([[1], [2]]))], // prettier-ignore
    ["a branch that where does not take", () => t.where(t.gt(f32([0, 1]), 0), t.log(f32([0, 1])), 0)],
    ["what a maximum begins with", () => t.max(t.concat([f32([-Infinity]), f32([1, 2])]))],
    ["a reciprocal of infinity", () => t.div(1, t.exp(f32([1e4])))]
  ])("%s", (_, build) => {
    expect(locate(build)()).toBeUndefined()
  })

  test("nor is it blamed for another value", () => {
    const f = (w: Tensor, x: Tensor): Tensor => attention(t.exp(w), x)
    expect(locate(f)(f32([[1, 2], [3, 400]]), f32([[1], [2]]))).toMatchObject({ operation: "exp", index: [1, 1] }) // prettier-ignore
    expect(locate(attention)(f32([[1, 2], [3, 4]]), f32([[1], [NaN]]))).toMatchObject({ path: "1" }) // prettier-ignore
  })

  test("nor a branch that is not taken for what is wrong in the other", () => {
    const f = (x: Tensor, y: Tensor): Tensor => t.where(t.gt(x, 0), t.log(t.sub(y, 1)), t.log(t.sub(x, 2)))
    expect(numbers(operation(locate(f)(f32([1, -1]), f32([0, 9]))))).toEqual([-1])
    expect(locate(f)(f32([1, -1]), f32([0, 9]))).toMatchObject({ from: ["1"] })
  })

  test("but a constant is, where there is nothing else", () => {
    const inCase = (x: Tensor): Tensor => t.sub(t.where(t.gt(x, 0), x, -Infinity), 1)
    expect(locate(inCase)(f32([-1, 2]))).toMatchObject({ _tag: "Constant", value: -Infinity, index: [] })
    expect(locate(inCase)(f32([-1, 2]))?.message).toBe(
      "a constant (read by select) has -Infinity in f32[], and reaches the result"
    )
    expect(locate(() => f64([1, NaN]))()).toMatchObject({ _tag: "Constant", readBy: [], index: [1] })
  })
})

describe("in a loop", () => {
  const xs = t.linspace(10, 1, 10)

  test("the iteration is named, and the operation of the body", () => {
    const logs = (shift: Tensor, x: Tensor) =>
      t.scan((c: Tensor, s: Tensor) => [t.add(c, 1), t.log(t.maximum(t.sub(s, shift), 0))], f32(0), x)
    const found = locate(logs)(f32(3), xs)
    expect(found).toMatchObject({ operation: "log", iterations: [7], index: [], type: "f32[]", reaches: ["1"] })
    expect(operation(found).from).toEqual(["0", "1"])
    expect(found?.message).toBe(
      "log of 0 gives -Infinity in f32[], in iteration 7, computed from the arguments 0, 1, and reaches 1"
    )
  })

  test("of a loop that runs backwards it is the place of the slice", () => {
    const logs = (x: Tensor) => t.scan((c: Tensor, s: Tensor) => [t.add(c, t.log(s)), []], f32(0), x, { reverse: true })
    expect(locate(logs)(f32([1, 0, 1, 0, 1]))).toMatchObject({ operation: "log", iterations: [3], reaches: ["0"] })
  })

  test("what the carry has become is followed to the iteration where it began", () => {
    const squares = (x: Tensor) => t.scan((c: Tensor) => [t.square(c), []], x, [], { length: 12 })[0]
    const found = locate(squares)(f32([1, 10]))
    expect(found).toMatchObject({ operation: "mul", iterations: [5], index: [1], from: ["0"] })
  })

  test("in a loop in a loop both are named", () => {
    const inner = (c: Tensor, row: Tensor) => t.scan((d: Tensor, s: Tensor) => [t.add(d, t.log(s)), []], c, row)[0]
    const outer = (x: Tensor) => t.scan((c: Tensor, row: Tensor) => [inner(c, row), []], f32(0), x)[0]
    expect(locate(outer)(f32([[1, 1], [1, 1], [1, 0]]))).toMatchObject({ operation: "log", iterations: [2, 1], from: ["0"] }) // prettier-ignore
  })

  test("a slice that is not finite is an argument, and a loop that is not run finds nothing", () => {
    const sums = (x: Tensor) => t.scan((c: Tensor, s: Tensor) => [t.add(c, s), c], f32(0), x)
    expect(locate(sums)(f32([1, 2, NaN]))).toMatchObject({
      _tag: "Argument",
      path: "0",
      index: [2],
      reaches: ["0"]
    })
    expect(locate(sums)(t.zeros([0]))).toBeUndefined()
  })

  test("the carry is computed from what the iteration before read", () => {
    const f = (w: Tensor, x: Tensor) => t.scan((c: Tensor) => [t.mul(w, t.exp(c)), []], x, [], { length: 3 })[0]
    expect(operation(locate(f)(f64(300), f64(1))).from).toEqual(["1", "0"])
  })
})

describe("of what is read", () => {
  test("an elementwise operation tells the elements, another the ranges", () => {
    const product = operation(locate((a: Tensor, b: Tensor) => t.matmul(a, b))(f32([[1e30, -2]]), f32([[1e30], [3]])))
    expect(product.operands).toEqual([
      { type: "f32[1, 2]", range: [-2, Math.fround(1e30)] },
      { type: "f32[2, 1]", range: [3, Math.fround(1e30)] }
    ])
    expect(product.message).toMatch(
      /^dot of f32\[1, 2\] from -2 to 1e\+30 and f32\[2, 1\] from 3 to 1e\+30 gives Infinity at/
    )
    const quotient = locate((a: Tensor, b: Tensor) => t.div(a, b))(f32([[1, 2], [3, 4]]), f32([[5], [0]])) // prettier-ignore
    expect([numbers(operation(quotient)), quotient?.index]).toEqual([[3, 0], [1, 0]]) // prettier-ignore
  })

  test("at most three arguments are told, the nearest first", () => {
    const f = (a: Tensor, b: Tensor, c: Tensor, d: Tensor) => t.log(t.mul(t.add(t.add(t.add(d, c), b), a), 0))
    expect(operation(locate(f)(f32(1), f32(1), f32(1), f32(1))).from).toEqual(["0", "1", "2"])
  })

  test("what is closed over is looked into, and read from no argument", () => {
    const [x, closedOver] = [f32([1, 2]), t.log(f32([1, 0]))]
    const found = operation(locate((y: Tensor) => t.add(y, closedOver))(x))
    expect(found.message).toBe("log of 0 gives -Infinity at [1] in f32[2], and reaches the result")
    expect(t.toArray(closedOver)).toEqual([0, -Infinity])
    // what was computed is a constant
    const known = locate((y: Tensor) => t.add(y, closedOver))(x)
    expect(known).toMatchObject({ _tag: "Constant", index: [1], value: -Infinity, readBy: ["add"] })
  })
})

describe("like a compiled function", () => {
  test("it refuses what is no tree", () => {
    expect(() => locate((x: Tensor) => x)(1 as never)).toThrow('arguments at "0": expected a tensor')
  })

  test("it needs values: those of grad are known, those of another compiled function are not", () => {
    const grads = t.grad((x: Tensor) => (expect(locate(t.log)(x)).toMatchObject({ operation: "log" }), x))(f32(0))
    expect(t.item(grads)).toBe(1)
    const inside = () => t.compile((x: Tensor) => (locate(t.log)(x), x))(f32(1))
    expect(inside).toThrow(expect.objectContaining({ name: "UnboundInputError" }))
  })
})
