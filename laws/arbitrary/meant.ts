/** What the catalogue says of an option, as far as others may make it meaningless. */
interface Field {
  readonly default: unknown
  readonly beside?: string
  readonly when?: readonly unknown[]
}

/** Options without those that have no meaning beside the others. */
export const meant = <O>(
  fields: Readonly<Record<string, Field>>,
  options: Readonly<Record<string, O>>
): Readonly<Record<string, O>> =>
  Object.fromEntries(
    Object.entries(options).filter(([name]) => {
      const { beside: other, when } = fields[name] ?? {}
      if (other === undefined) return true
      return when === undefined ? options[other] !== undefined : when.includes(options[other] ?? fields[other]?.default)
    })
  )
