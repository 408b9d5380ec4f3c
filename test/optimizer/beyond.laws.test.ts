import { describe, expect, test } from "vitest"
import { evaluate, item, mul, neg, reshape, scalar, tensor, toArray, Tree, type Tensor } from "thalweg"
import {
  acprop,
  adabelief,
  adafactor,
  adam,
  adamaxw,
  adan,
  ademamix,
  adopt,
  asgd,
  cocob,
  dadaptAdamw,
  dog,
  dowg,
  fromage,
  lamb,
  lars,
  lion,
  madgrad,
  momo,
  momoAdam,
  muon,
  nadamw,
  noisySgd,
  novograd,
  optimisticAdam,
  optimisticGradientDescent,
  polyakSgd,
  prodigy,
  scheduleFree,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  signSgd,
  signum,
  simplifiedAdemamix,
  sm3,
  yogi,
  type Optimizer
} from "thalweg/optimizer"
import { key } from "thalweg/random"
import { globalNorm, type AtLoss, type StateFamily } from "thalweg/transform"

const options = { dtype: "f64" } as const
const params0 = {
  w: tensor(
    [
      [0.5, -1.25, 2],
      [1, 3.5, -0.75]
    ],
    options
  ),
  b: tensor([0.125, -0.25, 0.5, 1], options)
}
const grads = [
  {
    w: tensor(
      [
        [1, -2, 0.5],
        [3, 0.25, -4]
      ],
      options
    ),
    b: tensor([-1, 0.5, 2, 0.125], options)
  },
  {
    w: tensor(
      [
        [-2, -1, 0.75],
        [1, -0.5, 2]
      ],
      options
    ),
    b: tensor([1, 0.25, 1, -3], options)
  },
  {
    w: tensor(
      [
        [0.5, 4, -1],
        [-1, 2, 0.5]
      ],
      options
    ),
    b: tensor([2, -0.75, -1, 1], options)
  }
]

type Any = Optimizer<StateFamily>
type Params = Tree
const any = <F extends StateFamily>(optimizer: Optimizer<F>): Any => optimizer

/** The parameters after each step. */
const trajectory = (optimizer: Any, gs: readonly Params[] = grads, p0: Params = params0): readonly unknown[] => {
  let [params, state] = [p0, optimizer.init(p0)]
  return gs.map(g => {
    ;[params, state] = evaluate(optimizer.step(params, state, g)) as [Params, Tree]
    return Tree.leaves(params).map(t => toArray(t))
  })
}
const close = (a: unknown, b: unknown, digits = 12): void => {
  const [x, y] = [a, b].map(v => (v as readonly unknown[]).flat(4) as number[])
  expect(x?.length).toBe(y?.length)
  x?.forEach((v, i) => expect(v).toBeCloseTo(y?.[i] ?? NaN, digits))
}
const times = (factor: number) => grads.map(Tree.map(g => mul(g, factor)))

const k = 0.1
/** Every optimizer without ε and decay: its name, itself. */
const all: Readonly<Record<string, Any>> = {
  lion: any(lion({ learningRate: k })),
  signSgd: any(signSgd({ learningRate: k })),
  signum: any(signum({ learningRate: k })),
  adabelief: any(adabelief({ eps: 0, epsRoot: 0 })),
  yogi: any(yogi({ eps: 0, initialAccumulator: 0 })),
  adamaxw: any(adamaxw({ eps: 0, weightDecay: 0 })),
  nadamw: any(nadamw({ eps: 0, weightDecay: 0 })),
  novograd: any(novograd({ eps: 0 })),
  lars: any(lars({ learningRate: k })),
  lamb: any(lamb({ eps: 0 })),
  adan: any(adan({ eps: 0 })),
  ademamix: any(ademamix({ eps: 0, warmupSteps: 2 })),
  adopt: any(adopt({ eps: 0 })),
  madgrad: any(madgrad({ eps: 0 })),
  optimisticGradientDescent: any(optimisticGradientDescent({ learningRate: k })),
  optimisticAdam: any(optimisticAdam({ eps: 0 })),
  acprop: any(acprop({ eps: 0, epsRoot: 0 })),
  simplifiedAdemamix: any(simplifiedAdemamix({ learningRate: k, eps: 0 })),
  asgd: any(asgd({ learningRate: k, weightDecay: 0 })),
  cocob: any(cocob()),
  fromage: any(fromage({ learningRate: k })),
  sm3: any(sm3({ learningRate: k })),
  adafactor: any(adafactor({ eps1: 0 })),
  dog: any(dog({ eps: 0 })),
  dowg: any(dowg({ eps: 0 })),
  scheduleFreeSgd: any(scheduleFreeSgd({ learningRate: k })),
  scheduleFreeAdamw: any(scheduleFreeAdamw({ eps: 0 })),
  prodigy: any(prodigy({ eps: 0 })),
  dadaptAdamw: any(dadaptAdamw({ eps: 0 })),
  muon: any(muon({ eps: 0 }, adam({ eps: 0 })))
}
const named = (names: readonly string[]) => names.map(name => [name, all[name] as Any] as const)
const except = (...names: readonly string[]) => named(Object.keys(all).filter(name => !names.includes(name)))

