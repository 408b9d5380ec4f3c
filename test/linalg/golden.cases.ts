import { readFileSync } from "node:fs"
import * as t from "thalweg"
import type { Tensor } from "thalweg"
import { read, type Flat } from "../dataflow/golden.cases.js"

type Attributes = t.TriangularOptions & { readonly n?: number }

interface Stored {
  readonly name: string
  readonly op: keyof typeof operations
  readonly attrs: Attributes
  readonly condition: number
  readonly inputs: readonly Flat[]
  readonly outputs: readonly Flat[]
  readonly cotangents?: readonly (Flat | null)[]
  readonly gradients?: readonly Flat[]
}

/** A case of `test/golden/linalg.json`: of one operation, all whose parts are outputs. */
export interface Case {
  readonly name: string
  readonly condition: number
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  readonly run: (inputs: readonly Tensor[]) => readonly Tensor[]
  /** By which outputs it was differentiated, and the cotangents of these and of the inputs. */
  readonly derivative?: {
    readonly of: readonly number[]
    readonly cotangents: readonly Tensor[]
    readonly expected: readonly Tensor[]
  }
}

type Operation = (inputs: readonly [Tensor, Tensor], attrs: Attributes) => readonly Tensor[]

const operations = {
  cholesky: ([a]) => [t.cholesky(a)],
  triangularSolve: ([a, b], attrs) => [t.triangularSolve(a, b, attrs)],
  solve: ([a, b]) => [t.solve(a, b)],
  inverse: ([a]) => [t.inverse(a)],
  determinant: ([a]) => [t.determinant(a)],
  logDeterminant: ([a]) => {
    const { sign, logAbs } = t.logDeterminant(a)
    return [sign, logAbs]
  },
  lu: ([a]) => {
    const { permutation, lower, upper } = t.lu(a)
    return [permutation, lower, upper]
  },
  qr: ([a]) => {
    const { q, r } = t.qr(a)
    return [q, r]
  },
  eigh: ([a]) => {
    const { values, vectors } = t.eigh(a)
    return [values, vectors]
  },
  eigenvalues: ([a]) => [t.eigh(a).values],
  svd: ([a]) => {
    const { u, s, v } = t.svd(a)
    return [u, s, v]
  },
  singularValues: ([a]) => [t.svd(a).s],
  pinv: ([a]) => [t.pinv(a)],
  lstsq: ([a, b]) => [t.lstsq(a, b)],
  matrixPower: ([a], { n = 1 }) => [t.matrixPower(a, n)],
  expm: ([a]) => [t.expm(a)],
  kron: ([a, b]) => [t.kron(a, b)]
} as const satisfies Readonly<Record<string, Operation>>

const decode = ({ name, op, attrs, condition, inputs, outputs, cotangents = [], gradients }: Stored): Case => {
  const operation: Operation = operations[op]
  const given = cotangents.flatMap((ct, i) => (ct === null ? [] : [[i, read(ct)] as const]))
  return {
    name,
    condition,
    inputs: inputs.map(read),
    outputs: outputs.map(read),
    run: xs => operation(xs as readonly [Tensor, Tensor], attrs),
    ...(gradients && {
      derivative: {
        of: given.map(([i]) => i),
        cotangents: given.map(([, ct]) => ct),
        expected: gradients.map(read)
      }
    })
  }
}

const file = new URL("../golden/linalg.json", import.meta.url)

export const cases: readonly Case[] = (
  JSON.parse(readFileSync(file, "utf8")) as { readonly cases: readonly Stored[] }
).cases.map(decode)
