import { add, cast, mul, scalar, square, sum, Tree, type Tensor } from "thalweg"

/** Half the sum of the squares: the loss of a bowl around 0. */
export const bowl = (tree: Tree): Tensor =>
  mul(Tree.reduce(scalar(0, "f64"), (total: Tensor, t) => add(total, sum(square(cast(t, "f64")))))(tree), 0.5)
