import { describe, expect, test } from "vitest"
import { toTyped } from "thalweg"
import { dense, halfSquaredError } from "thalweg/nn"
import { sgd } from "thalweg/optimizer"
import { key } from "thalweg/random"
import { assess, diagnose, fit, kFold, learningCurve, validationCurve, type Fold } from "thalweg/train"
import { numbered, type Numbered } from "./numbered.js"

type Folds = Fold<Numbered>
const sum = (fold: Numbered): number => [...toTyped(fold.y)].reduce((total, y) => total + y, 0)

describe("curves", () => {
  test("are means over folds with their deviations; each fold is asked for once", () => {
    let made = 0
    const folds = function* (): Iterable<Folds> {
      for (const n of [2, 4]) {
        made++
        yield { train: numbered(n), validation: numbered(1) }
      }
    }
    const points = validationCurve([1, 10], (fold: Folds, by) => ({ training: by * sum(fold.train), validation: by }))
    expect(points(folds())).toEqual([
      { at: 1, training: 3.5, validation: 1, trainingDeviation: Math.sqrt(12.5), validationDeviation: 0 },
      { at: 10, training: 35, validation: 10, trainingDeviation: Math.sqrt(1250), validationDeviation: 0 }
    ])
    expect(made).toBe(2)
  })

  test("of learning take the first examples of what is trained on, and leave what is held out as it is", () => {
    const seen = learningCurve([1, 3, 4], ({ train, validation }: Folds) => ({
      training: sum(train),
      validation: sum(validation)
    }))
    const points = seen([{ train: numbered(4), validation: numbered(3) }])
    expect(points.map(({ at, training, validation }) => [at, training, validation])).toEqual([
      [1, 0, 3],
      [3, 3, 3],
      [4, 6, 3]
    ])
    expect(points[0]?.trainingDeviation).toBe(0)
  })

  test("come out of real training: a rate that is too small is seen", () => {
    const data = { x: numbered(12).x, y: numbered(12).x }
    const loss = (p: typeof data.x, t: typeof data.x) => halfSquaredError(p, t)
    const score = (fold: Fold<typeof data>, rate: number) => {
      const task = { model: dense({ units: 2 }), loss, optimizer: sgd({ learningRate: rate }) }
      const { trained } = fit(task)({ train: fold.train, key: key(0), epochs: 3, batchSize: 4 })
      const of = (part: typeof data) => assess(task.model, { loss })(trained, part).loss
      return { training: of(fold.train), validation: of(fold.validation) }
    }
    const [slow, right] = validationCurve([1e-6, 3e-3], score)(kFold({ k: 2, key: key(1) })(data))
    expect(right?.validation).toBeLessThan((slow?.validation ?? 0) / 2)
  })

  test.each([
    ["learningCurve: expected sizes to be a whole number ≥ 1; got 0", () => learningCurve([0], () => ({}) as never)],
    [
      "learningCurve: expected at most 2 examples, as many as there are to train on; got 3",
      () => learningCurve([3], () => ({}) as never)([{ train: numbered(2), validation: numbered(2) }])
    ],
    [
      "validationCurve: expected scores { training, validation } as numbers; got a record with keys (none)",
      () => validationCurve([3], () => ({}) as never)([{ train: numbered(2), validation: numbered(2) }])
    ],
    [
      "validationCurve: expected folds, as kFold gives them; got null",
      () => validationCurve([], () => ({}) as never)(null as never)
    ],
    [
      "validationCurve: expected folds { train, validation }; got 1",
      () => validationCurve([], () => ({}) as never)([1 as never])
    ],
    ["validationCurve: expected at least one fold; got none", () => validationCurve([1], () => ({}) as never)([])]
  ])("%s", (text, use) => {
    expect(use).toThrow(text)
  })
})

describe("diagnose", () => {
  const verdicts = (training: number, validation: number) => {
    const { underfitting, overfitting } = diagnose({ acceptable: 0.5, tolerance: 0.25 })({ training, validation })
    return [underfitting, overfitting]
  }

  test("holds the training loss against what is acceptable, the validation loss against the training loss", () => {
    expect(verdicts(0.5, 0.5)).toEqual([false, false])
    expect(verdicts(0.75, 1)).toEqual([false, false])
    expect(verdicts(1, 1)).toEqual([true, false])
    expect(verdicts(0.25, 1)).toEqual([false, true])
    expect(verdicts(2, 4)).toEqual([true, true])
    expect(verdicts(NaN, NaN)).toEqual([false, false])
  })

  test("has no defaults", () => {
    expect(() => diagnose({ tolerance: 1 } as never)).toThrow(
      "expected acceptable to be a finite number; got undefined"
    )
    expect(() => diagnose({ acceptable: 1, tolerance: -1 })).toThrow("expected tolerance to be a finite number ≥ 0")
  })
})
