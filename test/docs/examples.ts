import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"

const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`

const passes = (file: string): boolean => {
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", file], {
    env: { ...process.env, CI: "true" },
    encoding: "utf8"
  })
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${file} (${seconds(start)})`)
  if (status !== 0) console.error(stdout + stderr)
  return status === 0
}

const outcomes = readdirSync("examples")
  .filter(name => name.endsWith(".ts"))
  .sort()
  .map(name => passes(`examples/${name}`))
const failed = outcomes.filter(passed => !passed).length
console.log(`${outcomes.length - failed} examples passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
