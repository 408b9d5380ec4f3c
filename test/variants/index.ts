import { adams } from "./adam.js"
import { adaptive } from "./adaptive.js"
import { curvature } from "./curvature.js"
import { descent } from "./descent.js"
import { byLoss, found } from "./found.js"
import { free } from "./free.js"
import { gradients } from "./gradients.js"
import { later } from "./later.js"
import { layers } from "./layers.js"
import { parameters } from "./parameters.js"
import { signs } from "./signs.js"
import { steps } from "./steps.js"
import { others } from "./words.js"
import type { Composed, Entry, Family, Name, Variant } from "./variant.js"

/** Every family. */
export const families: readonly Family[] = [
  ...[descent, signs, adaptive, adams, later, layers, found, byLoss, free, curvature],
  ...[gradients, steps, parameters]
]

/** What is said of each row of the catalogues; one that is missing does not compile. */
export const entries: { readonly [N in Name]: Entry<N> } = {
  ...descent.rows,
  ...signs.rows,
  ...adaptive.rows,
  ...adams.rows,
  ...later.rows,
  ...layers.rows,
  ...found.rows,
  ...byLoss.rows,
  ...free.rows,
  ...curvature.rows,
  ...gradients.rows,
  ...steps.rows,
  ...parameters.rows
}

/** All variants, those of a row together. */
export const variants: readonly Variant[] = [...Object.values(entries).flatMap(entry => entry.variants), ...others]

export const composed: readonly Composed[] = variants.filter(variant => variant.kind === "composed")
