/** Every leaf and every element apart. */
export const apart = { leafwise: {}, elementwise: {} } as const

/** Made of the gradients alone, odd in them, and at rest without them. */
export const byGradient = { blind: {}, odd: {}, still: {} } as const

/** As `byGradient` but for a decay of the parameters. */
export const decaying = { blind: { weightDecay: 0 }, odd: { weightDecay: 0 }, still: { weightDecay: 0 } } as const

/** A combinator under which everything that may be true of an optimizer stays so. */
export const preserving = { additive: {}, ...apart, ...byGradient, scaleFree: {} } as const

/** Another path, as that of a leaf alone, may be one that a mask does not mean. */
export const apartIfAll = { leafwise: { mask: "**" }, elementwise: { mask: "**" } } as const
