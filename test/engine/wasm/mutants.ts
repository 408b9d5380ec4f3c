import { readFileSync } from "node:fs"
import { basename, resolve } from "node:path"
import { build } from "esbuild"
import type { Engine } from "../../../src/engine/engine.js"
import type * as wasm from "../../../src/engine/wasm/engine.js"
import type { Kind } from "./kinds.js"
import { hostOf } from "../../../src/engine/wasm/host.js"

/** A mistake in the engine: in a file, one text in place of another. */
export interface Mistake {
  readonly file: string
  readonly right: string
  readonly wrong: string
}

/** A mistake, and the kind of programs that shows it. */
interface ShownMistake extends Mistake {
  readonly shown: Kind
}

const mistake = (file: string, right: string, wrong: string): Mistake => ({ file, right, wrong })

const shownBy = (shown: Kind, file: string, right: string, wrong: string): ShownMistake => ({
  ...mistake(file, right, wrong),
  shown
})

/** Mistakes that such an engine can have, by what they are. */
export const mistakes: Readonly<Record<string, ShownMistake>> = {
  "a stride that is forgotten": shownBy("random convolutions", "view.ts", "stride * steps[axis]!", "stride"),
  "an axis that is not flipped": shownBy("random products", "view.ts", "? -stride : stride", "? stride : stride"),
  "an offset that is forgotten": shownBy("random programs", "loop.ts", "i32(offset * WIDTH[node.dtype])", "i32(0)"),
  "axes that are merged although they are walked apart": shownBy(
    "random convolutions",
    "walk.ts",
    "before.strides.every((stride, k) => stride === axis.strides[k]! * axis.length)",
    "true"
  ),
  "a view that is taken for the whole": shownBy(
    "random poolings",
    "view.ts",
    "if (offset !== 0 || sizeOf(shape) !== node.size) return false",
    ""
  ),
  "elements that are left over and not computed": shownBy(
    "random programs",
    "loop.ts",
    "when(get(counter), this.turns(level, 1, 1, counter))",
    "[]"
  ),
  "four elements where fewer are left": shownBy("random loops", "loop.ts", "this.gathered.length === 0 &&", ""),
  "a reduction that does not begin anew": shownBy(
    "random programs",
    "loop.ts",
    "[this.gathered.map(begun), counted, this.finish(lanes)]",
    "[counted, this.finish(lanes)]"
  ),
  "lanes that are not added up": shownBy(
    "reductions at the ends of the exponent",
    "gather.ts",
    "isAcross ? combined(gathered) : []",
    "[]"
  ),
  "an element that is added four times": shownBy(
    "random programs of odd sizes",
    "gather.ts",
    "isAlone ? alone(node, type, term) : term",
    "term"
  ),
  "an element beside what is not computed": shownBy(
    "reductions at the ends of the exponent",
    "gather.ts",
    "isAlone ? alone",
    'isAlone && fold !== "min" ? alone'
  ),
  "a sum of f32 in f32": shownBy(
    "random programs",
    "gather.ts",
    'dtype === "f32" && fn !== "max" && fn !== "min" ? "f64" : dtype',
    "dtype"
  ),
  "a norm whose squares leave f64": shownBy(
    "reductions at the ends of the exponent",
    "graph.ts",
    "&& !isNarrow &&",
    "&& false &&"
  ),
  "a sum that is written over what stands beside it": shownBy(
    "reductions at the ends of the exponent",
    "gather.ts",
    "sums : sums.slice(0, 1)",
    "sums : sums"
  ),
  "a mean that is not divided": shownBy("random programs", "gather.ts", 'if (node.fn === "mean")', "if (false)"),
  "comparison of booleans as signed numbers": shownBy(
    "random programs",
    "lanes.ts",
    "bool: { ...bits, ...unsigned }",
    "bool: { ...bits, ...signed }"
  ),
  "a shift by more than there are bits": shownBy(
    "random steps of a state, in place",
    "lanes.ts",
    "const far = by >>> 0 > 31",
    "const far = false"
  ),
  "a choice the other way round": shownBy(
    "reductions at the ends of the exponent",
    "lanes.ts",
    "simd(0x52, x, b![i]!, mask)",
    "simd(0x52, b![i]!, x, mask)"
  ),
  "a zero beside a choice that is not 0": shownBy(
    "random steps of a state, in place",
    "lanes.ts",
    "Object.is(constantIn(views[arg]!), 0)",
    "constantIn(views[arg]!) === 0"
  ),
  "an old value that is overwritten before it is read": shownBy(
    "random loops",
    "group.ts",
    "return reader.level < group.level || (reader.level === group.level && !late.has(reader))",
    "return true"
  ),
  "an old value that is overwritten while others of its loop read it elsewhere": shownBy(
    "random loops",
    "group.ts",
    "if (reader === group) return isWhole(view)",
    "if (reader === group) return true"
  ),
  "a routine that overwrites what it is changed by": shownBy(
    "random loops",
    "group.ts",
    "return own.length === 1 &&",
    "return own.length > 0 &&"
  ),
  "a value on its way to another that somebody else reads": shownBy(
    "random loops",
    "updates.ts",
    "|| isReadElsewhere(before)",
    ""
  ),
  "few sums without the rest": shownBy("random loops", "routines.ts", "[isFew ? copied : [], there", "[there"),
  "a base that is not where the result is, and not copied": shownBy(
    "random loops",
    "routines.ts",
    "when(plain(0x47, get(from), get(to)), copyBytes(get(to), get(from), bytes))",
    "[]"
  ),
  "two loops that overwrite what the other reads": shownBy(
    "random loops",
    "group.ts",
    "if (crossing.has(group) ||",
    "if ("
  ),
  "a loop that does not wait for another": shownBy(
    "random programs",
    "group.ts",
    "below + (inRegister(node, view) ? 0 : 1)",
    "below"
  ),
  "a value that is given twice and not copied": shownBy(
    "random steps of a state, in place",
    "held.ts",
    "heap.write(cell.type.dtype, cell.address, data)",
    ""
  ),
  "a product whose batches are all the first": shownBy(
    "random products",
    "product.ts",
    "advance(p.b, get(p.bBatch))",
    "[]"
  ),
  "a product that forgets all but the last part of its depth": shownBy(
    "random products",
    "product.ts",
    "...operands, get(p.at), outRow, get(p.k0)",
    "...operands, get(p.at), outRow, i32(0)"
  ),
  "a product that forgets it at its edges": shownBy(
    "random products",
    "product.ts",
    "columnsLeft, get(p.at), outRow, get(p.k0)",
    "columnsLeft, get(p.at), outRow, i32(0)"
  ),
  "a product that takes more rows than are packed": shownBy(
    "random products",
    "product.ts",
    "part(p.rows, p.i0, MOST_ROWS)",
    "get(p.rows)"
  ),
  "a product that takes more columns than are packed": shownBy(
    "random products",
    "product.ts",
    "part(p.columns, p.j0, MOST_COLUMNS)",
    "get(p.columns)"
  ),
  "a product of squares that are turned the wrong way": shownBy(
    "random products",
    "product.ts",
    "mix(a, low, e, g), mix(b, high, e, g)",
    "mix(a, high, e, g), mix(b, low, e, g)"
  ),
  "a product whose panels overlap": shownBy(
    "random products",
    "product.ts",
    "TILE + roundedUp(Math.min(rows, MOST_ROWS), ROWS) * line",
    "TILE + Math.min(rows, MOST_ROWS) * line - line"
  ),
  "a product of integers that does not wrap around": shownBy("random programs", "product.ts", "i32: 0xb5", "i32: 0xe6"),
  "a product of axes in another order": shownBy(
    "random products",
    "graph.ts",
    "[...leftBatch, ...rows, ...leftDepth]",
    "[...rows, ...leftBatch, ...leftDepth]"
  ),
  "a loop in reverse that begins at the front": shownBy(
    "random programs",
    "scan.ts",
    "reverse ? add(address",
    "false ? add(address"
  ),
  "a loop in reverse that goes forward": shownBy("random programs", "scan.ts", "reverse ? -bytes : bytes", "bytes"),
  "a loop that begins with any carry": shownBy("random loops", "scan.ts", "copied(own, first, arg)", "[]"),
  "constants of a loop that are not there": shownBy(
    "random loops",
    "scan.ts",
    "constants.map((node, i) => fill(node, addressOf(given[firstConstant + i]!)))",
    "[]"
  ),
  "a loop that does not ask how often it runs": shownBy(
    "random loops",
    "scan.ts",
    "choose(isPositive, atMost(i32(length), get(left)), i32(0))",
    "i32(length)"
  ),
  "a loop that runs more often than there are slices": shownBy(
    "random loops",
    "scan.ts",
    "atMost(i32(length), get(left))",
    "get(left)"
  ),
  "a loop that runs once where it should never": shownBy(
    "random loops",
    "scan.ts",
    "counted ? when(get(left), turns) : turns",
    "turns"
  ),
  "a loop that begins behind the slices that it is to come to": shownBy(
    "gradients of random programs",
    "scan.ts",
    "counted ? mul(get(left), i32(bytes)) : i32(length * bytes)",
    "i32(length * bytes)"
  ),
  "a loop that does not end by what it computed": shownBy(
    "random loops",
    "scan.ts",
    "end === undefined ? get(left)",
    "true ? get(left)"
  ),
  "slices that are not come to and not 0": shownBy(
    "random loops",
    "scan.ts",
    "counted || exits ? cleared : loop",
    "loop"
  ),
  "slices that are 0 only if the loop goes back": shownBy(
    "random loops",
    "scan.ts",
    "[rest, loop] : [loop, rest]",
    "[rest, loop] : loop"
  ),
  "slices that are 0 only if the loop goes forward": shownBy(
    "gradients of random programs",
    "scan.ts",
    "[rest, loop] : [loop, rest]",
    "loop : [loop, rest]"
  ),
  "results of a loop that are computed apart": shownBy(
    "random loops",
    "group.ts",
    'node.kind === "called" ? node.call.results : [node]',
    "[node]"
  ),
  "a carry that stays where it was": shownBy(
    "random loops",
    "scan.ts",
    "over === args[captured + i]",
    "body.graph.nodes.includes(node)"
  ),
  "a part that is written over the first": shownBy("random programs", "assembly.ts", "(i === axis ? before : 0)", "0"),
  "a part that is cut at the wrong place": shownBy(
    "random movements",
    "assembly.ts",
    "start: start + first * step",
    "start"
  ),
  "an axis of another length that is taken for the same": shownBy(
    "random movements",
    "assembly.ts",
    "sizeOf(to.slice(0, i)) === before",
    "true"
  ),
  "padding that is not between the elements": shownBy("random convolutions", "assembly.ts", "low + 1 + i", "low + i"),
  "rows of gaps that are padded at their front": shownBy(
    "random movements",
    "building.ts",
    "[[0, 0], [0, k]]",
    "[[0, 0], [k, 0]]"
  ),
  "cropped elements that are kept": shownBy(
    "random convolutions",
    "assembly.ts",
    "own.map(({ first }) => first)",
    "own.map(() => 0)"
  ),
  "four elements side by side that stand apart": shownBy(
    "random convolutions",
    "elements.ts",
    "if (stride !== 1)",
    "if (false)"
  ),
  "four elements where others stand behind": shownBy(
    "random steps of a state, in place",
    "loop.ts",
    " && node.size === axis!.length",
    ""
  ),
  "a rotation by one bit more": shownBy("random movements", "lanes.ts", "i32(32 - by)", "i32(31 - by)"),
  "the first error of another order": shownBy(
    "random movements",
    "engine.ts",
    "if (!spend.includes(true))",
    "if (false)"
  ),
  "an order that is not stable": shownBy(
    "random movements",
    "routines.ts",
    "plain(LESS[dtype], get(b), get(a))",
    "isZero(plain(LESS[dtype], get(a), get(b)))"
  ),
  "an order of NaNs": shownBy(
    "random programs",
    "routines.ts",
    "or(isLower, and(isNaN(dtype, a), isZero(isNaN(dtype, b))))",
    "isLower"
  ),
  "an order that ends too early": shownBy(
    "gradients of random programs",
    "routines.ts",
    "isLess(get(run), line)",
    "i32(0)"
  ),
  "a run beyond its line": shownBy(
    "random programs",
    "routines.ts",
    "choose(isLess(after, line), after, line)",
    "after"
  ),
  "an index into what is empty": shownBy(
    "random movements",
    "graph.ts",
    "if (mayThrow(step, args)) return undefined",
    ""
  ),
  "a call that nobody reads and that may throw": shownBy(
    "random movements",
    "graph.ts",
    '({ kind }) => kind === "called"',
    "() => false"
  ),
  "a carry that no slice reaches": shownBy("random movements", "graph.ts", "args[op.captured + i]!", "none(type)"),
  "sums over nothing that are nothing": shownBy(
    "random movements",
    "graph.ts",
    "if (args.every(isEmpty))",
    "if (false)"
  ),
  "padding of nothing": shownBy("random movements", "graph.ts", 'op.kind === "pad" ?', "false ?"),
  "an index that is one too large": shownBy(
    "random movements",
    "routines.ts",
    "plain(0x4f, tee(index",
    "plain(0x4b, tee(index"
  ),
  "a batch that has the indices of the first": shownBy(
    "gradients of random programs",
    "routines.ts",
    "set(places, get(place))",
    "[]"
  ),
  "sums at indices of f32 in f32": shownBy(
    "random movements",
    "routines.ts",
    'dtype === "f32" ? "f64" : dtype',
    "dtype"
  ),
  "work on what others have written": shownBy(
    "random movements",
    "place.ts",
    "roundedUp(routine?.workspace ?? 0)",
    "0"
  ),
  "a NaN that is no maximum": shownBy("random movements", "routines.ts", "or(isMore, isNaN(dtype, value))", "isMore"),
  "a maximum after a NaN": shownBy("random movements", "routines.ts", "isZero(isNaN(dtype, best))", "i32(1)"),
  "sums from the wrong end": shownBy("random programs", "routines.ts", "(reverse ? sub : add)(", "add("),
  "a window without its holes": shownBy(
    "random convolutions",
    "windows.ts",
    "view.strides[axis]! * dilations[i]!",
    "view.strides[axis]!"
  ),
  "a single window that is summed in four lanes": shownBy(
    "random poolings",
    "windows.ts",
    "if (sizeOf(type.shape) > 1)",
    "if (true)"
  ),
  "a convolution whose input is not spread": shownBy(
    "random convolutions",
    "windows.ts",
    "op.inputDilation.map(d => d - 1)",
    "axes.map(() => 0)"
  ),
  "a convolution of axes in another order": shownBy(
    "random convolutions",
    "windows.ts",
    "1 + rows.indexOf(axis)",
    "axis"
  ),
  "a NaN that is not the largest": shownBy(
    "random poolings",
    "pools.ts",
    '"ne", windows, windows',
    '"lt", windows, windows'
  ),
  "a negative zero that is taken for a sum": shownBy(
    "random poolings",
    "building.ts",
    'fn === "sum" || fn === "mean"',
    "false"
  ),
  "a norm with a sign": shownBy(
    "reductions at the ends of the exponent",
    "building.ts",
    'if (fn === "norm")',
    "if (false)"
  ),
  "windows that are summed elsewhere": shownBy(
    "random convolutions",
    "windows.ts",
    "offset + (sizes[i]! - 1) * stride",
    "offset"
  ),
  "windows that overlap, backwards": shownBy(
    "random poolings",
    "pools.ts",
    "range(sizeOf(op.sizes)).toReversed()",
    "range(sizeOf(op.sizes))"
  ),
  "memory that is free too early": shownBy("random convolutions", "place.ts", "lastUse.get(node) === i", "true"),
  "memory that overlaps": shownBy("random programs", "place.ts", "this.top += bytes", "this.top += bytes / 2"),
  "an argument that is spent although it is a result": shownBy(
    "random steps of a state, in place",
    "run.ts",
    " && !kept.has(i)",
    ""
  ),
  "a result that goes over an argument which is not spent": shownBy(
    "random steps of a state, in place",
    "run.ts",
    "(isSpent[over]! || cells[over] === undefined)",
    "true"
  ),
  "results that are given back": shownBy("random loops", "run.ts", "if (isHeld) owned.keep(address)", "")
}

