import { describe, expect, test } from "vitest"
import { placeLeaves, type Mesh, type Placements } from "../../src/node/xla/placement.js"

const leaf = (path: string, ...shape: readonly number[]) => ({ path, dtype: "f32", shape }) as const

const leaves = [
  leaf("state/optimizer/inner/mu/hidden/bias", 6),
  leaf("state/optimizer/inner/mu/hidden/kernel", 4, 6),
  leaf("state/optimizer/inner/scale/kernel", 4),
  leaf("state/params/hidden/bias", 6),
  leaf("state/params/hidden/kernel", 4, 6),
  leaf("batch/x", 8, 4),
  leaf("batch/y", 8)
]

const placed = (place: Placements, mesh: Mesh = { data: 4, model: 2, rows: 3 }) => {
  const found = placeLeaves("foldOnXla", mesh, place, leaves)
  return Object.fromEntries(leaves.flatMap(({ path }, i) => (found[i]?.length ? [[path, found[i]]] : [])))
}

describe("placement", () => {
  test("what no rule matches is whole everywhere", () => {
    expect(placed([])).toEqual({})
  })

  test("a rule says where what matches it is, and the first one counts", () => {
    const rules: Placements = [
      ["batch/y", [null]],
      ["batch/**", ["data"]]
    ]
    expect(placed(rules)).toEqual({ "batch/x": ["data"], "batch/y": [null] })
  })

  test("what is like a parameter follows it, but for rules of its own and what has another shape", () => {
    expect(placed([["state/params/**/kernel", [null, "model"]]])).toEqual({
      "state/params/hidden/kernel": [null, "model"],
      "state/optimizer/inner/mu/hidden/kernel": [null, "model"]
    })
    const own: Placements = [
      ["state/optimizer/**/kernel", []],
      ["state/params/**/kernel", [null, "model"]]
    ]
    expect(placed(own)).toEqual({ "state/params/hidden/kernel": [null, "model"] })
  })

  test("a dimension may be cut along several axes", () => {
    expect(placed([["batch/x", [["data", "model"], null]]])).toEqual({ "batch/x": [["data", "model"], null] })
  })

  test("a rule for what is left may be without any", () => {
    const rules: Placements = [
      ["batch/x", ["data"]],
      ["batch/y", ["data"]],
      ["batch/*", []],
      ["**", []]
    ]
    expect(placed(rules)).toEqual({ "batch/x": ["data"], "batch/y": ["data"] })
  })

  test("parameters may be one tensor", () => {
    const found = placeLeaves(
      "foldOnXla",
      { data: 2 },
      [["state/params", ["data"]]],
      [leaf("state/optimizer/mu", 4), leaf("state/params", 4), leaf("batch", 4)]
    )
    expect(found).toEqual([["data"], ["data"], []])
  })

  const wrong: readonly (readonly [Placements, string])[] = [
    [[["batch/**", ["dat"]]], 'foldOnXla at "batch/x": expected an axis of the mesh, such as "data"; got "dat"'],
    [
      [["batch/z", ["data"]]],
      'foldOnXla: expected a tensor that matches "batch/z"; got none; the nearest are "batch/x", "batch/y"'
    ],
    [
      [["state/params/**/bias", ["data"]]],
      'at "state/params/hidden/bias": expected dimension 0 to be a multiple of 4, the size of "data"; got 6'
    ],
    [
      [["batch/x", ["rows"]]],
      'at "batch/x": expected dimension 0 to be a multiple of 3, the size of "rows" (by a batchSize that is one, and remainder: "drop" of batches or fit, which leaves out a smaller last batch); got 8'
    ],
    [[["batch/x", ["data", "data"]]], 'at "batch/x": expected each axis of the mesh once; got "data" twice'],
    [
      [["batch/x", [["data", "rows"]]]],
      'at "batch/x": expected dimension 0 to be a multiple of 12, the size of "data" and "rows" ('
    ],
    [[["batch/x", ["data", ["data"]]]], 'at "batch/x": expected each axis of the mesh once; got "data" twice'],
    [
      [
        ["batch/**", ["data"]],
        ["batch/y", [null]]
      ],
      'expected place to have "batch/y" before "batch/**", of which the first counts; got it after that'
    ],
    [
      [
        ["batch/x", ["data"]],
        ["batch/x", [null, "data"]]
      ],
      'expected place to have "batch/x" once; got it twice'
    ],
    [[["batch/y", [null, "data"]]], 'at "batch/y": expected a placement of at most 1 axes, for the shape [8]; got 2']
  ]
  test.each(wrong)("%j is refused", (place, message) => {
    expect(() => placed(place)).toThrow(message)
  })
})
