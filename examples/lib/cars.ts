import { div, evaluate, mean, standardDeviation, sub, tensor, type Tensor } from "thalweg"

/** Miles per hour, feet. */
// prettier-ignore
const cars = [
  [4, 2], [4, 10], [7, 4], [7, 22], [8, 16], [9, 10], [10, 18], [10, 26], [10, 34], [11, 17],
  [11, 28], [12, 14], [12, 20], [12, 24], [12, 28], [13, 26], [13, 34], [13, 34], [13, 46], [14, 26],
  [14, 36], [14, 60], [14, 80], [15, 20], [15, 26], [15, 54], [16, 32], [16, 40], [17, 32], [17, 40],
  [17, 50], [18, 42], [18, 56], [18, 76], [18, 84], [19, 36], [19, 46], [19, 68], [20, 32], [20, 48],
  [20, 52], [20, 56], [20, 64], [22, 66], [23, 54], [24, 70], [24, 92], [24, 93], [24, 120], [25, 85]
] as const

const column = (values: readonly number[]) => tensor(values, { shape: [values.length, 1] })
const standardized = (t: Tensor) => div(sub(t, mean(t)), standardDeviation(t))

/**
 * Speeds and stopping distances (feet) of 50 cars of the 1920s: `x` and `y` are `f32 [50, 1]`. Speeds are standardized, to
 * mean 0 and variance 1.
 * Source: Ezekiel 1930, "Methods of Correlation Analysis"; the data set `cars` of R.
 */
export const stoppingDistances = () =>
  evaluate({
    x: standardized(column(cars.map(([speed]) => speed))),
    y: column(cars.map(([, distance]) => distance))
  })
