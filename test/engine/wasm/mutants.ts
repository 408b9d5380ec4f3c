import { readFileSync } from "node:fs"
import { basename, resolve } from "node:path"
import { build } from "esbuild"
import type { Engine } from "../../../src/engine/engine.js"
import type * as wasm from "../../../src/engine/wasm/engine.js"
import { hostOf } from "../../../src/engine/wasm/host.js"

/** A mistake in the engine: in a file, one text in place of another. */
export interface Mistake {
  readonly file: string
  readonly right: string
  readonly wrong: string
}

const mistake = (file: string, right: string, wrong: string): Mistake => ({ file, right, wrong })

/** Mistakes that such an engine can have, by what they are. */
export const mistakes: Readonly<Record<string, Mistake>> = {
  "a stride that is forgotten": mistake("view.ts", "stride * steps[axis]!", "stride"),
  "an axis that is not flipped": mistake("view.ts", "? -stride : stride", "? stride : stride"),
  "an offset that is forgotten": mistake("loop.ts", "i32(offset * WIDTH[node.dtype])", "i32(0)"),
  "axes that are merged although they are walked apart": mistake(
    "loop.ts",
    "before.strides.every((stride, k) => stride === axis.strides[k]! * axis.length)",
    "true"
  ),
  "a view that is taken for the whole": mistake(
    "view.ts",
    "if (offset !== 0 || sizeOf(shape) !== node.size) return false",
    ""
  ),
  "elements that are left over and not computed": mistake(
    "loop.ts",
    "when(get(counter), this.turns(level, 1, 1, counter))",
    "[]"
  ),
  "four elements where fewer are left": mistake("loop.ts", "this.gathered.length === 0 &&", ""),
  "a reduction that does not begin anew": mistake(
    "loop.ts",
    "[this.begin(), counted, this.finish(lanes)]",
    "[counted, this.finish(lanes)]"
  ),
  "lanes that are not added up": mistake("loop.ts", "isAcross ? this.combined(gathered) : []", "[]"),
  "an element that is added four times": mistake("loop.ts", "isOne ? this.alone(node, type, term) : term", "term"),
  "a sum of f32 in f32": mistake("loop.ts", 'dtype === "f32" && fn !== "max" && fn !== "min" ? "f64" : dtype', "dtype"),
  "a norm whose squares leave f64": mistake("graph.ts", "&& !isNarrow &&", "&& false &&"),
  "a sum that is written over what stands beside it": mistake("loop.ts", "sums : sums.slice(0, 1)", "sums : sums"),
  "a mean that is not divided": mistake("loop.ts", 'if (node.fn === "mean")', "if (false)"),
  "comparison of booleans as signed numbers": mistake(
    "lanes.ts",
    "bool: { ...bits, ...unsigned }",
    "bool: { ...bits, ...signed }"
  ),
  "a shift by more than there are bits": mistake("lanes.ts", "const far = by >>> 0 > 31", "const far = false"),
  "a choice the other way round": mistake(
    "lanes.ts",
    "simd(0x52, get(a![i]!), get(b![i]!), mask)",
    "simd(0x52, get(b![i]!), get(a![i]!), mask)"
  ),
  "a zero beside a choice that is not 0": mistake(
    "lanes.ts",
    "Object.is(constantIn(view), 0)",
    "constantIn(view) === 0"
  ),
  "an old value that is overwritten before it is read": mistake(
    "group.ts",
    "return reader.level < group.level || (reader.level === group.level && !late.has(reader))",
    "return true"
  ),
  "an old value that is overwritten while others of its loop read it elsewhere": mistake(
    "group.ts",
    'if (reader === group) return group.kind === "scalars" || isWhole(view)',
    "if (reader === group) return true"
  ),
  "two loops that overwrite what the other reads": mistake("group.ts", "if (crosses ||", "if ("),
  "a loop that does not wait for another": mistake("group.ts", "below + (inRegister(node, view) ? 0 : 1)", "below"),
  "a product whose batches are all the first": mistake("product.ts", 'next("b", param("bBatch"))', "[]"),
  "a product of the wrong columns": mistake("product.ts", "column >> 1", "column & 1"),
  "a product of axes in another order": mistake(
    "graph.ts",
    "[...leftBatch, ...rows, ...leftDepth]",
    "[...rows, ...leftBatch, ...leftDepth]"
  ),
  "a window without its holes": mistake("windows.ts", "view.strides[axis]! * dilations[i]!", "view.strides[axis]!"),
  "a single window that is summed in four lanes": mistake(
    "pools.ts",
    '(op.fn === "sum" && sizeOf(type.shape) === 1)',
    "false"
  ),
  "a convolution whose input is not spread": mistake(
    "windows.ts",
    "op.inputDilation.map(d => d - 1)",
    "axes.map(() => 0)"
  ),
  "a convolution of axes in another order": mistake("windows.ts", "1 + rows.indexOf(axis)", "axis"),
  "a NaN that is not the largest": mistake("pools.ts", 'is("ne", windows, windows)', 'is("lt", windows, windows)'),
  "a negative zero that is taken for a sum": mistake(
    "windows.ts",
    '"add", [view, scalar(0, type.dtype, nodes)]',
    '"copy", [view]'
  ),
  "windows that are summed elsewhere": mistake("windows.ts", "offset + (sizes[i]! - 1) * stride", "offset"),
  "windows that overlap, backwards": mistake(
    "pools.ts",
    "range(sizeOf(op.sizes)).toReversed()",
    "range(sizeOf(op.sizes))"
  ),
  "memory that is free too early": mistake("place.ts", "lastUse.get(node) === i", "true"),
  "memory that overlaps": mistake("place.ts", "this.top += bytes", "this.top += bytes / 2"),
  "an argument that is spent although it is a result": mistake("run.ts", "!kept.has(i) && ", ""),
  "a result that goes over an argument which is not spent": mistake(
    "run.ts",
    "(isSpent[over]! || cells[over] === undefined)",
    "true"
  ),
  "results that are given back": mistake("run.ts", "if (node.size > FEW) owned.keep(address)", "")
}

/** The engine with a mistake in it. */
export const mistaken = async ({ file, right, wrong }: Mistake): Promise<Engine> => {
  const folder = resolve("src/engine/wasm")
  const found = readFileSync(`${folder}/${file}`, "utf8").split(right)
  if (found.length !== 2) throw new Error(`${file} has ${found.length - 1} times ${JSON.stringify(right)}`)
  const { outputFiles } = await build({
    stdin: { contents: 'export { wasmEngine } from "./engine.ts"', resolveDir: folder },
    bundle: true,
    write: false,
    format: "esm",
    logLevel: "silent",
    plugins: [
      {
        name: "mistake",
        setup: building => {
          building.onLoad({ filter: /[\\/]wasm[\\/]\w+\.ts$/ }, ({ path }) => ({
            loader: "ts",
            contents: basename(path) === file ? found.join(wrong) : readFileSync(path, "utf8")
          }))
        }
      }
    ]
  })
  const code = Buffer.from(outputFiles[0]!.text).toString("base64")
  const { wasmEngine } = (await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)) as typeof wasm
  return wasmEngine(hostOf()!)
}
