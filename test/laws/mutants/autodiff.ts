import * as thalweg from "thalweg"
import { add, cast, div, flatten, flip, mul, reshape, squeeze, transpose, Tree, zerosLike, type Tensor } from "thalweg"
import { autodiffLaws, type Autodiff } from "thalweg/laws"
import { clipByGlobalNorm, clockAt } from "thalweg/transform"
import { mutant, read, throughF32, type Mutants } from "./mutant.js"

const { grad, hvp, jacobian, jvp, stopGradient, valueAndGrad, vjp } = thalweg

const broken = (parts: Partial<Autodiff>) => autodiffLaws({ ...thalweg, ...parts })

type Scalar = (x: Tree) => Tensor
type Map = (x: Tree) => Tree

const grads = (how: (f: Scalar, x: Tree) => Tree) => broken({ grad: ((f: Scalar) => (x: Tree) => how(f, x)) as never })

const pullbacks = (how: (pulled: Tree, cotangent: Tree, pull: (cotangent: Tree) => Tree) => Tree) =>
  broken({
    vjp: ((f: Map) => (x: Tree) => {
      const [value, pull] = vjp(f)(x)
      return [value, (cotangent: Tree) => how(pull(cotangent), cotangent, pull)]
    }) as never
  })

/** A pullback from a value that is a literal once it was read, with nothing behind it. */
const forgetful = broken({
  vjp: ((f: Map) => (x: Tree) => {
    const [value, pull] = vjp(f)(x)
    const given = Tree.map(t => mul(t, 1))(value)
    const isRead = (): boolean => Tree.leaves(given).some(t => t.op.kind === "literal")
    return [given, (ct: Tree) => (isRead() ? Tree.zerosLike(pull(ct)) : pull(ct))]
  }) as never
})

const jvps = (how: (f: Map, x: Tree, v: Tree) => readonly [Tree, Tree]) =>
  broken({ jvp: ((f: Map) => (x: Tree, v: Tree) => how(f, x, v)) as never })

const hvps = (how: (f: Scalar, x: Tree, v: Tree) => Tree) =>
  broken({ hvp: ((f: Scalar) => (x: Tree, v: Tree) => how(f, x, v)) as never })

const clipped = (tree: Tree): Tree => {
  const clip = clipByGlobalNorm(0.1)
  return clip.update(tree, clip.init(tree), tree, clockAt(0))[0]
}

const sizeOf = (t: Tensor): number =>
  Math.max(
    1,
    t.shape.reduce((n, size) => n * size, 1)
  )
const averaged: (tree: Tree) => Tree = Tree.map(t => div(t, sizeOf(t)))
const onesLike: (tree: Tree) => Tree = Tree.map(thalweg.onesLike)
const plus = Tree.zipWith((a: Tensor, b: Tensor) => add(a, b))

const repeating = (how: (run: (init: Tree) => Tree, init: Tree) => Tree) =>
  broken({
    whileLoop: ((condition: never, body: never, init: Tree, options: object) =>
      how(from => thalweg.whileLoop(condition, body, from, options), init)) as never
  })

/** The tangents of all inputs but the first forgotten. */
const firstOnly = (tree: Tree): Tree => {
  const flat = Tree.flatten(tree)
  return Tree.unflatten<Tree>(flat.structure)(flat.leaves.map((t, i) => (i === 0 ? t : zerosLike(t))))
}

const transposed = (t: Tensor, rows: number): Tensor =>
  reshape(transpose(reshape(t, [rows, rows === 0 ? 0 : sizeOf(t) / rows])), t.shape)

