import { bytesOf, i32, I32, natural, type Code, type Func, type ValueType } from "./code.js"

/** A function that the host lends, in the namespace "e". */
export interface Import {
  readonly name: string
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
}

const list = (items: readonly Code[]): Code => [natural(items.length), items]

const name = (text: string): Code => list(Array.from(text, letter => letter.charCodeAt(0)))

const sized = (content: Code): Code => {
  const bytes = bytesOf(content)
  return [natural(bytes.length), bytes]
}

const section = (id: number, content: Code): Code => [id, sized(content)]

/** Locals of one type that stand together are declared together. */
const declared = (locals: readonly ValueType[]): Code => {
  const runs: [count: number, type: ValueType][] = []
  for (const type of locals) {
    const last = runs.at(-1)
    if (last?.[1] === type) last[0] += 1
    else runs.push([1, type])
  }
  return list(runs.map(([count, type]) => [natural(count), type]))
}

/** Numbers the types of functions, each once. */
const signatures = () => {
  const known = new Map<string, number>()
  const codes: Code[] = []
  const numberOf = (params: readonly ValueType[], results: readonly ValueType[]): Code => {
    const key = `${params.join()}>${results.join()}`
    const number = known.get(key) ?? codes.push([0x60, list(params), list(results)]) - 1
    known.set(key, number)
    return natural(number)
  }
  return { codes, numberOf }
}

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

/**
 * The bytes of a module that imports the memory "e.memory" and some functions, which are numbered before its own, and
 * exports its last function as "run". It has one variable for all functions, an i32.
 */
export const moduleOf = (imports: readonly Import[], functions: readonly Func[]): Uint8Array => {
  const { codes, numberOf } = signatures()
  const memory: Code = [name("e"), name("memory"), 0x02, 0x00, natural(1)]
  const imported = imports.map((lent): Code => {
    const type = numberOf(lent.params, lent.results)
    return [name("e"), name(lent.name), 0x00, type]
  })
  const types = functions.map(({ params, results = [] }) => numberOf(params, results))
  const bodies = functions.map(({ locals, code }) => sized([declared(locals), code, 0x0b]))
  const last = imports.length + functions.length - 1
  const global: Code = [I32, 0x01, i32(0), 0x0b]
  const sections = [
    section(1, list(codes)),
    section(2, list([memory, ...imported])),
    section(3, list(types)),
    section(6, list([global])),
    section(7, list([[name("run"), 0x00, natural(last)]])),
    section(10, list(bodies))
  ]
  return Uint8Array.from(bytesOf([HEADER, sections]))
}
