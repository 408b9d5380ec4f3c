import type { Errors, ValidationError } from "io-ts"

const show = (value: unknown): string =>
  Array.isArray(value)
    ? `an array of length ${value.length}`
    : typeof value === "object" && value !== null
      ? "an object"
      : typeof value === "string"
        ? JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
        : String(value)

const line = ({ context, value, message }: ValidationError): string => {
  const path = context
    .map(({ key }) => key)
    .filter(key => key !== "")
    .join("/")
  const expected = message ?? `expected ${context.at(-1)?.type.name ?? "something else"}`
  return `${path === "" ? "(root)" : path}: ${expected}; got ${show(value)}`
}

/** Errors of a decoder as lines of text, `x/3/17: expected a finite number; got "abc"`; at most `limit` (default 10) of them. */
export const report = (errors: Errors, limit = 10): readonly string[] => {
  const lines = errors.slice(0, limit).map(line)
  return errors.length > limit ? [...lines, `… and ${errors.length - limit} more`] : lines
}
