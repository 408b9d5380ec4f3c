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
  "a part that is written over the first": mistake("assembly.ts", "(i === axis ? before : 0)", "0"),
  "a part that is cut at the wrong place": mistake("assembly.ts", "start: start + first * step", "start"),
  "an axis of another length that is taken for the same": mistake(
    "assembly.ts",
    "sizeOf(to.slice(0, i)) === before",
    "true"
  ),
  "padding that is not between the elements": mistake("assembly.ts", "low + 1 + i", "low + i"),
  "cropped elements that are kept": mistake("assembly.ts", "own.map(({ first }) => first)", "own.map(() => 0)"),
  "four elements side by side that stand apart": mistake("elements.ts", "if (stride !== 1)", "if (false)"),
  "four elements where others stand behind": mistake("loop.ts", " && node.size === axis!.length", ""),
  "a scalar that is written over the first": mistake("emit.ts", "place.offset * WIDTH[node.dtype]", "0"),
  "a rotation by one bit more": mistake("lanes.ts", "i32(32 - by)", "i32(31 - by)"),
  "a rotation the other way round": mistake("scalars.ts", "plain(0x77, args", "plain(0x78, args"),
  "an index that is one too large": mistake("routines.ts", "plain(0x4f, tee(index", "plain(0x4b, tee(index"),
  "a batch that has the indices of the first": mistake("routines.ts", "set(places, get(place))", "[]"),
  "sums at indices of f32 in f32": mistake("routines.ts", 'dtype === "f32" ? "f64" : dtype', "dtype"),
  "work on what others have written": mistake("place.ts", "(group.call.routine?.workspace ?? 0) / BLOCK", "0"),
  "a NaN that is no maximum": mistake("routines.ts", "plain(0x72, isMore, isNaN(value))", "isMore"),
  "a maximum after a NaN": mistake("routines.ts", "plain(0x45, isNaN(best))", "i32(1)"),
  "sums from the wrong end": mistake("routines.ts", "plain(reverse ? 0x6b : 0x6a,", "plain(0x6a,"),
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
