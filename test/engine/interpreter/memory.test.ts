import { expect, test } from "vitest"
import { compile, conv, evaluate, ones, ThalwegError, zeros } from "thalweg"
import { perform } from "../../../src/engine/interpreter/run.js"

/** A convolution of four elements, for which 2³⁴ would have to be padded. */
const wide = { padding: "same", dilation: 2 ** 17 } as const

test("what has no room is a MemoryError of the operation", () => {
  expect(() => evaluate(conv(ones([1, 2, 2, 1]), ones([2, 2, 1, 1]), wide))).toThrow(
    expect.objectContaining({
      name: "MemoryError",
      message: expect.stringMatching(
        /^conv: expected memory for f32\[1, 1, 2, 2, 1\] and what it is computed from; got a host that gives less/
      ) as string
    })
  )
})

test("compiled, it is one too", () => {
  expect(() => compile(() => conv(zeros([1, 2, 2, 1]), zeros([2, 2, 1, 1]), wide))()).toThrow(
    expect.objectContaining({ name: "MemoryError" })
  )
})

test("as are the slices that a loop stacks", () => {
  const body = { inputs: [], consts: [], steps: [], outputs: [] }
  const op = {
    kind: "scan",
    body,
    captured: 0,
    carried: 0,
    length: 1,
    reverse: false,
    counted: false,
    exits: false
  } as const
  const outs = [{ shape: [2 ** 62], dtype: "f64" }] as const
  expect(() => perform({ op, outs }, [])).toThrow(ThalwegError)
})
