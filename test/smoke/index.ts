import assert from "node:assert"
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { buildSync, transformSync } from "esbuild"
import packageJson from "../../package.json" with { type: "json" }
import { entry } from "../../tsup.config.js"

const project = resolve(import.meta.dirname, "../..")
const folder = mkdtempSync(join(tmpdir(), "thalweg-smoke-"))
const inFolder = (name: string): string => join(folder, name)
const write = (name: string, text: string): void => writeFileSync(inFolder(name), text)

const run = (command: string, ...args: readonly string[]): string => {
  try {
    return execFileSync(command, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })
  } catch (error) {
    if (error instanceof Error && "stdout" in error) console.error(error.stdout)
    throw error
  }
}

/** Bundles a program for browsers and answers with the bundle's name. */
const bundle = (name: string): string => {
  const outfile = name.replace(".mjs", ".bundle.mjs")
  const options = { platform: "browser", format: "esm", bundle: true, minify: true, logLevel: "error" } as const
  buildSync({ ...options, absWorkingDir: folder, entryPoints: [name], outfile })
  return outfile
}

const size = (name: string): number => statSync(inFolder(name)).size

const consumer = readFileSync(join(import.meta.dirname, "consumer.ts"), "utf8")
const subpaths = Object.keys(entry).map(name => (name === "index" ? "thalweg" : `thalweg/${name}`))
const everyEntry = [
  ...subpaths.map((subpath, i) => `import * as entry${i} from "${subpath}"`),
  `const entries: readonly object[] = [${subpaths.map((_, i) => `entry${i}`).join(", ")}]`,
  `console.log(entries.filter(entry => Object.keys(entry).length > 0).length)`
].join("\n")

/** The same two programs as TypeScript, as ESM and as CommonJS. */
const writePrograms = (): void => {
  for (const [name, source] of Object.entries({ consumer, everyEntry })) {
    write(`${name}.mts`, source)
    write(`${name}.cts`, source)
    write(`${name}.mjs`, transformSync(source, { loader: "ts", format: "esm" }).code)
    write(`${name}.cjs`, transformSync(source, { loader: "ts", format: "cjs" }).code)
  }
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    module: "NodeNext",
    target: "ES2022",
    lib: ["ES2022"],
    types: ["node"],
    noEmit: true
  }
  write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.mts", "*.cts"] }))
}

const install = (): void => {
  assert(existsSync(join(project, "dist/index.js")), "there is no dist: npm run build comes first")
  const { "fast-check": fastCheck, "@types/node": nodeTypes } = packageJson.devDependencies
  execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: project, stdio: "ignore" })
  const tarball = readdirSync(folder).find(name => name.endsWith(".tgz"))
  assert(tarball !== undefined, "npm pack made no tarball")
  write("package.json", JSON.stringify({ private: true }))
  run("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`, `fast-check@${fastCheck}`)
  run("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "--save-dev", `@types/node@${nodeTypes}`)
  writePrograms()
}

const prints = (name: string, expected: string) => (): void => {
  assert.strictEqual(run("node", inFolder(name)).trim(), expected)
}

const shakes = (): void => {
  write("little.mjs", `export { tensor } from "thalweg"`)
  write("everything.mjs", `export * from "thalweg"`)
  const [little, everything] = [size(bundle("little.mjs")), size(bundle("everything.mjs"))]
  assert(little < everything / 2, `{ tensor } alone bundles to ${little} bytes, everything to ${everything}`)
}

const checks: Readonly<Record<string, () => void>> = {
  "packs and installs": install,
  "runs as ESM": prints("consumer.mjs", "4.800"),
  "runs as CommonJS": prints("consumer.cjs", "4.800"),
  "every entry point loads as ESM": prints("everyEntry.mjs", String(subpaths.length)),
  "every entry point loads as CommonJS": prints("everyEntry.cjs", String(subpaths.length)),
  "compiles strictly": () => run("node", join(project, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"),
  "runs in a browser bundle": () => prints(bundle("consumer.mjs"), "4.800")(),
  "tree-shakes": shakes
}

/** Each check builds on those before it, so the first that fails ends the run. */
const passes = ([name, check]: readonly [string, () => void]): boolean => {
  try {
    check()
    console.log(`ok     ${name}`)
    return true
  } catch (error) {
    console.error(`FAILED ${name}: ${error instanceof Error ? error.message : String(error)}`)
    return false
  }
}

const passed = Object.entries(checks).every(passes)
rmSync(folder, { recursive: true, force: true })
process.exit(passed ? 0 : 1)
