import * as thalweg from "thalweg"
import { isTensor } from "thalweg"
import { leastSquares } from "thalweg/minimize"
import * as nn from "thalweg/nn"
import * as optimizer from "thalweg/optimizer"
import * as random from "thalweg/random"
import * as schedule from "thalweg/schedule"
import * as show from "thalweg/show"
import * as spec from "thalweg/spec"
import * as train from "thalweg/train"
import * as transform from "thalweg/transform"
import * as xla from "thalweg/xla"
import { describe, expect, test } from "vitest"

const entries = { thalweg, nn, optimizer, random, schedule, show, spec, train, transform, xla }

/** The places in a value, and in what it holds, to which something could be assigned. */
const assignable = (value: unknown, path: string, seen = new Set<unknown>()): readonly string[] => {
  const holds = (typeof value === "object" && value !== null) || typeof value === "function"
  if (!holds || isTensor(value) || seen.has(value)) return []
  seen.add(value)
  const inside = Object.entries(value).flatMap(([key, part]) => assignable(part, `${path}.${key}`, seen))
  return Object.entries(value).length === 0 || Object.isFrozen(value) ? inside : [path, ...inside]
}

test("what an entry point publishes cannot be changed", () => {
  const published = Object.entries(entries).flatMap(([name, entry]) =>
    Object.entries(entry).flatMap(([key, value]) => assignable(value, `${name}.${key}`))
  )
  expect(published).toEqual([])
})

test("what a recipe makes cannot be changed", () => {
  const { adam, clipByNorm, lookahead, optimizers } = optimizer
  const composed = thalweg.pipe(adam(), clipByNorm(1), lookahead())
  const partitioned = optimizers.partition.make({ optimizers: { all: composed }, labels: [["**", "all"]] })
  expect([composed, partitioned, transform.scaleByAdam(), adam.fields.b1].map(x => assignable(x, ""))).toEqual([
    [],
    [],
    [],
    []
  ])
})

test("a motion of the user's is copied", () => {
  const mine = { ...optimizer.sgd({ learningRate: 1 }).motion, needs: [] as "loss"[] }
  const made = optimizer.optimizerOf(mine)
  mine.needs.push("loss")
  expect(made.needs).toEqual([])
  expect(Object.isFrozen(mine)).toBe(false)
})

const { activation, dense, relu, rnnCell } = nn

test("what makes layers of layers cannot be changed, nor can what it is made of", () => {
  const [hidden, cell] = [dense({ units: 2 }), rnnCell({ units: 2 })]
  const wiring = ({ a }: { readonly a: (x: thalweg.Tensor) => thalweg.Tensor }, x: thalweg.Tensor) => a(x)
  const pads = [
    [1, 1],
    [0, 0]
  ] as const
  const made = {
    recipe: nn.conv2d({ outputs: 2, window: [3, 3], padding: pads }),
    function: activation(relu),
    named: nn.sequential({ hidden }),
    placed: nn.sequential(hidden, hidden),
    branch: nn.branch({ hidden }),
    parallel: nn.parallel({ hidden }),
    connect: nn.connect("own", { a: hidden }, wiring),
    residual: nn.residual(hidden),
    repeat: nn.repeat(2)(hidden),
    recurrent: nn.recurrent({ give: "last" })(cell),
    stateful: nn.stateful()(cell),
    bidirectional: nn.bidirectional()(cell),
    inference: nn.inference(hidden),
    withParams: nn.withParams(hidden),
    providing: nn.providing((x: thalweg.Tensor) => [x, {}] as const)(hidden),
    block: nn.transformerBlock({ heads: 1, hidden: 2 }),
    decoded: spec.fromModelSpec({ layer: "residual", options: { of: { layer: "dense", options: { units: 2 } } } })
  }
  expect(assignable(made, "").filter(path => path !== "")).toEqual([])
})

