import { clear, get, i32, I32, set, simd, splatF32, splatI32, V128 } from "./code.js"
import type { WebAssemblyHost } from "./host.js"
import { moduleOf } from "./module.js"

/** Throws what the host says to a module with vectors and bulk memory, if it does not take it. */
export const probe = ({ Module }: WebAssemblyHost): void => {
  const code = [set(1, simd(0xae, splatI32(1), splatI32(2))), clear(get(0), i32(0))]
  new Module(moduleOf([], [{ params: [I32], locals: [V128], code }]))
}

/** Whether it multiplies and adds in one instruction. */
export const canFuse = ({ validate }: WebAssemblyHost): boolean => {
  const [x, fused] = [splatF32(1), 0x105]
  return validate(moduleOf([], [{ params: [I32], locals: [V128], code: set(1, simd(fused, x, x, x)) }]))
}
