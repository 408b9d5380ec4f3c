/** The value under a key, made if absent, in a map that forgets the least recently used beyond its capacity. */
export const recall = <A>(cache: Map<string, A>, key: string, capacity: number, make: () => A): A => {
  const value = cache.get(key) ?? make()
  cache.delete(key)
  cache.set(key, value)
  if (cache.size > capacity) cache.delete(cache.keys().next().value!)
  return value
}
