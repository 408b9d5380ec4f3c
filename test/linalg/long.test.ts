import { add, arange, grad, jvp, lstsq, lu, ones, pinv, qr, reshape, sin, square, sum, svd, swapAxes, type Tensor } from "thalweg" // prettier-ignore
import { describe, expect, test } from "vitest"
import { topological } from "../../src/dataflow/order.js"
import { isLoop } from "../../src/dataflow/primitive.js"
import { sizeOf } from "../../src/dataflow/shape.js"

const tall = (n: number): Tensor => reshape(sin(square(arange(3 * n, { dtype: "f64" }))), [n, 3])

const operations: Record<string, (a: Tensor) => Tensor> = {
  lu: a => add(sum(square(lu(a).lower)), sum(lu(a).upper)),
  qr: a => add(sum(square(qr(a).q)), sum(qr(a).r)),
  svd: a => add(sum(svd(a).u), sum(svd(a).v)),
  pinv: a => sum(square(pinv(a))),
  lstsq: a => sum(square(lstsq(a, ones([a.shape[0] ?? 0], "f64"))))
}

const derivatives: Record<string, (f: (a: Tensor) => Tensor) => (a: Tensor) => Tensor> = {
  reverse: grad,
  forward: f => a => jvp(f)(a, a)[1],
  second: f => a => jvp(grad(f))(a, a)[1]
}

/** The elements of the largest tensor that a derivative is made of. */
const largest = (derivative: Tensor): number =>
  Math.max(...topological([derivative]).map(vertex => (isLoop(vertex) ? 0 : sizeOf(vertex.shape))))

describe("a derivative of matrices that are long makes no square of the longer side", () => {
  test.each(Object.entries(operations))("%s", (_, f) => {
    for (const derivative of Object.values(derivatives)) {
      const wide = (a: Tensor) => f(swapAxes(a, 0, 1))
      for (const own of [f, wide]) expect(largest(derivative(own)(tall(200)))).toBeLessThan(2000)
    }
  })
})
