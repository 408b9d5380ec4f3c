import fc from "fast-check"
import { add, cast, cos, iota, mean, mul, reshape, tensor, type Shape, type Tensor } from "thalweg"
import type { Draw, Operations } from "./draw.js"
import { arbShape, cycle, moderate, pool, sizeOf } from "./numbers.js"
import { exactOperations } from "./operations.exact.js"
import { smoothOperations } from "./operations.smooth.js"
import { arbTensor } from "./tensor.js"

/** One instruction: what is done, to which earlier values (0 is the latest), with which numbers of its own. */
interface Instruction {
  readonly operation: string
  readonly x: number
  readonly y: number
  readonly numbers: readonly number[]
}

/** A random function of tensors, and arguments for it. */
export interface Program {
  readonly inputs: readonly Tensor[]
  /**
   * The results, one or two tensors, as an expression of any inputs (at least one). Instructions that do not apply to
   * the shapes and dtypes at hand are passed over, so that a program is a function of all inputs.
   */
  readonly build: (inputs: readonly Tensor[]) => readonly Tensor[]
  /** The expression at the program's own inputs. */
  toString(): string
}

/** Of what sizes a program is. */
export interface ProgramChoice {
  /** The shapes of the inputs. Default those of `arbShape`. */
  readonly shape?: fc.Arbitrary<Shape>
  /** Results with more elements are passed over. Default 150. */
  readonly mostElements?: number
}

const MOST_ELEMENTS = 150

/** Numbers of an instruction; the largest is odd and not small, so that the rest by 2, 3 and 4 is any. */
const NUMBERS = 4
const LARGEST_NUMBER = 11

const drawOf = (values: readonly Tensor[], { x, y, numbers }: Instruction): Draw => {
  const back = (places: number): Tensor => values[values.length - 1 - (places % values.length)] as Tensor
  return {
    x: back(x),
    other: fits => values.map((_, i) => back(y + i)).find(fits) ?? back(x),
    nat: (index, below) => (below === 0 ? 0 : (numbers[index % numbers.length] ?? 0) % below)
  }
}

const builder =
  (operations: Operations, instructions: readonly Instruction[], mostElements: number) =>
  (inputs: readonly Tensor[]): readonly Tensor[] => {
    const values = instructions.reduce((known, instruction) => {
      const result = operations[instruction.operation]?.(drawOf(known, instruction))
      return result === undefined || sizeOf(result.shape) > mostElements ? known : [...known, result]
    }, inputs)
    return values.slice(-2)
  }

const arbInstruction = (operations: Operations): fc.Arbitrary<Instruction> =>
  fc.record({
    operation: fc.constantFrom(...Object.keys(operations)),
    x: fc.nat(3),
    y: fc.nat(3),
    numbers: fc.array(fc.nat(LARGEST_NUMBER), { minLength: NUMBERS, maxLength: NUMBERS })
  })

const arbProgramOf = (
  operations: Operations,
  inputs: fc.Arbitrary<readonly Tensor[]>,
  maxLength: number,
  mostElements = MOST_ELEMENTS
): fc.Arbitrary<Program> =>
  fc.tuple(inputs, fc.array(arbInstruction(operations), { maxLength })).map(([at, instructions]) => {
    const build = builder(operations, instructions, mostElements)
    return { inputs: at, build, toString: () => build(at).map(String).join("\n") }
  })

/**
 * Makes random well-typed programs over random shapes and dtypes: elementwise operations with broadcasting, comparison,
 * selection and casts, reductions, sorting, moving and padding, products, convolutions, pooling, linear algebra (of matrices that are
 * far from singular), loops, choices, derivatives.
 * Values are any, also NaN. Shrinks to fewer instructions on smaller inputs; prints as the equations of the results.
 *
 * @example
 * import assert from "node:assert"
 * import fc from "fast-check"
 * import { compile, evaluate } from "thalweg"
 * import { arbProgram, difference, exact } from "thalweg/laws"
 *
 * fc.assert(
 *   fc.property(arbProgram(), ({ build, inputs }) => {
 *     assert.strictEqual(difference(exact, compile(build)(inputs), evaluate(build(inputs))), undefined)
 *   }),
 *   { numRuns: 10, seed: 1 }
 * )
 */
export const arbProgram = ({ shape = arbShape(), mostElements }: ProgramChoice = {}): fc.Arbitrary<Program> =>
  arbProgramOf(exactOperations, fc.array(arbTensor({ shape }), { minLength: 1, maxLength: 3 }), 10, mostElements)

const arbPoint: fc.Arbitrary<Tensor> = fc
  .tuple(arbShape({ smallest: 1 }), pool(moderate))
  .map(([shape, numbers]) => tensor(cycle(numbers, sizeOf(shape)), { dtype: "f64", shape }))

/**
 * Makes random differentiable programs of f64 tensors, at points away from kinks, ties and overflow: what central
 * differences can be compared with.
 *
 * @example
 * import assert from "node:assert"
 * import fc from "fast-check"
 * import { grad } from "thalweg"
 * import { arbSmoothProgram, lossOf } from "thalweg/laws"
 *
 * const [program] = fc.sample(arbSmoothProgram(), { seed: 1, numRuns: 1 })
 * assert(program !== undefined)
 * assert.strictEqual(grad(lossOf(program))(program.inputs).length, program.inputs.length)
 */
export const arbSmoothProgram = (): fc.Arbitrary<Program> =>
  arbProgramOf(smoothOperations, fc.array(arbPoint, { minLength: 1, maxLength: 2 }), 6)

const weighed = (t: Tensor): Tensor =>
  sizeOf(t.shape) === 0
    ? tensor(0, { dtype: "f64" })
    : mean(mul(cast(t, "f64"), reshape(cos(iota([sizeOf(t.shape)], 0, "f64")), t.shape)))

/**
 * Turns a program into a scalar function: the mean of its results under fixed weights of mixed sign, so that no element
 * counts as much as another.
 *
 * @example
 * import assert from "node:assert"
 * import { item, tensor } from "thalweg"
 * import { lossOf } from "thalweg/laws"
 *
 * const loss = lossOf({ inputs: [], build: inputs => inputs })
 * assert.strictEqual(item(loss([tensor([3, 0], { dtype: "f64" })])), 1.5)
 */
export const lossOf =
  ({ build }: Pick<Program, "build" | "inputs">): ((inputs: readonly Tensor[]) => Tensor) =>
  inputs =>
    build(inputs).map(weighed).reduce(add)
