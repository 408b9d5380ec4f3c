import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as t from "thalweg"
import { bits, key, uniform as draw } from "thalweg/random"

// Measures the largest errors of the elementary functions, against libquadmath in f64 and the C library in f32:
//
//   npx tsx test/golden/elementary_errors.ts f64 exp erf     a million arguments of each kind (minutes)
//   npx tsx test/golden/elementary_errors.ts f32 exp         every argument there is (minutes each)
//
// All functions, if none is named. It needs a C++ compiler on x86.

const MILLION = 2 ** 20

/** A million arguments, from a key. */
type Kind = (key: t.Tensor) => Float64Array

const uniform =
  (min: number, max: number): Kind =>
  key =>
    Float64Array.from(t.toTyped(draw(key, [MILLION], { min, max, dtype: "f64" })))

const mapped =
  (f: (x: number) => number, kind: Kind): Kind =>
  key =>
    kind(key).map(f)

/** Any double: every size, subnormal ones, infinities and NaNs. */
const any: Kind = key => new Float64Array(Uint32Array.from(t.toTyped(bits(key, [2 * MILLION]))).buffer)

/** Of sizes between powers of two that are all equally likely, and either sign. */
const sizes = (low: number, high: number): Kind =>
  mapped(u => Math.sign(u) * 2 ** (low + Math.abs(u) * (high - low)), uniform(-1, 1))

const positive = (low: number, high: number): Kind => mapped(Math.abs, sizes(low, high))
const beside = (point: number, distances: Kind): Kind => mapped(x => point + x, distances)

const tiny = sizes(-1074, -10)
const steps = mapped(i => (Math.floor(i) + 0.5) / 32, uniform(-192, 192))
const multiples = mapped(i => Math.floor(i) * (Math.PI / 2), uniform(1, 600_000))
const circular = [uniform(-3.2, 3.2), uniform(-0.8, 0.8), uniform(-1e6, 1e6), multiples, sizes(20, 1023.9), tiny, any]

type Kinds = readonly (Kind | readonly [Kind, Kind])[]

const kinds = {
  exp: [uniform(-1, 1), uniform(-708, 709.7), tiny, uniform(-745.2, -708), any],
  expm1: [uniform(-1, 1), uniform(-0.1, 0.1), uniform(-60, 709.7), tiny, any],
  log: [uniform(0, 3), beside(1, sizes(-45, -4)), positive(-1074, 1023.9), any],
  log1p: [uniform(-0.9, 3), tiny, beside(-1, positive(-52, -2)), positive(0, 1023.9), sizes(-30, -5), any],
  sqrt: [uniform(0, 4), positive(-1074, 1023.9), any],
  sin: circular,
  cos: circular,
  tan: circular,
  atan: [uniform(-1, 1), sizes(-12, 12), sizes(-60, 60), tiny, any],
  tanh: [uniform(-1, 1), uniform(-0.06, 0.06), uniform(-22, 22), tiny, any],
  sigmoid: [uniform(-3, 3), uniform(-40, 40), uniform(-746, 40), sizes(-60, -3), any],
  erf: [
    uniform(-1, 1),
    uniform(-0.02, 0.02),
    uniform(-6, 6),
    beside(0.015625, sizes(-52, -10)),
    steps,
    sizes(-32, 2),
    tiny,
    any
  ],
  erfInv: [
    uniform(-1, 1),
    uniform(-0.02, 0.02),
    beside(-1, positive(-53, -3)),
    beside(0.5, sizes(-30, -5)),
    sizes(-32, 0),
    tiny,
    any
  ],
  pow: [
    [uniform(0.01, 10), uniform(-10, 10)],
    [positive(-1074, 1023.9), sizes(-20, 0)],
    [positive(-300, 300), uniform(-2.4, 2.4)],
    [beside(1, sizes(-20, -8)), uniform(-1e5, 1e5)],
    [any, any]
  ],
  atan2: [
    [uniform(-3, 3), uniform(-3, 3)],
    [sizes(-30, 30), sizes(-30, 30)],
    [sizes(-1000, 1000), sizes(-1000, 1000)],
    [sizes(-1074, -1020), sizes(-1074, -1020)],
    [any, any]
  ]
} satisfies Readonly<Record<string, Kinds>>

type Name = keyof typeof kinds
type Columns = readonly (Float32Array | Float64Array)[]

/** All floats of 32 bits, a million at a time. */
function* everyFloat(): Generator<Columns> {
  for (let first = 0; first < 2 ** 32; first += MILLION) {
    const words = new Uint32Array(MILLION)
    for (let i = 0; i < MILLION; i++) words[i] = first + i
    yield [new Float32Array(words.buffer)]
  }
}

/** What is measured together. In f32 a function of two is given what it is in f64, rounded. */
const batchesOf = (name: Name, dtype: t.FloatDType): readonly Iterable<Columns>[] =>
  dtype === "f32" && name !== "pow" && name !== "atan2"
    ? [everyFloat()]
    : kinds[name].map(kind => {
        const columns = [kind].flat().map((draws, i) => draws(key(i)))
        return [dtype === "f32" ? columns.map(x => Float32Array.from(x)) : columns]
      })

const program = join(mkdtempSync(join(tmpdir(), "elementary-")), "errors")
const source = join(import.meta.dirname, "elementary_errors.cpp")
execFileSync("cc", ["-O2", "-std=gnu++17", source, "-o", program, "-lquadmath", "-lstdc++", "-lm"])

const measure = async (name: Name, dtype: t.FloatDType, batch: Iterable<Columns>): Promise<void> => {
  const f: (...args: readonly t.Tensor[]) => t.Tensor = t[name]
  const compiled = t.compile((args: readonly t.Tensor[]) => f(...args))
  const measuring = spawn(program, [name, dtype], { stdio: ["pipe", "inherit", "inherit"] })
  for (const columns of batch) {
    const values = compiled(columns.map(x => t.tensor(x, { dtype, shape: [MILLION] })))
    const all = [...columns, t.toTyped(values) as Columns[number]].map(({ buffer }) => new Uint8Array(buffer))
    if (!measuring.stdin.write(Buffer.concat(all))) await once(measuring.stdin, "drain")
  }
  measuring.stdin.end()
  await once(measuring, "close")
}

const [dtype, ...named] = process.argv.slice(2) as [t.FloatDType, ...Name[]]
for (const name of named.length > 0 ? named : (Object.keys(kinds) as Name[])) {
  console.log(`${name} ${dtype}`)
  for (const batch of batchesOf(name, dtype)) await measure(name, dtype, batch)
}
