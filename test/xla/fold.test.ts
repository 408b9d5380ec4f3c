import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { add, foldBatches, item, mul, ones, sum, toTyped, zeros, type Tensor } from "thalweg"
import { encodeTree } from "thalweg/spec"
import { dense, halfSquaredError, r2 } from "thalweg/nn"
import { foldOnXla, readTree, stepsOnXla, type CompiledStep, type XlaOptions } from "thalweg/node"
import { sgd } from "thalweg/optimizer"
import { key, normal, split } from "thalweg/random"
import { epochs, fit, initTraining, type StepsFold } from "thalweg/train"
import { afterAll, describe, expect, test } from "vitest"
import { python as given } from "./python.js"
import { batches, data, here, start, step, worst } from "./task.js"

const python = given ?? ""
const folder = mkdtempSync(join(tmpdir(), "thalweg-fold-"))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})
const cache = join(folder, "cache")

/** Placements, and the exchanges between devices that a step needs. */
const placements: Readonly<Record<string, readonly [XlaOptions, CompiledStep["collectives"]]>> = {
  "one device": [{}, {}],
  "eight devices, each with a part of the batch": [{ devices: 8, mesh: { data: 8 }, place: data }, { "all-reduce": 1 }],
  "eight devices, each with a part of the parameters as well": [
    {
      devices: 8,
      mesh: { data: 8 },
      place: [
        ["batch/**", ["data"]],
        ["state/params/**", ["data"]]
      ]
    },
    // one for each parameter, and sums: of gradients, losses and norms
    { "all-gather": 4, "all-reduce": 3 }
  ],
  "4 × 2 devices, with the units between two layers in two parts": [
    {
      devices: 8,
      mesh: { data: 4, model: 2 },
      place: [
        ["batch/**", ["data"]],
        ["state/params/0/kernel", [null, "model"]],
        ["state/params/0/bias", ["model"]],
        ["state/params/3/kernel", ["model"]]
      ]
    },
    { "all-reduce": 4 }
  ],
  "4 × 2 devices, with the batch along both axes": [
    { devices: 8, mesh: { data: 4, model: 2 }, place: [["batch/**", [["data", "model"]]]] },
    { "all-reduce": 1 }
  ],
  "two processes of two devices": [{ processes: 2, devices: 2, mesh: { data: 4 }, place: data }, { "all-reduce": 1 }]
}

test.skipIf(given !== undefined)("without Python it is said what is left out", () => {
  console.info("Left out: folds on XLA. They need PYTHON; see npm run test:xla.")
})

