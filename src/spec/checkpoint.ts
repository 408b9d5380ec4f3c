import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import type { Errors } from "io-ts"
import { describeValue } from "../dataflow/describe.js"
import { fail } from "../dataflow/error.js"
import type { Tensor } from "../dataflow/primitive.js"
import { sameType } from "../dataflow/type.js"
import { evaluate } from "../engine/index.js"
import { Tree, type TreeLike } from "../tree/index.js"
import { METADATA } from "./header.js"
import type { Metadata } from "./metadata.js"
import { problem } from "./problem.js"
import { readContents, writeContents } from "./safetensors.js"

/** A tree that was saved, and what was said besides. */
export interface Checkpoint<T> {
  readonly tree: T
  readonly metadata: Metadata
}

/** So many problems of each kind are listed. */
const MAX_PROBLEMS = 10

const first = (errors: Errors): Errors => errors.slice(0, MAX_PROBLEMS)

/**
 * Encodes a tree, and metadata if there are any, as a file in the safetensors format, which Python, Rust and others
 * read.
 *
 * Tensors have the paths of the leaves as names, and the dtypes F32, F64, I32, U32 and BOOL. What was not computed yet
 * is computed. The same tree and metadata give the same bytes. Beside the metadata stand the version of their format
 * and a checksum, the CRC-32C (RFC 3720) of all that the file says.
 *
 * Metadata: see `Metadata`; what could not be read again (`NaN` in what must be JSON, an unknown key) is a `DataError`.
 * So is a tree of more than some 30 000 tensors, or of tensors with more than 64 axes. A root with the key
 * `"__metadata__"` is a `TreeError`.
 *
 * Laws: `decodeTree(like)(encodeTree(tree, metadata)) ≡ Right({ tree, metadata })`, to the last bit, for any `like` of
 * the tree's structure, shapes and dtypes; the order of keys does not matter.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, zeros } from "thalweg"
 * import { decodeTree, encodeTree } from "thalweg/spec"
 *
 * const params = { dense: { kernel: tensor([[1, NaN]]), bias: tensor([-0]) }, nothing: [] }
 * const bytes = encodeTree(params, { step: 3, user: { run: "first" } })
 *
 * const like = { dense: { kernel: zeros([1, 2]), bias: zeros([1]) }, nothing: [] }
 * const decoded = decodeTree(like)(bytes)
 * assert.ok(decoded._tag === "Right")
 * assert.deepStrictEqual(toArray(decoded.right.tree.dense.kernel), [[1, NaN]])
 * assert.deepStrictEqual(decoded.right.metadata, { step: 3, user: { run: "first" } })
 */
export const encodeTree = <T extends TreeLike<T>>(tree: T, metadata: Metadata = {}): Uint8Array => {
  const [names, leaves] = [Tree.paths(tree), Tree.leaves(evaluate(tree))]
  if (names.includes(METADATA)) fail("TreeError", "encodeTree", "a key that the format leaves free", `"${METADATA}"`)
  return writeContents({ tensors: leaves.map((leaf, i) => [names[i] ?? "", leaf]), metadata })
}

/** What stands in a file otherwise than in a tree, whose leaves have these names. */
const misfits = (names: readonly string[], leaves: readonly Tensor[], found: ReadonlyMap<string, Tensor>): Errors => {
  const wrong = leaves.flatMap((leaf, i) => {
    const name = names[i] ?? ""
    const own = found.get(name)
    return own && sameType(own, leaf) ? [] : [problem([], [name], own, describeValue(leaf))]
  })
  const known = new Set(names)
  const surplus = [...found].filter(([name]) => !known.has(name))
  return [...first(wrong), ...first(surplus.map(([name, own]) => problem([], [name], own, "no tensor")))]
}

