import * as o from "thalweg"
import type { Tensor } from "thalweg"

type Env = ReadonlyMap<string, Tensor>

const TOKEN = /\s*(\d+(?:\.\d+)?(?:e-?\d+)?|[A-Za-z][\w₀-₉]*'?|[⁰¹²³⁴-⁹]+|∇²?f|[∞√Σᵀ⊙|()[\]+\-·/^,=≠<≤>≥])/gy

/** What a name before parentheses means; reductions have one argument. The objective is half the sum of all squares. */
const calls: Readonly<Record<string, (a: Tensor, b?: Tensor) => Tensor>> = {
  max: (a, b) => (b === undefined ? o.max(a) : o.maximum(a, b)),
  min: (a, b) => (b === undefined ? o.min(a) : o.minimum(a, b)),
  mean: a => o.mean(a),
  all: a => o.all(a),
  any: a => o.any(a),
  not: o.not,
  sign: o.sign,
  tanh: o.tanh,
  log: o.log,
  floor: o.floor,
  round: o.round,
  exp: o.exp,
  cos: o.cos,
  f: a => o.mul(o.sum(o.square(a)), 0.5),
  "∇f": a => a,
  "∇²f": () => o.scalar(1, "f64")
}

const comparisons: Readonly<Record<string, (a: Tensor, b: Tensor) => Tensor>> = {
  "=": o.eq,
  "≠": o.ne,
  "<": o.lt,
  "≤": o.le,
  ">": o.gt,
  "≥": o.ge
}

const tokensOf = (text: string): readonly string[] => {
  const tokens = [...text.matchAll(TOKEN)].map(([, token]) => token ?? "")
  if (tokens.join("") !== text.replace(/\s/g, "")) throw new Error(`not a formula: ${text}`)
  return tokens
}

/** Between two matrices their product, else that of their elements. */
const times = (a: Tensor, b: Tensor): Tensor =>
  a.shape.length === 2 && b.shape.length === 2 ? o.matmul(a, b) : o.mul(a, b)

/** The value of a formula in the text notation, by the usual precedence; a grammar of its own, not the printer's. */
export const valueOf = (text: string, env: Env): Tensor => {
  const tokens = tokensOf(text)
  let next = 0
  const is = (token: string): boolean => tokens[next] === token && ++next > 0
  const expect = (token: string): void => {
    if (!is(token)) throw new Error(`expected ${token} before ${tokens.slice(next).join(" ")} in ${text}`)
  }
  const choice = (): Tensor => {
    const a = either()
    if (!is("if")) return a
    const condition = either()
    expect("else")
    return o.where(condition, a, choice())
  }
  const either = (): Tensor => {
    let a = both()
    while (is("or")) a = o.or(a, both())
    return a
  }
  const both = (): Tensor => {
    let a = comparison()
    while (is("and")) a = o.and(a, comparison())
    return a
  }
  const comparison = (): Tensor => {
    const a = big()
    const compare = comparisons[tokens[next] ?? ""]
    return compare === undefined ? a : (next++, compare(a, big()))
  }
  const big = (): Tensor => {
    if (is("Σ")) return o.sum(power())
    const a = sum()
    return is("mod") ? o.rem(a, prefix()) : a
  }
  const sum = (): Tensor => {
    let a = is("-") ? o.neg(product()) : product()
    for (;;)
      if (is("+")) a = o.add(a, product())
      else if (is("-")) a = o.sub(a, product())
      else return a
  }
  const product = (): Tensor => {
    let a = prefix()
    for (;;)
      if (is("·")) a = times(a, prefix())
      else if (is("⊙")) a = o.mul(a, prefix())
      else if (is("/")) a = o.div(a, prefix())
      else return a
  }
  const prefix = (): Tensor => (is("√") ? o.sqrt(atom()) : power())
  const power = (): Tensor => {
    const a = turned()
    if (is("^")) return o.pow(a, atom())
    const digits = /^[⁰¹²³⁴-⁹]+$/.exec(tokens[next] ?? "")?.[0]
    if (digits === undefined) return a
    next++
    return o.pow(a, Number([...digits].map(digit => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(digit)).join("")))
  }
  const turned = (): Tensor => {
    const a = atom()
    return is("ᵀ") ? o.transpose(a) : a
  }
  const atom = (): Tensor => {
    const token = tokens[next++] ?? ""
    if (token === "(" || token === "|") {
      const a = choice()
      expect(token === "(" ? ")" : "|")
      return token === "(" ? a : o.abs(a)
    }
    if (token === "NaN") return o.scalar(NaN, "f64")
    if (token === "∞") return o.scalar(Infinity, "f64")
    if (/^\d/.test(token)) return o.scalar(Number(token), "f64")
    const call = calls[token]
    if (call !== undefined && is("(")) {
      const [a, b] = [choice(), is(",") ? choice() : undefined]
      expect(")")
      return call(a, b)
    }
    if (token === "broadcast" && is("(")) {
      const a = choice()
      for (const expected of [",", "["]) expect(expected)
      const shape = [Number(tokens[next++])]
      while (is(",")) shape.push(Number(tokens[next++]))
      for (const expected of ["]", ")"]) expect(expected)
      return o.broadcastTo(a, shape)
    }
    const value = env.get(token)
    if (value === undefined) throw new Error(`unknown: ${token} in ${text}`)
    return value
  }
  const value = choice()
  if (next < tokens.length) throw new Error(`left over: ${tokens.slice(next).join(" ")} in ${text}`)
  return value
}

/** The values that equations define, one after the other; as "at g" where the gradient g is taken. */
export const solve = (equations: string, symbols: Env): Env =>
  equations.split("\n").reduce((env, line) => {
    const [, name = "", formula = ""] = /^(\S+) = (.*)$/.exec(line) ?? []
    const [, point] = (name.endsWith("'") ? undefined : /^∇f\((.*)\)$/.exec(formula)) ?? []
    return point === undefined
      ? new Map([...env, [name, valueOf(formula, env)]])
      : new Map([...env, [`at ${name}`, valueOf(point, env)]])
  }, symbols)
