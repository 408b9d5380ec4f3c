import { describe, expect, expectTypeOf, test } from "vitest"
import { full, mul, tensor, toTyped, Tree, zeros, type Tensor } from "thalweg"
import {
  activation,
  branch,
  celu,
  connect,
  constantInitializer,
  dense,
  dropout,
  elu,
  heNormal,
  identityInitializer,
  leakyRelu,
  lstmCell,
  normalInitializer,
  orthogonal,
  parallel,
  pretrained,
  providing,
  recurrent,
  relu,
  repeat,
  residual,
  sequential,
  stateless,
  tanh,
  truncatedNormalInitializer,
  uniformInitializer,
  varianceScaling,
  zerosInitializer,
  type Layer,
  type SomeLayer
} from "thalweg/nn"
import { key } from "thalweg/random"
import {
  decodeModel,
  encodeModel,
  fromModelSpec,
  fromScheduleSpec,
  modelSpec,
  report,
  toModelSpec,
  toTorch,
  type LayerName,
  type ModelSpec
} from "thalweg/spec"
import { choice, fixed, hyper, range, recipe } from "thalweg/transform"

const models: Readonly<Record<string, SomeLayer>> = {
  dense: dense({ units: 3, kernel: heNormal, bias: zerosInitializer }),
  "without a bias": dense({ units: 3, bias: false }),
  byName: sequential({
    hidden: dense({ units: 4 }),
    drop: dropout({ rate: 0.5 }),
    tanh: activation(tanh),
    head: dense({ units: 2 })
  }),
  byPlace: sequential(dense({ units: 4 }), activation(relu)),
  nothing: sequential(),
  deep: repeat(3)(residual(sequential(dense({ units: 5 }), activation(relu)))),
  branches: sequential(
    parallel({ b: dense({ units: 1 }), a: dense({ units: 2 }) }),
    branch({ x: dense({ units: 1 }), y: sequential() })
  )
}

const bitsOf = (tree: Tree): unknown => Tree.leaves(tree).map(leaf => [...toTyped(leaf)])

