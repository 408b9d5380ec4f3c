/** Freezes an object and all that it holds: what a recipe or a codec says of itself, it says to everybody. */
export const freezeAll = <A>(value: A): A => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value
  Object.freeze(value) // before what it holds, which may be itself
  Object.values(value).forEach(freezeAll)
  return value
}
