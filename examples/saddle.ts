// Near a ridge the slope is tiny: plain descent stalls there. On the ridge there is none: only noise finds a way down.
import assert from "node:assert"
import * as R from "fp-ts/lib/ReadonlyRecord.js"
import { at, pipe, tensor, toArray, type Tensor } from "thalweg"
import { adam, addNoise, momentum, rmsprop, sgd } from "thalweg/optimizer"
import { grid, pathsOverContours, writeSvg } from "./lib/plot/index.js"
import { saddle } from "./lib/surfaces.js"
import { paths, walk } from "./lib/walk.js"

const learningRate = 0.1
const noisy = (seed: number) => pipe(sgd({ learningRate }), addNoise({ seed, eta: 0.01 }))

/** 150 steps down x² + (y² − 1)²/4: a saddle at (0, 0), on the ridge y = 0 between the minima (0, −1) and (0, 1). */
const race = (y: number) => {
  const by = walk({ f: saddle.f, start: tensor([1.5, y], { dtype: "f64" }), steps: 150 })
  return {
    sgd: by(sgd({ learningRate })),
    momentum: by(momentum({ learningRate })),
    rmsprop: by(rmsprop({ learningRate, eps: 1e-16 })),
    adam: by(adam({ learningRate, eps: 1e-16 })),
    "noise 1": by(noisy(1)),
    "noise 2": by(noisy(2))
  }
}
const [near, on] = [race(1e-6), race(0)]
const figures = Object.entries({ "From y = 0.000001": near, "From the ridge, y = 0": on }).map(([title, walks]) =>
  pathsOverContours({ ...saddle, title, paths: paths(walks) })
)
await writeSvg("examples/out/saddle.svg", grid(figures, 2))

/** The step at which each is half the way to a minimum; -1 if none of 150. */
const leaving = R.map((points: Tensor) => (toArray(at(points, 1, 1)) as number[]).findIndex(y => Math.abs(y) > 0.5))
const [late, later, never] = [leaving(race(1e-2)), leaving(near), leaving(on)]
console.table({ "from y = 0.01": late, "from y = 0.000001": later, "from y = 0": never })

const delay = Math.log(1e-2 / 1e-6) / Math.log(1 + learningRate)
assert.ok(Math.abs(later.sgd - late.sgd - delay) < 1, "while y is small, plain descent makes it 1.1 times as large")
assert.deepStrictEqual([later.rmsprop, later.adam], [late.rmsprop, late.adam], "these do not see how small it is")
const { "noise 1": up, "noise 2": down, ...others } = never
assert.ok(up > 0 && down > 0, "noise leaves the ridge")
assert.deepStrictEqual(others, { sgd: -1, momentum: -1, rmsprop: -1, adam: -1 }, "nothing else does")
