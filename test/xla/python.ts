import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { tensor, toTyped, Tree, type DType, type Shape, type Tensor } from "thalweg"
import { toStableHlo } from "thalweg/xla"

/** The interpreter with the packages of `requirements.txt`: what PYTHON says, or, for `npm run test:xla`, any. */
export const python =
  process.env["PYTHON"] ?? (process.env["npm_lifecycle_event"] === "test:xla" ? "python3" : undefined)

export type Build = (...xs: readonly Tensor[]) => Tree

/** A function of tensors, and what it is applied to. */
export type Part = readonly [f: Build, at: readonly Tensor[]]

/** The same of trees, with a name. */
export interface Case {
  readonly name: string
  readonly f: (...args: readonly never[]) => Tree
  readonly args: readonly Tree[]
}

const bytesOf = (t: Tensor): string => {
  const data = toTyped(t)
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64")
}

const arrays = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u32: Uint32Array, bool: Uint8Array } as const

const tensorOf = (text: string, dtype: DType, shape: Shape): Tensor => {
  const bytes = Uint8Array.from(Buffer.from(text, "base64"))
  return tensor(new arrays[dtype](bytes.buffer), { dtype, shape })
}

type Said = { readonly results: readonly string[] } | { readonly error: string }

/** What XLA computes, all in one process: for each case the leaves of its result, or what went wrong. */
export const runOnXla = async (cases: readonly Case[]): Promise<readonly (readonly Tensor[] | string)[]> => {
  const folder = mkdtempSync(join(tmpdir(), "thalweg-xla-"))
  const [programs, results] = [join(folder, "programs"), join(folder, "results")]
  try {
    const written = cases.map(({ f, args }) => toStableHlo(f as (...args: readonly Tree[]) => Tree, args))
    const lines = written.map((program, i) =>
      JSON.stringify({ ...program, args: Tree.leaves(cases[i]?.args ?? []).map(bytesOf) })
    )
    writeFileSync(programs, lines.map(line => `${line}\n`).join(""))
    await promisify(execFile)(python ?? "python3", [runner, programs, results])
    const said = readFileSync(results, "utf8").trimEnd().split("\n")
    return said.map((line, i) => {
      const answer = JSON.parse(line) as Said
      if ("error" in answer) return answer.error
      const outputs = written[i]?.outputs ?? []
      return answer.results.map((text, k) => tensorOf(text, outputs[k]?.dtype ?? "f32", outputs[k]?.shape ?? []))
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const runner = fileURLToPath(new URL("run.py", import.meta.url))
