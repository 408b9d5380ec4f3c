/** A matrix as text: columns and rows are numbered. */
export const table = (matrix: readonly (readonly number[])[]): string => {
  const width = Math.max(3, ...matrix.flat().map(n => String(n).length)) + 1
  const cell = (text: string | number): string => String(text).padStart(width)
  const header = `${cell("")}${matrix.map((_, column) => cell(column)).join("")}`
  return [header, ...matrix.map((row, i) => `${cell(i)}${row.map(cell).join("")}`)].join("\n")
}
