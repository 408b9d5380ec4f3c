import { evaluate, grad, item, ones, square, sum, type Tensor } from "thalweg"
import { adam } from "thalweg/optimizer"
import { inTurn, medians, timed, type Run } from "./measure.js"
import { printTable } from "./table.js"

const loss = (x: Tensor): Tensor => sum(square(x))
const optimizer = adam({ learningRate: 0.01 })

type Stepped = ReturnType<typeof optimizer.step<Tensor>>
type Hold = (stepped: Stepped) => Stepped

/** Milliseconds of a step after so many others, in a loop that reads its loss. */
const stepAfter =
  (steps: number, hold: Hold): Run =>
  () => {
    let x: Tensor = ones([10])
    let state = optimizer.init(x)
    const run = (count: number): void => {
      for (let i = 0; i < count; i++) {
        ;[x, state] = hold(optimizer.step(x, state, grad(loss)(x)))
        item(loss(x))
      }
    }
    run(steps)
    return (
      timed(() => {
        run(20)
      })() / 20
    )
  }

const holds: Readonly<Record<string, Hold>> = { "as it is": stepped => stepped, "evaluated at every step": evaluate }

/** Milliseconds of a step of a loop that is not compiled and reads its loss: the same after any number of steps. */
export const benchLazy = async (counts: readonly number[], rounds: number): Promise<void> => {
  const rows = await inTurn(Object.entries(holds), async ([name, hold]) => [
    name,
    ...(await medians(
      counts.map(steps => stepAfter(steps, hold)),
      rounds
    ))
  ])
  printTable("a loop that reads its loss, ms per step", ["", ...counts.map(n => `after ${n}`)], rows)
}
