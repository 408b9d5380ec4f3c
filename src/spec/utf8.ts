/** Every platform has these, but the types of the language have not. */
declare const TextEncoder: new () => { readonly encode: (text: string) => Uint8Array }
declare const TextDecoder: new (
  label: "utf-8",
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean }
) => { readonly decode: (bytes: Uint8Array) => string }

/** Text as bytes. */
export const toUtf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Bytes as text, or an error where they are none. */
export const fromUtf8 = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)

/** The text of a file, without the byte order mark with which some begin, or an error where it is none. */
export const fromFile = (bytes: Uint8Array): string => fromUtf8(bytes).replace(/^\ufeff/, "")
