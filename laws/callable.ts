/** A function that is called as a recipe is; what a recipe carries besides is not asked for. */
export type FunctionOf<R extends (...args: never) => unknown> = (...args: Parameters<R>) => ReturnType<R>
