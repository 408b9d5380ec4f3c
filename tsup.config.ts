import { copyFileSync, readdirSync, readFileSync } from "node:fs"
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

type Plugin = NonNullable<Options["esbuildPlugins"]>[number]

/** io-ts does not say that its codecs are made without side effects; said here, those that are not used are left out. */
const pureIoTs: Plugin = {
  name: "pure-io-ts",
  setup: build => {
    build.onLoad({ filter: /io-ts.es6.index\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8")
        .replaceAll("/** @class */", "/* @__PURE__ */")
        .replace(/^(export )?var \w+ = (?=(new \w+|brand|refinement)\()/gm, "$&/* @__PURE__ */ ")
    }))
  }
}

/**
 * Of our own modules: recipes and fields are made without side effects, and of the functions on trees only those that are
 * used are needed, which a bundler sees if they are taken from their module and not from the record of them all.
 */
const ownModules: Plugin = {
  name: "own-modules",
  setup: build => {
    build.onLoad({ filter: /[\\/](src|laws)[\\/].*\.ts$/ }, ({ path }) => ({
      loader: "ts",
      contents: readFileSync(path, "utf8")
        .replace(
          /(?<==\s+|: )(?<!^ \*.*)(?=(recipe|recipeOf|recipeAs|functionRecipe|functionRecipeAs|hyper|fixed|flag|choice|beside)\()/gm,
          "/* @__PURE__ */ "
        )
        .replace(/import \{ Tree \} from "(.*)index\.js"/, 'import * as Tree from "$1functions.js"')
    }))
  }
}

/**
 * Compilers can name a type only by an entry point that they have read, so every one makes them read the others; but not
 * those that ask for other packages.
 */
const typed = Object.keys(packageJson.exports)
  .filter(subpath => !["./node", "./laws", "./package.json"].includes(subpath))
  .map(subpath => `import "thalweg${subpath.slice(1)}";`)

/** The commands of package.json: file name in dist → source file. */
const commands: Readonly<Record<string, string>> = { "thalweg-run": "src/node/xla/thalweg-run.ts" }

const options: Options = {
  entry: { ...modules, ...entry, ...commands },
  format: ["esm", "cjs"],
  target: "es2022",
  splitting: true,
  dts: { entry, banner: [...typed, ""].join("\n") },
  clean: true,
  silent: true,
  removeNodeProtocol: false,
  // The ES modules of fp-ts and io-ts go into our chunks, since Node and bundlers find their CommonJS. Types stay theirs.
  noExternal: ["fp-ts", "io-ts"],
  esbuildOptions: (options, { format }) => {
    options.alias = { "fp-ts/lib": "fp-ts/es6", "io-ts": "io-ts/es6/index.js" }
    // a CommonJS module has no such word, and knows its folder by another
    if (format === "cjs") options.define = { ...options.define, "import.meta.url": '""' }
  },
  esbuildPlugins: [ownModules, pureIoTs],
  // what Python runs stands beside the chunk that starts it
  onSuccess: () => {
    copyFileSync("src/node/xla/thalweg_xla.py", "dist/thalweg_xla.py")
    return Promise.resolve()
  }
}

export default options
