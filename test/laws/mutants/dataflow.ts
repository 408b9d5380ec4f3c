import {
  add,
  cast,
  compile,
  cond,
  evaluate,
  flip,
  foldBatches,
  isTensor,
  scan,
  stepBatches,
  Tree,
  where,
  whileLoop,
  zeros,
  type Tensor
} from "thalweg"
import { dataflowLaws, type Dataflow } from "thalweg/laws"
import { isFloat } from "../../../src/dataflow/dtype.js"
import { dataOf, isLiteral } from "../../../src/dataflow/literal.js"
import type { Vertex } from "../../../src/dataflow/primitive.js"
import { mutant, read, throughF32, type Mutants } from "./mutant.js"

const engine: Dataflow = { compile, cond, evaluate, foldBatches, scan, stepBatches, whileLoop }
const broken = (parts: Partial<Dataflow>) => dataflowLaws({ ...engine, ...parts })

type Evaluate = (tree: Tree) => Tree
type AnyFunction = (...args: readonly Tree[]) => Tree

const evaluating = (how: Evaluate) => broken({ evaluate: how as typeof evaluate })
const compiling = (how: (f: AnyFunction) => AnyFunction) => broken({ compile: how as unknown as typeof compile })

/** The buffer of a literal, which only a wrong engine writes to. */
const bufferOf = (t: Vertex): Float64Array | undefined => (isLiteral(t) ? (dataOf(t) as Float64Array) : undefined)

const overwrite = (target: Vertex, source: Tensor): void => {
  const [to, from] = [bufferOf(target), bufferOf(source)]
  if (to !== undefined && from !== undefined && to.constructor === from.constructor && to.length === from.length)
    to.set(from)
}

const inPlace: Evaluate = tree => {
  const args = Tree.leaves(tree).map(t => t.args)
  const results = evaluate(tree)
  Tree.leaves(results).forEach((value, i) => args[i]?.forEach(a => overwrite(a, value)))
  return results
}

const uncleared = (): Evaluate => {
  let accumulated = 0
  return tree => {
    accumulated += 1
    return evaluate(Tree.map(t => (t.dtype === "bool" ? t : add(t, accumulated)))(tree))
  }
}

const freesShared: Evaluate = tree => {
  const seen = new Set<Tensor>()
  return evaluate(
    Tree.map(t => {
      const again = seen.has(t)
      seen.add(t)
      return again ? zeros(t.shape, t.dtype) : t
    })(tree)
  )
}

const freesResults = (): Evaluate => {
  const freed = new WeakSet<Vertex>()
  return tree => {
    const broken = Tree.map(t => (t.args.some(a => freed.has(a)) ? zeros(t.shape, t.dtype) : t))(tree)
    Tree.leaves(tree).forEach(t => freed.add(t))
    return evaluate(broken)
  }
}

const oneBuffer: Evaluate = tree => {
  const last = new Map<string, Tensor>()
  const key = (t: Tensor): string => `${t.dtype}${t.shape.join()}`
  const results = evaluate(tree)
  Tree.leaves(results).forEach(t => last.set(key(t), t))
  return Tree.map(t => last.get(key(t)) ?? t)(results)
}

const wide = (tree: Tree): Tree => Tree.map(t => (t.dtype === "f32" ? cast(t, "f64") : t))(tree)

const keepsF64 = (f: AnyFunction): AnyFunction => {
  return (...args) => {
    const dtypes = Tree.leaves(f(...args)).map(t => t.dtype)
    const results = f(...args.map(wide))
    let next = 0
    return evaluate(Tree.map(t => cast(t, dtypes[next++] ?? t.dtype))(results))
  }
}

/** Programs in a cache whose key leaves something out: a call is converted to the signature that came first. */
const forgetsDType = (f: AnyFunction): AnyFunction => {
  const known = new Map<string, readonly Tree[]>()
  return (...args) => {
    const key = Tree.leaves(args)
      .map(t => t.shape.join())
      .join(" ")
    const first = known.get(key) ?? args
    known.set(key, first)
    const planned = Tree.leaves(first).map(t => t.dtype)
    let next = 0
    return compile(f)(...Tree.map(t => cast(t, planned[next++] ?? t.dtype))(args))
  }
}

const remembersFirst = (f: AnyFunction): AnyFunction => {
  let result: Tree | undefined
  return (...args) => (result ??= compile(f)(...args))
}

