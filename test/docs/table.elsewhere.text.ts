import { readFileSync } from "node:fs"
import ts from "typescript"

const callsIn = (node: ts.Node): readonly ts.CallExpression[] => [
  ...(ts.isCallExpression(node) ? [node] : []),
  ...node.getChildren().flatMap(callsIn)
]

const oneLine = (text: string): string =>
  text
    .replace(/\s+/g, " ")
    .replace(/([([]) /g, "$1")
    .replace(/ ([)\]])/g, "$1")

/** The names in a literal `{ part: "name", … }`, each with its part. */
const namesIn = (theirs: ts.ObjectLiteralExpression): readonly string[] =>
  theirs.properties
    .filter(ts.isPropertyAssignment)
    .flatMap(({ name, initializer }) =>
      ts.isStringLiteral(initializer) ? [`${name.getText()} ${initializer.text}`] : []
    )

/** The variant that a call makes, by each of its names, and the body of its function. */
const variantOf = ({ expression, arguments: [theirs, ours] }: ts.CallExpression) =>
  ["known", "schedule"].includes(expression.getText()) &&
  theirs !== undefined &&
  ts.isObjectLiteralExpression(theirs) &&
  ours !== undefined &&
  ts.isArrowFunction(ours)
    ? namesIn(theirs).map(name => [name, oneLine(ours.body.getText())] as const)
    : []

/** The code of variants as it is written in files, each on one line, by part and name of what it is equal to. */
export const codeOf = (files: readonly string[]): ReadonlyMap<string, string> => {
  const found = files.flatMap(file => {
    const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true)
    return callsIn(source).flatMap(variantOf)
  })
  const names = found.map(([name]) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new Error(`two variants for "${twice}"`)
  return new Map(found)
}
