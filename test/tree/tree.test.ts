import { describe, expect, test, vi } from "vitest"
import { add, mul, neg, toArray, tensor, zeros, Tree, type Tensor } from "thalweg"
import { f64, observe } from "../dataflow/values.js"
import { thrownBy } from "../support.js"
import type { Structure } from "../../src/tree/tree.js"

const [a, b, c] = [f64(1), f64([2, 3]), f64([[4]])]

const model = { encoder: [{ kernel: b, bias: a }, c], head: { kernel: c } }

/** What only a program without types can pass. */
const untyped = (value: unknown): Tree => value as Tree

describe("leaves and paths go through a tree in the order of its sorted keys", () => {
  test.each<[string, Tree, readonly string[], readonly Tensor[]]>([
    ["a leaf", a, [""], [a]],
    ["a record", { y: b, x: a }, ["x", "y"], [a, b]],
    ["an array", [b, a, c], ["0", "1", "2"], [b, a, c]],
    [
      "eleven places",
      new Array<Tree>(11).fill(a),
      Array.from({ length: 11 }, (_, i) => String(i)),
      new Array<Tensor>(11).fill(a)
    ],
    ["keys that look like numbers", { 10: a, 9: b, "-1": c }, ["-1", "10", "9"], [c, a, b]],
    ["a mixture", model, ["encoder/0/bias", "encoder/0/kernel", "encoder/1", "head/kernel"], [a, b, c, c]],
    ["nothing", {}, [], []],
    ["branches without leaves", { x: [], y: {}, z: a }, ["z"], [a]],
    ["keys with spaces and signs", { "a b": a, "ä.": b }, ["a b", "ä."], [a, b]],
    ["a record without a prototype", Object.assign(Object.create(null) as Record<string, Tree>, { x: a }), ["x"], [a]]
  ])("%s", (_, tree, paths, leaves) => {
    expect(Tree.paths(tree)).toEqual(paths)
    expect(Tree.leaves(tree).map((leaf, i) => leaf === leaves[i])).toEqual(leaves.map(() => true))
    expect(Tree.reduce<readonly string[]>([], (seen, __, path) => [...seen, path])(tree)).toEqual(paths)
  })
})

describe("the order of keys never matters", () => {
  const [xy, yx] = [
    { x: a, y: b },
    { y: mul(b, 10), x: mul(a, 10) }
  ]
  test("to zipWith", () => {
    const sum = Tree.zipWith(add)(xy, yx)
    expect([toArray(sum.x), toArray(sum.y)]).toEqual([11, [22, 33]])
  })

  test("to flatten, unflatten and sameStructure", () => {
    expect(Tree.flatten(yx).structure).toEqual(Tree.flatten(xy).structure)
    expect(Tree.sameStructure(xy, yx)).toBe(true)
    const moved = Tree.unflatten<typeof xy>(Tree.flatten(xy).structure)(Tree.flatten(yx).leaves)
    expect([moved.x === yx.x, moved.y === yx.y]).toEqual([true, true])
  })
})

describe("map, zipWith and reduce", () => {
  test("map keeps the structure and tells the path", () => {
    const seen: string[] = []
    const mapped = Tree.map((leaf, path) => {
      seen.push(path)
      return neg(leaf)
    })(model)
    expect(seen).toEqual(Tree.paths(model))
    expect(Tree.sameStructure(mapped, model)).toBe(true)
    expect(Tree.leaves(mapped).map(toArray)).toEqual([-1, [-2, -3], [[-4]], [[-4]]])
    expect(Tree.leaves(model).map(toArray)).toEqual([1, [2, 3], [[4]], [[4]]])
  })

  test("map of the identity gives the same leaves; of a composition, the composition", () => {
    const same = Tree.map(leaf => leaf)(model)
    expect(Tree.leaves(same).every((leaf, i) => leaf === Tree.leaves(model)[i])).toBe(true)
    const twice = Tree.map(leaf => neg(mul(leaf, 3)))(model)
    const chained = Tree.map(neg)(Tree.map(leaf => mul(leaf, 3))(model))
    expect(Tree.leaves(chained).map(observe)).toEqual(Tree.leaves(twice).map(observe))
  })

  test("zipWith takes as many trees as its function takes leaves", () => {
    const f = (x: Tensor, y: Tensor, z: Tensor): Tensor => add(add(x, mul(y, 10)), mul(z, 100))
    expect(toArray(Tree.zipWith(f)([a], [a], [a])[0] as Tensor)).toBe(111)
    expect(toArray(Tree.zipWith(neg)(a))).toBe(-1)
  })

  test("zerosLike and size", () => {
    expect(Tree.leaves(Tree.zerosLike({ w: b, n: tensor([1], { dtype: "i32" }) })).map(observe)).toEqual([
      { dtype: "i32", shape: [1], data: [0] },
      { dtype: "f64", shape: [2], data: [0, 0] }
    ])
    expect([Tree.size(model), Tree.size({}), Tree.size(zeros([0, 3]))]).toEqual([5, 0, 0])
  })
})

