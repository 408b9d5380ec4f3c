import { argsOf, type OpOf, type Tensor } from "../dataflow/primitive.js"
import { range, sameShape, sizeOf, type Shape } from "../dataflow/shape.js"
import { need, type Kin, type Kinship, type Side } from "./torch-kin.js"

export type Reshape = Tensor & { readonly op: OpOf<"reshape"> }

/** Neighbouring axes that become neighbouring axes. */
interface Block {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

/** Which axes become which by a reshape, as few at a time as their sizes allow. */
const blocksOf = (before: Shape, after: Shape): readonly Block[] => {
  const blocks: Block[] = []
  let [i, j] = [0, 0]
  while (i < before.length && j < after.length) {
    const [from, to] = [i, j]
    let [size, other] = [before[i++] as number, after[j++] as number]
    while (size !== other && (size < other ? i < before.length : j < after.length))
      if (size < other) size *= before[i++] as number
      else other *= after[j++] as number
    blocks.push({ before: range(i - from).map(k => from + k), after: range(j - to).map(k => to + k) })
  }
  return blocks
}

/** Axes of one tensor that are one axis of another. */
interface Joint {
  readonly apart: Tensor
  /** The axes, but those of one element, and where they begin. */
  readonly parts: readonly number[]
  readonly start: number
  readonly whole: Tensor
  readonly axis: number
  readonly isMerging: boolean
}

/** What a reshape does to axes: leaves them, puts some on one or takes them from one, or both at once. */
interface Reshaped {
  readonly same: readonly (readonly [before: number, after: number])[]
  readonly joints: readonly Joint[]
  readonly others: readonly Block[]
}

const reshapedOf = (node: Reshape): Reshaped => {
  const [from] = argsOf(node) as readonly [Tensor]
  const same: [number, number][] = []
  const joints: Joint[] = []
  const others: Block[] = []
  for (const block of blocksOf(from.shape, node.shape)) {
    const before = block.before.filter(axis => from.shape[axis] !== 1)
    const after = block.after.filter(axis => node.shape[axis] !== 1)
    const [a, b] = [before[0], after[0]]
    if (a === undefined || b === undefined) continue
    if (before.length === 1 && after.length === 1) same.push([a, b])
    else if (after.length === 1)
      joints.push({ apart: from, parts: before, start: block.before[0] as number, whole: node, axis: b, isMerging: true }) // prettier-ignore
    else if (before.length === 1)
      joints.push({ apart: node, parts: after, start: block.after[0] as number, whole: from, axis: a, isMerging: false }) // prettier-ignore
    else others.push({ before, after })
  }
  return { same, joints, others }
}

const lastOf = ({ shape }: Tensor): number => shape.length - 1

/** Unites the axes that a reshape leaves as they are, and those of which nobody can say which become which. */
export const uniteReshaped = ({ kinOf, unite }: Kinship, node: Reshape): void => {
  const [from] = argsOf(node) as readonly [Tensor]
  const { same, joints, others } = reshapedOf(node)
  same.forEach(([before, after]) => unite(from, before, node, after))
  others.forEach(({ before, after }) => {
    before.forEach(axis => unite(from, axis, node, after[0] as number))
    after.forEach(axis => unite(from, before[0] as number, node, axis))
  })
  // heads of features, which PyTorch has last as well
  joints
    .filter(({ apart, parts, start, isMerging }) => !isMerging && start !== 1 && parts.includes(lastOf(apart)))
    .forEach(({ apart, parts }) => parts.forEach(part => kinOf(apart, part).given.add("last")))
}

/** Where PyTorch has features, of which one side is told by some layers, or else by others. */
const saidBy = (sides: ReadonlySet<Side>, others: ReadonlySet<Side>): Side | "both" | undefined => {
  const [said, second] = [...(sides.size > 0 ? sides : others)]
  return second === undefined ? said : "both"
}

/** Whether channels were put first, as PyTorch has them. */
const isChannelsFirst = ({ op, shape }: Tensor): boolean =>
  op.kind === "transpose" &&
  sameShape(op.permutation, [0, shape.length - 1, ...range(shape.length - 2).map(i => i + 1)])

/** What PyTorch has where there are places and channels here: the same; channels first; or nobody knows. */
type Arrangement = "same" | "channels first" | "unclear"

const hasSide = ({ given, taken }: Kin): boolean => given.size + taken.size > 0

/** How PyTorch has what is put on one axis, or taken from it: of images, channels are first, unless a layer says otherwise. */
const arrangementOf = ({ kinOf }: Kinship, { apart, parts, start, isMerging }: Joint): Arrangement => {
  const last = lastOf(apart)
  if (!parts.includes(last)) return "same"
  const kin = kinOf(apart, last)
  const said = isMerging ? saidBy(kin.given, kin.taken) : saidBy(kin.taken, kin.given)
  if (start !== 1) {
    // heads, or places whose order nobody knows
    if (isMerging) return said === "last" ? "same" : "unclear"
    return kin.taken.has("first") ? "unclear" : "same"
  }
  if (isMerging && isChannelsFirst(apart)) return "same"
  const kins = parts.map(axis => kinOf(apart, axis))
  if (kin.isPlaces || kins.some(other => other !== kin && hasSide(other))) {
    // somebody turned axes, which is as it is where PyTorch has the features as they are here
    const sides = new Set(kins.flatMap(({ given, taken }) => [...given, ...taken]))
    return sides.has("first") || sides.size === 0 ? "unclear" : "same"
  }
  if (apart.shape.length > 3) return said === "last" || said === "both" ? "unclear" : "channels first"
  return said === "first" ? "channels first" : said === "last" ? "same" : "unclear"
}

/** Says in what order PyTorch has features that were places and channels, or will be. */
const orderJoint = (kinship: Kinship, joint: Joint): void => {
  const { apart, parts, whole, axis, isMerging } = joint
  const arrangement = arrangementOf(kinship, joint)
  parts.forEach(part => need(kinship, "reshape", apart, part, isMerging))
  const kin = kinship.kinOf(whole, axis)
  kin.isLeft ||= !isMerging
  if (arrangement === "same") kin.needs ??= "reshape"
  if (arrangement === "unclear") kin.isUnclear = true
  if (arrangement === "channels first") {
    const places = sizeOf(parts.slice(0, -1).map(part => apart.shape[part] as number))
    const channels = apart.shape.at(-1) as number
    kin.orders.set(`${places} ${channels}`, { places, channels })
  }
}

/** Says in what order PyTorch has what a reshape puts on other axes. All axes that are the same must have been united. */
export const orderReshaped = (kinship: Kinship, node: Reshape): void => {
  const [from] = argsOf(node) as readonly [Tensor]
  const { joints, others } = reshapedOf(node)
  joints.forEach(joint => orderJoint(kinship, joint))
  others.forEach(({ before, after }) => {
    const ends = [...(before.includes(lastOf(from)) ? [from] : []), ...(after.includes(lastOf(node)) ? [node] : [])]
    const sides = new Set(ends.flatMap(x => [...kinship.kinOf(x, lastOf(x)).given, ...kinship.kinOf(x, lastOf(x)).taken])) // prettier-ignore
    const kin = kinship.kinOf(from, before[0] as number)
    if (ends.length === 0 || (sides.has("last") && !sides.has("first"))) kin.needs ??= "reshape"
    else kin.isUnclear = true
  })
}
