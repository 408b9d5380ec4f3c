import { mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isLeft, type Either } from "fp-ts/lib/Either.js"
import { afterAll, describe, expect, test } from "vitest"
import { pipe } from "thalweg"
import { readJson, writeText } from "thalweg/node"

const folder = mkdtempSync(join(tmpdir(), "thalweg-files-"))
afterAll(() => rmSync(folder, { recursive: true }))

const inFolder = (name: string): string => join(folder, name)
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(inFolder(name), content)
  return inFolder(name)
}
/** Why it could not be done; a failed assertion if it could. */
const reason = <A>(result: Either<Error, A>): string => {
  expect(isLeft(result)).toBe(true)
  return isLeft(result) ? result.left.message : ""
}

describe("readJson", () => {
  test.each([
    ["{}", {}],
    ["[1, 2.5, null, true]", [1, 2.5, null, true]],
    [' "text" \n', "text"],
    ["0", 0],
    ['{"x": [[1]], "y": [0]}', { x: [[1]], y: [0] }]
  ])("gives what is in the file: %s", async (text, value) => {
    expect(await readJson(file("good.json", text))()).toEqual({ _tag: "Right", right: value })
  })

  test("takes a byte order mark, which is no part of the text", async () => {
    const marked = Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d)
    expect(await readJson(file("marked.json", marked))()).toEqual({ _tag: "Right", right: {} })
  })

  test.each([
    ["nothing", ""],
    ["a mark twice", "\ufeff\ufeff1"],
    ["half of an array", "[1, 2"],
    ["NaN", "[NaN]"],
    ["a comment", "// no\n1"],
    ["two values", "1 2"],
    ["bytes that are no text", Uint8Array.of(0xff, 0xfe, 0)]
  ])("says that it is no JSON: %s", async (_, content) => {
    const path = file("bad.json", content)
    expect(reason(await readJson(path)())).toContain(`${path}: expected JSON; got `)
  })

  test("says which file is missing, is a folder, or goes in circles", async () => {
    symlinkSync("circle", inFolder("circle"))
    expect(reason(await readJson(inFolder("missing.json"))())).toMatch(/ENOENT.*missing\.json/)
    expect(reason(await readJson(folder)())).toContain("expected a regular file; got a folder")
    expect(reason(await readJson(inFolder("circle"))())).toContain("ELOOP")
    expect(reason(await readJson("")())).toContain("ENOENT")
    expect(reason(await readJson("a\0b")())).toContain("null bytes")
  })

  test("refuses a file that is too large, before it reads it", async () => {
    const path = file("large.json", "")
    truncateSync(path, 2 ** 29 + 1)
    expect(reason(await readJson(path)())).toBe(`${path}: expected at most 536870912 bytes; got 536870913`)
  })

  test("refuses what is no UTF-8, and does not replace it", async () => {
    const path = file("latin.json", Uint8Array.of(0x22, 0xff, 0x22))
    expect(reason(await readJson(path)())).toBe(`${path}: expected JSON; got bytes that are no UTF-8`)
  })

  test("a key that would reach a prototype is a key like any other", async () => {
    const result = await readJson(file("proto.json", '{"__proto__": {"polluted": true}}'))()
    expect(Object.keys((result as { readonly right: object }).right)).toEqual(["__proto__"])
    expect(({} as { readonly polluted?: boolean }).polluted).toBeUndefined()
  })

  test("reads when it is run, not before: a task can be run again", async () => {
    const path = inFolder("later.json")
    const task = readJson(path)
    expect(isLeft(await task())).toBe(true)
    writeFileSync(path, "1")
    expect(await task()).toEqual({ _tag: "Right", right: 1 })
  })
})

describe("writeText", () => {
  test("writes, makes the folders above, and overwrites", async () => {
    const path = inFolder("a/b/c.txt")
    expect(await writeText(path, "first, longer")()).toEqual({ _tag: "Right", right: undefined })
    expect(await writeText(path, "é√\n")()).toEqual({ _tag: "Right", right: undefined })
    expect(readFileSync(path, "utf8")).toBe("é√\n")
  })

  test("what is written is read again", async () => {
    const value = { x: [[0.1, -1e-7]], y: [2] }
    await writeText(inFolder("round.json"), JSON.stringify(value))()
    expect(await readJson(inFolder("round.json"))()).toEqual({ _tag: "Right", right: value })
  })

  test("says why it could not be written", async () => {
    expect(reason(await writeText(folder, "text")())).toContain("EISDIR")
    expect(reason(await writeText(join(file("plain", ""), "below.txt"), "text")())).toMatch(/ENOTDIR|EEXIST/)
  })

  test("nothing happens until it is run", async () => {
    const path = inFolder("never.txt")
    pipe(path, p => writeText(p, "text"))
    expect(isLeft(await readJson(path)())).toBe(true)
  })
})