describe("zipWith of different structures is a TreeError that names the first place where they differ", () => {
  const rows: readonly (readonly [left: Tree, right: Tree, path: string, expected: string, received: string])[] = [
    [a, [a], "(root)", "a tensor", "an array of 1"],
    [[a], a, "(root)", "an array of 1", "a tensor"],
    [[a, b], [a], "(root)", "an array of 2", "an array of 1"],
    [{ x: a }, { x: a, y: b }, "(root)", "a record with keys x", "a record with keys x, y"],
    [{ x: a }, { y: a }, "(root)", "a record with keys x", "a record with keys y"],
    [{ x: a }, {}, "(root)", "a record with keys x", "a record with keys (none)"],
    [{ 0: a }, [a], "(root)", "a record with keys 0", "an array of 1"],
    [{ x: { y: [a, [b]] } }, { x: { y: [a, b] } }, "x/y/1", "an array of 1", "a tensor"],
    [[{ w: a }, { w: a }], [{ w: a }, { v: a }], "1", "a record with keys w", "a record with keys v"],
    [{ x: [], y: a }, { x: {}, y: a }, "x", "an array of 0", "a record with keys (none)"]
  ]
  test.each(rows)("%#", (left, right, path, expected, received) => {
    const error = thrownBy(() => Tree.zipWith(add)(left, right))
    expect(error).toMatchObject({ name: "TreeError", mistake: { operation: "zipWith", path, expected, received } })
    expect(Tree.sameStructure(left, right)).toBe(false)
  })

  test("a third tree is checked too", () => {
    const f = (x: Tensor, y: Tensor, z: Tensor): Tensor => add(add(x, y), z)
    expect(() => Tree.zipWith(f)([a], [a], untyped([a, a]) as Tensor[])).toThrow('zipWith at "(root)"')
  })

  test("a mistake inside the function is said to be at its path", () => {
    const error = thrownBy(() => Tree.zipWith(add)({ w: [b] }, { w: [f64([1, 2, 3])] }))
    expect(error).toMatchObject({ name: "ShapeError", mistake: { operation: "add", path: "w/0" } })
    expect(thrownBy(() => Tree.zipWith(add)(b, f64([1, 2, 3])))).not.toHaveProperty("mistake.path")
  })

  test("an error that is not ours passes through as it is", () => {
    const own = new RangeError("own")
    const fails = (): Tensor => {
      throw own
    }
    expect(thrownBy(() => Tree.map(fails)({ x: a }))).toBe(own)
  })
})

