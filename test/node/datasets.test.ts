import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { afterAll, beforeAll, expect, test } from "vitest"
import { toArray } from "thalweg"
import { readIdx } from "thalweg/node"

let folder = ""
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "thalweg-"))))
afterAll(() => rm(folder, { recursive: true }))

const bytes = Uint8Array.of(0, 0, 9, 1, 0, 0, 0, 2, 255, 2)
const reading = async (name: string, content: Uint8Array) => {
  const path = join(folder, name)
  await writeFile(path, content)
  const read = await readIdx(path)()
  return read._tag === "Right" ? toArray(read.right) : read.left.message.slice(path.length)
}

test("readIdx reads files that are compressed, and others", async () => {
  expect(await reading("plain", bytes)).toEqual([-1, 2])
  expect(await reading("compressed.gz", gzipSync(bytes))).toEqual([-1, 2])
})

test("readIdx never rejects", async () => {
  expect(await reading("short", bytes.subarray(0, 9))).toBe(
    ": (root): expected 2 bytes of elements, of shape [2]; got 1"
  )
  const cut = await reading("cut.gz", gzipSync(bytes).subarray(0, 12))
  const whole = ": expected gzip that is whole, and nothing after it; got "
  expect(cut).toBe(`${whole}unexpected end of file`)
  const more = await reading("more.gz", Buffer.concat([gzipSync(bytes), Buffer.from("no member of gzip")]))
  expect(more).toBe(`${whole}incorrect header check`)
  const good = gzipSync(bytes)
  const changed = good.with(-5, (good.at(-5) ?? 0) ^ 1) // in its checksum
  expect(await reading("changed.gz", changed)).toBe(`${whole}incorrect data check`)
  const missing = await readIdx(join(folder, "none"))()
  expect(missing._tag === "Left" && missing.left.message).toContain("no such file")
  const endless = await readIdx("/dev/zero")()
  expect(endless._tag === "Left" && endless.left.message).toContain(
    process.platform === "win32" ? "no such file" : "expected a regular file; got a device or a pipe"
  )
})

test("readIdx stops inflating what would be too large", async () => {
  // a gigabyte of zeros and more, as members of 64 MiB each
  const member = gzipSync(new Uint8Array(2 ** 26))
  const bomb = Buffer.concat(Array.from({ length: 17 }, () => member))
  expect(await reading("bomb.gz", bomb)).toBe(": expected gzip of at most 1073741824 bytes, inflated; got more")
}, 30000)