describe("laws", () => {
  const zeros = grads.map(g => Tree.zerosLike(g))

  test.each(except("fromage"))("%s: zero gradients from a fresh state move nothing, even without ε", (_, optimizer) => {
    close(
      trajectory(optimizer, zeros),
      zeros.map(() => Tree.leaves(params0).map(t => toArray(t))),
      15
    )
  })

  test("fromage shrinks the parameters where gradients are zero, as in the paper", () => {
    const shrunk = Tree.leaves(params0).map(t => toArray(mul(t, 1 / Math.sqrt(1 + k * k))))
    close(trajectory(all["fromage"] as Any, zeros.slice(0, 1)), [shrunk])
  })

  const sees = ["madgrad", "optimisticGradientDescent", "asgd", "acprop", "scheduleFreeSgd"]
  test.each(except(...sees))("%s does not see the scale of the gradients", (_, optimizer) => {
    expect(trajectory(optimizer, times(2 ** -4))).toEqual(trajectory(optimizer))
  })

  test.each(named(sees))("%s sees it", (_, optimizer) => {
    expect(trajectory(optimizer, times(2 ** -4))).not.toEqual(trajectory(optimizer))
  })

  const aboutTheParameters = [
    "lars",
    "lamb",
    "fromage",
    "adafactor",
    "dog",
    "dowg",
    "prodigy",
    "madgrad",
    "scheduleFreeSgd",
    "scheduleFreeAdamw"
  ]
  test.each(except(...aboutTheParameters))("%s: negated gradients give negated displacements", (_, optimizer) => {
    const from0 = (gs: readonly Params[]) => trajectory(optimizer, gs, Tree.zerosLike(params0))
    const negated = from0(grads.map(Tree.map(neg))) as readonly (readonly number[])[][]
    close(
      negated.flat(4).map(x => -x),
      (from0(grads) as readonly number[][]).flat(4),
      15
    )
  })

  const acrossLeaves = ["novograd", "lars", "lamb", "fromage", "sm3", "adafactor", "muon"]
  const acrossTree = ["dog", "dowg", "prodigy", "dadaptAdamw"]
  const flat = (t: Params) => Tree.map((x: Tensor) => reshape(x, [-1]))(t)
  const joined = ({ w, b }: typeof params0) => [reshape(w, [3, 2]), b]

  test.each(except(...acrossLeaves, ...acrossTree))("%s commutes with reshaping", (_, optimizer) => {
    const flattened = trajectory(optimizer, grads.map(flat), flat(params0))
    expect((flattened as readonly number[][]).flat(4)).toEqual((trajectory(optimizer) as number[][]).flat(4))
  })

  test.each(named(acrossTree))("%s does not see how parameters are divided into leaves", (_, optimizer) => {
    close(
      trajectory(optimizer, grads.map(joined), joined(params0)).map(leaves => (leaves as unknown[]).toReversed()),
      trajectory(optimizer)
    )
  })

  test.each(named(acrossLeaves))("%s looks across a leaf: dividing it changes the run", (_, optimizer) => {
    const rows = (t: typeof params0) => [
      t.b,
      ...[0, 1].map(i => tensor((toArray(t.w) as number[][])[i] ?? [], options))
    ]
    const divided = trajectory(optimizer, grads.map(rows), rows(params0)) as readonly number[][]
    expect(divided.flat(4)).not.toEqual((trajectory(optimizer) as number[][]).flat(4))
  })
})

test("muon's steps have singular values near η", () => {
  const { w } = any(muon({ learningRate: 1, adjust: "none" })).update(
    grads[0] as Tree,
    muon().init(params0),
    params0
  )[0] as typeof params0
  const [a = [], b = []] = toArray(w) as number[][]
  const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((n, v, i) => n + v * (y[i] ?? NaN), 0)
  const [trace, det] = [dot(a, a) + dot(b, b), dot(a, a) * dot(b, b) - dot(a, b) ** 2]
  const root = Math.sqrt(trace ** 2 / 4 - det)
  for (const value of [trace / 2 - root, trace / 2 + root]) expect(Math.abs(Math.sqrt(value) - 1)).toBeLessThan(0.35)
})