describe("a model as data", () => {
  test.each(Object.entries(models))("%s: goes to JSON and back, and is the same model", (_, model) => {
    const spec = toModelSpec(model)
    const json: unknown = JSON.parse(JSON.stringify(encodeModel(spec)))
    const decoded = decodeModel(json)
    expect(decoded).toEqual({ _tag: "Right", right: spec })
    expect(modelSpec.is(spec)).toBe(true)
    const again = fromModelSpec(spec)
    expect(toModelSpec(again)).toEqual(spec)
    const x = zeros([2, 5])
    const [a, b] = [model, again].map(m => m.init(key(0), x) as { readonly params: Tree; readonly state: Tree })
    expect(Tree.paths(b?.params ?? [])).toEqual(Tree.paths(a?.params ?? []))
    expect(bitsOf(b?.params ?? [])).toEqual(bitsOf(a?.params ?? []))
  })

  describe("with functions that are made of options", () => {
    const x = zeros([2, 3])
    const initializers = {
      constant: [constantInitializer(0.5), { value: 0.5 }],
      identity: [identityInitializer({ gain: 2 }), { gain: 2 }],
      normal: [normalInitializer({ mean: 1 }), { mean: 1 }],
      orthogonal: [orthogonal({ gain: 3 }), { gain: 3 }],
      truncatedNormal: [
        truncatedNormalInitializer({ standardDeviation: 0.1, upper: 1 }),
        { standardDeviation: 0.1, upper: 1 }
      ],
      uniform: [uniformInitializer({ min: 0, max: 2 }), { min: 0, max: 2 }],
      varianceScaling: [varianceScaling({ scale: 4, mode: "fanOut" }), { scale: 4, mode: "fanOut" }]
    } as const
    const activations = { leakyRelu: [leakyRelu(0.2), { slope: 0.2 }], elu: [elu(2), { alpha: 2 }], celu: [celu(3), { alpha: 3 }] } as const // prettier-ignore

    test.each(Object.entries(initializers))(
      "such as the initializer %s, goes to JSON and back",
      (name, [kernel, options]) => {
        const [model, json] = [
          dense({ units: 2, kernel }),
          { layer: "dense", units: 2, kernel: { initializer: name, ...options } }
        ]
        const spec = toModelSpec(model)
        expect(spec.options["kernel"]).toEqual({ initializer: name, options })
        expect(JSON.parse(JSON.stringify(encodeModel(spec)))).toEqual(json)
        expect(decodeModel(json)).toEqual({ _tag: "Right", right: spec })
        const again = fromModelSpec(spec) as typeof model
        expect(toTyped(again.init(key(7), x).params.kernel)).toEqual(toTyped(model.init(key(7), x).params.kernel))
        expect(toModelSpec(again)).toEqual(spec)
      }
    )

    test.each(Object.entries(activations))("such as the activation %s, goes to JSON and back", (name, [f, options]) => {
      const [model, json] = [activation(f), { layer: "activation", f: { activation: name, ...options } }]
      const spec = toModelSpec(model)
      expect(JSON.parse(JSON.stringify(encodeModel(spec)))).toEqual(json)
      expect(decodeModel(json)).toEqual({ _tag: "Right", right: spec })
      const falling = tensor([[-1, -2, 3]])
      const outputs = [model, fromModelSpec(spec)].map(
        (layer: SomeLayer) => layer.apply([], [], falling, { training: false })[0] as Tensor
      )
      expect(toTyped(outputs[1] as Tensor)).toEqual(toTyped(outputs[0] as Tensor))
      expect(toModelSpec(fromModelSpec(spec))).toEqual(spec)
    })

    test("keeps the short names of those that have one, and needs no options", () => {
      expect(toModelSpec(dense({ units: 1, kernel: heNormal })).options["kernel"]).toBe("heNormal")
      const names = toModelSpec(dense({ units: 1, kernel: normalInitializer({ mean: undefined }), bias: orthogonal() }))
      expect(names.options["kernel"]).toEqual({ initializer: "normal", options: {} })
      expect(names.options["bias"]).toEqual({ initializer: "orthogonal", options: {} })
    })

    test("are looked at by their fields, where they stand", () => {
      const refused = (json: unknown) => {
        const read = decodeModel(json)
        return read._tag === "Left" ? report(read.left) : []
      }
      const line = (kernel: unknown) => refused({ layer: "dense", units: 1, kernel })
      expect(line({ initializer: "truncatedNorml" })).toEqual([
        'kernel/initializer: expected a known initializer (did you mean "truncatedNormal"?); got "truncatedNorml"'
      ])
      expect(line({ initializer: "normal", standardDeviation: -1, std: 2 })).toEqual([
        "kernel/standardDeviation: expected a finite number ≥ 0 that f32 can hold; got -1",
        expect.stringMatching(/^kernel\/std: expected options of normal only/) as string
      ])
      expect(line({ initializer: "constant" })).toEqual(["kernel/value: expected a number; got undefined"])
      expect(line({ initializer: "uniform", min: 2, max: 1 })[0]).toMatch(
        /^kernel: expected min < max.*, not 2 and 1; got/
      )
      expect(line({ activation: "leakyRelu" })).toEqual([expect.stringMatching(/^kernel\/initializer: expected a known initializer/)]) // prettier-ignore
      expect(line(["heNormal"])).toEqual([
        'kernel: expected the name of a function, or an object { "initializer": …, … }; got an array of length 1'
      ])
      expect(() => fromModelSpec({ layer: "dense", options: { units: 1, kernel: { initializer: "x" as never, options: {} } } })).toThrow('expected the initializer to be a name of the catalogue; got "x"') // prettier-ignore
    })

    test("functions of one's own are none, whatever they are called", () => {
      const said = (layer: SomeLayer) => () => toModelSpec(layer)
      expect(said(activation(function relu(x: Tensor) { return mul(x, 2) }))).toThrow(/^toModelSpec at "f": expected a function that has a name as data: celu, .*; or one that celu, elu, leakyRelu made; got another function called relu$/) // prettier-ignore
      expect(said(dense({ units: 1, kernel: (_, shape) => zeros(shape) }))).toThrow(/truncatedNormal, uniform, varianceScaling made; got /) // prettier-ignore
      expect(said(activation(constantInitializer(1) as never))).toThrow("leakyRelu made; got the function constantInitializer") // prettier-ignore
    })

    test("nor what is given the spec of another", () => {
      const taken = Object.assign((x: Tensor) => mul(x, 3), elu(2))
      expect(() => toModelSpec(activation(taken))).toThrow(/leakyRelu made; got /)
      const unsaid = Object.assign((x: Tensor) => mul(x, 3), { spec: { title: "elu" } })
      expect(() => toModelSpec(activation(unsaid))).toThrow(/leakyRelu made; got /)
    })
  })

  describe("with layers of the user's", () => {
    type Scale = Layer<{ readonly weight: Tensor }>
    const fields = { initial: fixed(range.finite, 1), mode: choice(["plain", "squared"], "plain"), rate: hyper(range.positive, 1) } // prettier-ignore
    const layerScale = recipe("layerScale", fields, {}, ({ initial }, given): Scale => ({
      name: "layerScale",
      init: (_, x) => ({ params: { weight: full(x.shape.slice(-1), initial) }, state: [] }),
      apply: ({ weight }, state, x) => [mul(x, weight), state],
      spec: { layer: "layerScale", options: given }
    }))
    const own = { layers: { layerScale } }
    const model = sequential({ a: dense({ units: 2 }), b: residual(layerScale({ initial: 0.5, mode: "squared" })) })
    const json = {
      layer: "sequential",
      of: {
        a: { layer: "dense", units: 2 },
        b: { layer: "residual", of: { layer: "layerScale", initial: 0.5, mode: "squared" } }
      }
    }

    test("goes to JSON and back, and is the same model", () => {
      expect(encodeModel(toModelSpec(model, own), own)).toEqual(json)
      const read = decodeModel(json, own)
      expect(read).toEqual({ _tag: "Right", right: toModelSpec(model, own) })
      if (read._tag === "Left") return
      const [a, b] = [model, fromModelSpec(read.right, own)].map((m: SomeLayer) => m.init(key(0), zeros([1, 3])))
      expect(bitsOf(b?.params as Tree)).toEqual(bitsOf(a?.params as Tree))
      expectTypeOf(read.right.layer).toEqualTypeOf<LayerName | "layerScale">()
      // @ts-expect-error -- no layer of that name
      expect(() => fromModelSpec({ layer: "layerScal", options: {} }, own)).toThrow("a name of the catalogue")
    })

    test("knows them only where they are told", () => {
      expect(decodeModel(json)._tag).toBe("Left")
      expect(() => toModelSpec(model)).toThrow(/^toModelSpec at "of\/b\/of": .*; got "layerScale"$/)
      expect(() => encodeModel(toModelSpec(model, own) as ModelSpec)).toThrow('the layer to be a name of the catalogue; got "layerScale"') // prettier-ignore
    })

    test("looks at their options by their fields; what no data can say is refused", () => {
      const read = decodeModel({ layer: "layerScale", initial: "x", mode: "cubed", rate: 2, mod: 1 }, own)
      expect(read._tag === "Left" && report(read.left)).toEqual([
        'initial: expected a finite number; got "x"',
        'mode: expected "plain" or "squared"; got "cubed"',
        "rate: expected nothing, since only code can say it; got 2",
        expect.stringContaining("mod: expected options of layerScale only") as string
      ])
      expect(() => toModelSpec(layerScale({ rate: 2 }), own)).toThrow('toModelSpec at "rate": expected an option that data can say, as of fixed, choice and flag; got 2, of the kind "hyperparameter"') // prettier-ignore
    })

    test.each<unknown>([
      { dense: layerScale },
      { mine: 3 },
      { mine: null },
      { mine: dense({ units: 1 }) },
      [layerScale],
      3
    ])("refuses what are no such recipes: %#", layers => {
      for (const use of [toModelSpec, fromModelSpec, encodeModel, decodeModel] as const)
        expect(() => use(dense({ units: 1 }) as never, { layers: layers as never })).toThrow(
          "expected layers to be recipes of layers by names that the catalogue has not; got "
        )
    })
  })

  test.each<[string, () => unknown]>([
    [
      'toModelSpec at "of/0": expected a layer of the catalogue, or one whose spec names one of the layers that were given; got "double", without a spec',
      () => toModelSpec(sequential(stateless("double", (x: Tensor) => mul(x, 2))))
    ],
    [
      'toModelSpec at "of/a/of/b": expected a layer of the catalogue, or one whose spec names one of the layers that were given; got "mine", without a spec',
      () => toModelSpec(sequential({ a: sequential({ b: connect("mine", {}, (_, x: Tensor) => x) }) }))
    ],
    [
      'toModelSpec at "kernel": expected a function that has a name as data: ',
      () => toModelSpec(dense({ units: 1, kernel: (_, shape) => zeros(shape) }))
    ],
    [
      "toModelSpec: expected a layer, such as dense({ units: 1 }) or activation(relu); got 3",
      () => toModelSpec(3 as never)
    ],
    ["spec: expected a spec { layer, options }; got null", () => fromModelSpec(null as never)],
    [
      "spec: expected a spec { layer, options }; got null",
      () => fromModelSpec({ layer: "residual", options: { of: null as never } })
    ],
    ["spec: expected a spec { schedule, options }; got null", () => fromScheduleSpec(null as never)],
    [
      'spec: expected the layer to be a name of the catalogue; got "dens"',
      () => fromModelSpec({ layer: "dens", options: {} } as never)
    ],
    [
      "dense: expected units to be a whole number ≥ 1; got 0",
      () => fromModelSpec({ layer: "dense", options: { units: 0 } })
    ]
  ])("%s", (message, use) => {
    expect(use).toThrow(message)
  })

  test.each<[unknown, readonly string[]]>([
    [
      { layer: "activation", f: { activation: "relu" } },
      ['f: expected "relu" itself, which takes no options here; got an object with keys activation']
    ],
    [null, ['(root): expected an object { "layer": …, … }; got null']],
    [{ layer: "toString" }, [expect.stringContaining("layer: expected a known layer") as string]],
    [{ layer: "dense" }, ["units: expected a whole number ≥ 1; got undefined"]],
    [
      { layer: "dense", units: 2, kernel: "he" },
      [expect.stringContaining("kernel: expected the name of a function (") as string]
    ],
    [
      { layer: "dense", units: 2, kernel: false },
      [
        expect.stringContaining(
          'kernel: expected the name of a function, or an object { "initializer": …, … }; got false'
        ) as string
      ]
    ],
    [
      { layer: "repeat", times: 0, of: { layer: "dropout", rate: 1 } },
      ["times: expected a whole number ≥ 1; got 0", "of/rate: expected a number ≥ 0 and < 1; got 1"]
    ],
    [
      { layer: "sequential", of: { a: { layer: "dense", unit: 3 }, b: 3 } },
      [
        "of/a/units: expected a whole number ≥ 1; got undefined",
        'of/a/unit: expected options of dense only (did you mean "units"?); got 3',
        'of/b: expected an object { "layer": …, … }; got 3'
      ]
    ],
    [{ layer: "sequential", of: "dense" }, ['of: expected an object or a list of layers; got "dense"']],
    [
      { layer: "sequential", of: { 1: { layer: "dense", units: 1 } } },
      [expect.stringContaining("names that do not look like numbers") as string]
    ]
  ])("%j is refused", (json, errors) => {
    const decoded = decodeModel(json)
    expect(decoded._tag === "Left" && report(decoded.left)).toEqual(errors)
  })

  test("a model that is nested too deep, or too large, is refused in bounded time", () => {
    let deep: unknown = { layer: "dense", units: 1 }
    for (let i = 0; i < 1000; i++) deep = { layer: "residual", of: deep }
    expect(decodeModel(deep)._tag).toBe("Left")
    const wide = { layer: "sequential", of: Array.from({ length: 100_000 }, () => ({ layer: "dense", units: 1 })) }
    expect(decodeModel(wide)._tag).toBe("Left")
    expect(decodeModel({ layer: "repeat", times: 2 ** 40, of: { layer: "dense", units: 2 ** 40 } })._tag).toBe("Right")
    const spec: ModelSpec = { layer: "dense", options: { units: 1 } }
    expect(modelSpec.is({ ...spec, more: 1 })).toBe(true)
    expect(modelSpec.is(3)).toBe(false)
  })
})