describe.skipIf(given === undefined)("a fold on XLA", () => {
  test.each(Object.entries(placements))("is the fold here: %s", async (_, [options, collectives]) => {
    const told: CompiledStep[] = []
    const fold = foldOnXla(step, { python, cache, ...options, onCompiled: compiled => told.push(compiled) })
    const there = await fold(start, batches)
    expect(worst(here[0], there[0])).toBeLessThan(2e-6)
    expect(worst(here[1], there[1])).toBeLessThan(2e-5)
    expect(told).toHaveLength(1)
    expect(told[0]?.collectives).toEqual(collectives)
    // the same placement gives the same bytes
    const again = await fold(start, batches)
    expect(encodeTree(again)).toEqual(encodeTree(there))
    expect(told).toHaveLength(1)
  })

  test("without batches is the state", async () => {
    expect(await foldOnXla(step, { python })(start, [])).toEqual([start, []])
  })

  test("takes batches of several shapes, compiled once each, and asynchronous ones", async () => {
    const told: CompiledStep[] = []
    const plus = (s: Tensor, b: Tensor) => [add(s, sum(b)), [sum(b), b]] as const
    const fold = foldOnXla(plus, { python, onCompiled: compiled => told.push(compiled) })
    const some = [ones([2]), ones([3]), ones([2]), ones([3])]
    const later = async function* () {
      for (const one of some) yield await Promise.resolve(one)
    }
    const [state, yielded] = await fold(zeros([]), later())
    expect(item(state)).toBe(10)
    expect(yielded.map(([total, same]) => [item(total), same.shape[0]])).toEqual([[2, 2], [3, 3], [2, 2], [3, 3]]) // prettier-ignore
    expect(told).toHaveLength(2)
  })

  test("asks for a batch while it makes the step before, and for no more", async () => {
    let asked = 0
    const endless = function* () {
      for (;;) {
        asked++
        yield ones([2])
      }
    }
    let closed = false
    const watched = (function* () {
      try {
        yield* endless()
      } finally {
        closed = true
      }
    })()
    const steps = stepsOnXla((s: Tensor, b: Tensor) => [add(s, b), sum(b)] as const, { python })(zeros([2]), watched)
    const turns = [await steps.next(), await steps.next(), await steps.next()]
    expect(turns.map(({ done }) => done)).toEqual([false, false, false])
    expect(asked).toBe(4)
    const { done, value } = await steps.next("stop")
    expect([done, Array.from(toTyped(value))]).toEqual([true, [3, 3]])
    expect(closed).toBe(true)
  })

  test("leaves checkpoints from which it goes on, there or here", async () => {
    const path = join(folder, "checkpoint.safetensors")
    const options = { python, cache, checkpoint: { every: 4, path } }
    const there = await foldOnXla(step, options)(start, batches)
    const read = await readTree(start)(path)()
    if (read._tag === "Left") throw read.left
    expect(read.right.metadata).toEqual({ step: 4 })
    const rest = batches.slice(4)
    const own = join(folder, "later.safetensors")
    await foldOnXla(step, { ...options, checkpoint: { every: 3, path: own } })(read.right.tree, rest, 4)
    const later = await readTree(start)(own)()
    expect(later).toMatchObject({ right: { metadata: { step: 6 } } })
    expect(encodeTree((await foldOnXla(step, { python, cache })(read.right.tree, rest))[0])).toEqual(
      encodeTree(there[0])
    )
    expect(worst(foldBatches(step)(read.right.tree, rest)[0], there[0])).toBeLessThan(1e-6)
  })

  test("is compiled once for all folds of the same, by processes that stay", async () => {
    const told: CompiledStep[] = []
    const doubling = () => (s: Tensor, b: Tensor) => [add(s, mul(b, 2)), sum(b)] as const
    for (let i = 0; i < 2; i++) {
      const fold = foldOnXla(doubling(), { python, cache, onCompiled: compiled => void told.push(compiled) })
      expect(toTyped((await fold(zeros([2]), [ones([2]), ones([2])]))[0])).toEqual(Float32Array.of(4, 4))
    }
    expect(told).toHaveLength(1)
  })

  test("that diverges is made again, by the same process and program", async () => {
    const x = ones([24, 1])
    const wild = { model: dense({ units: 1 }), loss: halfSquaredError, optimizer: sgd({ learningRate: 1e12 }) }
    const told: CompiledStep[] = []
    const options = { train: { x, y: x }, epochs: 9, batchSize: 4, key: key(1) }
    const fold: StepsFold = own => stepsOnXla(own, { python, cache, onCompiled: compiled => void told.push(compiled) })
    const { outcome } = await fit(wild)({ ...options, fold })
    const plain = fit(wild)(options).outcome
    if (outcome._tag !== "Diverged" || plain._tag !== "Diverged") throw new Error(outcome._tag)
    expect([outcome.epoch, outcome.step, outcome.rows]).toEqual([plain.epoch, plain.step, plain.rows])
    expect(outcome.cause).toEqual(plain.cause)
    expect(told).toHaveLength(1)
  })

  test("is what fit and epochs take for theirs", async () => {
    const [x, y] = split(key(2))
    const train = { x: normal(x, [40, 3]), y: normal(y, [40, 1]) }
    const validation = { x: normal(y, [10, 3]), y: normal(x, [10, 1]) }
    const line = { model: dense({ units: 1 }), loss: halfSquaredError, optimizer: sgd({ learningRate: 0.1 }) }
    const options = { train, validation, epochs: 30, batchSize: 16, key: key(1), metrics: { r2 }, earlyStopping: { patience: 2 } } // prettier-ignore
    const plain = fit(line)(options)
    const steps: number[] = []
    const path = join(folder, "fit.safetensors")
    const fitted = await fit(line)({
      ...options,
      fold: own => stepsOnXla(own, { python, cache, checkpoint: { every: 4, path } }),
      onStep: ({ step: made }) => void steps.push(made)
    })
    const read = await readTree(initTraining(line)(key(0), train.x))(path)()
    const reached = 4 * Math.floor(steps.length / 4)
    expect(read).toMatchObject({ right: { metadata: { step: reached } } })
    expect(read._tag === "Right" && item(read.right.tree.optimizer.count)).toBe(reached)
    expect(fitted.outcome).toEqual(plain.outcome)
    expect(steps).toHaveLength(3 * plain.history.length)
    plain.history.forEach((epoch, i) => {
      const other = fitted.history[i] as unknown as Record<string, number>
      for (const [name, value] of Object.entries(epoch)) expect(other[name], name).toBeCloseTo(value, 4)
    })
    const seen: string[] = []
    for await (const now of epochs(line)({ ...options, fold: own => stepsOnXla(own, { python, cache }) })) {
      seen.push(now._tag)
      if (now._tag === "Epoch") break
    }
    expect(seen).toEqual(["Step", "Step", "Step", "Epoch"])
  })
})

