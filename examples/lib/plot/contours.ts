/** Filled contours, in a frame. */

import type { Data, Mark, Scale } from "vega"
import type { Rectangle } from "./clip.js"
import { padded, rooted, sample, thresholds } from "./raster.js"
import type { Surface } from "./raster.js"
import { ink } from "./style.js"

const pixelsPerCell = 2
/** From the valley to the heights. */
const ramp = ["#f4f7fa", "#b4c1cf"]

const terrain: Mark = {
  type: "shape",
  from: { data: "contours" },
  encode: {
    enter: {
      fill: { scale: "height", field: "contour.value" },
      stroke: { value: "#71869d" },
      strokeOpacity: { value: 0.45 },
      strokeWidth: { value: 0.6 }
    }
  },
  transform: [{ type: "geoshape", field: "datum.contour" }]
}

const outline = (width: number, height: number, outset: number, stroke: string, strokeWidth: number): Mark => ({
  type: "rect",
  encode: {
    enter: {
      x: { value: -outset },
      y: { value: -outset },
      width: { value: width + 2 * outset },
      height: { value: height + 2 * outset },
      stroke: { value: stroke },
      strokeWidth: { value: strokeWidth }
    }
  }
})

export interface Contours {
  readonly data: readonly Data[]
  readonly scale: Scale
  readonly marks: readonly Mark[]
}

/** At most the given number of contours of f, in a frame of the given size in px (whole cells). */
export const contours = (f: Surface, domain: Rectangle, levels: number, width: number, height: number): Contours => {
  const surface = rooted(sample(f, domain, width / pixelsPerCell, height / pixelsPerCell))
  const cuts = [...thresholds(surface, levels)]
  return {
    data: [
      { name: "surface", values: [padded(surface)] },
      {
        name: "contours",
        source: "surface",
        transform: [
          {
            type: "isocontour",
            scale: { expr: String(pixelsPerCell) },
            translate: [-pixelsPerCell, -pixelsPerCell],
            thresholds: cuts
          }
        ]
      }
    ],
    scale: { name: "height", type: "ordinal", domain: cuts, range: { scheme: ramp, count: cuts.length } },
    // A white mat over the padding, in place of a clip: the ids of clips in an SVG depend on what was drawn before.
    marks: [
      terrain,
      outline(width, height, pixelsPerCell, "white", 2 * pixelsPerCell),
      outline(width, height, 0, ink.axis, 1)
    ]
  }
}
