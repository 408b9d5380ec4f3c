import { tensor, toTyped, Tree, zerosLike } from "thalweg"
import { checkpointLaws, type CheckpointFunctions } from "thalweg/laws"
import { decodeTensors, decodeTree, encodeTree } from "thalweg/spec"
import { fileOf, partsOf } from "../../spec/files.js"
import { mutant, throughF32, type Mutants } from "./mutant.js"

const suite = (wrong: Partial<CheckpointFunctions>) =>
  checkpointLaws({ encodeTree, decodeTree, decodeTensors, ...wrong })

/** A file without metadata, and so without a checksum. */
const unsealed = (tree: Tree): Uint8Array => {
  const [header, data] = partsOf(encodeTree(tree))
  const { __metadata__: _, ...entries } = JSON.parse(header) as Readonly<Record<string, unknown>>
  return fileOf(entries, data)
}

/** Loses the sign of zeros in what is said. */
const unsigned: CheckpointFunctions["encodeTree"] = (tree, { user, ...metadata } = {}) =>
  encodeTree(
    tree,
    user === undefined ? metadata : { ...metadata, user: JSON.parse(JSON.stringify(user)) as typeof user }
  )

type Decode = CheckpointFunctions["decodeTree"]

/** Takes of a file what is there of a tree, and zeros for what is not. */
const lenient: Decode = like => bytes => {
  const found = decodeTensors(bytes)
  if (found._tag === "Left") return found
  const tree = Tree.map((t, path) => found.right[path] ?? zerosLike(t))(like)
  return { _tag: "Right", right: { tree, metadata: {} } }
}

/** Data of the length that is expected, whatever there is. */
const stretched: Decode = like => bytes => {
  const whole = new Uint8Array(unsealed(like).length)
  whole.set(bytes.slice(0, whole.length))
  return decodeTree(like)(whole)
}

export const checkpointMutants: Mutants = {
  "a tree comes back from its file, and what was said of it": [
    mutant("writes f64 as f32", suite({ encodeTree: (tree, metadata) => encodeTree(throughF32(tree), metadata) })),
    mutant(
      "forgets the history",
      suite({ encodeTree: (tree, { history: _, ...metadata } = {}) => encodeTree(tree, metadata) })
    ),
    mutant("writes what is said as `JSON.stringify` does", suite({ encodeTree: unsigned }))
  ],
  "a part of a tree is read as it would be alone": [
    mutant("wants the whole", suite({ decodeTree: like => decodeTree(like) })),
    mutant(
      "takes a part that stands higher",
      suite({ decodeTree: (like, under) => decodeTree(like, under?.split("/").at(-1)) })
    )
  ],
  "all bits of floats go through": [
    mutant(
      "copies numbers one by one",
      suite({
        encodeTree: tree =>
          encodeTree(Tree.map(t => tensor(Array.from(toTyped(t)), { dtype: t.dtype, shape: t.shape }))(tree))
      })
    )
  ],
  "the order of keys is not saved": [
    mutant(
      "writes keys as they come",
      suite({ encodeTree: tree => encodeTree(tree, { user: { keys: Object.keys(tree) } }) })
    )
  ],
  "a file of other names, shapes or dtypes is refused": [
    mutant("fills in what is not there", suite({ decodeTree: lenient }))
  ],
  "a file with a flipped bit is refused": [mutant("writes no checksum", suite({ encodeTree: unsealed }))],
  "a file that is cut off is refused": [
    mutant("takes zeros for what is not there", suite({ encodeTree: unsealed, decodeTree: stretched }))
  ]
}
