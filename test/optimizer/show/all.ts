import * as catalogue from "thalweg/optimizer"
import type { Optimizer } from "thalweg/optimizer"
import { key } from "thalweg/random"
import { chain, identity, type AtLoss, type StateFamily } from "thalweg/transform"

/** An optimizer that may want the loss, as one that gets it. */
export type Any = Optimizer<StateFamily, readonly [AtLoss]>
type Maker = (...args: readonly unknown[]) => unknown

const base = catalogue.sgd({ learningRate: 0.1 })

/** What an exported function is called with, when `{ learningRate: 0.1 }` or nothing is not enough. */
const given: Readonly<Record<string, readonly unknown[]>> = {
  accumulate: [3],
  anyOptimizer: [base],
  addNoise: [key(0), { eta: 0.1 }],
  clipAdaptive: [0.1],
  clipByLeafNorm: [1],
  clipByNorm: [1],
  clipByValue: [1],
  freeze: [() => true],
  masked: [() => true],
  maximize: [base],
  momentum: [{ learningRate: 0.1, momentum: 0.9 }],
  nag: [{ learningRate: 0.1, momentum: 0.9 }],
  noisySgd: [key(0), { learningRate: 0.1 }],
  onDisplacement: [identity],
  onGradient: [identity],
  optimizer: [chain()],
  partition: [{ a: base }, () => "a"],
  project: [catalogue.ontoSimplex()],
  withEma: [0.9],
  withL2: [0.1],
  withMomentum: [0.9],
  withNesterov: [0.9],
  withSchedule: [(t: unknown) => t],
  withWeightDecay: [0.1]
}

const isOptimizer = (value: unknown): value is Any => typeof value === "object" && value !== null && "step" in value

const attempt = (make: Maker, args: readonly unknown[]): unknown => {
  try {
    return make(...args)
  } catch {
    return undefined
  }
}

/** The optimizer that a function makes, by itself or around another. */
const made = (name: string, make: Maker): Any | undefined => {
  const tries = name in given ? [given[name] ?? []] : [[{ learningRate: 0.1 }], []]
  for (const args of tries) {
    const value = attempt(make, args)
    if (isOptimizer(value)) return value
    const around = typeof value === "function" ? attempt(value as Maker, [base]) : undefined
    if (isOptimizer(around)) return around
  }
  return undefined
}

/** Every exported function that makes an optimizer, or a combinator (around `sgd`), by name. */
export const all = Object.entries(catalogue as unknown as Readonly<Record<string, unknown>>)
  .filter(
    (entry): entry is [string, Maker] =>
      typeof entry[1] === "function" && !/^onto[A-Z]|^equations$|^dataflow$/.test(entry[0])
  )
  .map(([name, make]) => [name, made(name, make)] as const)
