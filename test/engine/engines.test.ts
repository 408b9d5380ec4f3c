import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import type { Tree } from "thalweg"
import { type Tensor } from "thalweg"
import type { Value } from "../../src/dataflow/value.js"
import { compileOn } from "../../src/engine/compile.js"
import type { Engine } from "../../src/engine/engine.js"
import { foldOn } from "../../src/engine/fold.js"
import { interpreter } from "../../src/engine/interpreter/interpreter.js"
import { preparingOnce } from "../../src/engine/once.js"
import type { Program } from "../../src/engine/program/program.js"
import { f64 } from "../dataflow/values.js"

interface Call {
  readonly kinds: readonly string[]
  readonly args: readonly Value[]
  readonly spend: readonly boolean[]
  readonly results: readonly Value[]
}

/** The interpreter, which keeps a record of what it is asked to do. */
const recording = () => {
  const prepared: Program[] = []
  const calls: Call[] = []
  const engine: Engine = {
    name: "recording",
    prepare: program => {
      prepared.push(program)
      const executable = interpreter.prepare(program)
      return {
        explain: () => executable.explain(),
        run: (args, spend) => {
          const results = executable.run(args, spend)
          calls.push({ kinds: program.steps.map(({ op }) => op.kind), args, spend, results })
          return results
        }
      }
    }
  }
  return { prepared, calls, engine }
}

const nothing: ReadonlySet<Tensor> = new Set()

/** `compile` on a recording engine. */
const recorded = () => {
  const record = recording()
  const compiled = compileOn(preparingOnce(record.engine))
  const compile =
    <A extends readonly Tree[], B extends Tree>(f: (...args: A) => B) =>
    (...args: A): B =>
      run(f)(args, nothing).result
  const cache = new WeakMap<object, unknown>()
  const run = <A extends readonly Tree[], B extends Tree>(f: (...args: A) => B): ReturnType<typeof compiled<A, B>> => {
    const found = (cache.get(f) as ReturnType<typeof compiled<A, B>> | undefined) ?? compiled(f)
    cache.set(f, found)
    return found
  }
  return { ...record, compile }
}

describe("what a compiled function closes over", () => {
  test("is computed once, when its program is made", () => {
    const { compile, calls, prepared } = recorded()
    const m = t.reshape(t.arange(6), [2, 3])
    const f = compile((x: Tensor) => t.mul(x, t.sum(t.exp(t.cast(m, "f64")))))
    for (const v of [1, 2, 3]) f(f64(v))
    expect(prepared.length).toBe(1)
    expect(calls.map(({ kinds }) => kinds)).toEqual([["binary"], ["binary"], ["binary"]])
  })

  test("also where it stands in a loop", () => {
    const { compile, calls } = recorded()
    const w = f64([1, 2])
    const f = compile((x: Tensor) => t.scan((c: Tensor) => [t.add(c, t.sum(t.exp(w))), []], x, [], { length: 3 })[0])
    expect(t.item(f(f64(0)))).toBe(3 * (Math.exp(1) + Math.exp(2)))
    expect(calls.map(({ kinds }) => kinds)).toEqual([["scan"]])
  })

  test("and an error in it is thrown by the call that makes the program, each time", () => {
    const { compile, prepared } = recorded()
    const f = compile((x: Tensor) => t.add(x, t.take(f64([1, 2]), t.add(t.cast(f64(2), "i32"), 0))))
    expect(() => f(f64(1))).toThrow("take: expected indices from 0 to 1")
    expect(() => f(f64(1))).toThrow("take: expected indices from 0 to 1")
    expect(prepared.length).toBe(0)
  })
})

describe("executables", () => {
  test("are shared by functions with equal programs, whatever they are called", () => {
    const { compile, prepared } = recorded()
    const make = (n: number) => compile((x: Tensor) => t.mul(t.sin(x), n))
    const [a, b, c] = [make(2), make(2), make(3)]
    expect([a, b, c].map(f => t.item(f(f64(1))))).toEqual([2, 2, 3].map(n => n * Math.sin(1)))
    expect(prepared.length).toBe(2)
  })

  test("of 128 programs are remembered", () => {
    const { engine, prepared } = recording()
    const once = preparingOnce(engine)
    const program = (n: number): Program => ({
      inputs: [{ shape: [n], dtype: "f64" }],
      consts: [],
      steps: [],
      outputs: [0]
    })
    const kept = Array.from({ length: 128 }, (_, n) => once.prepare(program(n)))
    expect(kept.map((_, n) => once.prepare(program(n)) === kept[n]).every(same => same)).toBe(true)
    expect(prepared.length).toBe(128)
    kept.push(once.prepare(program(128)))
    expect(once.prepare(program(1))).toBe(kept[1])
    expect(prepared.length).toBe(129)
    kept.push(once.prepare(program(0)))
    expect(prepared.length).toBe(130)
  })
})

