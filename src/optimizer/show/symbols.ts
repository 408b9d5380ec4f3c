/** The number of steps made so far. */
export const COUNT = "t"

const ofTheLone: ReadonlySet<string> = new Set(["p", "g", "loss", COUNT])

/** What means something else: one parameter, its gradient, what is deployed, shared terms. */
const isReserved = (name: string): boolean => ofTheLone.has(name) || /^x_\d+$|^deployed(_|$)/.test(name)

/** Letters, digits and `_` only. */
const word = (text: string): string => text.replace(/[^\p{L}\p{Nd}_]/gu, "_")

const segments = (path: string): readonly string[] => path.split("/").filter(part => part !== "")
const isPosition = (part: string): boolean => /^\d+$/.test(part)
const hasKey = (parts: readonly string[]): boolean => !parts.every(isPosition)

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
  readonly path: string
  readonly name: string
  readonly gradient: string
  /** The name of what is deployed in its place. */
  readonly deployed: string
}

/** Names made from the paths of parameters; one that stands alone is `p`. */
export const placesOf = (paths: readonly string[]): readonly Place[] => {
  if (paths.length === 1 && paths[0] === "") return [{ path: "", name: "p", gradient: "g", deployed: "deployed" }]
  const words = paths.map(path => word(segments(path).join("_")))
  const names = distinct(
    words.map(name => (isReserved(name) || !/^\p{L}/u.test(name) ? `p_${name}` : name)),
    new Set()
  )
  const gradients = distinct(
    names.map(name => `g_${name}`),
    new Set(names)
  )
  return paths.map((path, i) => {
    const name = names[i] ?? ""
    return { path, name, gradient: gradients[i] ?? "", deployed: `deployed_${name}` }
  })
}

/** A part of a path as a name: keys from the outside in, then no position, the last one, or all. */
const joins = (parts: readonly string[]): readonly string[] => {
  const [positions, keys] = [parts.filter(isPosition), parts.filter(part => !isPosition(part))]
  const start = keys.length === 0 ? ["state"] : keys.map(word)
  return [[], positions.slice(-1), positions].map(some => [...start, ...some].join("_"))
}

/**
 * What of a path says which leaf of a parameter's state it is: what stands around the path of the parameter, or, in a
 * list of leaves, around the position in that list.
 */
const around = (
  parts: readonly string[],
  place: Place
): readonly [before: readonly string[], after: readonly string[]] => {
  const own = segments(place.path)
  const last = parts.findLastIndex(part => !isPosition(part))
  const isRun = (i: number): boolean => own.every((part, k) => part === parts[i + k]) && (hasKey(own) || i > last)
  const runs = parts.flatMap((_, i) => (isRun(i) ? [i] : []))
  const run = hasKey(own) ? runs.at(-1) : runs[0]
  return run === undefined
    ? [parts.slice(0, last + 1), parts.slice(last + 2)]
    : [parts.slice(0, run), parts.slice(run + own.length)]
}

/** Names for a leaf of the state, the shortest first: endings of its path from the last key, then its parameter. */
const candidates = (path: string, owner: Place | undefined): readonly string[] => {
  const parts = segments(path)
  const [before, after] = owner === undefined ? [parts, []] : around(parts, owner)
  const endings = before.map((_, i) => before.slice(before.length - 1 - i))
  const keyed = endings.filter(hasKey)
  const chosen = keyed.length > 0 ? keyed : [[], ...endings]
  const tail = [...(owner === undefined ? [] : [owner.name]), ...after].map(part => `_${part}`).join("")
  return [...new Set(chosen.flatMap(joins))].map(base => `${base}${tail}`)
}

/** For every leaf of the state, of a parameter or of none, the shortest name that tells it from the others. */
export const stateNames = (
  paths: readonly string[],
  owners: readonly (Place | undefined)[],
  places: readonly Place[]
): readonly string[] => {
  const taken = new Set(places.flatMap(({ name, gradient }) => [name, gradient]))
  const all = paths.map((path, i) => candidates(path, owners[i]))
  const isTaken = (name: string): boolean => taken.has(name) || isReserved(name)
  const isFree = (name: string, i: number): boolean =>
    !isTaken(name) && all.every((other, j) => i === j || !other.includes(name))
  const whole = (name: string): string => (isTaken(name) ? `state_${name}` : name)
  return distinct(
    all.map((own, i) => own.find(name => isFree(name, i)) ?? whole(own.at(-1) ?? "state")),
    taken
  )
}
