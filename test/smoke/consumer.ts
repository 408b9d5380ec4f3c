/** What a user of the packed library writes. Runs as ESM, as CommonJS and in a bundle, and compiles strictly. */
import { add, evaluate, item, pipe, sum, tensor } from "thalweg"
import { adam, clipByNorm } from "thalweg/optimizer"

const params = evaluate({ weights: add(tensor([1, 2]), 1) })
const optimizer = pipe(adam({ learningRate: 0.1 }), clipByNorm(1))
const [next] = optimizer.step(params, optimizer.init(params), params)

console.log(item(sum(next.weights)).toFixed(3))
