/** The one effect: a specification becomes a file. */

import { mkdir, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import type * as Vega from "vega"
import { ifInstalled } from "../packages.js"

/** Rounds coordinates to 1/100 px: smaller files, which do not hang on the last bit of a Math function. */
const rounded = (svg: string): string =>
  svg.replace(/ (d|transform)="[^"]*"/g, d =>
    d.replace(/-?\d+\.\d+(e-?\d+)?/g, x => String(Number(Number(x).toFixed(2))))
  )

/** Renders a specification to the text of an SVG, the same for the same specification. Rejects whatever Vega complains of. */
const toSvg = async ({ View, Warn, logger, parse }: typeof Vega, spec: Vega.Spec): Promise<string> => {
  const complaints: unknown[] = []
  const log = logger(Warn, "error", (_method, _level, args) => void complaints.push(...args))
  // Vega marks the data that it reads, so it is given a copy.
  const view = new View(parse(structuredClone(spec)), { renderer: "none", logger: log })
  const svg = await view.toSVG().finally(() => view.finalize())
  if (complaints.length > 0) throw new Error(`Vega could not draw the figure: ${complaints.map(String).join("; ")}`)
  return rounded(svg)
}

/** Renders a specification into an SVG file, and makes its folders; without Vega, it says how to get a picture. */
export const writeSvg = async (path: string, spec: Vega.Spec): Promise<void> => {
  const vega = await ifInstalled("vega", () => import("vega"))
  if (vega === undefined) {
    console.log(`${path} was not drawn: npm install vega`)
    return
  }
  const svg = await toSvg(vega, spec)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, svg)
}
