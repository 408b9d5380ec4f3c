import type { Called, Node } from "./node.js"

/** Whether a routine makes a value, by changing its first argument where it lies. */
export const isUpdated = (node: Node): node is Called => node.kind === "called" && node.call.routine?.updates === true

/**
 * A value, and what it was on its way: each is changed into the one before in this list, and nobody else reads it. So all
 * of them can lie in one place.
 */
export const updatesTo = (last: Node, isReadElsewhere: (node: Node) => boolean): readonly Node[] => {
  const found = [last]
  for (let node = last; isUpdated(node); found.push(node)) {
    const { node: before } = node.args[0]!
    if (!isUpdated(before) || isReadElsewhere(before)) break
    node = before
  }
  return found
}