test("asgd says the rate in force, and deploys the average of what it did not skip", () => {
  const [p0, g] = [scalar(8, "f64"), scalar(0, "f64")]
  const opt = asgd({ learningRate: 1, weightDecay: 0.5, power: 2, skip: 1 })
  const [p1, s1] = opt.step(p0, opt.init(p0), g)
  const [p2, s2] = opt.step(p1, s1, scalar(-20, "f64"))
  const [p3, s3] = opt.step(p2, s2, scalar(8, "f64"))
  expect([opt.init(p0), s1, s2].map(s => item(opt.rate(s)))).toEqual([1, 1 / 1.5 ** 2, 1 / 4])
  expect(item(p1)).toBe(4) // 8 - ½·8
  expect([opt.evalParams(p1, s1), opt.evalParams(p2, s2)].map(item)).toEqual([p1, p2].map(item))
  expect(item(opt.evalParams(p3, s3))).toBeCloseTo((item(p2) + item(p3)) / 2, 12)
})

describe("polyakSgd", () => {
  const step = (loss: number, below: "stay" | "ascend" = "stay") =>
    polyakSgd({ fMin: 1, below }).step(scalar(4, "f64"), polyakSgd().init(scalar(4, "f64")), scalar(2, "f64"), {
      loss: scalar(loss)
    })

  test("steps by the gap, nothing below the least loss, uphill if asked to", () => {
    expect(item(step(3)[0])).toBe(4 - 2 / 2)
    expect(item(step(0)[0])).toBe(4)
    expect(item(step(0, "ascend")[0])).toBe(4 + 1 / 2)
    expect(item(polyakSgd().rate(step(3)[1]))).toBe(0.5)
  })

  test("wants a loss that is a scalar", () => {
    const [p, loss] = [scalar(4), tensor([1, 2])]
    expect(() => polyakSgd().step(p, polyakSgd().init(p), p, { loss })).toThrow(/stepByPolyak.*loss/s)
  })
})

describe("momo", () => {
  type Told = Optimizer<StateFamily, readonly [AtLoss]>
  const tell = <F extends StateFamily>(optimizer: Optimizer<F, readonly [AtLoss]>): Told => optimizer
  const losses = [2, 0.5, 30]

  /** Parameters and rate after each step. */
  const path = (optimizer: Told, gs: readonly Params[] = grads, p0: Params = params0) => {
    let [params, state] = [p0, optimizer.init(p0)]
    return gs.map((g, i) => {
      const loss = scalar(losses[i] ?? NaN, "f64")
      ;[params, state] = evaluate<readonly [Params, Tree]>(optimizer.step(params, state, g, { loss }))
      return { params: Tree.leaves(params).map(t => toArray(t)), rate: item(optimizer.rate(state)) }
    })
  }
  const paramsOf = (steps: ReturnType<typeof path>): unknown => steps.map(({ params }) => params)

  test("without momentum steps as polyakSgd", () => {
    const options = { fMin: 0.25 }
    close(paramsOf(path(tell(momo({ ...options, b1: 0 })))), paramsOf(path(tell(polyakSgd(options)))))
  })

  test("far above its bound steps by its largest rate, momoAdam as adam", () => {
    const far = { learningRate: k, fMin: -1e6 }
    expect(path(tell(momo(far))).map(({ rate }) => rate)).toEqual([k, k, k])
    close(paramsOf(path(tell(momoAdam(far)))), trajectory(any(adam({ learningRate: k }))))
  })

  test("never steps by more than its largest rate, and not at the least loss", () => {
    expect(Math.max(...path(tell(momo({ learningRate: k }))).map(({ rate }) => rate))).toBe(k)
    for (const optimizer of [tell(momo({ fMin: 2 })), tell(momoAdam({ fMin: 2 }))])
      expect(path(optimizer)[0]).toEqual({ params: Tree.leaves(params0).map(t => toArray(t)), rate: 0 })
  })

  test.each([
    ["momo", tell(momo({ weightDecay: 0.5 }))],
    ["momoAdam", tell(momoAdam({ weightDecay: 0.5 }))]
  ])("%s does not see how parameters are divided into leaves", (_, optimizer) => {
    const joined = ({ w, b }: typeof params0) => [b, reshape(w, [3, 2])]
    close(paramsOf(path(optimizer, grads.map(joined), joined(params0))), paramsOf(path(optimizer)))
  })

  test.each([
    ["momo", tell(momo({ weightDecay: 0.5, learningRate: k }))],
    ["momoAdam", tell(momoAdam({ weightDecay: 0.5, learningRate: k }))]
  ])("%s decays by 1 + η·λ where gradients are zero", (_, optimizer) => {
    const zeros = grads.slice(0, 1).map(g => Tree.zerosLike(g))
    close(paramsOf(path(optimizer, zeros)), [Tree.leaves(params0).map(t => toArray(mul(t, 1 / 1.05)))])
  })
})

