import { describe, expect, expectTypeOf, test } from "vitest"
import { pipe, tensor, toTyped, Tree, zeros, type Tensor } from "thalweg"
import {
  batchNorm,
  dense,
  halfSquaredError,
  inference,
  observe,
  pretrained,
  repeat,
  sequential,
  stateless,
  type Affine,
  type Layer
} from "thalweg/nn"
import { freeze, lookahead, sgd } from "thalweg/optimizer"
import { key, normal } from "thalweg/random"
import { fromModelSpec, toModelSpec } from "thalweg/spec"
import { fit, initTraining } from "thalweg/train"

const bits = (tree: Tree): readonly (readonly number[])[] => Tree.leaves(tree).map(t => [...toTyped(t)])
const x = normal(key(1), [8, 3])
const body = sequential({ dense: dense({ units: 2 }), norm: batchNorm() })
const whole = sequential({ body, head: dense({ units: 4 }) })
const known = whole.init(key(2), x)
const [, moved] = body.apply(known.params.body, known.state.body, x, { training: true, key: key(3) })
const other = sequential({ body: pretrained(known.params.body, moved)(body), head: dense({ units: 1 }) })

describe("pretrained", () => {
  test("gives a body to another model: parameters and state; the head is drawn as if it were alone", () => {
    const { params, state } = other.init(key(5), x)
    expect(bits([params.body, state.body])).toEqual(bits([known.params.body, moved]))
    const fresh = sequential({ body, head: dense({ units: 1 }) }).init(key(5), x)
    expect(bits(params.head)).toEqual(bits(fresh.params.head))
    expectTypeOf(params.body.dense).toEqualTypeOf<Affine>()
  })

  test("is where training begins, also for what an optimizer keeps of parameters", () => {
    const optimizer = pipe(sgd({ learningRate: 0.1 }), lookahead({ every: 2, mix: 0.5 }))
    const state = initTraining({ model: other, optimizer })(key(0), x)
    expect(bits(state.params.body)).toEqual(bits(known.params.body))
    expect(bits(state.optimizer.inner.slow.body)).toEqual(bits(known.params.body))
  })

  test("is trained on, but for what is frozen", () => {
    const optimizer = pipe(sgd({ learningRate: 0.1 }), freeze("body/dense/**"))
    const data = { train: { x, y: zeros([8, 1]) }, epochs: 1, batchSize: 4, key: key(0) }
    const { params } = fit({ model: other, loss: halfSquaredError, optimizer })(data).trained
    expect(bits(params.body.dense)).toEqual(bits(known.params.body.dense))
    expect(bits(params.body.norm)).not.toEqual(bits(known.params.body.norm))
  })

  test("begins every depth of a repeat alike", () => {
    const square = dense({ units: 3 })
    const { params, state } = square.init(key(7), x)
    const stacked = repeat(2)(pretrained(params, state)(square)).init(key(8), x).params.each
    expect(bits(stacked)).toEqual(bits(params).map(values => [...values, ...values]))
  })

  test("keeps what it was given, whatever becomes of that", () => {
    const given: { kernel: Tensor; bias: Tensor } = { kernel: zeros([3, 2]), bias: zeros([2]) }
    const layer = pretrained<{ readonly kernel: Tensor; readonly bias: Tensor }, readonly []>(
      given,
      []
    )(dense({ units: 2 }))
    given.bias = tensor([9, 9])
    expect(bits(layer.init(key(0), x).params)).toEqual([[0, 0], [0, 0, 0, 0, 0, 0]]) // prettier-ignore
  })

  test("is as data the layer by itself", () => {
    expect(toModelSpec(other)).toEqual(toModelSpec(sequential({ body, head: dense({ units: 1 }) })))
  })

  const begin = (params: Tree, state: Tree) => pretrained(params, state)(body as unknown as Layer<Tree, Tree>)
  const { dense: affine, norm } = known.params.body
  test.each<readonly [message: string, params: Tree, state: Tree]>([
    ['TreeError: pretrained at "parts/part": expected', { dense: affine }, moved],
    ['ShapeError: pretrained at "parts/part/dense/kernel": expected parameters of f32[3, 2]; got f32[2, 2]', { dense: { ...affine, kernel: zeros([2, 2]) }, norm }, moved], // prettier-ignore
    ['DTypeError: pretrained at "parts/part/norm/bias": expected parameters of f32[2]; got f64[2]', { dense: affine, norm: { ...norm, bias: zeros([2], "f64") } }, moved], // prettier-ignore
    ['ShapeError: pretrained at "parts/part/norm/mean": expected a state of f32[2]; got f32[3]', known.params.body, { ...moved, norm: { ...moved.norm, mean: zeros([3]) } }] // prettier-ignore
  ])("%s", (message, params, state) => {
    const model = sequential({ parts: sequential({ part: begin(params, state) }) })
    const init = (): unknown => {
      try {
        return model.init(key(0), x)
      } catch (error) {
        return String(error)
      }
    }
    expect(init()).toContain(message)
  })

  test("wants trees and a layer", () => {
    expect(() => pretrained(known.params.body, undefined as never)).toThrow('pretrained at "state": expected')
    expect(() => pretrained(1 as never, [])).toThrow('pretrained at "params": expected')
    expect(() => pretrained([], [])(5 as never)).toThrow("pretrained: expected a layer")
  })
})

