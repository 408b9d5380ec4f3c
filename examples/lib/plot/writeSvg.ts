/** The one effect: a specification becomes a file. */

import { mkdir, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { View, Warn, logger, parse } from "vega"
import type { Spec } from "vega"

/** Rounds coordinates to 1/100 px: smaller files, which do not hang on the last bit of a Math function. */
const rounded = (svg: string): string =>
  svg.replace(/ (d|transform)="[^"]*"/g, d =>
    d.replace(/-?\d+\.\d+(e-?\d+)?/g, x => String(Number(Number(x).toFixed(2))))
  )

/** Renders a specification to the text of an SVG, the same for the same specification. Rejects whatever Vega complains of. */
const toSvg = async (spec: Spec): Promise<string> => {
  const complaints: unknown[] = []
  const log = logger(Warn, "error", (_method, _level, args) => void complaints.push(...args))
  // Vega marks the data that it reads, so it is given a copy.
  const view = new View(parse(structuredClone(spec)), { renderer: "none", logger: log })
  const svg = await view.toSVG().finally(() => view.finalize())
  if (complaints.length > 0) throw new Error(`Vega could not draw the figure: ${complaints.map(String).join("; ")}`)
  return rounded(svg)
}

/** Renders a specification into an SVG file, and makes its folders. */
export const writeSvg = async (path: string, spec: Spec): Promise<void> => {
  const svg = await toSvg(spec)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, svg)
}
