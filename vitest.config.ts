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
    include: ["test/**/*.test.ts"],
    typecheck: { enabled: false }
  }
})