test("noise is scaled by σ and η, and fades", () => {
  const params = tensor(new Float64Array(20000))
  const optimizer = noisySgd(key(7), { learningRate: 0.5, eta: 0.04, gamma: 2 })
  const spread = (x: Tensor): number => item(globalNorm(x)) / Math.sqrt(20000)
  const [p1, s1] = evaluate(optimizer.step(params, optimizer.init(params), params))
  const [d2] = optimizer.update(params, s1, p1)
  expect(spread(p1)).toBeCloseTo(0.5 * 0.2, 2)
  expect(spread(d2)).toBeCloseTo((0.5 * 0.2) / 2, 2)
})

test("what is out of range says who and what", () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => lion({ b1: 1 }), /lion.*b1/],
    [() => lion({ mode: "soft" as never }), /lion.*mode/],
    [() => signSgd({ learningRate: -1 }), /signSgd.*learningRate/],
    [() => signum({ b1: 1 }), /signum.*b1/],
    [() => adabelief({ eps: -1 }), /adabelief.*eps/],
    [() => yogi({ form: "x" as never }), /yogi.*form/],
    [() => adamaxw({ weightDecay: -1 }), /adamaxw.*weightDecay/],
    [() => nadamw({ weightDecay: -1 }), /nadamw.*weightDecay/],
    [() => novograd({ b2: 1 }), /novograd.*b2/],
    [() => lars({ learningRate: k, trustCoefficient: -1 }), /lars.*trustCoefficient/],
    [() => lars({} as never), /lars.*learningRate/],
    [() => lamb({ b2: 2 }), /lamb.*b2/],
    [() => adan({ b3: 1 }), /adan.*b3/],
    [() => ademamix({ warmupSteps: 0.5 }), /ademamix.*warmupSteps/],
    [() => adopt({ clipExponent: -1 }), /adopt.*clipExponent/],
    [() => madgrad({ momentum: 1 }), /madgrad.*momentum/],
    [() => optimisticGradientDescent({ learningRate: k, beta: -1 }), /optimisticGradientDescent.*beta/],
    [() => fromage({ minNorm: -1 }), /fromage.*minNorm/],
    [() => optimisticAdam({ beta: -1 }), /optimisticAdam.*beta/],
    [() => optimisticAdam({ start: "x" as never }), /optimisticAdam.*start/],
    [() => acprop({ centre: "x" as never }), /acprop.*centre/],
    [() => simplifiedAdemamix({} as never), /simplifiedAdemamix.*learningRate/],
    [() => asgd({ power: -1 }), /asgd.*power/],
    [() => asgd({ skip: 0.5 }), /asgd.*skip/],
    [() => cocob({ alpha: 0 }), /cocob.*alpha/],
    [() => noisySgd(key(0), { learningRate: k, gamma: -1 }), /noisySgd.*gamma/],
    [() => sm3({ learningRate: k, momentum: 1 }), /sm3.*momentum/],
    [() => adafactor({ clip: 0 }), /adafactor.*clip/],
    [() => adafactor({ momentum: 1 }), /adafactor.*momentum/],
    [() => dog({ initValue: 0 }), /dog.*initValue/],
    [() => dowg({ initEstimSqDist: 0 }), /dowg.*initEstimSqDist/],
    [() => polyakSgd({ scaling: 0 }), /polyakSgd.*scaling/],
    [() => momo({ b1: 1 }), /momo.*b1/],
    [() => momo({ bound: "x" as never }), /momo.*bound/],
    [() => momoAdam({ shrink: "x" as never }), /momoAdam.*shrink/],
    [() => scheduleFree({ b1: 1 }), /scheduleFree.*b1/],
    [() => scheduleFreeSgd({ warmupSteps: -1 }), /scheduleFreeSgd.*warmupSteps/],
    [() => scheduleFreeAdamw({ b2: 1 }), /scheduleFreeAdamw.*b2/],
    [() => prodigy({ estimLr0: 0 }), /prodigy.*estimLr0/],
    [() => dadaptAdamw({ weights: "x" as never }), /dadaptAdamw.*weights/],
    [() => muon({ nsSteps: 0 }), /muon.*nsSteps/],
    [() => muon({ nsCoefficients: [1, 2] }), /nsCoefficients/]
  ]
  for (const [make, message] of wrong) expect(make).toThrow(message)
})
