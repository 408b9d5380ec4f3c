import { readdirSync, readFileSync } from "node:fs"
import ts from "typescript"

/** What is said of an exported constant, and where. */
export interface Docstring {
  readonly file: string
  readonly text: string
}

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
export const docstringsOf = (folder: string): ReadonlyMap<string, Docstring> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map(name => name.replaceAll("\\", "/"))
      .filter(name => name.endsWith(".ts"))
      .flatMap(name => parse(`${folder}/${name}`).statements.map(statement => ({ file: name, statement })))
      .flatMap(({ file, statement }) =>
        constants(statement).map((constant): [string, Docstring] => [
          constant.name.getText(),
          { file, text: textOf(statement) }
        ])
      )
  )

const calledIn = (node: ts.Node): readonly string[] => [
  ...(ts.isCallExpression(node) ? [node.expression.getText()] : []),
  ...node.getChildren().flatMap(calledIn)
]

/** The functions that make a row, the last argument of its call: one by its name, or what is called in it. */
const makersOf = (row: ts.Expression): readonly string[] => {
  const make = ts.isCallExpression(row) ? row.arguments.at(-1) : undefined
  if (make === undefined) return []
  return ts.isIdentifier(make) ? [make.text] : calledIn(make)
}

const literalOf = (value?: ts.Expression): ts.Expression | undefined =>
  value && ts.isAsExpression(value) ? value.expression : value

/** For each row of the catalogue `name` that a file declares, the functions that make it. */
export const makers = (file: string, name: string): ReadonlyMap<string, readonly string[]> => {
  const declared = parse(file)
    .statements.flatMap(constants)
    .find(constant => constant.name.getText() === name)
  const rows = literalOf(declared?.initializer)
  if (rows === undefined || !ts.isObjectLiteralExpression(rows)) throw new Error(`${file}: no catalogue "${name}"`)
  return new Map(
    rows.properties
      .filter(ts.isPropertyAssignment)
      .map((row): [string, readonly string[]] => [row.name.getText(), makersOf(row.initializer)])
  )
}