test.each([
  ["encodeModel", encodeModel],
  ["modelSpec.encode", modelSpec.encode]
])("what could not be decoded is not encoded either: %s", (_, encode) => {
  const deep = Array.from({ length: 25 }).reduce<SomeLayer>(layer => residual(layer as never), dense({ units: 2 }))
  const refused = "encodeModel: expected a spec that can be decoded again; got "
  expect(() => encode(toModelSpec(deep))).toThrow(/^encodeModel: .* decoded again; got .*nested at most 24 deep/)
  expect(() => encode({ layer: "dense", options: { units: 0 } })).toThrow(`${refused}units: expected a whole number`)
  expect(() => encode(3 as never)).toThrow("spec: expected a spec { layer, options }; got 3")
})

test("a layer that calls a function of one's own is told by its name", () => {
  const masked = providing((x: Tensor) => [x, {}] as const)(dense({ units: 1 }))
  expect(() => toModelSpec(masked)).toThrow(
    'expected a layer of the catalogue, or one whose spec names one of the layers that were given; got "providing"'
  )
})

describe("a layer that was changed after it was made", () => {
  const line = dense({ units: 2 })
  const apply: typeof line.apply = (_, state, x) => [mul(x, 2), state]
  const changed = 'got a copy of "dense" that was changed, without a spec of its own'

  test("is no longer what its spec says, wherever it stands", () => {
    const copies: readonly SomeLayer[] = [
      { ...line, apply },
      Object.freeze({ ...line, init: () => line.init(key(0), zeros([1, 3])) }),
      pretrained(line.init(key(0), zeros([1, 3])).params, [] as const)({ ...line, apply }),
      { ...line, spec: undefined as never, apply }
    ]
    for (const copy of copies.slice(0, 3)) {
      expect(() => toModelSpec(copy)).toThrow(changed)
      expect(() => toModelSpec(sequential({ a: copy }))).toThrow(new RegExp(`^toModelSpec at "of/a": .*${changed}$`))
      expect(() => toModelSpec(residual(copy as typeof line))).toThrow(/^toModelSpec at "of": /)
    }
    expect(() => toModelSpec(copies[3] as SomeLayer)).toThrow('got "dense", without a spec')
    expect(() => toModelSpec({ ...sequential({ a: line }), apply: () => [] as never })).toThrow(
      'a copy of "sequential"'
    )
    const recurring = recurrent()(lstmCell({ units: 1 }))
    expect(() => toModelSpec({ ...recurring, apply: () => [] as never })).toThrow('a copy of "recurrent"')
  })

  test("is data by a spec of its own, as it is where it computes the same", () => {
    const spec = { layer: "dense", options: { units: 2 } } as const
    const same: readonly SomeLayer[] = [
      { ...line, apply, spec },
      { ...line },
      { ...line, name: "another" },
      pretrained(line.init(key(0), zeros([1, 3])).params, [] as const)(line),
      pretrained(line.init(key(0), zeros([1, 3])).params, [] as const)({ ...line, apply, spec })
    ]
    for (const layer of same) expect(toModelSpec(layer)).toEqual(spec)
    const loop = recurrent({ give: "last" })(lstmCell({ units: 1 }))
    expect(toModelSpec({ ...loop })).toEqual(toModelSpec(loop))
  })

  test("of a user's recipe is told as one of ours", () => {
    const own = recipe("own", { n: fixed(range.finite, 1) }, {}, ({ n }, options) => ({
      ...stateless("own", (x: Tensor) => mul(x, n)),
      spec: { layer: "own", options }
    }))
    const layers = { layers: { own } }
    expect(toModelSpec(own({ n: 2 }), layers)).toEqual({ layer: "own", options: { n: 2 } })
    const copy = { ...own({ n: 2 }), apply: own({ n: 3 }).apply }
    expect(() => toModelSpec(copy, layers)).toThrow('got a copy of "own" that was changed')
  })

  test("has to say its spec in full", () => {
    for (const spec of [3, { layer: "dense" }, { layer: 1, options: {} }, { layer: "dense", options: null }])
      expect(() => toModelSpec({ ...line, apply, spec: spec as never })).toThrow(
        "toModelSpec: expected a spec { layer, options }; got "
      )
    expect(() => toModelSpec({ ...line, spec: { layer: "dense", options: { wide: 1 } } })).toThrow(
      'toModelSpec at "wide": expected an option that the recipe of the layer has; got 1'
    )
  })

  test("is not laid out for PyTorch as what it was", () => {
    const { params } = line.init(key(0), zeros([1, 3]))
    expect(Object.keys(toTorch(line, zeros([1, 3]))({ params, state: [] })).sort()).toEqual(["bias", "weight"])
    const copy = { ...line, apply }
    expect(Object.keys(toTorch(copy, zeros([1, 3]))({ params, state: [] })).sort()).toEqual(["bias", "kernel"])
  })
})

