import { expect, test } from "vitest"
import { reshape } from "thalweg"
import { activation, dense, dropout, relu, sequential, stateless, summary } from "thalweg/nn"

test("a small model", () => {
  const model = sequential(dense(3), activation(relu), dropout(0.5), dense(2))
  expect(summary(model, [4])).toBe(
    [
      "input [4]",
      "────────────────────────────────────",
      "layer       output shape  parameters",
      "────────────────────────────────────",
      "sequential  [2]                   23",
      "  dense     [3]                   15",
      "  relu      [3]                    0",
      "  dropout   [3]                    0",
      "  dense     [2]                    8"
    ].join("\n")
  )
})

test("a nested model: each part passes its shape on; thousands are grouped", () => {
  const block = sequential(dense(2000), activation(relu))
  const flat = stateless(
    "flatten",
    x => reshape(x, [-1, 784]),
    shape => [shape.reduce((product, n) => product * n, 1)]
  )
  expect(summary(sequential(flat, sequential(block), dense(10)), [28, 28])).toBe(
    [
      "input [28, 28]",
      "────────────────────────────────────────",
      "layer           output shape  parameters",
      "────────────────────────────────────────",
      "sequential      [10]           1,590,010",
      "  flatten       [784]                  0",
      "  sequential    [2000]         1,570,000",
      "    sequential  [2000]         1,570,000",
      "      dense     [2000]         1,570,000",
      "      relu      [2000]                 0",
      "  dense         [10]              20,010"
    ].join("\n")
  )
})

test("a single layer, a long name, and a model of nothing", () => {
  expect(summary(dense(1), [1])).toBe(
    [
      "input [1]",
      "───────────────────────────────",
      "layer  output shape  parameters",
      "───────────────────────────────",
      "dense  [1]                    2"
    ].join("\n")
  )
  expect(
    summary(
      activation(x => x, "a name longer than its column"),
      [10, 20, 30, 40, 50]
    )
      .split("\n")
      .slice(2)
  ).toEqual([
    "layer                          output shape          parameters",
    "───────────────────────────────────────────────────────────────",
    "a name longer than its column  [10, 20, 30, 40, 50]           0"
  ])
  expect(summary(sequential(), []).split("\n").at(-1)).toBe("sequential  []                     0")
})

test("nothing is drawn or computed: a model too large for any memory has a summary at once", () => {
  const model = sequential(dense(30_000), dense(30_000), dense(10))
  expect(summary(model, [30_000]).split("\n").at(4)).toBe("sequential  [10]          1,800,360,010")
})

test("layers that do not fit say so, as init does", () => {
  expect(() => summary(sequential(dense(2)), [])).toThrow('dense at "0": expected examples of rank 1 or more')
})
