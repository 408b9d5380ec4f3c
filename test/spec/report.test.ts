import * as t from "io-ts"
import { isLeft } from "fp-ts/lib/Either.js"
import { describe, expect, test } from "vitest"
import { report } from "thalweg/spec"

const errorsOf = <A>(codec: t.Type<A, unknown>, input: unknown): t.Errors => {
  const decoded = codec.decode(input)
  return isLeft(decoded) ? decoded.left : []
}
const numbers = t.type({ values: t.array(t.number) })

describe("report", () => {
  test.each([
    [null, "(root): expected { values: Array<number> }; got null"],
    [{}, "values: expected Array<number>; got undefined"],
    [{ values: [1, "two"] }, 'values/1: expected number; got "two"'],
    [{ values: [[1, 2, 3]] }, "values/0: expected number; got an array of length 3"],
    [{ values: [{ a: 1 }] }, "values/0: expected number; got an object with keys a"],
    [{ values: [true] }, "values/0: expected number; got true"],
    [{ values: ["a\nb\u001b[31m"] }, 'values/0: expected number; got "a\\nb\\u001b[31m"'],
    [{ values: ["x".repeat(41)] }, `values/0: expected number; got "${"x".repeat(40)}…"`],
    [{ values: ["x".repeat(40)] }, `values/0: expected number; got "${"x".repeat(40)}"`]
  ])("says where, what was expected and what came: %j", (input, line) => {
    expect(report(errorsOf(numbers, input))).toEqual([line])
  })

  test("what is long or cannot be looked at is not written out", () => {
    const { proxy, revoke } = Proxy.revocable([], {})
    revoke()
    const line = (value: unknown) => report([{ value, context: [], message: "expected x" }])[0]
    expect(line(() => "a".repeat(100))).toBe("(root): expected x; got a function")
    expect(line(-(2n ** 63n))).toBe("(root): expected x; got -9223372036854775808")
    expect(line(2n ** 63n)).toBe("(root): expected x; got a long integer")
    expect(line(Symbol("x".repeat(50)))).toBe(`(root): expected x; got Symbol(${"x".repeat(33)}…`)
    expect(line(proxy)).toBe("(root): expected x; got an object that cannot be read")
  })

  test("takes the message of an error that has one", () => {
    expect(report([{ value: 7, context: [{ key: "", type: t.unknown }, { key: "n", type: t.number }], message: "expected less" }])).toEqual(["n: expected less; got 7"]) // prettier-ignore
    expect(report([{ value: 7, context: [] }])).toEqual(["(root): expected something else; got 7"])
  })

  test("gives ten lines and counts the rest, or as many as one says", () => {
    const many = errorsOf(numbers, { values: Array.from({ length: 25 }, () => "?") })
    const line = (i: number): string => `values/${i}: expected number; got "?"`
    const first = (n: number): string[] => Array.from({ length: n }, (_, i) => line(i))
    expect(report(many)).toEqual([...first(10), "… and 15 more"])
    expect(report(many, 24)).toEqual([...first(24), "… and 1 more"])
    expect(report(many, 25)).toEqual(first(25))
    expect(report(many, 0)).toEqual(["… and 25 more"])
    expect(report(many.slice(0, 10))).toEqual(first(10))
    expect(report([])).toEqual([])
  })
})
