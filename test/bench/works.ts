import type { Steps } from "./measure.js"

/** 1 for an operand that is read transposed. */
export type Transposed = 0 | 1

/** What is measured here and elsewhere: for some sizes, the steps of it. All in f32, on one thread. */
export interface Works {
  /** Adam on a vector whose gradients are given. */
  readonly adam: (size: number) => Steps
  /** A product of square matrices. */
  readonly matmul: (size: number, a: Transposed, b: Transposed) => Steps
  /** Training of dense layers of such sizes with relu, by Adam on the cross-entropy. */
  readonly mlp: (batch: number, ...sizes: readonly number[]) => Steps
  /**
   * The same of two convolutions, 3×3 and valid, each followed by relu and a pool of 2×2, and two dense layers, on
   * square images of one channel.
   */
  readonly cnn: (batch: number, side: number, first: number, second: number, hidden: number) => Steps
  /** The same of an LSTM over given sequences, and a dense layer on its last output. */
  readonly lstm: (batch: number, length: number, inputs: number, units: number) => Steps
  /**
   * The same of causal Transformer blocks, normalized before, with gelu between `width` and four times as many, on given
   * sequences, and a dense layer at every place.
   */
  readonly transformer: (batch: number, length: number, width: number, heads: number, blocks: number) => Steps
  /** Adam on `0.1·x² + 2·y²`, with the derivative. */
  readonly bowl: () => Steps
}

/** Somewhere else where some of the work can be done. */
export interface Peer {
  readonly name: string
  readonly works: Partial<Works>
}

export const CLASSES = 10
export const LEARNING_RATE = 1e-3