/** Hands out the buffers of the call before, with new values in them. */
const reusesResults = (f: AnyFunction): AnyFunction => {
  const run = compile(f)
  let results: Tree | undefined
  return (...args) => {
    const next = run(...args)
    if (results === undefined || !Tree.sameStructure(results, next)) return (results = next)
    Tree.zipWith((old: Tensor, fresh: Tensor) => {
      overwrite(old, fresh)
      return old
    })(results, next)
    return results
  }
}

const overwritesArguments = (f: AnyFunction): AnyFunction => {
  const run = compile(f)
  return (...args) => {
    const results = run(...args)
    const numbers = Tree.leaves(args).filter(a => isFloat(a.dtype)) // no places, which would not be there then
    numbers.forEach(a => Tree.leaves(results).forEach(t => overwrite(a, t)))
    return results
  }
}

/** Keeps the state in the buffers of the one that it begins with. */
const carriesInPlace = ((step: (state: Tree, batch: Tree) => readonly [Tree, Tree]) =>
  (state: Tree, batches: Iterable<Tree>) => {
    const yielded = [...batches].map(batch => {
      const [next, value] = compile(step)(state, batch)
      Tree.zipWith((old: Tensor, fresh: Tensor) => (overwrite(old, fresh), old))(state, next)
      return value
    })
    return [state, yielded]
  }) as never

const clearsWhatThrew = (f: AnyFunction): AnyFunction => {
  const run = compile(f)
  return (...args) => {
    try {
      return run(...args)
    } catch (error) {
      Tree.leaves(args).forEach(a => bufferOf(a)?.fill(0))
      throw error
    }
  }
}

/** Goes on with the arguments that threw. */
const staysWhereItThrew = (f: AnyFunction): AnyFunction => {
  const run = compile(f)
  let threw: readonly Tree[] | undefined
  return (...args) => {
    const given = threw ?? args
    threw = given
    const result = run(...given)
    threw = undefined
    return result
  }
}

type Running = (state: Tree, batches: Iterable<Tree>) => Generator<Tree, Tree, "stop" | undefined>

const stepping = (how: (steps: Running) => Running) =>
  broken({ stepBatches: ((step: never) => how(stepBatches(step) as Running)) as never })

/** Is always a step ahead of what it yields. */
const ahead = stepping(
  steps =>
    function* (state, batches) {
      const running = steps(state, batches)
      let turn = running.next()
      while (turn.done !== true) {
        const next = running.next()
        const told = yield turn.value
        if (told === "stop" && next.done !== true) return running.next("stop").value
        turn = next
      }
      return turn.value
    }
)

const dropLast = <A>(list: Iterable<A>): readonly A[] => [...list].slice(0, -1)

