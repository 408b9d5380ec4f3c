import { scalar, tensor, ThalwegError, Tree, zeros, type ErrorTag, type Tensor } from "thalweg"

/** Structure, shapes and dtypes alone: the tree with zeros for values. */
export const outline: <T extends Tree>(tree: T) => T = Tree.map(t => zeros(t.shape, t.dtype))

export const truth = (value: boolean): Tensor => scalar(value)

/** Whether making something throws an error of a kind, as a truth. */
export const throws = (tag: ErrorTag, make: () => unknown): Tensor => {
  try {
    make()
    return truth(false)
  } catch (error) {
    return truth(error instanceof ThalwegError && error.name === tag)
  }
}

/** Texts as tensors of their code units. */
export const spelled = (texts: readonly string[]): readonly Tensor[] =>
  texts.map(text =>
    tensor(
      Array.from(text, (_, i) => text.charCodeAt(i)),
      { dtype: "i32" }
    )
  )
