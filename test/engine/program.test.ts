import { describe, expect, test } from "vitest"
import * as t from "thalweg"
import { Tree, type Tensor } from "thalweg"
import { ARGS } from "../../src/dataflow/primitive.js"
import type { Value } from "../../src/dataflow/value.js"
import { interpreter } from "../../src/engine/interpreter/interpreter.js"
import { printProgram } from "../../src/engine/program/print.js"
import { prune } from "../../src/engine/program/prune.js"
import type { Program } from "../../src/engine/program/program.js"
import { hashOf, textOf } from "../../src/engine/program/text.js"
import { programOf, trace } from "../../src/engine/trace.js"
import { f64, i32 } from "../dataflow/values.js"

/** The program of a function of these arguments. */
const lowered = <A extends readonly Tree[]>(f: (...args: A) => Tree, ...args: A): Program => {
  const { structure, leaves } = Tree.flatten(args)
  return programOf(trace(f, structure, leaves))
}

const text = (program: Program): readonly string[] => printProgram(program)

/** How many steps, those in loops included. */
const size = ({ steps }: Program): number =>
  steps.reduce((n, { op }) => n + 1 + (op.kind === "scan" ? size(op.body) : 0), 0)

const x = f64([1, 2])

describe("a program is what a function computes, written down", () => {
  test("inputs, constants, steps and outputs", () => {
    const program = lowered((a: Tensor, b: Tensor) => [t.add(t.mul(a, 2), b), a], x, f64([[1, 2]]))
    expect(text(program)).toEqual([
      "inputs x0: f64[2], x1: f64[1, 2]",
      "t0: f64[2] = mul(x0, 2)",
      "t1: f64[1, 2] = add(t0, x1)",
      "outputs t1, x0"
    ])
    expect(program.inputs).toEqual([
      { shape: [2], dtype: "f64" },
      { shape: [1, 2], dtype: "f64" }
    ])
    expect(program.consts.map(c => [c.type, Array.from(c.read())])).toEqual([[{ shape: [], dtype: "f64" }, [2]]])
    expect(program.steps).toEqual([
      { op: { kind: "binary", fn: "mul" }, args: [0, 2], outs: [{ shape: [2], dtype: "f64" }] },
      { op: { kind: "binary", fn: "add" }, args: [3, 1], outs: [{ shape: [1, 2], dtype: "f64" }] }
    ])
    expect(program.outputs).toEqual([4, 0])
  })

  test("an input that nothing reads stays", () => {
    expect(lowered((_: Tensor, b: Tensor) => b, x, x)).toMatchObject({ inputs: [{}, {}], steps: [], outputs: [1] })
  })

  test("what only says how to differentiate is erased", () => {
    const custom = t.customVjp(
      (y: Tensor) => [t.exp(y), []],
      (_, ct) => [ct]
    )
    const f = (y: Tensor): Tensor => t.grad((z: Tensor) => t.sum(t.mul(custom(z), t.stopGradient(t.sin(z)))))(y)
    const kinds = lowered(f, x).steps.map(({ op }) => op.kind)
    expect(kinds).not.toContain("variable")
    expect(kinds).not.toContain("stopGradient")
    expect(kinds).not.toContain("customVjp")
  })

  test("and so are the arguments of a derivative by hand that the value does not need", () => {
    const custom = t.customVjp(
      (_: Tensor) => [f64(1), []],
      (_, ct) => [ct]
    )
    expect(lowered((y: Tensor) => custom(t.exp(t.sin(y))), f64(1)).steps).toEqual([])
  })

  test("it is plain data: without its constants it can be sent elsewhere", () => {
    const loop = (y: Tensor): Tensor => t.scan((c: Tensor, z: Tensor) => [t.add(c, z), []], f64(0), t.flip(y))[0]
    const { consts, ...rest } = lowered(loop, x)
    const copy: Program = { ...structuredClone(rest), consts }
    expect(copy).toEqual({ ...rest, consts })
    const run = (program: Program): unknown =>
      interpreter
        .prepare(program)
        .run([{ type: { shape: [2], dtype: "f64" }, read: () => new Float64Array([1, 2]) }], [false])[0]
        ?.read()
    expect(run(copy)).toEqual(new Float64Array([3]))
  })
})