describe("inference", () => {
  const still = sequential({ body: inference(pretrained(known.params.body, moved)(body)), head: dense({ units: 1 }) })
  const data = { train: { x, y: zeros([8, 1]) }, epochs: 2, batchSize: 4, key: key(0) }

  test("fine-tunes a head on a body whose statistics stay, and which is frozen otherwise", () => {
    const optimizer = pipe(sgd({ learningRate: 0.1 }), freeze("body/**"))
    const { params, state } = fit({ model: still, loss: halfSquaredError, optimizer })(data).trained
    expect(bits([params.body, state.body])).toEqual(bits([known.params.body, moved]))
    expect(bits(params.head)).not.toEqual(bits(still.init(key(0), x).params.head))
    const loose = fit({ model: other, loss: halfSquaredError, optimizer })(data).trained
    expect(bits(loose.state.body)).not.toEqual(bits(moved))
    expectTypeOf(params.body.dense).toEqualTypeOf<Affine>()
  })

  test("hands on context and whoever watches, but no key", () => {
    const seen: object[] = []
    const looking = stateless("looking", (x: Tensor, mode: { readonly mask: Tensor }) => {
      seen.push({ ...mode })
      return x
    })
    const model = sequential({ inner: inference(sequential({ looking })) })
    const mask = zeros([8], "bool")
    const { params, state } = model.init(key(0), x, { mask })
    const [, , parts] = observe(model)(params, state, x, { training: true, key: key(1), mask })
    expect(parts.map(({ path, layer }) => [path, layer.name])).toEqual([["inner", "inference(sequential)"], ["inner/looking", "looking"]]) // prettier-ignore
    expect(seen.at(-1)).toMatchObject({ training: false, mask })
    expect(seen.at(-1)).not.toHaveProperty("key")
  })

  test("is data; what is no layer, or no mode, is refused", () => {
    const layer = inference(repeat(2)(batchNorm()))
    const spec = toModelSpec(layer)
    expect(spec).toEqual({ layer: "inference", options: { of: toModelSpec(repeat(2)(batchNorm())) } })
    expect(toModelSpec(fromModelSpec(spec))).toEqual(spec)
    expect(() => inference(7 as never)).toThrow("inference: expected a layer, such as dense({ units: 1 }) or activation(relu); got 7") // prettier-ignore
    expect(() => layer.apply({} as never, {} as never, x, {} as never)).toThrow("inference: expected a mode")
  })
})
