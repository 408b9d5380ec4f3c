import type { KnipConfig } from "knip"
import { entry } from "./tsup.config.js"

const config: KnipConfig = {
  entry: [
    ...Object.values(entry),
    "examples/*.ts",
    "test/golden/elementary_errors.ts",
    "test/minimize/{nist.table,table}.ts",
    "test/smoke/{consumer,interop,named}.ts"
  ],
  project: ["{src,laws,test,examples}/**/*.ts"],
  ignoreBinaries: ["cc"], // npm run bench compiles C where there is a compiler
  ignoreExportsUsedInFile: { interface: true, type: true }
}

export default config
