import * as t from "thalweg"
import { f64, fixed, i32, positive, type Sample } from "./samples.js"
import type { Row } from "./rows.elementwise.js"

const row = (name: string, ...rest: Parameters<typeof fixed>): Row => ({ name, samples: fixed(...rest) })

const crossEntropy = (logits: t.Tensor): t.Tensor => {
  const labels = i32([0, 2], [2, 1])
  return t.neg(t.mean(t.takeAlongAxis(t.logSoftmax(logits), labels, 1)))
}

const perceptron: Sample["f"] = (x, w0, b0, w1) => t.matmul(t.tanh(t.add(t.matmul(x, w0), b0)), w1)

const gelu = (x: t.Tensor): t.Tensor => t.mul(t.mul(0.5, x), t.add(t.erf(t.mul(x, Math.SQRT1_2)), 1))

const layerNorm: Sample["f"] = (x, scale) =>
  t.mul(
    t.div(
      t.sub(x, t.mean(x, { axes: -1, keepDims: true })),
      t.sqrt(t.add(t.variance(x, { axes: -1, keepDims: true }), 0.3))
    ),
    scale
  )

const attention: Sample["f"] = (q, k, v) => {
  const scores = t.einsum("bqd,bkd->bqk", q, k)
  return t.einsum("bqk,bkd->bqd", t.softmax(scores), v)
}

const recurrent: Sample["f"] = (h0, xs, w) => {
  const [h, ys] = t.scan((h, x) => [t.tanh(t.add(t.matmul(w, h), x)), t.sum(t.square(h))], h0, xs)
  return t.concat([h, ys])
}

const descent: Sample["f"] = (x0, a) => {
  const loss = (x: t.Tensor): t.Tensor => t.sum(t.mul(t.sin(t.mul(x, a)), x))
  return t.scan(x => [t.sub(x, t.mul(0.1, t.grad(loss)(x))), []], x0, [], { length: 2 })[0]
}

/** `log (1 + e^x)` with a derivative written by hand. */
const softplus = t.customVjp(
  (x: t.Tensor) => [t.log1p(t.exp(x)), x],
  (x, ct) => [t.mul(ct, t.sigmoid(x))]
)

/** Functions as people write them, smooth at the points where they are looked at. */
export const compositions: readonly Row[] = [
  row("softmax cross-entropy", [[2, 3]], crossEntropy),
  row("perceptron", [[2, 2], [2, 3], [3], [3, 1]], perceptron),
  row(
    "convolution, pooling and gelu",
    [
      [1, 4, 4, 1],
      [2, 2, 1, 2]
    ],
    (x, k) => t.maxPool(gelu(t.conv(x, k, { padding: "same", strides: [1, 2] })), { window: [2, 1] })
  ),
  row("powers of powers", [[3], [3]], (a, b) => t.pow(t.pow(a, b), t.add(b, 0.5)), [positive, positive]),
  row("recurrent network", [[2], [2, 2], [2, 2]], recurrent),
  row("product of sines", [[2, 3]], x => t.prod(t.sin(x), { axes: 1 })),
  row("largest of products", [[3], [3]], (a, b) => t.mul(t.max(t.mul(a, b)), t.min(t.exp(a)))),
  row("layer normalization", [[2, 3], [3]], layerNorm),
  row(
    "attention",
    [
      [1, 2, 2],
      [1, 2, 2],
      [1, 2, 1]
    ],
    attention
  ),
  row("running sums of gathered powers", [[4]], x =>
    t.cumSum(t.exp(t.mul(t.take(x, i32([3, 0, 0, 2])), 0.5)), { reverse: true })
  ),
  row("scattered squares", [[2], [3]], (base, rows) => t.square(t.scatterAdd(base, i32([1, 0, 1]), t.sin(rows)))),
  row("angles and quotients", [[3], [3]], (a, b) => t.div(t.atan2(a, b), t.add(t.square(b), 1)), [positive, positive]),
  row("a derivative by hand", [[3]], x => t.mul(softplus(t.mul(x, x)), softplus(x))),
  row("gradient steps", [[2], [2]], descent),
  row("a pullback and a pushforward", [[2]], x => {
    const f = (y: t.Tensor): t.Tensor => t.mul(t.sin(y), t.sum(y))
    const [value, pullback] = t.vjp(f)(x)
    return t.mul(pullback(value), t.jvp(f)(x, t.square(x))[1])
  }),
  row("spread, flipped, cut", [[2, 2]], x =>
    t.exp(
      t.slice(
        t.flip(
          t.pad(
            x,
            [
              [1, -1],
              [0, 2]
            ],
            { interior: [2, 1], value: t.sum(x) }
          )
        ),
        { step: [2, 1] }
      )
    )
  ),
  row("logSumExp of products with a constant", [[2, 3]], x => t.logSumExp(t.mul(x, f64([1, -2, 3])), { axes: 0 }))
]
