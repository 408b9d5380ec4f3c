import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^thalweg$/, replacement: here("src/index.ts") },
      { find: /^thalweg\/laws$/, replacement: here("laws/index.ts") },
      { find: /^thalweg\/([a-z]+)$/, replacement: here("src/$1/index.ts") }
    ]
  },
  test: {
    projects: [
      { extends: true, test: { name: "wasm", include: ["test/**/*.test.ts"], exclude: ["test/xla/**"] } },
      { extends: true, test: { name: "xla", include: ["test/xla/*.test.ts"], hookTimeout: 600_000 } },
      {
        extends: true,
        test: {
          name: "interpreter",
          include: ["test/{engine,laws,train}/*.test.ts", "test/**/*golden.test.ts"],
          setupFiles: ["test/without-webassembly.ts"]
        }
      }
    ],
    // one worker for each core: by default one core is left idle, of two that is half
    maxWorkers: "100%",
    // nothing that is imported has a state, so that it need not be imported again for every file
    isolate: false,
    // a third of the time was garbage collection of young objects
    execArgv: ["--max-semi-space-size=64"],
    // a limit for what hangs, not for what is slow
    testTimeout: 600_000,
    typecheck: { enabled: false }
  }
})