describe.skipIf(given === undefined)("what does not fit a fold on XLA is told", () => {
  const plus = (s: Tensor, b: Tensor) => [add(s, b), sum(b)] as const
  const two = [ones([6]), ones([6])]
  const wrong: readonly (readonly [why: string, options: XlaOptions, name: string, message: string])[] = [
    ["an axis", { mesh: { data: 2 }, place: [["batch", ["dat"]]] }, "AxisError", 'foldOnXla at "batch": expected an axis of the mesh, such as "data"; got "dat"'],
    ["a leaf", { mesh: { data: 2 }, place: [["batch/x", ["data"]]] }, "TreeError", 'foldOnXla: expected a tensor that matches "batch/x"; got none'],
    ["a size", { mesh: { data: 4 }, place: [["batch", ["data"]]] }, "AxisError", "expected dimension 0 to be a multiple of 4"],
    ["a mesh", { mesh: { data: 4 }, devices: 2 }, "RunnerError", "foldOnXla: expected a mesh of 2 devices at most, as there are (on a CPU, the option devices makes more); got one of 4"],
    ["no Python", { python: "no-such-python" }, "RunnerError", 'expected Python as "no-such-python", and by it pip install "jax>=0.7.2"; got spawn no-such-python ENOENT'],
    ["a program that speaks first", { python: "echo" }, "RunnerError", "foldOnXla: expected nothing on the standard output of echo before the runner speaks"],
    ["a cache that is a file", { cache: import.meta.filename }, "RunnerError", `foldOnXla: expected a cache that can be written; got [Errno 17] File exists: '${import.meta.filename}'`],
    ["a checkpoint below a file", { checkpoint: { every: 9, path: join(import.meta.filename, "state") } }, "DataError", `foldOnXla: expected a checkpoint in ${import.meta.filename}/state; got E`],
    ["a checkpoint that is a folder", { checkpoint: { every: 9, path: import.meta.dirname } }, "DataError", "test/xla: expected a file; got a folder"],
    ["a program that ends", { python: "false" }, "RunnerError", "foldOnXla: expected false to go on; got its end by exit code 1"]
  ] // prettier-ignore
  test.each(wrong)("%s", async (_, options, name, message) => {
    const mistake: unknown = await foldOnXla(plus, { python, ...options })(zeros([6]), two).catch(
      (error: unknown) => error
    )
    expect(mistake).toMatchObject({ name, message: expect.stringContaining(message) as string })
  })

  test("options and arguments", async () => {
    expect(() => foldOnXla(plus, { mehs: {} } as never)).toThrow('got "mehs" (did you mean "mesh"?)')
    expect(() => foldOnXla(plus, { mesh: { data: 0 } })).toThrow("mesh to be a record of whole numbers from 1")
    expect(() => foldOnXla(plus, { place: [["batch"]] as never })).toThrow(
      'place[0] to be a pattern and its axes, each a text, several or null, such as ["batch/**", ["data"]]; got ["batch"]'
    )
    expect(() => foldOnXla(3 as never)).toThrow("foldOnXla: expected a function")
    await expect(foldOnXla(plus, { python })(zeros([6]), 3 as never)).rejects.toThrow("an iterable of batches")
    const shrinking = (_: Tensor, b: Tensor) => [sum(b), b] as const
    await expect(foldOnXla(shrinking, { python })(zeros([6]), two)).rejects.toThrow("a next state of f32[6]; got f32[]")
  })

  test("a Python that prints before the runner speaks, through what it imports at its start", async () => {
    const site = join(folder, "site")
    mkdirSync(site)
    writeFileSync(join(site, "sitecustomize.py"), 'import os\nos.write(1, b"hello ")')
    const script = join(folder, "greeting-python")
    writeFileSync(script, `#!/bin/sh\nPYTHONPATH="${site}" exec "${python}" "$@"\n`, { mode: 0o755 })
    await expect(foldOnXla(plus, { python: script })(zeros([6]), two)).rejects.toThrow(
      `expected nothing on the standard output of ${script} before the runner speaks (what prints there is mostly a sitecustomize.py or a .pth file); got "hello {`
    )
  })

  test("a key that has no name in a file, of a state or a batch", async () => {
    const [ours, theirs] = [{ __metadata__: ones([2]) }, { x: ones([2]) }]
    const keep = <S, B>(s: S, _: B) => [s, ones([])] as const
    const free = 'expected a key that the safetensors format leaves free; got "__metadata__"'
    await expect(foldOnXla(keep, { python })(theirs, [ours])).rejects.toThrow(`foldOnXla at "batch": ${free}`)
    await expect(foldOnXla(keep, { python })(ours, [theirs])).rejects.toThrow(`foldOnXla at "state": ${free}`)
  })

  test("jax that is not there", async () => {
    const script = join(folder, "bare-python")
    writeFileSync(script, `#!/bin/sh\nexec "${python}" -S "$@"\n`, { mode: 0o755 })
    const asked = foldOnXla(plus, { python: script })(zeros([6]), two)
    await expect(asked).rejects.toThrow('expected jax, by pip install "jax>=0.7.2"; got No module named')
  })

  test("does not keep the host from ending where a fold is left, or waits for batches", async () => {
    const program = `import { stepsOnXla } from "../../src/node/index.js"
import { add, ones, sum, zeros } from "../../src/index.js"
const never = async function* () { yield ones([2]); yield ones([2]); await new Promise(() => undefined) }
const make = stepsOnXla((s, b) => [add(s, b), sum(b)], { python: ${JSON.stringify(python)} })
const steps = make(zeros([2]), [ones([2]), ones([2])])
await steps.next()
const others = make(zeros([2]), never())
await others.next()
console.log("left")
void others.next().then(() => others.next())`
    const path = join(import.meta.dirname, `left-${process.pid}.ts`)
    writeFileSync(path, program)
    try {
      const { stdout } = await promisify(execFile)("node", ["--import", "tsx", path], { timeout: 60_000 })
      expect(stdout).toBe("left\n")
    } finally {
      rmSync(path)
    }
  })

  test("ends with its host, in the middle of a step as well", async () => {
    const program = `import { foldOnXla } from "../../src/node/index.js"
import { abs, add, ge, scalar, sin, sum, tensor, whileLoop } from "../../src/index.js"
const long = (s, b) => [whileLoop(x => ge(x, 0), x => abs(sin(add(x, 1))), add(s, sum(b))), sum(b)]
const told = () => setTimeout(() => process.kill(process.pid, "SIGKILL"), 500)
await foldOnXla(long, { python: ${JSON.stringify(python)}, cache: ${JSON.stringify(join(folder, "host"))}, onCompiled: told })(scalar(0), [tensor([1])])`
    const path = join(import.meta.dirname, `host-${process.pid}.ts`)
    writeFileSync(path, program)
    try {
      await expect(promisify(execFile)("node", ["--import", "tsx", path])).rejects.toMatchObject({ signal: "SIGKILL" })
    } finally {
      rmSync(path)
    }
    await new Promise(done => setTimeout(done, 3000))
    await expect(promisify(execFile)("pgrep", ["-f", `thalweg_xla.py.*${join(folder, "host")}`])).rejects.toMatchObject({ code: 1 }) // prettier-ignore
  })

  test("what batches or watchers throw", async () => {
    const failing = function* () {
      yield ones([6])
      throw new Error("no more")
    }
    await expect(foldOnXla(plus, { python })(zeros([6]), failing())).rejects.toThrow("no more")
    const watching = () => {
      throw new Error("seen enough")
    }
    await expect(foldOnXla(plus, { python, onStep: watching })(zeros([6]), two)).rejects.toThrow("seen enough")
  })

  test("a process that is killed", async () => {
    const killing = async function* () {
      for (let i = 0; ; i++) {
        yield ones([6])
        if (i === 3)
          await promisify(execFile)("pkill", ["-KILL", "-f", `thalweg_xla.py.*${cacheOfVictim}.*--process 1`])
      }
    }
    const cacheOfVictim = join(folder, "victim")
    const options = { python, cache: cacheOfVictim, processes: 2, devices: 1, mesh: { data: 2 }, place: [["batch", ["data"]]] } as const // prettier-ignore
    const begun = Date.now()
    await expect(foldOnXla(plus, options)(zeros([6]), killing())).rejects.toThrow(
      `foldOnXla: expected process 1 of 2, ${python} to go on; got its end by SIGKILL`
    )
    expect(Date.now() - begun).toBeLessThan(60_000)
  })
})

test.skipIf(given === undefined)("a process that is killed between two folds is replaced with the others", async () => {
  const own = join(folder, "between")
  const told: CompiledStep[] = []
  const onCompiled = (compiled: CompiledStep) => void told.push(compiled)
  const options = { python, cache: own, processes: 2, devices: 1, mesh: { data: 2 }, place: [["batch", ["data"]]], onCompiled } as const // prettier-ignore
  const fold = foldOnXla((s: Tensor, b: Tensor) => [add(s, b), sum(b)] as const, options)
  const total = async () => item(sum((await fold(zeros([6]), [ones([6])]))[0]))
  expect([await total(), await total(), told.length]).toEqual([6, 6, 1])
  await promisify(execFile)("pkill", ["-KILL", "-f", `thalweg_xla.py.*${own}.*--process 1`])
  expect([await total(), told.length]).toEqual([6, 2])
})