describe("equal steps are one, and steps that nobody reads are none", () => {
  test.each<[string, (y: Tensor) => Tree, steps: number]>([
    ["equal expressions", y => t.add(t.exp(t.mul(y, 2)), t.exp(t.mul(y, 2))), 3],
    ["of equal attributes only", y => [t.sum(y, { axes: 0 }), t.sum(y, { axes: 0 }), t.max(y)], 2],
    ["and of equal arguments in the same order", y => [t.sub(y, 1), t.sub(1, y), t.sub(y, 1)], 2],
    ["numbers are told apart by dtype, and zeros by sign", y => [t.mul(y, 0), t.mul(y, -0), t.mul(y, 0)], 2],
    ["NaN is one number", y => [t.add(y, NaN), t.add(y, NaN)], 1],
    ["what is marked and what is not", y => [t.exp(y), t.exp(t.stopGradient(y))], 1],
    ["what is differentiated and computed", y => t.valueAndGrad((z: Tensor) => t.sum(t.exp(z)))(y), 3],
    ["equal loops", y => [1, 2].map(() => t.scan((c: Tensor, z: Tensor) => [t.add(c, z), []], f64(0), y)[0]), 2],
    [
      "equal steps in a loop",
      y => t.scan((c: Tensor, z: Tensor) => [t.add(t.mul(c, z), t.mul(c, z)), []], f64(0), y)[0],
      3
    ]
  ])("%s", (_, f, steps) => {
    const program = lowered(f, x)
    expect(size(program)).toBe(steps)
    const values = interpreter.prepare(program).run([valueOf([1, 2])], [false])
    expect(values.map(v => Array.from(v.read()))).toEqual(
      Tree.leaves(t.evaluate(f(x))).map(leaf => Array.from(t.toTyped(leaf)))
    )
  })

  const valueOf = (numbers: readonly number[]): Value => ({
    type: { shape: [numbers.length], dtype: "f64" },
    read: () => Float64Array.from(numbers)
  })

  test("results of a loop that nobody wants are not computed, nor what only they need", () => {
    const body = ([a, b]: readonly [Tensor, Tensor], z: Tensor) =>
      [[t.add(a, z), t.mul(b, t.exp(z))] as const, t.sin(b)] as const
    const all = lowered((y: Tensor) => t.scan(body, [f64(0), f64(1)] as const, y), x)
    const one = lowered((y: Tensor) => t.scan(body, [f64(0), f64(1)] as const, y)[0][0], x)
    const last = lowered((y: Tensor) => t.scan(body, [f64(0), f64(1)] as const, y)[1], x)
    expect([all, one, last].map(size)).toEqual([5, 2, 4])
    expect(one.steps[0]).toMatchObject({ op: { carried: 1, captured: 0 }, args: [1, 0], outs: [{ shape: [] }] })
    const run = (p: Program) =>
      interpreter
        .prepare(p)
        .run([valueOf([1, 2])], [false])
        .map(v => Array.from(v.read()))
    const [a, , seen] = run(all)
    expect([run(one), run(last)]).toEqual([[a], [seen]])
  })
})

test("a loop whose carries depend on each other in a row is trimmed in linear work", () => {
  const asked = (n: number): number => {
    const carry = Array.from({ length: n }, () => f64(1))
    const next = (c: readonly Tensor[], z: Tensor) => c.map((one, i) => t.add(one, c[i + 1] ?? z))
    const program = lowered(
      (c: readonly Tensor[]) => t.scan((c: readonly Tensor[], z: Tensor) => [next(c, z), []], c, x)[0],
      carry
    )
    let count = 0
    const steps = program.steps.map(step => {
      if (step.op.kind !== "scan") return step
      const counted = step.op.body.steps.map(({ args, ...rest }) => ({ ...rest, get args() { return count++, args } })) // prettier-ignore
      return { ...step, op: { ...step.op, body: { ...step.op.body, steps: counted } } }
    })
    expect(size(prune({ ...program, steps }, program.outputs.slice(0, 1)))).toBe(n + 1)
    return count
  }
  expect(asked(200) / asked(100)).toBeLessThan(2.1)
})

