import { expect, test } from "vitest"
import { hashes } from "./bits.js"

test("bits are what they were; where new ones are meant, `npx vitest run test/smoke -u` writes them", async () => {
  await expect(`${JSON.stringify(hashes(), null, 2)}\n`).toMatchFileSnapshot("bits.json")
})
