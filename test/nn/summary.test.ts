import { expect, test } from "vitest"
import { add, reshape, zeros, type Tensor } from "thalweg"
import {
  activation,
  branch,
  connect,
  dense,
  dropout,
  relu,
  repeat,
  sequential,
  stateless,
  summary,
  type Layer
} from "thalweg/nn"

test("a small model: a part for each line, and the whole at the end", () => {
  const model = sequential(dense({ units: 3 }), activation(relu), dropout({ rate: 0.5 }), dense({ units: 2 }))
  expect(summary(model, zeros([8, 4])).split("\n")).toEqual([
    "input f32[8, 4]",
    "─".repeat(55),
    "path   layer    output shape  parameters  multiply-adds",
    "─".repeat(55),
    "0      dense    [8, 3]                15             96",
    "1      relu     [8, 3]                 0              0",
    "2      dropout  [8, 3]                 0              0",
    "3      dense    [8, 2]                 8             48",
    "─".repeat(55),
    "total           [8, 2]                23            144"
  ])
})

test("nested models have paths; thousands are grouped; what is not trained is counted apart", () => {
  const block = sequential({ wide: dense({ units: 2000 }), relu: activation(relu) })
  const flat = stateless("flatten", (x: Tensor) => reshape(x, [x.shape[0] ?? 0, 784]))
  const model = sequential({ flat, block, head: dense({ units: 10 }) })
  const lines = summary(model, zeros([1, 28, 28]), { trainable: "head/**" }).split("\n")
  expect(lines.filter(line => !line.startsWith("─"))).toEqual([
    "input f32[1, 28, 28]",
    "path        layer       output shape  parameters  trainable  multiply-adds",
    "flat        flatten     [1, 784]               0          0              0",
    "block       sequential  [1, 2000]      1,570,000          0      1,568,000",
    "block/wide  dense       [1, 2000]      1,570,000          0      1,568,000",
    "block/relu  relu        [1, 2000]              0          0              0",
    "head        dense       [1, 10]           20,010     20,010         20,000",
    "total                   [1, 10]        1,590,010     20,010      1,588,000"
  ])
})

test("a single layer, outputs that are a tree, a part that is repeated, a state", () => {
  const counted: Layer<readonly [], { readonly calls: Tensor }> = {
    name: "counted",
    init: () => ({ params: [], state: { calls: zeros([3]) } }),
    apply: (_, state, x) => [x, state]
  }
  const model = sequential(
    repeat(3)(sequential({ dense: dense({ units: 4 }), counted })),
    branch({ a: dense({ units: 1 }), b: activation(relu) })
  )
  const lines = summary(model, zeros([2, 4])).split("\n")
  expect(lines.filter(line => !line.startsWith("─"))).toEqual([
    "input f32[2, 4]",
    "path            layer       output shape        parameters  state  multiply-adds",
    "0               repeat(3)   [2, 4]                      60      9             96",
    "0/each          sequential  [2, 4]                      20      3             32",
    "0/each/dense    dense       [2, 4]                      20      0             32",
    "0/each/counted  counted     [2, 4]                       0      3              0",
    "1               branch      a [2, 1], b [2, 4]           5      0              8",
    "1/a             dense       [2, 1]                       5      0              8",
    "1/b             relu        [2, 4]                       0      0              0",
    "total                       a [2, 1], b [2, 4]          65      9            104"
  ])
  expect(
    summary(dense({ units: 1 }), zeros([1, 1]))
      .split("\n")
      .at(-1)
  ).toMatch(/^total +\[1, 1\] +2 +1$/)
  expect(
    summary(sequential(), zeros([2]))
      .split("\n")
      .at(-1)
  ).toMatch(/^total +\[2\] +0 +0$/)
})

test("nothing is drawn or computed: a model too large for any memory has a summary at once", () => {
  const model = sequential(dense({ units: 30_000 }), dense({ units: 30_000 }), dense({ units: 10 }))
  expect(
    summary(model, zeros([1, 30_000]))
      .split("\n")
      .at(-1)
  ).toMatch(/^total +\[1, 10\] +1,800,360,010 +1,800,300,000$/)
})

test("layers that do not fit say so, as init does; so do unknown options and paths", () => {
  expect(() => summary(sequential(dense({ units: 2 })), zeros([]))).toThrow('dense at "0": expected inputs')
  expect(() => summary(dense({ units: 2 }), zeros([1, 1]), { frozen: "**" } as never)).toThrow(
    "summary: expected options among trainable"
  )
  expect(() => summary(dense({ units: 2 }), zeros([1, 1]), { trainable: "head/**" })).toThrow("head/**")
})

test("a part that is called twice has its parameters where it is called first", () => {
  const twice = connect("twice", { shared: dense({ units: 10 }) }, ({ shared }, x: Tensor) => add(shared(x), shared(x)))
  const lines = summary(twice, zeros([1, 9]))
    .split("\n")
    .slice(4)
  expect(lines.map(line => line.trim().split(/ {2,}/))).toEqual([
    ["shared", "dense", "[1, 10]", "100", "90"],
    ["shared", "dense", "[1, 10]", "0", "90"],
    [expect.stringMatching("─") as string],
    ["total", "[1, 10]", "100", "180"]
  ])
})