test("an activation has to be said, as in code", () => {
  const bad = decodeModel({ layer: "activation" })
  expect(bad._tag === "Left" && report(bad.left)).toEqual([
    'f: expected the name of a function, or an object { "activation": …, … }; got undefined'
  ])
})

test("a part whose name cannot be a key is told where it stands, and nothing that objects inherit", () => {
  const part = { layer: "dense", units: 1 }
  const refusal = (name: string, kind = "sequential") => {
    const decoded = decodeModel({ layer: "residual", of: { layer: kind, of: Object.fromEntries([[name, part]]) } })
    return decoded._tag === "Left" ? report(decoded.left) : ["accepted"]
  }
  const expected = 'expected a key without "/" that is neither empty nor one of __proto__, prototype, constructor'
  for (const name of ["constructor", "prototype", "__proto__"])
    for (const kind of ["sequential", "branch", "parallel"])
      expect(refusal(name, kind)).toEqual([`of/of/${name}: ${expected}, not "${name}"; got an object with keys layer, units`]) // prettier-ignore
  for (const name of ["a/b", "/", ""])
    expect(refusal(name)).toEqual([`of/of: ${expected}, not "${name}"; got an object with keys ${name || "(none)"}`])
  const whole = Object.fromEntries(Array.from({ length: 800 }, (_, i) => [`d${i}`, part]))
  const large = decodeModel({ layer: "sequential", of: whole })
  expect(large._tag === "Left" && report(large.left)).toEqual([
    "(root): expected at most 1500 objects, each counted once for every level; got an object with keys layer, of"
  ])
  expect(refusal("7")[0]).toMatch(/^of\/of: expected names that do not look like numbers/)
  const wide = decodeModel({ layer: "dense", units: 2 ** 53 })
  expect(wide._tag === "Left" && report(wide.left)).toEqual([
    "units: expected a whole number ≥ 1 and ≤ 9007199254740991; got 9007199254740992"
  ])
})

test("an option that is a word or a list says both", () => {
  const bad = decodeModel({ layer: "conv2d", outputs: 1, window: 3, padding: "full" })
  expect(bad._tag === "Left" && report(bad.left)).toEqual([
    'padding: expected "valid" or "same", or a list of pairs of whole numbers; got "full"'
  ])
})
