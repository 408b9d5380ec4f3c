import { relative } from "node:path"
import ts from "typescript"

const position = (node: ts.Node): string => {
  const source = node.getSourceFile()
  const { line } = source.getLineAndCharacterOfPosition(node.getStart())
  return `${relative(".", source.fileName)}:${line + 1}`
}

/** The values that a module exports, looking through re-exports and namespaces. */
const exportedValues = (checker: ts.TypeChecker, module: ts.Symbol): readonly ts.Symbol[] =>
  checker.getExportsOfModule(module).flatMap(exported => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    if (symbol.flags & ts.SymbolFlags.ValueModule) return exportedValues(checker, symbol)
    return symbol.flags & ts.SymbolFlags.Value ? [symbol] : []
  })

const lacks = (checker: ts.TypeChecker, symbol: ts.Symbol, declaration: ts.Declaration): readonly string[] => {
  const callable = checker.getTypeOfSymbolAtLocation(symbol, declaration).getCallSignatures().length > 0
  const documented = symbol.getDocumentationComment(checker).length > 0
  const shown = symbol.getJsDocTags(checker).some(tag => tag.name === "example")
  return [...(documented ? [] : ["no docstring"]), ...(callable && !shown ? ["no @example"] : [])]
}

/** What the public functions and constants lack: each needs a docstring, and a function an example. */
export const undocumented = (program: ts.Program, entryFiles: readonly string[]): readonly string[] => {
  const checker = program.getTypeChecker()
  const values = entryFiles.flatMap(file => {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    return module ? exportedValues(checker, module) : [] // an entry point without exports is not a module
  })
  return [...new Set(values)].flatMap(symbol => {
    const declaration = symbol.valueDeclaration
    if (!declaration || program.isSourceFileFromExternalLibrary(declaration.getSourceFile())) return []
    const missing = lacks(checker, symbol, declaration)
    return missing.length > 0 ? [`${position(declaration)} ${symbol.name}: ${missing.join(", ")}`] : []
  })
}
