import { compile, evaluate, explain, eye, solve, svd, tensor, toTyped, Tree, type Tensor } from "thalweg"
import { expect, test } from "vitest"

const a = tensor([[2, 1, 0.3], [1, 3, 0.7], [0.3, 0.7, 4]]) // prettier-ignore

test("what is compiled has the bits of what is evaluated, and says that the interpreter runs it", () => {
  const f = (x: Tensor): Tree => [solve(x, eye(3)), { ...svd(x) }]
  const run = compile(f as (x: Tensor) => Tensor[])
  const bits = (tree: Tree): readonly number[] => Tree.leaves(tree).flatMap(t => Array.from(toTyped(t)))
  expect(bits(run(a))).toEqual(bits(evaluate(f(a))))
  for (const name of ["factor", "triangularSolve"])
    expect(explain(run)).toMatch(new RegExp(`${name} by the interpreter`))
})
