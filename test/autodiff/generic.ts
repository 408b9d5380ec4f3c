import type { Kind } from "../../src/dataflow/primitive.js"

/** The primitives that take floats of either size. */
export const generic: readonly Kind[] = ["unary", "binary", "select", "reduce", "cumSum", "windowReduce", "maxPoolPullback", "fold", "reshape", "transpose", "broadcast", "slice", "pad", "concat", "flip", "gather", "scatterAdd", "scatterSet", "dot", "conv", "factor", "triangularSolve"] // prettier-ignore
