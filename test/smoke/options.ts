import ts from "typescript"

/** The properties of exported option types of which a reader of the declarations is told nothing. */
export const withoutWords = (declarations: readonly string[]): readonly string[] => {
  const program = ts.createProgram(declarations, { strict: true, module: ts.ModuleKind.Node16 })
  const checker = program.getTypeChecker()
  const resolved = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const exported = declarations.flatMap(file => {
    const source = program.getSourceFile(file)
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source)
    return module === undefined ? [] : checker.getExportsOfModule(module)
  })
  return exported
    .filter(({ name }) => /(Options|Scaling)$/.test(name))
    .flatMap(symbol => {
      const properties = checker.getDeclaredTypeOfSymbol(resolved(symbol)).getProperties()
      const silent = properties.filter(property => property.getDocumentationComment(checker).length === 0)
      return silent.map(property => `${symbol.name}.${property.name}`)
    })
}
