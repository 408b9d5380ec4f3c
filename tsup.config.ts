import { readdirSync } from "node:fs"
import type { Options } from "tsup"
import packageJson from "./package.json" with { type: "json" }

/** The entry points, read from the `exports` of package.json: file name in dist → source file. */
export const entry: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(packageJson.exports)
    .filter(subpath => !subpath.endsWith(".json"))
    .map(subpath => subpath.slice(2))
    .map(name => [name || "index", name === "" ? "src/index.ts" : `${name === "laws" ? "" : "src/"}${name}/index.ts`])
)

/** Every source file, so that each becomes a chunk of its own and a bundler can leave out those it does not need. */
const modules: Readonly<Record<string, string>> = Object.fromEntries(
  ["src", "laws"]
    .flatMap(folder => readdirSync(folder, { recursive: true, encoding: "utf8" }).map(name => `${folder}/${name}`))
    .filter(file => /(?<!\.d)\.ts$/.test(file))
    .map(file => [`modules/${file.replace(/\.ts$/, "")}`, file])
)

const options: Options = {
  entry: { ...modules, ...entry },
  format: ["esm", "cjs"],
  target: "es2022",
  splitting: true,
  dts: { entry },
  clean: true,
  silent: true,
  removeNodeProtocol: false
}

export default options
