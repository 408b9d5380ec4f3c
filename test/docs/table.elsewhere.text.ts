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

/** The row that a call makes, by what stands first in it, and the body of its function. */
const rowOf = ({ expression, arguments: [theirs, ours] }: ts.CallExpression): readonly (readonly [string, string])[] =>
  ["same", "sameSchedule"].includes(expression.getText()) &&
  theirs !== undefined &&
  ts.isStringLiteral(theirs) &&
  ours !== undefined &&
  ts.isArrowFunction(ours)
    ? [[theirs.text, oneLine(ours.body.getText())]]
    : []

/** The code of the rows of a file as it is written there, each on one line, by what it is equal to. */
export const codeOf = (file: string): ReadonlyMap<string, string> => {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true)
  const rows = callsIn(source).flatMap(rowOf)
  const twice = rows.find(([theirs], i) => rows.some(([other], j) => j < i && other === theirs))
  if (twice !== undefined) throw new Error(`${file}: two rows for "${twice[0]}"`)
  return new Map(rows)
}
