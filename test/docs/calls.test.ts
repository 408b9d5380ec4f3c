import ts from "typescript"
import { expect, test } from "vitest"
import { callForm } from "./calls.js"
import { exportsOf, programOf } from "./exports.js"

const source = `
type Step = (step: number) => number
interface Options { readonly end?: number; readonly steps: number }
export declare function over(a: number): void
export declare function over(a: number, b: number): void
export declare function steps(a: Step, b1: Step, b2: Step, b3: Step, b4: Step, b5: Step, b6: Step, b7: Step, b8: Step, b9: Step, b10: Step, b11: Step, b12: Step, b13: Step, b14: Step, b15: Step, b16: Step, b17: Step, b18: Step): void
export declare function steps(a: Step): void
export declare const size: number
export declare const cut: (x: number, axis: number, start?: number) => number
export const withDefault = (x: number, axis = 0): number => x + axis
export declare const line: (options: Options) => (schedule: Step) => Step
export const apart = ({ low, high }: { low: number; high?: number }, all: Options): number => low + (high ?? all.steps)
export declare const none: (options?: object) => number
export declare const onlyOne: (x: number, ...rest: readonly never[]) => (options?: Options & ({ a: 1 } | { a?: 1 })) => void
export declare const all: (...xs: number[]) => void
export declare const recipe: ((options?: { eps?: number }) => Step) & { readonly fields: object }
export declare const long: (options: Record<"needed", 1> & { [K in \`someLongNameOfAnOption\${1 | 2 | 3 | 4 | 5}\`]?: 1 }) => Step
`

test("a call is shown as it is written: parameters, options, and calls of what comes back", () => {
  const file = "test/docs/calls.example.ts"
  const program = programOf([file], new Map([[file, source]]))
  expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText)).toEqual([])
  const forms = exportsOf(program, file).map(({ name, symbol }) => callForm(program.getTypeChecker(), name, symbol))
  expect(forms).toEqual([
    "over(a, b?)",
    "steps(a, …)",
    "size",
    "cut(x, axis, start?)",
    "withDefault(x, axis?)",
    "line({ steps, end? })(schedule)(step)",
    "apart({ low, high? }, all)",
    "none()",
    "onlyOne(x)({ steps, end?, a? }?)",
    "all(...xs)",
    "recipe({ eps? }?)(step)",
    "long({ needed, … })(step)"
  ])
})