export const dataflowMutants: Mutants = {
  "evaluate gives literals": [
    mutant(
      "evaluates nothing",
      evaluating(tree => tree)
    )
  ],
  "evaluate keeps structure, shapes and dtypes": [
    mutant(
      "knows f32 only",
      evaluating(tree => evaluate(Tree.map(t => (t.dtype === "f64" ? cast(t, "f32") : t))(tree)))
    )
  ],
  "evaluate is idempotent": [
    mutant(
      "unwraps tuples of one",
      evaluating(tree => {
        const result = evaluate(tree)
        return Array.isArray(result) && result.length === 1 && !isTensor(tree) ? (result[0] as Tree) : result
      })
    )
  ],
  "evaluate leaves inputs unchanged": [mutant("writes results over their first operand", evaluating(inPlace))],
  "the same inputs give the same bits": [mutant("does not clear what it accumulates into", evaluating(uncleared()))],
  "what was evaluated before does not matter": [
    mutant("frees the results of the call before", evaluating(freesResults()))
  ],
  "sharing does not matter": [mutant("frees a value after its first use", evaluating(freesShared))],
  "evaluate gives the same together and apart": [
    mutant("has one buffer for all results of a size", evaluating(oneBuffer))
  ],
  "compile agrees with evaluate": [mutant("does not round between operations to f32", compiling(keepsF64))],
  "one compiled function serves every signature": [
    mutant("leaves the dtype out of the key of its cache", compiling(forgetsDType)),
    mutant("takes its first arguments for constants", compiling(remembersFirst))
  ],
  "compiled functions compose": [
    mutant(
      "hands results out through buffers of f32",
      compiling(
        f =>
          (...args) =>
            evaluate(throughF32(f(...args)))
      )
    )
  ],
  "a compiled function can be compiled": [
    mutant(
      "reads its arguments",
      compiling(
        f =>
          (...args) =>
            compile(f)(...read(args))
      ),
      "UnboundInputError"
    )
  ],
  "evaluate changes nothing inside a compiled function": [
    mutant("reads every value", evaluating(read), "UnboundInputError")
  ],
  "compile leaves arguments unchanged": [mutant("writes results over its arguments", compiling(overwritesArguments))],
  "a compiled function has no memory": [mutant("hands out the buffers of the call before", compiling(reusesResults))],
  "foldBatches is the plain fold": [
    mutant(
      "leaves out the last batch",
      broken({
        foldBatches: ((step: never) => (state: never, batches: Iterable<never>) =>
          foldBatches(step)(state, dropLast(batches))) as never
      })
    ),
    mutant(
      "begins every step from the first state",
      broken({
        foldBatches: ((step: (state: Tree, batch: Tree) => readonly [Tree, Tree]) =>
          (state: Tree, batches: Iterable<Tree>) => {
            const steps = [...batches].map(batch => compile(step)(state, batch))
            return [steps.at(-1)?.[0] ?? state, steps.map(([, yielded]) => yielded)]
          }) as never
      })
    )
  ],
  "stepBatches makes the steps of the plain fold": [
    mutant(
      "leaves out the last batch",
      stepping(steps => (state, batches) => steps(state, dropLast(batches)))
    ),
    mutant(
      "returns the first state",
      stepping(
        steps =>
          function* (state, batches) {
            yield* steps(state, batches)
            return state
          }
      )
    )
  ],
  "stepBatches that is told to stop returns the state of its steps": [mutant("makes steps ahead", ahead)],
  "foldBatches tells onStep what it yields": [
    mutant(
      "counts from 1",
      broken({
        foldBatches: ((step: never, { onStep }: { onStep?: (yielded: Tree, index: number) => void } = {}) =>
          foldBatches(step, { onStep: (yielded: Tree, index: number) => onStep?.(yielded, index + 1) })) as never
      })
    )
  ],
  "scan is the unrolled loop": [
    mutant(
      "stacks in the order of steps, also backwards",
      broken({
        scan: ((body: never, init: never, xs: never, options: { reverse?: boolean }) => {
          const [carry, ys] = scan(body, init, xs, options)
          return [carry, options.reverse === true ? Tree.map(t => flip(t, 0))(ys) : ys]
        }) as never
      })
    ),
    mutant(
      "always walks forwards",
      broken({ scan: ((body: never, init: never, xs: never) => scan(body, init, xs)) as never })
    )
  ],
  "whileLoop that counts is the scan of that length": [
    mutant(
      "asks after the step, not before",
      broken({
        whileLoop: ((condition: never, body: (carry: Tree) => Tree, init: Tree, options: object) =>
          whileLoop(condition, body, body(init), options)) as never
      })
    ),
    mutant(
      "knows no max",
      broken({
        whileLoop: ((condition: never, body: never, init: Tree) => whileLoop(condition, body, init)) as never
      })
    )
  ],
  "cond is the branch that it chooses, and runs no other": [
    mutant(
      "computes both and picks",
      broken({
        cond: ((p: Tensor, f: (...xs: readonly Tree[]) => Tree, g: typeof f, ...xs: readonly Tree[]) =>
          Tree.zipWith((a: Tensor, b: Tensor) => where(p, a, b))(f(...xs), g(...xs))) as never
      }),
      "IndexError"
    ),
    mutant(
      "always takes the first",
      broken({ cond: ((p: Tensor, f: never, _: never, ...xs: never) => cond(p, f, f, ...(xs as []))) as never }),
      "IndexError"
    )
  ],
  "what a caller can see never changes": [
    mutant("writes results over its arguments", compiling(overwritesArguments)),
    mutant("hands out the buffers of the call before", compiling(reusesResults)),
    mutant("carries a state in the buffers of the first", broken({ foldBatches: carriesInPlace }))
  ],
  "a step that throws changes nothing": [
    mutant("clears the arguments of a step that threw", compiling(clearsWhatThrew)),
    mutant("goes on with the arguments that threw", compiling(staysWhereItThrew), "IndexError")
  ]
}