describe("signatures", () => {
  test("two that alternate are both remembered", () => {
    const { compile, prepared, calls } = recorded()
    let traced = 0
    const f = compile((x: Tensor) => {
      traced++
      return t.sum(x)
    })
    const results = [0, 1, 2, 3, 4, 5].map(i => t.item(f(i % 2 === 0 ? f64([i, 1]) : f64([i]))))
    expect(results).toEqual([1, 1, 3, 3, 5, 5])
    expect([traced, prepared.length, calls.length]).toEqual([2, 2, 6])
  })

  const a = f64(1)
  class Point {
    readonly x = a
  }
  const hidden = Object.defineProperty({ y: a }, "x", { value: a, enumerable: false })
  test.each<[string, unknown]>([
    ["a number", { x: 1 }],
    ["an object of a class", new Point()],
    ["nothing", { x: undefined }],
    ["a hole", { x: new Array<Tensor>(1) }]
  ])("%s in place of a tensor is an error, also when the signature was the last", (_, wrong) => {
    const f = t.compile((p: Tree) => p)
    f({ x: a })
    expect(() => f(wrong as Tree)).toThrow("arguments at")
  })

  test("keys that cannot be listed do not count", () => {
    let traced = 0
    const f = t.compile((p: Tree) => {
      traced++
      return p
    })
    expect([f({ x: a }), f(hidden), f({ x: a })].map(tree => Object.keys(tree))).toEqual([["x"], ["y"], ["x"]])
    expect(traced).toBe(2)
  })
})

describe("a fold lets the engine have what nobody looks at again", () => {
  type State = readonly Tensor[]
  const folded = (step: (s: State, x: Tensor) => readonly [State, Tree], start: State) => {
    const { engine, calls } = recording()
    const [end, yielded] = foldOn(compileOn(preparingOnce(engine)))(step, {})(start, [f64(1), f64(2), f64(3)])
    return { calls, end, yielded }
  }

  test("every carry but the first, and no batch", () => {
    const { calls, end } = folded(([s], x) => [[t.add(s as Tensor, x)], []], [f64(0)])
    expect(calls.map(({ spend }) => spend)).toEqual([
      [false, false],
      [true, false],
      [true, false]
    ])
    expect(end.map(leaf => t.item(leaf))).toEqual([6])
  })

  test.each<[string, (s: State, x: Tensor) => readonly [State, Tree]]>([
    ["a carry that is yielded as well", ([s], x) => [[t.add(s as Tensor, x)], t.add(s as Tensor, x)]],
    ["a batch that becomes the carry", (_, x) => [[x], []]],
    ["a carry that stays what it was", ([s]) => [[s as Tensor], []]],
    ["a constant", () => [[f64(5)], []]]
  ])("but not %s", (_, step) => {
    expect(folded(step, [f64(0)]).calls.map(({ spend }) => spend[0])).toEqual([false, false, false])
  })

  test("nor one value that is two carries", () => {
    const step = ([s]: State, x: Tensor) => [[t.add(s as Tensor, x), t.add(s as Tensor, x)], []] as const
    expect(folded(step, [f64(0), f64(0)]).calls.map(({ spend }) => spend)).toEqual(
      [1, 2, 3].map(() => [false, false, false])
    )
  })

  test("results go from call to call as the values that the engine made", () => {
    const { calls } = folded(([s], x) => [[t.add(s as Tensor, x)], []], [f64(0)])
    expect(calls[1]?.args[0]).toBe(calls[0]?.results[0])
  })
})

test("no result can be reached through a node that holds it", () => {
  const c = t.evaluate(t.add(f64([1, 2]), 1))
  for (const value of Object.values(c.op)) expect(ArrayBuffer.isView(value)).toBe(false)
  expect(Object.isFrozen(c.op)).toBe(true)
})