/**
 * Decodes a file in the safetensors format as a tree like another, which need not be computed: the state from which
 * training starts will do.
 *
 * Structure, and what holds no tensor, are those of `like`. Each of its leaves must be in the file under its path, of its
 * dtype and shape, and nothing else. (Of BF16, I64 and the like, `decodeTensors` says what they become.)
 * `decodeTree(like, under)` reads a part of a larger tree, below a path such as `"params/encoder"`; what stands elsewhere does not
 * matter. An `under` that is no text is a `DataError`.
 *
 * Decoding is total, in time and memory linear in the length of the bytes. A `Left` says what is wrong and where: leaves
 * that do not fit (the first 10, and the first 10 that are too many), a file that is cut off, has a header of more than
 * 16 MiB, gaps or overlaps in its data, or a name twice; and any flipped bit of a file that `encodeTree` wrote. One of
 * others needs no version and no checksum; the strings that they wrote are `metadata.user`.
 *
 * Laws: see `encodeTree`; a part of a tree is read as it would be alone.
 *
 * @example
 * import assert from "node:assert"
 * import { ones, toArray, zeros } from "thalweg"
 * import { decodeTree, encodeTree, report } from "thalweg/spec"
 *
 * const bytes = encodeTree({ dense: { kernel: zeros([3, 2]) }, head: zeros([1]) })
 * const decoded = decodeTree({ dense: { kernel: zeros([2, 3]), bias: zeros([3]) } })(bytes)
 * assert.ok(decoded._tag === "Left")
 * assert.deepStrictEqual(report(decoded.left), [
 *   "dense/bias: expected a tensor f32[3]; got undefined",
 *   "dense/kernel: expected a tensor f32[2, 3]; got a tensor f32[3, 2]",
 *   "head: expected no tensor; got a tensor f32[1]"
 * ])
 *
 * // the encoder of a model that was saved with more
 * const file = encodeTree({ params: { encoder: { bias: ones([2]) }, head: zeros([1]) } })
 * const part = decodeTree({ bias: zeros([2]) }, "params/encoder")(file)
 * assert.ok(part._tag === "Right")
 * assert.deepStrictEqual(toArray(part.right.tree.bias), [1, 1])
 */
export const decodeTree = <T extends TreeLike<T>>(like: T, under = "") => {
  if (typeof under !== "string")
    fail("DataError", "decodeTree", 'a path, such as "params/encoder"', describeValue(under))
  const { leaves, structure } = Tree.flatten(like)
  const names = Tree.paths(like).map(path => [under, path].filter(part => part !== "").join("/"))
  const isWithin = (name: string): boolean => under === "" || name === under || name.startsWith(`${under}/`)
  return (bytes: Uint8Array): E.Either<Errors, Checkpoint<T>> =>
    pipe(
      readContents(bytes),
      E.mapLeft(first),
      E.chain(({ tensors, metadata }) => {
        const found = new Map(tensors.filter(([name]) => isWithin(name)))
        const errors = misfits(names, leaves, found)
        if (errors.length > 0) return E.left(errors)
        const tree = Tree.unflatten<T>(structure)(names.map(name => found.get(name) as Tensor))
        return E.right({ tree, metadata })
      })
    )
}

/**
 * Decodes a file in the safetensors format as tensors by name, whatever their names: those of PyTorch's modules have
 * dots.
 *
 * Dtypes: F32, F64, I32, U32 and BOOL; BF16 and F16 become f32; I64, I16 and I8 become i32, and U64, U16 and U8 u32. All
 * values are held exactly: one that 32 bits do not hold is a `Left` that names the tensor and the value. So is another dtype,
 * with a list of these. What else is a `Left`, `decodeTree` says.
 *
 * @example
 * import assert from "node:assert"
 * import { tensor, toArray, transpose } from "thalweg"
 * import { decodeTensors, encodeTree } from "thalweg/spec"
 *
 * const file = encodeTree({ "fc.weight": tensor([[1, 2], [3, 4], [5, 6]]) }) // [outputs, inputs], as PyTorch has it
 * const decoded = decodeTensors(file)
 * assert.ok(decoded._tag === "Right")
 * const weight = decoded.right["fc.weight"]
 * assert.ok(weight !== undefined)
 * assert.deepStrictEqual(toArray(transpose(weight)), [[1, 3, 5], [2, 4, 6]])
 */
export const decodeTensors = (bytes: Uint8Array): E.Either<Errors, Readonly<Record<string, Tensor>>> =>
  pipe(
    readContents(bytes),
    E.bimap(first, ({ tensors }) => Object.freeze(Object.fromEntries(tensors)))
  )