/** Mistakes in who holds what memory. */
export const mistakesInSharing: Readonly<Record<string, Mistake>> = {
  "a value that others hold and that is spent": mistake("held.ts", "cell.isShared = true", "cell.isShared = false"),
  "an argument that is a result, and is spent later": mistake("run.ts", "nodes[i] === undefined || ", ""),
  "a value that is two results, one of which is spent": mistake("run.ts", " || several.has(nodes[i])", ""),
  "a result over an argument that somebody holds": mistake(
    "run.ts",
    "(isSpent[over]! || cells[over] === undefined)",
    "true"
  ),
  "memory of arguments that is given back": mistake(
    "run.ts",
    "cells[i]?.address ?? taken.take(bytes)",
    "taken.add(cells[i]?.address ?? heap.take(bytes), bytes)"
  )
}

/** Mistakes in functions of elements. */
export const mistakesInFunctions: Readonly<Record<string, Mistake>> = {
  "integers without a sign as if they had one": mistake("lanes.ts", 'dtype === "i32" ? 0xb7 : 0xb8', "0xb7"),
  "the second of two pairs forgotten": mistake(
    "lanes.ts",
    "simd(0x21, lane < 2 ? a! : b!), lane & 1]",
    "simd(0x21, a!), lane & 1]"
  ),
  "fewer elements than count": mistake("lanes.ts", "range(count).map(lane =>", "range(1).map(lane =>"),
  "a shift that keeps a sign where there is none": mistake(
    "functions.ts",
    "shiftRight: shiftedRightUnsigned",
    "shiftRight: shiftedRight"
  ),
  "a quotient by zero": mistake("lanes.ts", "simd(ne!, b, splatI32(0))", "splatI32(-1)"),
  "a quotient that is rounded": mistake("lanes.ts", "simd(0x7a, simd(0xf3,", "simd(0x94, simd(0xf3,"),
  "the upper half of four forgotten": mistake("lanes.ts", "simd(opcode, upper(v))]", "simd(opcode, v)]"),
  "a logarithm of what is not normal": mistake("elementary.ts", "w.within(isNormal(x))", ""),
  "a logarithm without its rest": mistake("elementary.ts", "add(sub(m, near), mul(rest, scale()))", "sub(m, near)"),
  "a sine beside a zero": mistake("elementary.ts", "or(ge(abs(t), c(2 ** -20)), eq(steps, c(0)))", "eq(t, t)"),
  "an exponential that ends too early": mistake("elementary.ts", "c(711)", "c(709)"),
  "octaves in halves that do not add up": mistake("elementary.ts", "subWords(wordsDown(word, 7), half)", "half"),
  "a row of the table for two": mistake("four.ts", "ROW * (2 ** bits - 1)", "ROW * (2 ** bits - 2)"),
  "the lowest part of a product forgotten": mistake("elementary.ts", ", mul(aLow, bLow))", ")"),
  "a quotient without the remainder of what was added": mistake("elementary.ts", "mul(quotient, belowRest)", "c(0)"),
  "a tanh without the sign of zero": mistake(
    "elementary.ts",
    "size, value), and(x, c(-0))",
    "size, value), and(lt(x, c(0)), c(-0))"
  ),
  "an erf without a sign": mistake("elementary.ts", "or(value, and(x, c(-0)))", "value"),
  "an erf without the rest of its slope": mistake("elementary.ts", "mul(slopeLow, t), second)", "second)"),
  "an erf that ends too early": mistake("elementary.ts", "choose(ge(size, c(END))", "choose(ge(size, c(END - 0.5))"),
  "a power of one that is not one": mistake("elementary.ts", "lt(abs(y), c(2 ** 64))", "eq(x, x)")
}

/** Makes engines with a mistake in them. */
export const mistaken = async ({ file, right, wrong }: Mistake): Promise<() => Engine> => {
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
  return () => wasmEngine(hostOf()!)
}
