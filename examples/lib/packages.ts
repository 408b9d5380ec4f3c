/** Packages that come with a clone of the repository, and not with thalweg: some draw pictures, some hold data. */

const isMissing = (name: string, error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  error.code === "ERR_MODULE_NOT_FOUND" &&
  error.message.includes(`package '${name}'`)

/** What a package exports; `undefined` where it is not installed. */
export const ifInstalled = <A>(name: string, load: () => Promise<A>): Promise<A | undefined> =>
  load().catch((error: unknown) => {
    if (isMissing(name, error)) return undefined
    throw error
  })

/** The same of data, without which an example cannot go on. */
export const needed = async <A>(name: string, load: () => Promise<A>): Promise<A> => {
  const found = await ifInstalled(name, load)
  if (found === undefined) throw new Error(`this example reads data of a package of its own: npm install ${name}`)
  return found
}
