import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isLeft, type Either } from "fp-ts/lib/Either.js"
import { afterAll, describe, expect, test } from "vitest"
import { item, scalar, tensor, toArray, zeros } from "thalweg"
import { readTree, writeTree } from "thalweg/node"
import { encodeTree } from "thalweg/spec"
import { checkReplaceable } from "../../src/node/trees.js"

const folder = mkdtempSync(join(tmpdir(), "thalweg-trees-"))
afterAll(() => rmSync(folder, { recursive: true }))

const inFolder = (name: string): string => join(folder, name)
const done = { _tag: "Right", right: undefined }
/** Why it could not be done; a failed assertion if it could. */
const reason = <A>(result: Either<Error, A>): string => {
  expect(isLeft(result)).toBe(true)
  return isLeft(result) ? result.left.message : ""
}

const tree = { w: tensor([1, NaN]), nothing: [] }

describe("checkReplaceable", () => {
  test("makes the folders above, leaves nothing in them, and what is there as it is", async () => {
    const path = inFolder("checked/below/state")
    await checkReplaceable(path)
    expect(readdirSync(inFolder("checked/below"))).toEqual([])
    writeFileSync(path, "kept")
    await checkReplaceable(path)
    expect(readFileSync(path, "utf8")).toBe("kept")
    expect(readdirSync(inFolder("checked/below"))).toEqual(["state"])
  })

  test("rejects what replaceFile would", async () => {
    await expect(checkReplaceable(folder)).rejects.toThrow(`${folder}: expected a file; got a folder`)
    writeFileSync(inFolder("plain"), "")
    await expect(checkReplaceable(inFolder("plain/below"))).rejects.toThrow(/ENOTDIR|EEXIST/)
    await expect(checkReplaceable(inFolder("x".repeat(300)))).rejects.toThrow("ENAMETOOLONG")
  })
})

describe("writeTree", () => {
  test("writes the bytes of the tree, makes the folders above, and overwrites", async () => {
    const path = inFolder("a/b/c.safetensors")
    expect(await writeTree(path, { larger: zeros([1000]) })()).toEqual(done)
    expect(await writeTree(path, tree, { step: 1 })()).toEqual(done)
    expect(Uint8Array.from(readFileSync(path))).toEqual(encodeTree(tree, { step: 1 }))
    expect(readdirSync(inFolder("a/b"))).toEqual(["c.safetensors"])
  })

  test("leaves nothing behind where it fails", async () => {
    mkdirSync(inFolder("full/folder"), { recursive: true })
    writeFileSync(inFolder("full/folder/file"), "")
    expect(reason(await writeTree(inFolder("full/folder"), tree)())).toMatch(/EISDIR|ENOTEMPTY|EEXIST|EPERM/)
    expect(readdirSync(inFolder("full"))).toEqual(["folder"])
    expect(reason(await writeTree(inFolder("full/folder/file/below"), tree)())).toMatch(/ENOTDIR|EEXIST/)
    expect(readdirSync(inFolder("full/folder"))).toEqual(["file"])
  })

  test("of many at once the file is one", async () => {
    const path = inFolder("many/one.safetensors")
    const values = Array.from({ length: 20 }, (_, i) => i)
    const written = await Promise.all(values.map(value => writeTree(path, [scalar(value), scalar(value)])()))
    expect(new Set(written.map(({ _tag }) => _tag))).toEqual(new Set(["Right"]))
    const read = await readTree([scalar(0), scalar(0)])(path)()
    const [first, second] = isLeft(read) ? [] : read.right.tree.map(item)
    expect(values).toContain(first)
    expect(second).toBe(first)
    expect(readdirSync(inFolder("many"))).toEqual(["one.safetensors"])
  })

  test("writes when it is run, not before; a mistake of the program throws at once", async () => {
    const task = writeTree(inFolder("later.safetensors"), tree)
    expect(existsSync(inFolder("later.safetensors"))).toBe(false)
    expect(await task()).toEqual(done)
    expect(() => writeTree(inFolder("never"), tree, { step: -1 })).toThrow("step: expected a whole number ≥ 0; got -1")
  })
})

describe("readTree", () => {
  test("gives what was written", async () => {
    const path = inFolder("state.safetensors")
    await writeTree(path, tree, { step: 3, user: { note: "é" } })()
    const read = await readTree({ w: zeros([2]), nothing: [] })(path)()
    expect(isLeft(read) ? [] : [toArray(read.right.tree.w), read.right.metadata]).toEqual([
      [1, NaN],
      { step: 3, user: { note: "é" } }
    ])
  })

  test("says what is wrong with which file", async () => {
    const path = inFolder("other.safetensors")
    await writeTree(path, { w: zeros([3]), b: zeros([1]) })()
    expect(reason(await readTree({ w: zeros([2]) })(path)())).toBe(
      `${path}: w: expected a tensor f32[2]; got a tensor f32[3]; b: expected no tensor; got a tensor f32[1]`
    )
    expect(reason(await readTree({ w: zeros([2]) })(inFolder("missing"))())).toMatch(/ENOENT.*missing/)
    expect(reason(await readTree({ w: zeros([2]) })(folder)())).toContain("expected a regular file; got a folder")
  })
})
