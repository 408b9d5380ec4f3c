import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { basename, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import ts from "typescript"
import { entry } from "../../tsup.config.js"
import type { Example } from "./collect.js"
import { collectExamples, languageOf } from "./collect.js"
import { programOf, undocumented } from "./exports.js"

/** An example written to a file of its own, with the same lines. */
interface Written extends Example {
  readonly path: string
}

const folder = ".docs"

const write = (example: Example): Written => {
  const path = resolve(folder, `${example.file.replace(/\.\w+$/, "").replaceAll("/", "-")}-${example.line}.ts`)
  writeFileSync(path, example.code)
  return { ...example, path }
}

/** A fence says which language it is, so that a reader knows into what file to paste it. */
const mislabelled = ({ file, line, language, code }: Example): readonly string[] =>
  language === "" || language === languageOf(code) ? [] : [`${file}:${line} say ${languageOf(code)}`]

const typeErrors = (program: ts.Program, { file, line, path }: Written): readonly string[] => {
  const source = program.getSourceFile(path)
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(diagnostic => {
    const at = source?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0
    return `${file}:${line + at} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n")}`
  })
}

const failure = ({ file, line, path }: Written, error: unknown): string => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const at = new RegExp(`${basename(path)}:(\\d+)`).exec(text)?.[1]
  return `${file}:${line + Number(at ?? 1) - 1} ${error instanceof Error ? `${error.name}: ${error.message}` : text}`
}

const run = async (example: Written): Promise<readonly string[]> => {
  try {
    await import(pathToFileURL(example.path).href)
    return []
  } catch (error) {
    return [failure(example, error)]
  }
}

const main = async (): Promise<number> => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const examples = collectExamples().map(write)
  const entryFiles = Object.values(entry)
  const program = programOf([...entryFiles, ...examples.map(({ path }) => path)])
  const { log } = console
  console.log = () => undefined // what an example prints is for its reader
  const bare = undocumented(program, entryFiles)
  const errors = [...bare]
  let failed = 0
  for (const example of examples) {
    const found = [...mislabelled(example), ...typeErrors(program, example), ...(await run(example))]
    if (found.length > 0) failed += 1
    errors.push(...found)
  }
  console.log = log
  errors.forEach(error => console.error(error))
  if (bare.length > 0) console.error(`${bare.length} exports lack documentation`)
  console.log(`${examples.length - failed} examples passed, ${failed} failed`)
  return errors.length
}

process.exit((await main()) > 0 ? 1 : 0)
