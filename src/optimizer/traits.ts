/** Every leaf and every element apart. */
export const apart = { leafwise: {}, elementwise: {} } as const

/** Made of the gradients alone, odd in them, and at rest without them. */
export const byGradient = { blind: {}, odd: {}, still: {} } as const

/** As `byGradient` but for a decay of the parameters. */
export const decaying = { blind: { weightDecay: 0 }, odd: { weightDecay: 0 }, still: { weightDecay: 0 } } as const

/** All that may be true of an optimizer, but that the scale of the gradients does not matter. */
export const allButScaleFree = { additive: {}, ...apart, ...byGradient } as const

/** All that may be true of an optimizer; of a combinator, that all of it stays so. */
export const preserving = { ...allButScaleFree, scaleFree: {} } as const

/** Another path, as that of a leaf alone, may be one that a mask does not mean. */
export const apartIfAll = { leafwise: { mask: "**" }, elementwise: { mask: "**" } } as const
