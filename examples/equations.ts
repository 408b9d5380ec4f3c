// What an optimizer computes, read off the code that computes it: as text, as LaTeX, and as a graph for Mermaid.
import assert from "node:assert"
import { mkdirSync, writeFileSync } from "node:fs"
import { pipe, zeros } from "thalweg"
import { adam, clipByNorm, freeze, lookahead, nag, sgd, withWeightDecay } from "thalweg/optimizer"
import { dataflow, equations } from "thalweg/show"

const optimizer = pipe(adam({ learningRate: 0.001 }), withWeightDecay(0.01), clipByNorm(1))

const text = equations(optimizer)
const latex = equations(optimizer, { notation: "latex" })
const graph = dataflow(optimizer)
console.log(text)

mkdirSync("examples/out", { recursive: true })
writeFileSync("examples/out/equations.tex", `\\[\n${latex}\n\\]\n`)
writeFileSync("examples/out/equations.mmd", graph)

assert.deepStrictEqual(text.split("\n"), [
  "t' = t + 1",
  "x₁ = g/max(√(Σ g²), 1)",
  "mu' = 0.9·mu + 0.1·x₁",
  "nu' = 0.999·nu + 0.001·x₁²",
  "p' = p - 0.001·mu'/(√nu'·(1 - 0.9^t')/√(1 - 0.999^t') + 1e-8·(1 - 0.9^t')) - 1e-5·p"
])
assert.ok(latex.includes("x_{1} &= \\frac{g}{\\max\\left(\\sqrt{\\sum g^{2}}, 1\\right)}"))
assert.ok(graph.startsWith("graph LR\n") && graph.includes('["√□"]'))

// The order of combinators can be seen: decay is applied at every step, or only by the fast weights within lookahead.
const around = equations(pipe(sgd({ learningRate: 0.1 }), lookahead({ every: 2 }), withWeightDecay(0.5)))
const within = equations(pipe(sgd({ learningRate: 0.1 }), withWeightDecay(0.5), lookahead({ every: 2 })))
console.log(`\n${around}\n\n${within}`)
assert.notStrictEqual(around, within)

// So can where a gradient is to be taken, what is to be deployed, and for a tree of parameters what becomes of each.
const ahead = pipe(nag({ learningRate: 0.1, momentum: 0.9 }), freeze("encoder/*"))
const leaves = equations(ahead, { params: { encoder: { kernel: zeros([2, 3]) }, head: zeros([3]) } })
console.log(`\n${leaves}`)
assert.ok(around.endsWith("\ndeployed' = slow'"))
assert.deepStrictEqual(leaves.split("\n").slice(0, 2), [
  "g_head = ∇f(head + 0.9·velocity_head)",
  "encoder_kernel' = encoder_kernel"
])
