/** Adds to the list under a key, which is made if it is absent. */
export const addTo = <K, A>(lists: Map<K, A[]>, key: K, item: A): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}