describe("the body of a loop is a program", () => {
  test("whose inputs are captured values, the carry, and slices", () => {
    const f = (y: Tensor, w: Tensor): Tree =>
      t.scan((c: Tensor, z: Tensor) => [t.add(t.mul(c, w), z), t.neg(c)], f64(0), y, { reverse: true })
    expect(text(lowered(f, x, f64(3)))).toEqual([
      "inputs x0: f64[2], x1: f64[]",
      "t0: f64[], t1: f64[2] = scan(x1, 0, x0, 2 steps, reverse)",
      "  inputs x0: f64[], x1: f64[], x2: f64[]",
      "  t0: f64[] = mul(x1, x0)",
      "  t1: f64[] = add(t0, x2)",
      "  t2: f64[] = neg(x1)",
      "  outputs t1, t2",
      "outputs t0, t1"
    ])
  })
})

describe("the text of a program", () => {
  const f = (y: Tensor): Tensor => t.add(t.sin(y), t.mul(y, 3))
  test("is the same for equal programs", () => {
    expect(textOf(lowered(f, x))).toBe(textOf(lowered((y: Tensor) => f(y), x)))
    expect(hashOf(textOf(lowered(f, x)))).toBe(hashOf(textOf(lowered(f, f64([5, 6])))))
  })

  const data = t.evaluate(t.arange(20))
  test.each<[string, Program]>([
    ["of another shape", lowered(f, f64([1]))],
    ["of another primitive", lowered((y: Tensor) => t.add(t.cos(y), t.mul(y, 3)), x)],
    ["of another constant", lowered((y: Tensor) => t.add(t.sin(y), t.mul(y, 4)), x)],
    ["of another output", lowered((y: Tensor) => t.mul(y, 3), x)],
    ["of outputs in another order", lowered((y: Tensor) => [f(y), y], x)],
    ["that closes over an array", lowered((_: Tensor) => data, x)],
    ["that closes over another array with the same elements", lowered((_: Tensor) => t.evaluate(t.arange(20)), x)]
  ])("is another for a program %s", (_, other) => {
    expect(textOf(other)).not.toBe(textOf(lowered(f, x)))
    expect(hashOf(textOf(other))).not.toBe(hashOf(textOf(lowered(f, x))))
    expect(textOf(other)).not.toBe(textOf(lowered((_: Tensor) => t.evaluate(t.arange(20)), x)))
  })
})

describe("lowering is linear", () => {
  test("in the number of nodes, which are each asked for their arguments as often in a long graph as in a short one", () => {
    const visits = (n: number): number => {
      let count = 0
      lowered((y: Tensor) => {
        const first = new Proxy(t.sin(y), {
          get: (node, key) => {
            if (key === ARGS) count++
            return Reflect.get(node, key) as unknown
          }
        })
        return Array.from({ length: n }).reduce<Tensor>(z => t.add(t.mul(z, z), first), first)
      }, x)
      return count
    }
    expect(visits(10)).toBeGreaterThan(0)
    expect(visits(1000)).toBe(visits(10))
  })

  test("and a deep graph does not overflow the stack", () => {
    const deep = (y: Tensor): Tensor => Array.from({ length: 1e5 }).reduce<Tensor>(z => t.sin(z), y)
    expect(size(lowered(deep, f64(1)))).toBe(1e5)
  })
})

test("the interpreter explains itself by the steps", () => {
  expect(interpreter.prepare(lowered((i: Tensor) => t.add(i, 1), i32(1))).explain()).toBe(
    "Interpreted, one step after the other:\ninputs x0: i32[]\nt0: i32[] = add(x0, 1)\noutputs t0"
  )
})