describe("what is given may be changed later on, and nothing else changes", () => {
  const x = thalweg.ones([2, 3])
  const still = { training: false } as const
  /** Two layers of one width, in a list that may be changed. */
  const widths = (model: nn.SomeLayer): unknown => [spec.toModelSpec(model), model.init(random.key(0), x).params]
  const other = dense({ units: 7 })
  type Open = Record<string, unknown>

  test.each<[string, () => readonly [made: nn.SomeLayer, change: () => unknown]]>([
    [
      "the options of a layer",
      () => {
        const options = { units: 2 }
        return [dense(options), () => (options.units = 5)]
      }
    ],
    [
      "named parts",
      () => {
        const parts = { a: dense({ units: 3 }), b: dense({ units: 3 }) }
        return [nn.sequential(parts), () => (parts.a = other)]
      }
    ],
    [
      "the parts of a branch",
      () => {
        const parts = { a: dense({ units: 3 }), b: dense({ units: 3 }) }
        return [nn.branch(parts), () => delete (parts as Open)["a"]]
      }
    ],
    [
      "the parts of what is joined",
      () => {
        const parts = { a: dense({ units: 3 }), b: dense({ units: 3 }) }
        return [nn.parallel(parts), () => (parts.b = other)]
      }
    ],
    [
      "a list of layers in a spec",
      () => {
        const options = { of: [{ layer: "dense" as const, options: { units: 3 } }] }
        return [spec.fromModelSpec({ layer: "sequential", options }), () => options.of.pop()]
      }
    ]
  ])("%s", (_, make) => {
    const [model, change] = make()
    const before = JSON.stringify(widths(model))
    change()
    expect(JSON.stringify(widths(model))).toBe(before)
  })

  test("lists among the options of a layer", () => {
    const [window, padding, shape] = [
      [3, 3],
      [
        [1, 1],
        [1, 1]
      ] as [number, number][],
      [2, 3]
    ]
    const made = [nn.conv2d({ outputs: 1, window, padding }), nn.maxPool({ window }), nn.reshape({ shape })]
    const before = JSON.stringify(made.map(layer => spec.toModelSpec(layer)))
    const image = thalweg.zeros([1, 8, 8, 1])
    const { params } = (made[0] as nn.Layer<object>).init(random.key(0), image)
    window.push(9)
    shape.reverse()
    for (const pair of padding) pair[0] = 4
    expect(JSON.stringify(made.map(layer => spec.toModelSpec(layer)))).toBe(before)
    expect((made[0] as nn.Layer<object>).apply(params, [], image, still)[0].shape).toEqual([1, 8, 8, 1])
  })

  test("options that wait for a cell", () => {
    const options = { reverse: false }
    const make = nn.recurrent(options)
    options.reverse = true
    expect(spec.toModelSpec(make(rnnCell({ units: 1 }))).options["reverse"]).toBe(false)
  })

  test("a layer that is written by hand", () => {
    const mine = { ...nn.stateless("mine", (x: thalweg.Tensor) => thalweg.mul(x, 2)) }
    const models = [nn.sequential(mine), nn.residual(mine), nn.repeat(1)(mine), nn.inference(mine)] as nn.SomeLayer[]
    const starts = models.map(model => model.init(random.key(0), x))
    const outputs = () =>
      models.map((model, i) => {
        const { params, state } = starts[i] as { readonly params: object; readonly state: object }
        return thalweg.toArray(model.apply(params, state, x, still)[0] as thalweg.Tensor)
      })
    const before = outputs()
    ;(mine as Open)["apply"] = () => [x, []]
    expect(outputs()).toEqual(before)
  })

  test("the columns of a file", () => {
    const names = ["no", "yes"]
    const columns = { a: names }
    const decode = spec.decodeCsv({ columns })
    names.reverse()
    columns.a = ["other"]
    const decoded = decode(Buffer.from("a\nyes\n"))
    if (decoded._tag === "Left") throw new Error(spec.report(decoded.left).join())
    expect(thalweg.toArray(decoded.right.a)).toEqual([1])
  })

  test("the rules of a partition, and what a mask says", () => {
    const rule: [string, string] = ["**", "all"]
    const rules = { optimizers: { all: optimizer.sgd({ learningRate: 1 }) }, labels: [rule] }
    const made = optimizer.optimizers.partition.make(rules)
    rule[0] = "none"
    expect(() => made.init({ a: x })).not.toThrow()
  })

  test("bounds and weights", () => {
    const [lower, weights] = [{ a: 1 }, [thalweg.scalar(1)]]
    const residuals = ({ a }: { readonly a: thalweg.Tensor }) => [thalweg.add(a, 1)]
    const [start, fit] = [thalweg.scalar(5, "f64"), leastSquares(residuals, { lower, weights })]
    lower.a = -7
    weights.pop()
    expect(thalweg.item(fit({ a: start }).at.a)).toBe(1)
  })

  test("a task, its metrics, and data that are gone through later", () => {
    const task = { model: dense({ units: 1 }), loss: nn.squaredError, optimizer: optimizer.sgd({ learningRate: 1 }) }
    const metrics = { mean: nn.squaredError as train.Loss }
    const [step, fitting, begin] = [train.trainStep(task, metrics), train.fit(task), train.initTraining(task)]
    const scored = train.assess(task.model, metrics)
    const data = { x, y: thalweg.ones([2, 1]) }
    const [cut, folds] = [train.batches({ batchSize: 2 })(data), train.kFold({ k: 2 })(data)]
    const sizes = [1]
    const curve = train.learningCurve(sizes, () => ({ training: 0, validation: 0 }))
    const given = { ...data }
    task.model = other
    metrics.mean = () => thalweg.scalar(7)
    data.x = thalweg.zeros([2, 3])
    sizes[0] = 99
    const start = begin(random.key(0), given.x)
    expect(start.params.kernel.shape).toEqual([3, 1])
    expect(thalweg.item(step(start, given)[1].metrics.mean)).not.toBe(7)
    expect(scored({ params: start.params, state: [] }, given).mean).not.toBe(7)
    const fitted = fitting({ train: given, epochs: 1, batchSize: 2, key: random.key(0) })
    expect(fitted.trained.params.kernel.shape).toEqual([3, 1])
    expect([...cut].map(batch => thalweg.toArray(batch.x))).toEqual([thalweg.toArray(x)])
    expect([...folds].map(fold => thalweg.toArray(fold.train.x))).toEqual([[[1, 1, 1]], [[1, 1, 1]]])
    expect(curve(folds).map(({ at }) => at)).toEqual([1])
  })
})
