/** Functions that JavaScript's `Math` lacks, in f64 and in integers. */

/** The nearest integer, halves to the even one; what rounds to zero keeps its sign, as in IEEE 754. */
export const roundHalfEven = (x: number): number => (x < 0 ? -roundPositive(-x) : roundPositive(x))

const roundPositive = (x: number): number => {
  const below = Math.floor(x)
  const rest = x - below
  return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1
}

/** `a·2ᵇ`; as many bits as there are or more, or a negative number of them, leave nothing. */
export const shiftedLeft = (a: number, b: number): number => (b >>> 0 < 32 ? a << b : 0)

/** `a·2⁻ᵇ` without its fraction; at the far end the sign is left. */
export const shiftedRight = (a: number, b: number): number => a >> (b >>> 0 < 32 ? b : 31)

/** The same of what has no sign. */
export const shiftedRightUnsigned = (a: number, b: number): number => (b < 32 ? a >>> b : 0)

/** `a^b` modulo 2³² by repeated squaring; the fraction of a negative power is cut off, and 0 to one is 0. */
export const integerPower = (a: number, b: number): number => {
  if (b < 0) return a === 1 || a === -1 ? integerPower(a, -b) : 0
  let result = 1
  for (let square = a, rest = b; rest > 0; rest = Math.floor(rest / 2), square = Math.imul(square, square))
    if (rest % 2 === 1) result = Math.imul(result, square)
  return result
}
