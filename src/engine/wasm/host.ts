/** What of WebAssembly is used; the types of TypeScript have it only with those of browsers or of Node. */
export interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

export interface WebAssemblyHost {
  readonly validate: (bytes: Uint8Array) => boolean
  readonly Memory: new (options: { readonly initial: number; readonly maximum?: number }) => Memory
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}

/** WebAssembly of the host, if it has one. */
export const hostOf = (): WebAssemblyHost | undefined =>
  (globalThis as { readonly WebAssembly?: WebAssemblyHost }).WebAssembly
