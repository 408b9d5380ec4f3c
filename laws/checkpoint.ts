import fc from "fast-check"
import { tensor, Tree, zeros, type Tensor } from "thalweg"
import type { Checkpoint, decodeTensors, decodeTree, Metadata } from "thalweg/spec"
import { anyFloat } from "./arbitrary/numbers.js"
import { arbTensor } from "./arbitrary/tensor.js"
import { arbTree, arbUnlike, reorderKeys } from "./arbitrary/tree.js"
import { exact } from "./equality.js"
import { law, type Law } from "./law.js"
import { outline, spelled, truth } from "./sides.js"

/** How trees become files, and come back. */
export interface CheckpointFunctions {
  readonly encodeTree: (tree: Tree, metadata?: Metadata) => Uint8Array
  readonly decodeTree: (like: Tree, under?: string) => ReturnType<typeof decodeTree<Tree>>
  readonly decodeTensors: typeof decodeTensors
}

const anyTree = arbTree(arbTensor())

/** What JSON keeps, of which `fc.jsonValue` leaves out zeros with a sign. */
const arbJson = fc.dictionary(
  fc.string(),
  fc.oneof(
    fc.jsonValue().map(value => JSON.parse(JSON.stringify(value)) as null),
    fc.constant({ zeros: [-0, 0] })
  ),
  { maxKeys: 2, noNullPrototype: true }
)
const arbHistory = fc.array(fc.dictionary(fc.string(), anyFloat, { maxKeys: 3, noNullPrototype: true }), {
  maxLength: 3
})
const arbMetadata: fc.Arbitrary<Metadata> = fc.record(
  { step: fc.nat(), optimizer: arbJson, history: arbHistory, user: arbJson },
  { requiredKeys: [] }
)

const sideOf = ({ tree, metadata: { step, optimizer, history, user } }: Checkpoint<Tree>): Tree => [
  tree,
  spelled([step, optimizer, history, user].map(value => fc.stringify(value)))
]

/** The value of a decoded file; of one that was refused, nothing. */
const valueOf = <A>(decoded: { readonly _tag: "Left" } | { readonly _tag: "Right"; readonly right: A }) =>
  decoded._tag === "Right" ? decoded.right : undefined

const bytesSide = (bytes: Uint8Array | undefined): Tensor => tensor(Array.from(bytes ?? []), { dtype: "i32" })

/** A file of one tensor, as others might write it. */
const fileOf = (dtype: "F32" | "F64", data: Uint8Array): Uint8Array => {
  const shape = [data.length / (dtype === "F32" ? 4 : 8)]
  const header = JSON.stringify({ x: { dtype, shape, data_offsets: [0, data.length] } })
  return Uint8Array.from([header.length, 0, 0, 0, 0, 0, 0, 0, ...Array.from(header, c => c.charCodeAt(0)), ...data])
}

/** Floats in 32 bits, or halves of such in 64, of many kinds: zeros of either sign, infinities, NaN that differ. */
const arbWord = fc.oneof(fc.integer(), fc.constantFrom(0, 1 << 31, 0x7f800000, 0x7fa00001, 0x7ff00000, 0xffc12345 | 0))
const arbBits = fc
  .array(fc.tuple(arbWord, arbWord), { minLength: 1, maxLength: 4 })
  .map(words => new Uint8Array(Int32Array.from(words.flat()).buffer))

/** Names, dtypes and shapes. */
const typesOf = (tree: Tree): string => fc.stringify([Tree.paths(tree), Tree.leaves(tree).map(t => [t.dtype, t.shape])])

/** Pairs of trees that differ in their structure, in all shapes or in all dtypes. */
const arbOther: fc.Arbitrary<readonly [Tree, Tree]> = fc.oneof(
  arbUnlike(arbTensor()),
  anyTree.map(tree => [tree, Tree.map(t => zeros([...t.shape, 1], t.dtype))(tree)] as const),
  anyTree.map(tree => [tree, Tree.map(t => zeros(t.shape, t.dtype === "f32" ? "i32" : "f32"))(tree)] as const)
)

/** Lengths of a file and places in it, as parts of its length. */
const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const bit = Math.floor(at * 8 * bytes.length)
  return bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
}

const comingBack = ({ encodeTree, decodeTree, decodeTensors }: CheckpointFunctions): readonly Law[] => [
  law(
    "a tree comes back from its file, and what was said of it",
    exact,
    fc.tuple(anyTree, arbMetadata),
    ([tree, metadata]) => {
      const read = valueOf(decodeTree(outline(tree))(encodeTree(tree, metadata)))
      return [read === undefined ? [] : sideOf(read), sideOf({ tree, metadata })]
    }
  ),
  law("a part of a tree is read as it would be alone", exact, fc.tuple(anyTree, anyTree), ([a, b]) => {
    const whole = { params: { a, ab: b }, a: b } // of which names begin or end alike
    const part = valueOf(decodeTree(outline(a), "params/a")(encodeTree(whole)))
    return [part === undefined ? [] : sideOf(part), sideOf({ tree: a, metadata: {} })]
  }),
  law("all bits of floats go through", exact, fc.tuple(fc.constantFrom("F32", "F64"), arbBits), ([dtype, bits]) => {
    const tensors = valueOf(decodeTensors(fileOf(dtype, bits)))
    return [bytesSide(encodeTree(tensors ?? []).slice(-bits.length)), bytesSide(bits)]
  }),
  law("the order of keys is not saved", exact, anyTree, tree => [
    bytesSide(encodeTree(reorderKeys(tree))),
    bytesSide(encodeTree(tree))
  ])
]

const refusing = ({ encodeTree, decodeTree }: CheckpointFunctions): readonly Law[] => {
  const isRefused = (tree: Tree, bytes: Uint8Array): Tensor => truth(decodeTree(tree)(bytes)._tag === "Left")
  return [
    law("a file of other names, shapes or dtypes is refused", exact, arbOther, ([a, b]) => [
      isRefused(b, encodeTree(a)),
      truth(typesOf(a) !== typesOf(b))
    ]),
    law("a file with a flipped bit is refused", exact, fc.tuple(anyTree, part), ([tree, at]) => [
      isRefused(tree, flipped(encodeTree(tree), at)),
      truth(true)
    ]),
    law("a file that is cut off is refused", exact, fc.tuple(anyTree, part), ([tree, length]) => {
      const bytes = encodeTree(tree)
      return [isRefused(tree, bytes.slice(0, Math.floor(length * bytes.length))), truth(true)]
    })
  ]
}

/**
 * Lists the laws of trees as files: a tree comes back with its metadata, all bits of floats are kept, the order of keys
 * is not; a file of another tree, one with a flipped bit and one that is cut off are refused. All of them exact.
 *
 * @example
 * import assert from "node:assert"
 * import { checkAll, checkpointLaws } from "thalweg/laws"
 * import { decodeTensors, decodeTree, encodeTree } from "thalweg/spec"
 *
 * const suite = checkpointLaws({ encodeTree, decodeTree, decodeTensors })
 * assert(checkAll(suite, { numRuns: 10 }).every(verdict => verdict.holds))
 */
export const checkpointLaws = (functions: CheckpointFunctions): readonly Law[] => [
  ...comingBack(functions),
  ...refusing(functions)
]
