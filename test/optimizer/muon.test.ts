import { describe, expect, test } from "vitest"
import { Tree, zeros } from "thalweg"
import { muon, type MuonOptions } from "thalweg/optimizer"
import { clockAt, scaleByMuon } from "thalweg/transform"

const params = {
  conv: { kernel: zeros([3, 3, 2, 4]), bias: zeros([4]) },
  dense: { kernel: zeros([4, 5]), bias: zeros([5]) },
  head: zeros([5, 2])
}

/** The paths of the leaves that are made orthogonal. */
const matricesOf = (options: MuonOptions): readonly string[] =>
  Tree.paths(muon(options).init(params).inner.matrices[0].mu)

describe("which leaves muon makes orthogonal", () => {
  test.each<[string, MuonOptions, readonly string[]]>([
    ["all of rank 2", {}, ["dense/kernel", "head"]],
    ["of these, what a pattern matches", { matrices: "dense/**" }, ["dense/kernel"]],
    ["what one of several matches", { matrices: ["head", "dense/*"] }, ["dense/kernel", "head"]],
    ["what a function of the path says", { matrices: path => path !== "head" }, ["dense/kernel"]],
    [
      "what a tree of booleans says",
      { matrices: { conv: { kernel: true, bias: true }, dense: { kernel: false, bias: false }, head: true } },
      ["head"]
    ],
    ["kernels of convolutions, when told", { flatten: true }, ["conv/kernel", "dense/kernel", "head"]],
    ["kernels alone", { flatten: true, matrices: "**/kernel" }, ["conv/kernel", "dense/kernel"]]
  ])("%s", (_, options, paths) => {
    expect(matricesOf(options)).toEqual(paths)
  })

  test.each<[MuonOptions, string]>([
    [
      { matrices: ["**", "conv/kernel"] },
      'muon: expected a parameter of rank 2 that matches "conv/kernel"; got none; the nearest are "dense/kernel", "head"'
    ],
    [
      { matrices: "*/bias", flatten: true },
      'muon: expected a parameter of rank 2 or more that matches "*/bias"; got none; the nearest are "head", "conv/kernel", "dense/kernel"'
    ],
    [{ matrices: { conv: true } }, 'muon at "(root)": expected a record with keys conv, dense, head; got a record with keys conv'] // prettier-ignore
  ])("a mask that means none of them is an error: %o", (options, message) => {
    expect(() => matricesOf(options)).toThrow(expect.objectContaining({ name: "TreeError", message }))
  })

  test("there may be none at all", () => {
    expect(() => muon({ matrices: "a" }).init([zeros([])])).toThrow("got no parameters of rank 2")
    expect(() => muon().init([zeros([])])).not.toThrow()
  })
})

test("scaleByMuon takes matrices, or what can be flattened to one", () => {
  const stepped = (flatten: boolean, shape: readonly number[]) => {
    const tree = { p: zeros(shape) }
    const { init, update } = scaleByMuon({ flatten })
    return update(tree, init(tree), tree, clockAt(0))[0].p.shape
  }
  expect(stepped(true, [2, 3, 4])).toEqual([2, 3, 4])
  expect(stepped(true, [2, 0, 4])).toEqual([2, 0, 4])
  expect(() => stepped(false, [2, 3, 4])).toThrow('scaleByMuon at "p": expected leaves of rank 2; got [2, 3, 4]')
  expect(() => stepped(true, [2])).toThrow('scaleByMuon at "p": expected leaves of rank 2 or more; got [2]')
})
