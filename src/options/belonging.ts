/** What each description was given to. */
const owners = new WeakMap<object, object>()

/** What may say in a part of itself what the rest of it does: by which recipe it was made, or how it moves. */
type Having<K extends string> = { readonly [part in K]?: object | undefined }

/** Freezes a value, and lets the part of it that describes the rest belong to it, unless that belongs to another already. */
export const belonging = <K extends string, A extends Having<K>>(part: K, value: A): A => {
  const description = value[part]
  if (description !== undefined && !owners.has(description)) owners.set(description, value)
  return Object.freeze(value)
}

/**
 * The part of a value that describes the rest. None, where it was given to something else, of which this is a copy that was
 * changed: in more than its name, which describes nothing; a function is always changed. What belongs to nobody is what the author of
 * the value says.
 */
export const ownPart = <K extends string, A extends Having<K>>(part: K, value: A): A[K] | undefined => {
  const description = value[part]
  const owner = description && owners.get(description)
  const isKept = ([name, own]: readonly [string, unknown]): boolean =>
    name === "name" || (value as Readonly<Record<string, unknown>>)[name] === own
  const has = typeof owner === "function" ? owner === (value as object) : Object.entries(owner ?? {}).every(isKept)
  return has ? description : undefined
}
