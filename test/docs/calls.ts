import ts from "typescript"

/** How long a form may be that names every option; a longer one names those that must be given. */
const LONG = 100

const declarationOf = ({ valueDeclaration: declared }: ts.Symbol): ts.ParameterDeclaration | undefined =>
  declared && ts.isParameter(declared) ? declared : undefined

const isOptional = (symbol: ts.Symbol): boolean => {
  const parameter = declarationOf(symbol)
  return Boolean(parameter?.questionToken ?? parameter?.initializer) || (symbol.flags & ts.SymbolFlags.Optional) !== 0
}

/** Whether a parameter is a record of options: it is called so, or taken apart. */
const isRecord = (parameter: ts.Symbol): boolean =>
  parameter.name === "options" || declarationOf(parameter)?.name.kind === ts.SyntaxKind.ObjectBindingPattern

/** Whether nothing but what must be left out can be given: no more arguments, or a record without options. */
const isEmpty = (checker: ts.TypeChecker, parameter: ts.Symbol): boolean => {
  const type = checker.typeToString(checker.getNonNullableType(checker.getTypeOfSymbol(parameter)))
  return type === "readonly never[]" || (isRecord(parameter) && type === "object")
}

/** Names, and those that need not be given with a question mark each, or one mark for all of them. */
const listOf = (needed: readonly string[], others: readonly string[], isShort: boolean): string =>
  [...needed, ...(isShort && others.length > 0 ? ["…"] : others.map(name => `${name}?`))].join(", ")

const parameterOf = (checker: ts.TypeChecker, parameter: ts.Symbol, isShort: boolean): string => {
  const type = checker.getNonNullableType(checker.getTypeOfSymbol(parameter))
  const options = isRecord(parameter) ? checker.getPropertiesOfType(type) : []
  if (options.length === 0) return `${declarationOf(parameter)?.dotDotDotToken ? "..." : ""}${parameter.name}`
  const names = (optional: boolean): readonly string[] =>
    options.filter(one => isOptional(one) === optional).map(({ name }) => name)
  return `{ ${listOf(names(false), names(true), isShort)} }`
}

/** The parameters of a call, and of the call of what it gives. Of overloads, what not all of them take may be left out. */
const callsOf = (checker: ts.TypeChecker, type: ts.Type, isShort: boolean): string => {
  const signatures = type.getCallSignatures()
  const most = signatures.toSorted((a, b) => b.parameters.length - a.parameters.length)[0]
  if (most === undefined) return ""
  const fewest = Math.min(...signatures.map(({ parameters }) => parameters.length))
  const given = most.parameters.filter(one => !isEmpty(checker, one))
  const names = (optional: boolean): readonly string[] =>
    given
      .filter((one, place) => (isOptional(one) || place >= fewest) === optional)
      .map(one => parameterOf(checker, one, isShort))
  const own = listOf(names(false), names(true), isShort && signatures.length > 1)
  return `(${own})${callsOf(checker, most.getReturnType(), isShort)}`
}

/** How something is called, such as `warmup({ steps, start? })(schedule)(step)`, by its types; the name of what is no function. */
export const callForm = (checker: ts.TypeChecker, name: string, symbol: ts.Symbol): string => {
  const type = checker.getTypeOfSymbol(symbol)
  const whole = name + callsOf(checker, type, false)
  return whole.length <= LONG ? whole : name + callsOf(checker, type, true)
}
