/** What marks a tensor of any copy of the library; no JSON can hold it. */
export const BRAND = Symbol.for("thalweg/Tensor")

/** Whether a value is marked as a tensor, below where tensors are described. */
export const isBranded = (value: unknown): value is { readonly dtype: string; readonly shape: readonly number[] } =>
  typeof value === "object" && value !== null && (value as { readonly [BRAND]?: unknown })[BRAND] === true
