import { doc, Level, writer, type Doc } from "./doc.js"
import type { Notation } from "./notation.js"
import { decimal } from "./text.js"

const { at, between, infix, negate, plus, signed } = writer(text => `\\left(${text}\\right)`)

const GREEK: ReadonlySet<string> = new Set(
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega".split(
    " "
  )
)

const word = (part: string): string =>
  GREEK.has(part) ? `\\${part}` : /^(\w|\d+)$/.test(part) ? part : `\\mathit{${part}}`

/** `nuMax` is ν with the index max, `velocity_0` the velocity with the index 0. */
const symbol = (name: string): Doc => {
  const [letters, prime] = name.endsWith("'") ? [name.slice(0, -1), "'"] : [name, ""]
  const [base = "", ...indices] = letters.replace(/(?<=[a-z])[A-Z]/g, letter => `_${letter.toLowerCase()}`).split(/_+/)
  const index = indices.map(word).join(",")
  return doc(`${word(base)}${index === "" ? "" : `_{${index}}`}${prime}`)
}

const number = (value: number): Doc => {
  const [mantissa = "", exponent] = decimal(value).split("e")
  if (exponent === undefined) return doc(mantissa === "∞" ? "\\infty" : mantissa)
  const scale = `10^{${exponent}}`
  return mantissa === "1" ? doc(scale, Level.power) : doc(`${mantissa} \\cdot ${scale}`, Level.product)
}

const show = (x: Doc): string => at(Level.choice, x)

const call = (name: string, args: readonly Doc[], attributes = ""): Doc => {
  const said = attributes === "" ? [] : [`\\text{${attributes.replaceAll("_", "\\_")}}`]
  return doc(`\\operatorname{${name}}\\left(${[...args.map(x => show(x)), ...said].join(", ")}\\right)`)
}

const named =
  (name: string) =>
  (...args: readonly Doc[]): Doc =>
    call(name, args)

/** A function that LaTeX knows. */
const known =
  (name: string) =>
  (...args: readonly Doc[]): Doc =>
    doc(`\\${name}\\left(${args.map(x => show(x)).join(", ")}\\right)`)

const comparison = (sign: string) => infix(` ${sign} `, Level.comparison, Level.big)

/** Fractions, roots, cases and Greek letters, for mathematics set in display style (needs `amsmath`). */
export const latex: Notation = {
  symbol,
  number,
  unary: {
    neg: negate,
    abs: between("\\left|", "\\right|"),
    sign: named("sign"),
    floor: between("\\left\\lfloor ", "\\right\\rfloor "),
    ceil: between("\\left\\lceil ", "\\right\\rceil "),
    round: named("round"),
    sqrt: between("\\sqrt{", "}"),
    exp: known("exp"),
    expm1: named("expm1"),
    log: known("log"),
    log1p: named("log1p"),
    sin: known("sin"),
    cos: known("cos"),
    atan: known("arctan"),
    tanh: known("tanh"),
    sigmoid: known("sigma"),
    erf: named("erf"),
    erfInv: named("erfInv"),
    not: x => doc(`\\neg ${at(Level.atom, x)}`, Level.prefix)
  },
  binary: {
    add: plus,
    sub: (a, b) => plus(a, negate(b)),
    mul: signed((a, b) => doc(`${at(Level.product, a)} \\cdot ${at(Level.product, b)}`, Level.product)),
    div: signed((a, b) => doc(`\\frac{${show(a)}}{${show(b)}}`, Level.product)),
    rem: infix(" \\bmod ", Level.big, Level.prefix),
    pow: (a, b) => doc(`${at(Level.atom, a)}^{${show(b)}}`, Level.power),
    atan2: named("atan2"),
    max: known("max"),
    min: known("min"),
    and: infix(" \\land ", Level.and, Level.and),
    or: infix(" \\lor ", Level.or, Level.or),
    xor: named("xor"),
    shiftLeft: named("shiftLeft"),
    shiftRight: named("shiftRight")
  },
  compare: {
    eq: comparison("="),
    ne: comparison("\\ne"),
    lt: comparison("<"),
    le: comparison("\\le"),
    gt: comparison(">"),
    ge: comparison("\\ge")
  },
  select: (condition, a, b) => {
    const [c, yes, no] = [condition, a, b].map(x => show(x))
    return doc(`\\begin{cases} ${yes} & \\text{if } ${c} \\\\ ${no} & \\text{otherwise} \\end{cases}`, Level.choice)
  },
  product: signed(infix(" ", Level.product, Level.prefix)),
  elementwise: signed(infix(" \\odot ", Level.product, Level.prefix)),
  transpose: x => doc(`${at(Level.atom, x)}^{\\top}`, Level.power),
  gradient: x => doc(`\\nabla f\\left(${show(x)}\\right)`),
  hessian: x => doc(`\\nabla^2 f\\left(${show(x)}\\right)`),
  sum: x => doc(`\\sum ${at(Level.power, x)}`, Level.big),
  call,
  show,
  equations: lines => {
    const rows = lines.map(([name, value]) => `  ${show(name)} &= ${show(value)}`)
    return `\\begin{aligned}\n${rows.join(" \\\\\n")}\n\\end{aligned}`
  }
}
