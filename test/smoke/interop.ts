/** Copies of the library in one program, and a user's own fp-ts and io-ts beside the ones in it. Runs as ESM. */
import assert from "node:assert"
import { createRequire } from "node:module"
import * as E from "fp-ts/lib/Either.js"
import * as t from "io-ts"
import type * as Core from "thalweg"
import type * as Optimizer from "thalweg/optimizer"
import type * as Spec from "thalweg/spec"
import { add, grad, isTensor, item, pipe, square, sum, tensor, toArray, type Tensor } from "thalweg"
import { clipByNorm, withMomentum } from "thalweg/optimizer"
import { decodeOptimizer, fromSpec, optimizerSpec, report } from "thalweg/spec"

const require = createRequire(import.meta.url)
const core = require("thalweg") as typeof Core
const { adam } = require("thalweg/optimizer") as typeof Optimizer
const spec = require("thalweg/spec") as typeof Spec
assert(core.tensor !== tensor)

const theirs = core.tensor([1, 2])
assert(isTensor(theirs))
assert.deepStrictEqual(core.toArray(add(theirs, tensor([3, 4]))), [4, 6])
assert.deepStrictEqual(toArray(grad((x: Tensor) => core.sum(square(x)))(theirs)), [2, 4])

const optimizer = pipe(adam({ learningRate: 0.1 }), clipByNorm(1), withMomentum(0.5))
const [next] = optimizer.step(theirs, optimizer.init(tensor([1, 2])), tensor([1, 1]))
assert(item(sum(next)) < 3)

const sgd = { optimizer: "sgd", learningRate: 0.1 }
const decoded = spec.decodeOptimizer(sgd)
assert(E.isRight(decoded))
const descent = fromSpec(decoded.right)
assert(item(sum(descent.step(theirs, descent.init(theirs), theirs)[0])) < 3)
assert.strictEqual(
  pipe(
    decodeOptimizer({ optimizer: "nobody" }),
    E.match(
      errors => report(errors).length,
      () => 0
    )
  ),
  1
)

const experiment = t.type({
  name: t.string,
  optimizers: t.array(optimizerSpec),
  best: t.union([optimizerSpec, t.null]),
  other: t.exact(t.partial({ optimizer: optimizerSpec }))
})
const written = { name: "first", optimizers: [sgd, sgd], best: sgd, other: {} }
const read = experiment.decode(written)
assert(E.isRight(read))
assert(experiment.is(read.right))
assert.deepStrictEqual(experiment.encode(read.right), written)
const bad = experiment.decode({ ...written, optimizers: [sgd, { optimizer: "nobody" }] })
assert(E.isLeft(bad))
assert.match(report(bad.left).join(), /^optimizers\/1\/optimizer: /)
console.log("agree")
