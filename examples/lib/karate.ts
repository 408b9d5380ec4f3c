/** The friends with higher numbers of each member, by number. */
const friends: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31],
  1: [2, 3, 7, 13, 17, 19, 21, 30],
  2: [3, 7, 8, 9, 13, 27, 28, 32],
  3: [7, 12, 13],
  4: [6, 10],
  5: [6, 10, 16],
  6: [16],
  8: [30, 32, 33],
  9: [33],
  13: [33],
  14: [32, 33],
  15: [32, 33],
  18: [32, 33],
  19: [33],
  20: [32, 33],
  22: [32, 33],
  23: [25, 27, 29, 32, 33],
  24: [25, 27, 31],
  25: [31],
  26: [29, 33],
  27: [33],
  28: [31, 33],
  29: [32, 33],
  30: [32, 33],
  31: [32, 33],
  32: [33]
}

/**
 * A karate club of 34 members, and the 78 pairs that were friends, before it split in two: one part went with the instructor
 * (member 0), the other stayed with the officers (member 33).
 *
 * Source: Zachary 1977, "An information flow model for conflict and fission in small groups"; the pairs and parts of
 * `networkx.karate_club_graph`.
 */
export const karateClub = {
  size: 34,
  edges: Object.entries(friends).flatMap(([a, others]) => others.map(b => [Number(a), b] as const)),
  parts: {
    instructor: [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 16, 17, 19, 21],
    officers: [9, 14, 15, 18, 20, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33]
  }
}

type Edges = readonly (readonly [number, number])[]

const neighbours = (edges: Edges, at: number): readonly number[] =>
  edges.flatMap(([a, b]) => (a === at ? [b] : b === at ? [a] : []))

/** How many edges lead from one vertex to each of them, breadth first. */
const distancesFrom = (edges: Edges, size: number, from: number): readonly number[] => {
  const go = (
    known: ReadonlyMap<number, number>,
    ring: readonly number[],
    far: number
  ): ReadonlyMap<number, number> => {
    const next = [...new Set(ring.flatMap(at => neighbours(edges, at)))].filter(at => !known.has(at))
    return next.length === 0 ? known : go(new Map([...known, ...next.map(at => [at, far] as const)]), next, far + 1)
  }
  const known = go(new Map([[from, 0]]), [from], 1)
  return Array.from({ length: size }, (_, at) => known.get(at) ?? Infinity)
}

/** The numbers of edges between all pairs of vertices. */
export const distances = (edges: Edges, size: number): readonly (readonly number[])[] =>
  Array.from({ length: size }, (_, from) => distancesFrom(edges, size, from))

/** A walk along all edges of a connected graph, there and back, so that one line draws them. */
export const tour = (edges: Edges): readonly number[] => {
  const gone = new Set<string>()
  const from = (at: number): readonly number[] =>
    neighbours(edges, at).flatMap(to => {
      const edge = [Math.min(at, to), Math.max(at, to)].join()
      if (gone.has(edge)) return []
      gone.add(edge)
      return [to, ...from(to), at]
    })
  const first = edges[0]?.[0] ?? 0
  return [first, ...from(first)]
}
