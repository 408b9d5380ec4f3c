// The derivatives of x² + 3xy + y² + z³ at (1, 2, 3): the gradient is (8, 7, 27).
import assert from "node:assert"
import { add, at, evaluate, grad, hessian, item, mul, pow, scalar, square, tensor, toArray, type Tensor } from "thalweg"

type Point = { readonly x: Tensor; readonly y: Tensor; readonly z: Tensor }

const f = ({ x, y, z }: Point) => add(add(square(x), mul(3, mul(x, y))), add(square(y), pow(z, 3)))

const point = { x: scalar(1), y: scalar(2), z: scalar(3) }
const gradient = evaluate(grad(f)(point))
console.log("f       ", item(f(point)))
console.log("gradient", gradient)

const curvature = hessian(v => f({ x: at(v, 0), y: at(v, 1), z: at(v, 2) }))(tensor([1, 2, 3]))
console.log("Hessian ", toArray(curvature))

assert.strictEqual(item(f(point)), 38)
assert.deepStrictEqual([gradient.x, gradient.y, gradient.z].map(item), [8, 7, 27])
assert.deepStrictEqual(toArray(curvature), [
  [2, 3, 0],
  [3, 2, 0],
  [0, 0, 18]
])