export const autodiffMutants: Mutants = {
  "grad is linear in the function": [
    mutant(
      "clips gradients",
      grads((f, x) => clipped(grad(f)(x)))
    )
  ],
  "grad agrees with central differences": [
    mutant(
      "takes means for sums",
      grads((f, x) => averaged(grad(f)(x)))
    ),
    mutant(
      "forgets all arguments but the first",
      grads((f, x) => firstOnly(grad(f)(x)))
    )
  ],
  "a gradient looks like the parameters": [
    mutant(
      "drops axes of size 1",
      grads((f, x) => Tree.map(t => squeeze(t))(grad(f)(x)))
    ),
    mutant(
      "knows f32 only",
      grads((f, x) => Tree.map(t => cast(t, "f32"))(grad(f)(x)))
    )
  ],
  "valueAndGrad gives the value and the gradient": [
    mutant(
      "reports the loss in f32",
      broken({ valueAndGrad: ((f: Scalar) => (x: Tree) => throughF32(valueAndGrad(f)(x))) as never })
    )
  ],
  "gradients compile": [
    mutant(
      "reads the point",
      grads((f, x) => grad(f)(read(x))),
      "UnboundInputError"
    )
  ],
  "a pullback is linear": [
    mutant(
      "takes ones for the cotangent",
      pullbacks((_, ct, pull) => pull(onesLike(ct)))
    )
  ],
  "a pullback does not mind that the value was read": [mutant("lets go of the graph of a value", forgetful)],
  "pullbacks obey the chain rule": [mutant("takes means for sums", pullbacks(averaged))],
  "jvp obeys the chain rule": [
    mutant(
      "forgets all tangents but the first",
      jvps((f, x, v) => jvp(f)(x, firstOnly(v)))
    )
  ],
  "jvp and vjp are adjoint": [
    mutant(
      "pushes backwards",
      jvps((f, x, v) => {
        const [value, pushed] = jvp(f)(x, v)
        return [value, Tree.map(t => flip(t))(pushed)]
      })
    ),
    mutant("drops the sums over what was broadcast", pullbacks(averaged))
  ],
  "jvp agrees with central differences": [
    mutant(
      "forgets all tangents but the first",
      jvps((f, x, v) => jvp(f)(x, firstOnly(v)))
    )
  ],
  "vjp and jvp give the value": [
    mutant(
      "gives the value where the tangent leads to",
      jvps((f, x, v) => {
        const [value, pushed] = jvp(f)(x, v)
        return [plus<Tree>(value, pushed), pushed]
      })
    )
  ],
  "hvp is symmetric": [
    mutant(
      "looks at the curvature where the direction leads to",
      hvps((f, x, v) => hvp(f)(plus<Tree>(x, v), v))
    )
  ],
  "hvp agrees with differences of the gradient": [
    mutant(
      "holds the gradient constant",
      hvps((f, x, v) => jvp((y: Tree) => Tree.map(stopGradient)(grad(f)(y)))(x, v)[1])
    ),
    mutant(
      "takes a diagonal for the whole",
      hvps((f, x, v) => Tree.zipWith((g: Tensor, d: Tensor) => mul(g, d))<Tree>(grad(f)(x), v))
    )
  ],
  "jacobian times direction is jvp": [
    mutant(
      "is transposed",
      broken({
        jacobian: ((f: Scalar) => (x: Tree) => Tree.map(t => transposed(t, sizeOf(f(x))))(jacobian(f)(x))) as never
      })
    )
  ],
  "derivatives of whileLoop are those of its steps": [
    mutant(
      "holds constant what the loop begins with",
      repeating((run, init) => run(Tree.map(stopGradient)(init)))
    )
  ],
  "jvp of whileLoop without max is that of its steps": [
    mutant(
      "holds constant what the loop begins with",
      repeating((run, init) => run(Tree.map(stopGradient)(init)))
    )
  ],
  "the branch that cond does not choose has no derivative": [
    mutant(
      "computes both and picks",
      broken({
        cond: ((p: Tensor, f: Scalar, g: Scalar, x: Tree) => thalweg.where(p, f(x), g(x))) as never
      })
    )
  ],
  "no derivative flows through stopGradient": [mutant("stops nothing", broken({ stopGradient: x => x }))],
  "stopGradient keeps the value": [
    mutant("stops the value, too", broken({ stopGradient: zerosLike })),
    mutant("flattens", broken({ stopGradient: flatten }))
  ]
}
