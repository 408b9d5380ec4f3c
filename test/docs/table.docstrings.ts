import { readdirSync, readFileSync } from "node:fs"
import ts from "typescript"

/** The first paragraph of a docstring, on one line. */
export const summaryOf = (text: string): string => (text.split(/\n\s*\n/)[0] ?? "").replace(/\s+/g, " ")

const parse = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true)

const constants = (statement: ts.Statement): readonly ts.VariableDeclaration[] =>
  ts.isVariableStatement(statement) ? statement.declarationList.declarations : []

const textOf = (statement: ts.Statement): string =>
  ts
    .getJSDocCommentsAndTags(statement)
    .filter(ts.isJSDoc)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "")
    .join("\n\n")

/** The docstrings of the constants of a folder and those in it, without their tags, by name. */
export const docstringsOf = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map(name => name.replaceAll("\\", "/"))
      .filter(name => name.endsWith(".ts"))
      .flatMap(name => parse(`${folder}/${name}`).statements)
      .flatMap(statement =>
        constants(statement).map((constant): [string, string] => [constant.name.getText(), textOf(statement)])
      )
  )

const literalOf = (value?: ts.Expression): ts.Expression | undefined => {
  if (value === undefined) return undefined
  if (ts.isAsExpression(value) || ts.isSatisfiesExpression(value)) return literalOf(value.expression)
  return ts.isCallExpression(value) ? literalOf(value.arguments[0]) : value
}

/** For each row of the catalogue `name` that a file declares, the constant that it is. */
export const constantsOf = (file: string, name: string): ReadonlyMap<string, string> => {
  const declared = parse(file)
    .statements.flatMap(constants)
    .find(constant => constant.name.getText() === name)
  const rows = literalOf(declared?.initializer)
  if (rows === undefined || !ts.isObjectLiteralExpression(rows)) throw new Error(`${file}: no catalogue "${name}"`)
  return new Map(
    rows.properties.flatMap((row): readonly (readonly [string, string])[] => {
      if (ts.isShorthandPropertyAssignment(row)) return [[row.name.text, row.name.text]]
      return ts.isPropertyAssignment(row) ? [[row.name.getText(), row.initializer.getText()]] : []
    })
  )
}
