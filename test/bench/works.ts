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

/** A task that comes to something: runs of it, and what it came to as one number, so that all can be held to the same. */
export interface Solving {
  readonly steps: Steps
  readonly reached: () => number | Promise<number>
}

/** What comes to something, here and elsewhere: for some sizes, the runs of it. All in f64, on one thread. */
export interface Solves {
  /** Minimizes Rosenbrock's function, extended to so many variables, without derivatives, by so many iterations at most. */
  readonly nelderMead: (size: number, iterations: number) => Solving
  /** The same by L-BFGS, or the nearest that there is, with the gradient: by hand, where it is not derived. */
  readonly lbfgs: (size: number) => Solving
  /** The same by nonlinear conjugate gradients. */
  readonly conjugateGradients: (size: number) => Solving
  /** Fits an exponential decay of three parameters to so many points, by Levenberg and Marquardt's method. */
  readonly decay: (points: number) => Solving
  /** The same of two bells, of six parameters. */
  readonly bells: (points: number) => Solving
  readonly multiply: (size: number) => Solving
  /** Solves a system for one vector. */
  readonly solve: (size: number) => Solving
  readonly inverse: (size: number) => Solving
  readonly lu: (size: number) => Solving
  readonly cholesky: (size: number) => Solving
  /** Eigenvalues and vectors of a symmetric matrix. */
  readonly eigh: (size: number) => Solving
  readonly qr: (size: number) => Solving
  readonly svd: (size: number) => Solving
}

/** Somewhere else where some of the work can be done. */
export interface Peer {
  readonly name: string
  readonly works?: Partial<Works>
  readonly solves?: Partial<Solves>
}

export const CLASSES = 10
export const LEARNING_RATE = 1e-3
