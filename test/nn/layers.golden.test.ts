import { describe, expect, test } from "vitest"
import { Tree, valueAndGrad, type Tensor } from "thalweg"
import { key } from "thalweg/random"
import { fromModelSpec } from "thalweg/spec"
import type { Initial, Mode } from "thalweg/nn"
import { along, cases, deviation, read, type StoredTree } from "./golden.js"

type Named = { readonly [name: string]: StoredTree }

/** In units of the largest element: sums of a hundred terms, in f32 as in f64. */
const bounds = { f64: 1e-13, f32: 2e-5 }

describe.each(["f64", "f32"] as const)("layers agree with PyTorch in %s", dtype => {
  test.each(cases.map(c => [c.name, c] as const))("%s", (_, c) => {
    // a layer whose input has no dtype to take is told one
    const layer = fromModelSpec("dtype" in c.options ? { ...c, options: { ...c.options, dtype } } : c)
    const [input, params, cotangent] = [c.input, c.params, c.cotangent].map(tree => read(tree, dtype)) as [
      Tree,
      Tree,
      Tree
    ]
    const mode: Mode = {
      ...(c.training ? { training: true as const, key: key(0) } : { training: false as const }),
      ...(c.context && (read(c.context, dtype) as object))
    }
    const state =
      c.state === undefined ? (layer.init(key(0), input, mode) as Initial<Tree, Tree>).state : read(c.state, dtype)
    const [output, after] = layer.apply(params, state, input, mode) as readonly [Tree, Tree]
    const check = (found: Tree, expected: StoredTree) => {
      expect(deviation(found, read(expected, "f64"))).toBeLessThan(bounds[dtype])
    }
    check(output, c.output)
    for (const leaf of Tree.leaves(output)) expect(leaf.dtype).toBe(dtype)
    if (c.after !== undefined) check(after, c.after)
    const objective = (params: Tree, input: Tree, context: object = {}): Tensor => {
      const [output] = layer.apply(params, state, input, { ...mode, ...context }) as readonly [Tree, Tree]
      return along(output, cotangent)
    }
    check(valueAndGrad((params: Tree) => objective(params, input))(params)[1], c.grads)
    if (c.inputGrad !== undefined) check(valueAndGrad((input: Tree) => objective(params, input))(input)[1], c.inputGrad)
    if (c.contextGrads !== undefined) {
      const context = Object.keys(c.contextGrads).map(name => [name, read((c.context as Named)[name] as Named, dtype)])
      const by = (context: Tree): Tensor => objective(params, input, context)
      check(valueAndGrad(by)(Object.fromEntries(context) as Tree)[1], c.contextGrads)
    }
    // what `init` draws is like what is given
    const drawn = (layer.init(key(0), input, mode) as Initial<Tree, Tree>).params
    expect(Tree.paths(drawn)).toEqual(Tree.paths(params))
    expect(Tree.leaves(drawn).map(t => [t.shape, t.dtype])).toEqual(Tree.leaves(params).map(t => [t.shape, t.dtype]))
  })
})
