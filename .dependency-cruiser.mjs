/** Bottom to top: a layer imports itself and what stands before it. */
const layers = [
  "dataflow",
  "tree",
  "engine",
  "autodiff",
  "batching",
  "linalg",
  "random",
  "xla",
  "options",
  "schedule",
  "search",
  "transform",
  "optimizer",
  "minimize",
  "nn",
  "show",
  "spec",
  "train",
  "node"
]

const forbid = (name, from, to) => ({ name, severity: "error", from, to })
const within = names => `^src/(${names.join("|")})/`

const outsideNode = { path: "^src/", pathNot: "^src/node/" }
const entryFolders = `((${layers
  .slice(layers.indexOf("random"))
  .filter(layer => layer !== "options")
  .join("|")})/)?`

const importsPointDown = layers.map((layer, i) =>
  forbid(
    `${layer}-imports-down`,
    { path: within([layer]) },
    { path: ["^src/[^/]+$", ...(i + 1 < layers.length ? [within(layers.slice(i + 1))] : [])] }
  )
)

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...importsPointDown,
    forbid("index-up-to-autodiff", { path: "^src/[^/]+$" }, { path: within(layers.slice(layers.indexOf("random"))) }),
    forbid("known-layers-only", { path: "^src/" }, { path: "^src/[^/]+/", pathNot: within(layers) }),
    forbid("no-cycles", {}, { circular: true }),
    forbid("resolvable", {}, { couldNotResolve: true }),
    forbid("src-stands-alone", { path: "^src/" }, { path: "^(laws|test|examples)/" }),
    forbid("src-packages", outsideNode, { pathNot: "^src/|node_modules/(csv-parse|fp-ts|io-ts)/" }),
    forbid(
      "by-package-name",
      { path: "^(laws|examples)/" },
      { path: "^src/", dependencyTypesNot: ["aliased-tsconfig-paths"] }
    ),
    forbid(
      "entry-points-only",
      { path: "^(laws|examples)/" },
      { path: "^src/", pathNot: `^src/${entryFolders}index[.]ts$` }
    ),
    forbid("laws-packages", { path: "^laws/" }, { pathNot: "^(src|laws)/|node_modules/fast-check/" }),
    forbid("examples-stand-alone", { path: "^examples/" }, { path: "^(test|[.]docs)/" })
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default"] }
  }
}
