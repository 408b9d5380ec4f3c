import fc from "fast-check"
import { describe, expect, expectTypeOf, test } from "vitest"
import { toArray, type Tensor } from "thalweg"
import { decodeCsv, report } from "thalweg/spec"

const bytes = (text: string): Uint8Array => Buffer.from(text)
const errors = (options: Parameters<typeof decodeCsv>[0], text: string): readonly string[] => {
  const result = decodeCsv(options)(bytes(text))
  return result._tag === "Left" ? report(result.left) : ["nothing"]
}
const read = <const C extends Parameters<typeof decodeCsv>[0]["columns"]>(columns: C, text: string, options = {}) => {
  const result = decodeCsv({ columns, ...options })(bytes(text))
  if (result._tag === "Left") throw new Error(report(result.left).join("; "))
  return result.right
}

describe("decodeCsv", () => {
  test("reads columns as they are described, whatever their order; others are left out", () => {
    const table = read(
      { x: "number", y: "label", kind: ["a", "b"], note: "text" },
      'note,skipped,y,kind,x\r\n"one, ""1""",,-7,b,.5e1\r\n"two\nlines",q,0,a,-3\r\n'
    )
    expectTypeOf(table).toEqualTypeOf<{
      readonly x: Tensor
      readonly y: Tensor
      readonly kind: Tensor
      readonly note: readonly string[]
    }>()
    expect([toArray(table.x), toArray(table.y), toArray(table.kind)]).toEqual([[5, -3], [-7, 0], [1, 0]]) // prettier-ignore
    expect([table.x.dtype, table.y.dtype, table.kind.dtype]).toEqual(["f32", "i32", "i32"])
    expect(table.note).toEqual(['one, "1"', "two\nlines"])
  })

  test("needs no names, no end of the last line, no comma; begins with a mark of its encoding if it likes", () => {
    expect(toArray(read({ a: "number", b: "label" }, "\ufeff1.5;2\n3;4", { header: false, delimiter: ";" }).a)).toEqual(
      [1.5, 3]
    )
    expect(toArray(read({ a: "number" }, "a\n\n1\n", { missing: [""] }).a)).toEqual([NaN, 1])
    expect(read({ t: "text" }, 't\n"with\r\nanother end"\n').t).toEqual(["with\r\nanother end"])
  })

  test("takes time that is linear in columns and in categories", () => {
    const names = Array.from({ length: 64_000 }, (_, i) => `c${i}`)
    const columns = Object.fromEntries(names.map(name => [name, "label" as const]))
    const table = read(columns, `${names.join()}\n${names.map((_, i) => i).join()}\n`)
    expect([table["c7"], table["c63999"]].map(column => column && toArray(column))).toEqual([[7], [63_999]])
    const { kind } = read({ kind: names }, `kind\n${names.join("\n")}\n`)
    expect((toArray(kind) as readonly number[])[63_999]).toBe(63_999)
  })

  const ab = { columns: { a: "number", b: "label" } } as const
  test.each([
    ['line 2/column 1/a: expected a number; got ""', "a,b\n,1\n"],
    ['line 2/column 1/a: expected a number; got " 1"', "a,b\n 1,1\n"],
    ['line 2/column 1/a: expected a number; got "0x10"', "a,b\n0x10,1\n"],
    ['line 2/column 1/a: expected a number that f32 can hold; got "1e39"', "a,b\n1e39,1\n"],
    ['line 2/column 2/b: expected a whole number of 32 bits; got "1.0"', "a,b\n1,1.0\n"],
    ['line 2/column 2/b: expected a whole number of 32 bits; got "2147483648"', "a,b\n1,2147483648\n"],
    ["line 3/column 3: expected 2 fields; got an array of length 3", "a,b\n1,2\n1,2,3\n"],
    ["line 3/column 1: expected 2 fields; got an array of length 1", "a,b\n1,2\n\n1,2\n"],
    ['line 1/column 1: expected one column "b", not 0 (did you mean "a"?); got "a, c"', "a,c\n1,2\n"],
    ['line 1/column 1: expected one column "a", not 2; got "a, b, a"', "a,b,a\n1,2,3\n"],
    ["(root): expected at least one row after the names; got 0", "a,b\n"],
    ["(root): expected at least one row after the names; got 0", ""]
  ])("%s", (text, file) => {
    expect(errors(ab, file)).toEqual([text])
  })

  const missing = ["", "NA", "?", "-999"]
  test("texts that stand for what is missing are NaN among numbers, a class that is listed, and texts as they are", () => {
    const file = "x,kind,note,y\nNA,a,NA,1\n-999,?,?,2\n,?,,3\n-999.0,b,-999,-998\n"
    const table = read({ x: "number", kind: ["a", "b", "?"], note: "text", y: "label" }, file, { missing })
    expect([toArray(table.x), toArray(table.kind)]).toEqual([[NaN, NaN, NaN, -999], [0, 2, 2, 1]]) // prettier-ignore
    expect([table.note, toArray(table.y)]).toEqual([["NA", "?", "", "-999"], [1, 2, 3, -998]]) // prettier-ignore
  })

  test.each([
    ['line 2/column 1/x: expected a number; got "na"', "x,y,kind\nna,1,a\n"],
    ['line 2/column 1/x: expected a number; got " ?"', "x,y,kind\n ?,1,a\n"],
    [
      'line 3/column 2/y: expected a whole number of 32 bits, not a missing value, which no label may be; got "NA"',
      "x,y,kind\n1,1,a\n1,NA,a\n"
    ],
    [
      'line 2/column 2/y: expected a whole number of 32 bits, not a missing value, which no label may be; got "-999"',
      "x,y,kind\n1,-999,a\n"
    ],
    [
      'line 2/column 3/kind: expected one of a, b, not a missing value, which is a class only if it is listed; got ""',
      "x,y,kind\n1,1,\n"
    ],
    ['line 2/column 3/kind: expected one of a, b; got "c"', "x,y,kind\n1,1,c\n"]
  ])("with texts for what is missing: %s", (text, file) => {
    expect(errors({ columns: { x: "number", y: "label", kind: ["a", "b"] }, missing }, file)).toEqual([text])
  })

  test.each(["nan", [1], null, {}])("%j is no list of texts for what is missing", other => {
    const make = () => decodeCsv({ columns: { x: "number" }, missing: other as never })
    expect(make).toThrow('decodeCsv: expected missing to be a list of texts, such as ["", "NA"]; got')
  })

  test("what is declared missing later on is not", () => {
    const own = ["NA"]
    const decode = decodeCsv({ columns: { x: "number" }, missing: own })
    own.push("?")
    expect(decode(bytes("x\n?\n"))._tag).toBe("Left")
  })

  const quotes = 'a field without quotes, or one in quotes that are closed, "" for one in it'
  test.each([
    ["line 2/column 2", 't,u\n1,"x\n'],
    ["line 2/column 2", 't,u\n1,x"y\n'],
    ["line 2/column 1", 't,u\n"x"y,1\n'],
    ["line 5/column 2", 't,u\n"a\n\n","b"\n"\n", "x",1\n'],
    ["line 4/column 1", 't,u\r\n"a\nb",c\r\nx"y,1\r\n']
  ])("quotes, and ends of lines, at %s", (place, file) => {
    const [first] = errors({ columns: { t: "text" } }, file)
    expect(first?.startsWith(`${place}: expected ${quotes}; got `), first).toBe(true)
  })

  test.each(["\n", "\r\n", "\r"])("lines end in %j, the last one or not; within quotes an end is text", end => {
    for (const last of ["", end]) {
      const { t, u } = read({ t: "text", u: "label" }, ["t,u", `"a${end}b",1`, "c,2"].join(end) + last)
      expect([t, toArray(u)]).toEqual([[`a${end}b`, "c"], [1, 2]]) // prettier-ignore
      expect(errors(ab, ["t,a,b", `"x${end}y",1,2`, "z,3,4.5"].join(end) + last)).toEqual([
        'line 4/column 3/b: expected a whole number of 32 bits; got "4.5"'
      ])
    }
  })

  test("tells many mistakes, and no more than are of use", () => {
    const many = `a,b\n${"x,y\n".repeat(1000)}`
    const result = decodeCsv(ab)(bytes(many))
    expect(result._tag === "Left" && result.left.length).toBe(100)
    const good = { columns: { a: "text", b: "text" } } as const
    const rows = (row: string) => Array.from({ length: 1000 }, () => row)
    const narrow = decodeCsv(good)(bytes(["a,b", ...rows("x,y"), ...rows("x"), ...rows("x,y")].join("\n")))
    expect(narrow._tag === "Left" && narrow.left.length).toBe(100)
    expect(narrow._tag === "Left" && report(narrow.left)[1]).toBe(
      "line 1003/column 1: expected 2 fields; got an array of length 1"
    )
    expect(errors(ab, "a,b\nx,y\nz,1\n")).toEqual([
      'line 2/column 1/a: expected a number; got "x"',
      'line 2/column 2/b: expected a whole number of 32 bits; got "y"',
      'line 3/column 1/a: expected a number; got "z"'
    ])
  })

  test("rows after the last mistake that is told are not read, be they of another width or not", () => {
    const time = (text: string): number => {
      const before = performance.now()
      expect(decodeCsv({ columns: { a: "number", b: "number" } })(bytes(text))._tag).toBe("Left")
      return performance.now() - before
    }
    for (const names of ["a,b", "a,c"]) expect(time(`${names}\n${"\n".repeat(2 ** 20)}`)).toBeLessThan(2000)
  })

  test("other bytes than text, and descriptions of no columns, are errors", () => {
    const bad = decodeCsv(ab)(Uint8Array.of(0xff, 0xfe))
    expect(bad._tag === "Left" && report(bad.left)).toEqual(['(root): expected text in UTF-8; got "other bytes"'])
    for (const columns of [{}, 3, undefined])
      expect(() => decodeCsv({ columns } as never)).toThrow("columns to be a record of columns, one or more; got")
    for (const b of ["int", [], ["x", 1], undefined])
      expect(() => decodeCsv({ columns: { a: "text", b } } as never)).toThrow('decodeCsv: expected columns.b to be "number", "label", "text" or a list of names; got') // prettier-ignore
    expect(() => decodeCsv({ columns: { a: ["x", "y", "x"] } })).toThrow('decodeCsv: expected columns.a to be a list of different names, not twice "x"; got') // prettier-ignore
    expect(() => decodeCsv({ columns: { a: "text" }, quote: "'" } as never)).toThrow("options among columns, delimiter")
  })

  test("columns without names keep the order in which they are written, or are refused", () => {
    expect(() => decodeCsv({ columns: { b: "number", 0: "label" }, header: false })).toThrow("do not look like numbers")
    expect(toArray(read({ 1: "number", 0: "label" }, "1,0\n2.5,3\n")[1])).toEqual([2.5])
  })

  test("a field that is refused costs no more than its length", () => {
    const size = 200_000 // with a search through all that follows, at every quote, this takes minutes
    const result = decodeCsv({ columns: { a: "text" } })(
      bytes(`a\n"${'a"'.repeat(size)}${" ".repeat(size)},\n${'""'.repeat(size)}`)
    )
    expect(result._tag === "Left" && report(result.left)).toEqual([
      expect.stringMatching(/^line 2\/column 1: expected a field/)
    ])
  })

  test("gives back what was written, whatever the texts", () => {
    const text = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é", "") })
    const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 5 }),
        fc.constantFrom("\n", "\r\n", "\r"),
        (rows, end) => {
          const file = ["a,b", ...rows.map(row => row.map(quoted).join())].join(end) + end
          const table = read({ a: "text", b: "text" }, file)
          expect(table.a.map((field, i) => [field, table.b[i]])).toEqual(rows)
        }
      ),
      { numRuns: 300 }
    )
  })

  test("is total: whatever text comes, the answer is an Either", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", '"', ",", "\n", "\r", "1", "\ufeff"), maxLength: 30 })
    fc.assert(
      fc.property(fc.oneof(text.map(bytes), fc.uint8Array({ maxLength: 20 })), fc.boolean(), (file, header) => {
        const result = decodeCsv({ columns: { a: "text", b: "number" }, header })(file)
        if (result._tag === "Left") expect(report(result.left).length).toBeGreaterThan(0)
        else expect(result.right.a.length).toBe(result.right.b.shape[0])
      }),
      { numRuns: 1000 }
    )
  })
})
