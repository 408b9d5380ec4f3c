type Cell = string | number

/** A number in three digits. */
export const showNumber = (x: number): string => x.toPrecision(3).replace(/e\+?/, "e")

const show = (cell: Cell): string => (typeof cell === "string" ? cell : showNumber(cell))

/** Prints rows under a title; the first column is text, numbers have three digits. */
export const printTable = (title: string, header: readonly string[], rows: readonly (readonly Cell[])[]): void => {
  const cells = [header, ...rows.map(row => row.map(show))]
  const widths = header.map((_, column) => Math.max(...cells.map(row => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ")
  console.log(`\n${title}\n${cells.map(line).join("\n")}`)
}
