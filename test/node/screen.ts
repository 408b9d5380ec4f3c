import { Writable } from "node:stream"

/** A terminal of unlimited height, as far as a progress bar needs one: what a person would see on it. */
export class Screen extends Writable {
  readonly isTTY = true
  readonly columns: number
  /** Everything that was written. */
  written = ""
  private readonly rows: string[] = [""]
  private row = 0
  private column = 0
  private saved = { row: 0, column: 0 }

  constructor(columns = 80) {
    super({ decodeStrings: false })
    this.columns = columns
  }

  get lines(): readonly string[] {
    return this.rows.map(row => row.trimEnd())
  }

  override _write(chunk: string | Buffer, _: BufferEncoding, done: () => void): void {
    const text = chunk.toString()
    this.written += text

    for (const [part] of text.matchAll(/\u001b\[[?\d;]*[A-Za-z]|\u001b[78]|[^]/gu)) this.put(part)
    done()
  }

  private put(part: string): void {
    if (part === "\n") [this.row, this.column] = [this.row + 1, 0]
    else if (part === "\r" || part === "\u001b[1G") this.column = 0
    else if (part === "\u001b7") this.saved = { row: this.row, column: this.column }
    else if (part === "\u001b8") ({ row: this.row, column: this.column } = this.saved)
    else if (part === "\u001b[K" || part === "\u001b[0K") this.rows[this.row] = this.text().slice(0, this.column)
    else if (part.startsWith("\u001b")) throw new Error(`a terminal that knows ${JSON.stringify(part)}`)
    else {
      const text = this.text().padEnd(this.column)
      this.rows[this.row] = text.slice(0, this.column) + part + text.slice(this.column + 1)
      this.column++
    }
    while (this.rows.length <= this.row) this.rows.push("")
  }

  private text(): string {
    return this.rows[this.row] ?? ""
  }
}
