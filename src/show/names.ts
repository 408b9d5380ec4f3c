/** The number of steps made so far. */
export const COUNT = "t"

const ofTheLone: ReadonlySet<string> = new Set(["p", "g", "loss", COUNT])

/** What means something else: one parameter, its gradient, what is deployed, shared terms. */
const isReserved = (name: string): boolean => ofTheLone.has(name) || /^x_\d+$|^deployed(_|$)/.test(name)

/** Letters, digits and `_` only. */
const word = (text: string): string => text.replace(/[^\p{L}\p{Nd}_]/gu, "_")

/** A path, or a part of one: keys and positions. */
export type Segments = readonly string[]

const isPosition = (part: string): boolean => /^\d+$/.test(part)
export const hasKey = (parts: Segments): boolean => !parts.every(isPosition)

/** The names, with a number where one is taken already. */
const distinct = (names: readonly string[], taken: ReadonlySet<string>): readonly string[] => {
  const used = new Set(taken)
  return names.map(name => {
    let free = name
    for (let n = 2; used.has(free) || isReserved(free); n++) free = `${name}_${n}`
    used.add(free)
    return free
  })
}

/** A parameter by its place. */
export interface Place {
  readonly segments: Segments
  readonly name: string
  readonly gradient: string
  /** The name of the gradients of examples. */
  readonly examples: string
  /** The name of what is deployed in its place. */
  readonly deployed: string
}

/** Names made from the paths of parameters; one that stands alone is `p`. */
export const placesOf = (paths: readonly string[]): readonly Place[] => {
  if (paths.length === 1 && paths[0] === "")
    return [{ segments: [], name: "p", gradient: "g", examples: "g_examples", deployed: "deployed" }]
  const words = paths.map(path => word(path.replaceAll("/", "_")))
  const names = distinct(
    words.map(name => (isReserved(name) || !/^\p{L}/u.test(name) ? `p_${name}` : name)),
    new Set()
  )
  const gradients = distinct(
    names.map(name => `g_${name}`),
    new Set(names)
  )
  const examples = distinct(
    names.map(name => `g_examples_${name}`),
    new Set([...names, ...gradients])
  )
  return paths.map((path, i) => {
    const [name = "", gradient = "", ofExamples = ""] = [names[i], gradients[i], examples[i]]
    return { segments: path.split("/"), name, gradient, examples: ofExamples, deployed: `deployed_${name}` }
  })
}

/** A part of a path as a name: keys from the outside in, then no position, the last one, or all. */
const joins = (parts: readonly string[]): readonly string[] => {
  const [positions, keys] = [parts.filter(isPosition), parts.filter(part => !isPosition(part))]
  const start = keys.length === 0 ? ["state"] : keys.map(word)
  return [[], positions.slice(-1), positions].map(some => [...start, ...some].join("_"))
}

/**
 * What a leaf of the state is kept for: a parameter, or none; and what stands before and after that parameter in the path
 * of the leaf.
 */
export interface Kept {
  readonly owner: Place | undefined
  readonly before: Segments
  readonly after: Segments
}

/** Whether a part of a path says what is kept: `inner` says only where. */
const isTelling = (parts: Segments): boolean => parts.some(part => !isPosition(part) && part !== "inner")

/** Names for a leaf of the state, the shortest first: endings of its path from the last key, then its parameter. */
const candidates = ({ owner, before, after }: Kept): readonly string[] => {
  const endings = before.map((_, i) => before.slice(before.length - 1 - i))
  const keyed = endings.filter(isTelling)
  const chosen = keyed.length > 0 ? keyed : [[], ...endings]
  const tail = [...(owner === undefined ? [] : [owner.name]), ...after].map(part => `_${part}`).join("")
  return [...new Set(chosen.flatMap(joins))].map(base => `${base}${tail}`)
}

/** For every leaf of the state the shortest name that tells it from the others. */
export const stateNames = (leaves: readonly Kept[], places: readonly Place[]): readonly string[] => {
  const taken = new Set(places.flatMap(({ name, gradient, examples }) => [name, gradient, examples]))
  const all = leaves.map(candidates)
  const counts = new Map<string, number>()
  for (const name of all.flat()) counts.set(name, (counts.get(name) ?? 0) + 1)
  const isTaken = (name: string): boolean => taken.has(name) || isReserved(name)
  const whole = (name: string): string => (isTaken(name) ? `state_${name}` : name)
  return distinct(
    all.map(own => own.find(name => !isTaken(name) && counts.get(name) === 1) ?? whole(own.at(-1) ?? "state")),
    taken
  )
}