describe("what is not a tree is a TreeError with its path", () => {
  class Model {
    readonly w = a
  }
  const rows: readonly (readonly [name: string, value: unknown, path: string, received: string])[] = [
    ["a number", 1, "(root)", "1"],
    ["undefined", undefined, "(root)", "undefined"],
    ["null in a record", { x: { y: null } }, "x/y", "null"],
    ["a string in an array", [a, "b"], "1", '"b"'],
    ["the function neg", { f: neg }, "f", "the function neg"],
    ["a hole in an array", [a, , b], "1", "undefined"],
    ["a typed array", [new Float32Array(2)], "0", "an instance of Float32Array"],
    ["a Map", new Map([["x", a]]), "(root)", "an instance of Map"],
    ["an instance of a class", { m: new Model() }, "m", "an instance of Model"],
    ["a forbidden key", JSON.parse('{"x": {"__proto__": 1}}'), "x/__proto__", '"__proto__"'],
    ["another one", { constructor: a }, "constructor", '"constructor"'],
    ["a third one", { prototype: a }, "prototype", '"prototype"'],
    ["a key that would read as two", { "x/y": a }, "x/y", '"x/y"'],
    ["a key that would vanish from its path", { x: { "": a } }, "x/", '""']
  ]
  test.each(rows)("%s", (_, value, path, received) => {
    for (const f of [Tree.leaves, Tree.paths, Tree.flatten, Tree.zerosLike, Tree.map(neg)])
      expect(thrownBy(() => f(untyped(value)))).toMatchObject({ name: "TreeError", mistake: { path, received } })
  })

  test("no key reaches the prototype of an object", () => {
    const evil = JSON.parse('{"__proto__": {"polluted": 1}}') as unknown
    expect(() => Tree.map(neg)(untyped(evil))).toThrow(expect.objectContaining({ name: "TreeError" }))
    expect({}).not.toHaveProperty("polluted")
  })

  const loop: Record<string, unknown> = { a }
  loop["self"] = loop
  const list: unknown[] = []
  list.push(list, list)
  const deep = (levels: number): Tree => Array.from({ length: levels }).reduce<Tree>(inner => [inner], a)
  test.each<[string, Tree]>([
    ["a record that contains itself", untyped(loop)],
    ["an array that contains itself twice", untyped(list)],
    ["a tree that is too deep", deep(1e4)]
  ])("%s, found in bounded time", (_, tree) => {
    const error = thrownBy(() => Tree.flatten(tree))
    expect(error).toMatchObject({ name: "TreeError", mistake: { expected: "at most 200 levels" } })
  })

  test("nor is a structure that is too deep", () => {
    const structure = Array.from({ length: 1e4 }).reduce<Structure>(item => ({ kind: "array", items: [item] }), { kind: "leaf" }) // prettier-ignore
    expect(thrownBy(() => Tree.unflatten(structure)([a]))).toMatchObject({ name: "TreeError", mistake: { expected: "at most 200 levels" } }) // prettier-ignore
  })

  test("a tree that is only deep is a tree", () => {
    expect(Tree.paths(deep(200))).toEqual([new Array<string>(200).fill("0").join("/")])
  })
})

describe("unflatten is the inverse of flatten", () => {
  const { leaves, structure } = Tree.flatten(model)
  test("for as many leaves as there are places", () => {
    const back = Tree.unflatten<typeof model>(structure)(leaves)
    expect(Tree.leaves(back).every((leaf, i) => leaf === leaves[i])).toBe(true)
    expect(Tree.flatten(back).structure).toEqual(structure)
  })

  test.each([
    ["too few", leaves.slice(1), "3"],
    ["too many", [...leaves, a], "5"],
    ["none", [], "0"]
  ] as const)("%s are a TreeError", (_, some, received) => {
    const error = thrownBy(() => Tree.unflatten(structure)(some))
    expect(error).toMatchObject({
      name: "TreeError",
      mistake: { operation: "unflatten", expected: "4 leaves", received }
    })
  })
})

describe("a tree that leaves the library", () => {
  test("is frozen, branch by branch, and what it was made from is not", () => {
    const given = { list: [a, b], nested: { c } }
    const mapped = Tree.map(leaf => leaf)(given)
    expect([mapped, mapped.list, mapped.nested].map(Object.isFrozen)).toEqual([true, true, true])
    expect([given, given.list, given.nested].map(Object.isFrozen)).toEqual([false, false, false])
  })

  test("has no key that reaches a prototype, whoever made the structure", () => {
    const structure = { kind: "record", keys: ["__proto__"], items: [{ kind: "leaf" }] } as const
    expect(thrownBy(() => Tree.unflatten(structure)([a]))).toMatchObject({ name: "TreeError" })
  })
})

describe("no path is written down unless somebody reads it", () => {
  /** How often lists are joined to a text while `f` runs. */
  const joins = (f: () => unknown): number => {
    const spy = vi.spyOn(Array.prototype, "join")
    f()
    const count = spy.mock.calls.length
    spy.mockRestore()
    return count
  }
  const deep = { a: { b: [{ c: a }, { d: b }] } }

  test("by flatten, leaves, zipWith and the comparison of structures", () => {
    const quiet = [
      () => Tree.flatten(deep),
      () => Tree.leaves(deep),
      () => Tree.zipWith((x: Tensor, _: Tensor) => x)(deep, deep),
      () => Tree.sameStructure(deep, deep),
      () => Tree.requireSameStructure("here", deep, deep)
    ]
    expect(quiet.map(joins)).toEqual(quiet.map(() => 0))
    expect(joins(() => Tree.paths(deep))).toBe(2)
  })
})
