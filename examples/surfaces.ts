// The classics on the textbook surfaces: a row of pictures for each surface, a column for each family of optimizers.
import assert from "node:assert"
import * as R from "fp-ts/lib/ReadonlyRecord.js"
import { at, item, norm, pipe, sub, tensor, type Tensor } from "thalweg"
import { classics } from "./lib/classics.js"
import { grid, pathsOverContours, writeSvg } from "./lib/plot/index.js"
import { ravine, rosenbrock, saddle, surfaces } from "./lib/surfaces.js"
import { paths, walk } from "./lib/walk.js"

const races = surfaces.map(surface => {
  const by = walk(surface)
  const families = pipe(classics(surface), R.map(R.map(optimizer => by(optimizer))))
  return { surface, families }
})

const figures = races.flatMap(({ surface, families }) =>
  Object.entries(families).map(([family, walks]) =>
    pathsOverContours({ ...surface, title: `${surface.title}: ${family}`, paths: paths(walks), width: 340, clip: true })
  )
)
await writeSvg("examples/out/surfaces.svg", grid(figures, 3))

for (const { surface, families } of races) {
  const { title, f, minimum } = surface
  const distance = (p: Tensor) => item(norm(sub(p, tensor(minimum, { dtype: "f64" }))))
  const height = (p: Tensor) => item(f(p))
  const walks = Object.values(families).flatMap(family => Object.entries(family))

  for (const [name, points] of walks) {
    const [first, last] = [at(points, 0), at(points, -1)]
    assert.ok(height(last) < height(first), `${name} ends lower than it began on ${title}`)
    assert.ok(distance(last) < distance(first), `${name} ends nearer to the minimum of ${title}`)
  }

  const [plain = NaN, ...others] = walks.map(([, points]) => height(at(points, -1)))
  const ahead = others.filter(other => other < plain)
  console.log(`${title}: ${ahead.length} of ${others.length} end lower than plain descent`)
  if ([rosenbrock, ravine, saddle].includes(surface))
    assert.strictEqual(ahead.length, others.length, `plain descent is the last of all on ${title}`)
}
