import { describe, expect, test } from "vitest"
import type { Data } from "../../../src/dataflow/dtype.js"
import { iterate } from "../../../src/engine/interpreter/run.js"
import type { Scan } from "../../../src/engine/program/program.js"

const LENGTH = 5
const scalar = { shape: [], dtype: "i32" } as const
const body = { inputs: [scalar, scalar], consts: [], steps: [], outputs: [0, 1] }
const plain = { kind: "scan", body, captured: 0, carried: 1, length: LENGTH, reverse: false, counted: false, exits: false } as const // prettier-ignore
const outs = [scalar, { shape: [LENGTH], dtype: "i32" }] as const

/** The places to which a loop comes, and what it stacks: of a body that counts in its carry and ends beyond `last`. */
const run = (scan: Scan, count: number, last = Infinity) => {
  const places: number[] = []
  const args = [Int32Array.of(0), Int32Array.of(10, 20, 30, 40, 50), Int32Array.of(count)]
  const [carry, stacked] = iterate(scan, { outs }, scan.counted ? args : args.slice(0, 2), (inputs, at) => {
    const [made, x] = inputs as readonly [Data, Data]
    places.push(at)
    const next = Int32Array.of(Number(made[0]) + 1)
    return [next, x, Uint8Array.of(Number(next[0]) < last ? 1 : 0)]
  })
  return { places, made: carry?.[0], stacked: Array.from(stacked ?? []) }
}

describe("a loop comes to", () => {
  test("all slices", () => {
    expect(run(plain, 0)).toEqual({ places: [0, 1, 2, 3, 4], made: 5, stacked: [10, 20, 30, 40, 50] })
  })
  test.each([
    [3, [0, 1, 2]],
    [0, []],
    [-1, []],
    [-(2 ** 31), []],
    [5, [0, 1, 2, 3, 4]],
    [2 ** 31 - 1, [0, 1, 2, 3, 4]]
  ])("as many as it is told: %i", (count, places) => {
    const stacked = [10, 20, 30, 40, 50].map((x, i) => (i < places.length ? x : 0))
    const found = { made: places.length, stacked }
    expect(run({ ...plain, counted: true }, count)).toEqual({ places, ...found })
    expect(run({ ...plain, counted: true, reverse: true }, count)).toEqual({ places: places.toReversed(), ...found })
  })
  test.each([
    [1, 5, 1],
    [3, 5, 3],
    [3, 2, 2],
    [9, 5, 5],
    [1, 0, 0]
  ])("those before one that says it is the last: %i, of %i", (last, count, made) => {
    const found = run({ ...plain, counted: true, exits: true }, count, last)
    expect([found.made, found.places.length]).toEqual([made, made])
    expect(found.stacked.slice(made)).toEqual(new Array(LENGTH - made).fill(0))
  })
})
