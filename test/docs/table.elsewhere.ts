import { contribRows } from "./table.elsewhere.contrib.js"
import { kerasRows } from "./table.elsewhere.keras.js"
import { optaxRows } from "./table.elsewhere.optax.js"
import type { ElsewhereRow } from "./table.elsewhere.row.js"
import { scheduleElsewhere } from "./table.elsewhere.schedules.js"
import { codeOf } from "./table.elsewhere.text.js"
import { torchRows } from "./table.elsewhere.torch.js"
import { transformRows } from "./table.elsewhere.transforms.js"

/** A row as three cells: theirs, ours, and the golden cases that hold them together. */
export type Cells = readonly [theirs: string, ours: string, cases: string]

interface Written {
  /** Which of `table.elsewhere.*.ts` has the rows. */
  readonly file: string
  readonly rows: readonly ElsewhereRow[]
}

/** The rows for those who come from another library. */
export const elsewhere = {
  torch: { file: "torch", rows: torchRows },
  torchSchedules: { file: "schedules", rows: scheduleElsewhere.torch },
  optax: { file: "optax", rows: optaxRows },
  contrib: { file: "contrib", rows: contribRows },
  transforms: { file: "transforms", rows: transformRows },
  optaxSchedules: { file: "schedules", rows: scheduleElsewhere.optax },
  keras: { file: "keras", rows: kerasRows },
  kerasSchedules: { file: "schedules", rows: scheduleElsewhere.keras }
} as const satisfies Readonly<Record<string, Written>>

const code = (text: string): string => `\`${text}\``

/** A name is code; where there are words around it, they say themselves what is. */
const shown = (theirs: string): string => (theirs.includes("`") ? theirs : code(theirs))

/** The rows of a table, in words and code. */
export const cellsOf = ({ file, rows }: Written): readonly Cells[] => {
  const written = codeOf(`test/docs/table.elsewhere.${file}.ts`)
  return rows.map((row): Cells => {
    if (row.kind === "words") return [shown(row.theirs), row.says, ""]
    const ours = written.get(row.theirs)
    if (ours === undefined) throw new Error(`${file}: no code for "${row.theirs}"`)
    return [shown(row.theirs), code(ours), row.cases.map(code).join(", ")]
  })
}
