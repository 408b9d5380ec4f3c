/** A JavaScript engine: the package that holds its binary for this platform, and how that is called. */
export interface Engine {
  readonly name: string
  readonly version: string
  readonly command: readonly [binary: string, ...args: readonly string[]]
}

const { platform, arch } = process

/** The newest Node. */
export const currentNode: Engine = { name: `node-${platform}-${arch}`, version: "26.10.0", command: ["bin/node"] }

export const bun: Engine = {
  name: `@oven/bun-${platform}-${arch === "arm64" ? "aarch64" : arch}`,
  version: "1.4.5",
  command: ["bin/bun", "--no-install"]
}

export const deno: Engine = {
  name: `@deno/${platform}-${arch}${platform === "linux" ? "-glibc" : ""}`,
  version: "2.9.6",
  command: ["deno", "run", "--cached-only", "--no-prompt"]
}
