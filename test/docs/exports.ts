import { relative } from "node:path"
import ts from "typescript"

/** What an entry point exports under a name, such as `grad` or `Tree.map`, and the docstring of that without its tags. */
export interface Exported {
  readonly name: string
  readonly symbol: ts.Symbol
  readonly docstring: string
}

/** A program of these files, with the options of tsconfig.json; `texts` are files that are not on the disk. */
export const programOf = (files: readonly string[], texts: ReadonlyMap<string, string> = new Map()): ts.Program => {
  const config: unknown = ts.readConfigFile("tsconfig.json", path => ts.sys.readFile(path)).config
  const { options } = ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, ".")
  const host = ts.createCompilerHost(options)
  const getSourceFile: typeof host.getSourceFile = (file, version, ...rest) => {
    const text = texts.get(file)
    return text === undefined ? host.getSourceFile(file, version, ...rest) : ts.createSourceFile(file, text, version)
  }
  return ts.createProgram(files, options, { ...host, getSourceFile })
}

const position = (node: ts.Node): string => {
  const source = node.getSourceFile()
  const { line } = source.getLineAndCharacterOfPosition(node.getStart())
  return `${relative(".", source.fileName)}:${line + 1}`
}

/** Whether it is there at run time. */
export const isValue = ({ symbol }: Exported): boolean =>
  (symbol.flags & ts.SymbolFlags.Value) !== 0 && !(symbol.flags & ts.SymbolFlags.ValueModule)

/** The docstring nearest to a name: that of a re-export, or else of what it stands for. */
const docstringOf = (checker: ts.TypeChecker, symbol: ts.Symbol): string => {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker))
  if (text !== "" || !(symbol.flags & ts.SymbolFlags.Alias)) return text
  const aliased = checker.getImmediateAliasedSymbol(symbol)
  return aliased ? docstringOf(checker, aliased) : ""
}

const exported = (checker: ts.TypeChecker, name: string, symbol: ts.Symbol): Exported => ({
  name,
  symbol: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
  docstring: docstringOf(checker, symbol)
})

/** What a constant holds that holds what a module exports, as `Tree` does. */
const members = (checker: ts.TypeChecker, { name, symbol }: Exported): readonly Exported[] => {
  if (!(symbol.flags & ts.SymbolFlags.Variable)) return []
  const held = checker.getTypeOfSymbol(symbol)
  const isModule = ((held.getSymbol()?.flags ?? 0) & ts.SymbolFlags.ValueModule) !== 0
  return isModule ? held.getProperties().map(member => exported(checker, `${name}.${member.name}`, member)) : []
}

/** What the module in a file exports, looking through re-exports. */
export const exportsOf = (program: ts.Program, file: string): readonly Exported[] => {
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(file)
  const module = source && checker.getSymbolAtLocation(source)
  if (!module) return [] // an entry point without exports is not a module
  return checker
    .getExportsOfModule(module)
    .map(symbol => exported(checker, symbol.name, symbol))
    .flatMap(own => [own, ...members(checker, own)])
}

const isCallable = (checker: ts.TypeChecker, symbol: ts.Symbol): boolean =>
  checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0

const lacks = (checker: ts.TypeChecker, one: Exported): readonly string[] => {
  const shown = one.symbol.getJsDocTags(checker).some(tag => tag.name === "example")
  const bare = isValue(one) && isCallable(checker, one.symbol) && !shown
  return [...(one.docstring === "" ? ["no docstring"] : []), ...(bare ? ["no @example"] : [])]
}

/** What exports lack: each needs a docstring, and a function an example. */
export const undocumented = (program: ts.Program, entryFiles: readonly string[]): readonly string[] => {
  const all = entryFiles.flatMap(file => exportsOf(program, file))
  return [...new Map(all.map(one => [one.symbol, one])).values()].flatMap(one => {
    const declaration = one.symbol.declarations?.[0]
    if (!declaration || program.isSourceFileFromExternalLibrary(declaration.getSourceFile())) return []
    const missing = lacks(program.getTypeChecker(), one)
    return missing.length > 0 ? [`${position(declaration)} ${one.name}: ${missing.join(", ")}`] : []
  })
}
