import { doc, Level, writer, type Doc } from "./doc.js"
import type { Notation } from "./notation.js"

const { at, between, infix, negate, plus, signed } = writer(text => `(${text})`)

const raised = (digits: string): string => digits.replace(/\d/g, digit => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)] ?? digit)
const lowered = (digits: string): string => digits.replace(/\d/g, digit => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)] ?? digit)

/** A number in the shortest decimals that agree in twelve digits; from 1e-4 down with an exponent. */
export const decimal = (value: number): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : "∞"
  const short = Number(value.toPrecision(12))
  return short > 0 && short < 1e-3 ? short.toExponential() : String(short).replace("e+", "e")
}

const show = (x: Doc): string => at(Level.choice, x)

const call = (name: string, args: readonly Doc[], attributes = ""): Doc =>
  doc(`${name}(${[...args.map(x => show(x)), ...(attributes === "" ? [] : [attributes])].join(", ")})`)

const named =
  (name: string) =>
  (...args: readonly Doc[]): Doc =>
    call(name, args)

const comparison = (sign: string) => infix(sign, Level.comparison, Level.big)

const power = (a: Doc, b: Doc): Doc => {
  const exponent = at(Level.atom, b)
  return doc(`${at(Level.atom, a)}${/^\d+$/.test(exponent) ? raised(exponent) : `^${exponent}`}`, Level.power)
}

/** `√`, `²`, `·` and words, on one line. */
export const text: Notation = {
  symbol: name => doc(name.replace(/(?<!_\d+)_(\d+)(?![\p{L}\d])/gu, (_, digits: string) => lowered(digits))),
  number: value => doc(decimal(value)),
  unary: {
    neg: negate,
    abs: between("|", "|"),
    sign: named("sign"),
    floor: between("⌊", "⌋"),
    ceil: between("⌈", "⌉"),
    round: named("round"),
    sqrt: x => doc(`√${at(Level.atom, x)}`, Level.prefix),
    exp: named("exp"),
    expm1: named("expm1"),
    log: named("log"),
    log1p: named("log1p"),
    sin: named("sin"),
    cos: named("cos"),
    atan: named("atan"),
    tanh: named("tanh"),
    sigmoid: named("sigmoid"),
    erf: named("erf"),
    erfInv: named("erfInv"),
    not: named("not")
  },
  binary: {
    add: plus,
    sub: (a, b) => plus(a, negate(b)),
    mul: signed((a, b) => doc(`${at(Level.product, a)}·${at(Level.product, b)}`, Level.product)),
    div: signed((a, b) => doc(`${at(Level.product, a)}/${at(Level.prefix, b)}`, Level.product)),
    rem: infix(" mod ", Level.big, Level.prefix),
    pow: power,
    atan2: named("atan2"),
    max: named("max"),
    min: named("min"),
    and: infix(" and ", Level.and, Level.and),
    or: infix(" or ", Level.or, Level.or),
    xor: named("xor"),
    shiftLeft: named("shiftLeft"),
    shiftRight: named("shiftRight")
  },
  compare: {
    eq: comparison(" = "),
    ne: comparison(" ≠ "),
    lt: comparison(" < "),
    le: comparison(" ≤ "),
    gt: comparison(" > "),
    ge: comparison(" ≥ ")
  },
  select: (condition, a, b) => doc(`${at(Level.or, a)} if ${at(Level.or, condition)} else ${show(b)}`, Level.choice),
  product: signed(infix("·", Level.product, Level.prefix)),
  elementwise: signed(infix(" ⊙ ", Level.product, Level.prefix)),
  transpose: x => doc(`${at(Level.atom, x)}ᵀ`, Level.power),
  gradient: x => call("∇f", [x]),
  hessian: x => call("∇²f", [x]),
  sum: x => doc(`Σ ${at(Level.power, x)}`, Level.big),
  call,
  show,
  equations: lines => lines.map(([name, value]) => `${show(name)} = ${show(value)}`).join("\n")
}
