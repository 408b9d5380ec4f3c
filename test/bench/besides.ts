import { inTurn, medians, runOf, type Steps } from "./measure.js"
import { showNumber } from "./table.js"

/**
 * Cells of a row: what thalweg takes; and what each peer takes, in the same rounds, and how many times as long that is.
 * Milliseconds of a step are turned into what is shown.
 */
export const besides = async (
  own: Steps | undefined,
  others: readonly (Steps | undefined)[],
  show: (ms: number) => number,
  rounds: number
): Promise<readonly [number, ...string[]]> => {
  const steps = [own, ...others].flatMap(s => s ?? [])
  const [ms = NaN, ...times] = await medians(await inTurn(steps, runOf), rounds)
  const left = times.values()
  const cells = others.map(other => {
    const time = other === undefined ? undefined : left.next().value
    return time === undefined ? "" : `${showNumber(show(time))} ×${showNumber(time / ms)}`
  })
  return [show(ms), ...cells]
}
