import { freezeAll } from "./freeze.js"

/** A function that has a name, as errors and summaries tell it, and more beside it; nobody can change it. */
export const withName = <F extends (...args: never) => unknown, M extends object>(name: string, f: F, more: M): F & M =>
  Object.freeze(Object.assign(Object.defineProperty(f, "name", { value: name }), freezeAll(more)))
