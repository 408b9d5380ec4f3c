import {
  abs,
  add,
  at,
  atan,
  concat,
  cos,
  cumProd,
  div,
  exp,
  matmul,
  mul,
  pow,
  prod,
  reshape,
  scalar,
  sin,
  sliceAxis,
  sqrt,
  square,
  stack,
  sub,
  sum,
  tensor,
  where,
  lt,
  type Tensor
} from "thalweg"

/**
 * The problems of Moré, Garbow & Hillstrom, "Testing unconstrained optimization software", ACM TOMS 7, 1981, as data: f = Σ rᵢ²,
 * of which the residuals, the standard start and the minima are the paper's. Where an equation of the paper does not give its
 * minimum (Gulf research), it is the one of later collections.
 */
export interface TestProblem {
  readonly name: string
  readonly start: readonly number[]
  /** Values of local minima: the global one first, then others that methods are known to reach. */
  readonly minima: readonly number[]
  readonly residuals: (x: Tensor) => Tensor
}

const f64 = (data: readonly number[]): Tensor => tensor(data, { dtype: "f64" })
/** g(1), …, g(m). */
const upTo = (m: number, g: (i: number) => number = i => i): readonly number[] =>
  Array.from({ length: m }, (_, i) => g(i + 1))
const ofAll = (m: number, g?: (i: number) => number): Tensor => f64(upTo(m, g))
const constant = (n: number, value: number): readonly number[] => upTo(n, () => value)
/** The variables, one by one. */
const each = (x: Tensor): Tensor[] => upTo(x.shape[0] as number).map(i => at(x, i - 1))
const part = (x: Tensor, first: number, last: number): Tensor => sliceAxis(x, 0, first, last)
const one = (t: Tensor): Tensor => reshape(t, [1])

type Residuals = (x: Tensor) => Tensor

/** The residuals of a few variables by name. */
const of =
  (f: (...x: Tensor[]) => Tensor): Residuals =>
  x =>
    f(...each(x))
const list = (...residuals: Tensor[]): Tensor => stack(residuals)

const sum3 = (a: Tensor, b: Tensor, c: Tensor): Tensor => add(a, add(b, c))
const decays = (x: Tensor, t: Tensor): Tensor => exp(mul(-1, mul(t, x)))

const helical: Residuals = of((x, y, z) => {
  const turn = add(div(atan(div(y, x)), 2 * Math.PI), where(lt(x, 0), scalar(0.5, "f64"), 0))
  return list(mul(10, sub(z, mul(10, turn))), mul(10, sub(sqrt(add(square(x), square(y))), 1)), z)
})

const bardY = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39]
const bard: Residuals = of((a, b, c) => {
  const [u, v, w] = [ofAll(15), ofAll(15, i => 16 - i), ofAll(15, i => Math.min(i, 16 - i))]
  return sub(f64(bardY), add(a, div(u, add(mul(v, b), mul(w, c)))))
})

const gaussianY = [0.0009, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521]
const gaussian: Residuals = of((a, b, c) => {
  const t = ofAll(15, i => (8 - i) / 2)
  return sub(mul(a, exp(mul(-0.5, mul(b, square(sub(t, c)))))), f64([...gaussianY, 0.3989, ...gaussianY.toReversed()]))
})

const meyerY = [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872]
const meyer: Residuals = of((a, b, c) =>
  sub(
    mul(
      a,
      exp(
        div(
          b,
          add(
            ofAll(16, i => 45 + 5 * i),
            c
          )
        )
      )
    ),
    f64(meyerY)
  )
)

const gulf: Residuals = of((a, b, c) => {
  const y = ofAll(99, i => 25 + (-50 * Math.log(i / 100)) ** (2 / 3))
  return sub(
    exp(mul(-1, div(pow(abs(sub(y, b)), c), a))),
    ofAll(99, i => i / 100)
  )
})

const box: Residuals = of((a, b, c) => {
  const t = ofAll(10, i => i / 10)
  return sub(
    sub(decays(a, t), decays(b, t)),
    mul(
      c,
      ofAll(10, i => Math.exp(-i / 10) - Math.exp(-i))
    )
  )
})

const kowalikY = [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246]
const kowalik: Residuals = of((a, b, c, d) => {
  const u = f64([4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])
  return sub(f64(kowalikY), div(mul(a, mul(u, add(u, b))), sum3(square(u), mul(u, c), d)))
})

const brownDennis: Residuals = of((a, b, c, d) => {
  const [t, e, s, k] = [(i: number) => i / 5, ...[Math.exp, Math.sin, Math.cos].map(g => (i: number) => g(i / 5))].map(
    g => ofAll(20, g)
  ) as [Tensor, Tensor, Tensor, Tensor]
  return add(square(sub(add(a, mul(t, b)), e)), square(sub(add(c, mul(s, d)), k)))
})

const osborne1Y = [
  0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603, 0.58,
  0.558, 0.538, 0.522, 0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42, 0.414, 0.411, 0.406
]
const osborne1: Residuals = of((a, b, c, d, e) => {
  const t = ofAll(33, i => 10 * (i - 1))
  return sub(f64(osborne1Y), sum3(a, mul(b, decays(d, t)), mul(c, decays(e, t))))
})

const biggs: Residuals = of((a, b, c, d, e, f) => {
  const t = ofAll(13, i => i / 10)
  const y = ofAll(13, i => Math.exp(-i / 10) - 5 * Math.exp(-i) + 3 * Math.exp((-4 * i) / 10))
  return sub(sum3(mul(c, decays(a, t)), mul(-1, mul(d, decays(b, t))), mul(f, decays(e, t))), y)
})

const osborne2Y = [
  1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655, 0.616, 0.606, 0.602,
  0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495, 0.5, 0.423, 0.395, 0.375,
  0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591,
  0.559, 0.597, 0.625, 0.739, 0.71, 0.729, 0.72, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054
]
const osborne2: Residuals = of((a, b, c, d, e, f, g, h, p, q, r) => {
  const t = ofAll(65, i => (i - 1) / 10)
  const peak = (size: Tensor, width: Tensor, center: Tensor): Tensor => mul(size, decays(width, square(sub(t, center))))
  return sub(f64(osborne2Y), add(mul(a, decays(e, t)), sum3(peak(b, f, p), peak(c, g, q), peak(d, h, r))))
})

const watson: Residuals = x => {
  const n = x.shape[0] as number
  const rows = (g: (t: number, j: number) => number): Tensor =>
    tensor(
      upTo(29).map(i => upTo(n, j => g(i / 29, j))),
      { dtype: "f64" }
    )
  const slopes = matmul(
    rows((t, j) => (j === 1 ? 0 : (j - 1) * t ** (j - 2))),
    x
  )
  const values = matmul(
    rows((t, j) => t ** (j - 1)),
    x
  )
  const [a, b] = [at(x, 0), at(x, 1)]
  return concat([sub(sub(slopes, square(values)), 1), list(a, sub(sub(b, square(a)), 1))])
}

/** The variables in groups of some, a row of all first ones, one of all second ones, and so on. */
const grouped = (x: Tensor, size: number): Tensor[] => {
  const groups = reshape(x, [(x.shape[0] as number) / size, size])
  return upTo(size).map(i => reshape(sliceAxis(groups, 1, i - 1, i), [groups.shape[0] as number]))
}

const rosenbrock: Residuals = x => {
  const [a, b] = grouped(x, 2) as [Tensor, Tensor]
  return concat([mul(10, sub(b, square(a))), sub(1, a)])
}

const powellSingular: Residuals = x => {
  const [a, b, c, d] = grouped(x, 4) as [Tensor, Tensor, Tensor, Tensor]
  return concat([
    add(a, mul(10, b)),
    mul(Math.sqrt(5), sub(c, d)),
    square(sub(b, mul(2, c))),
    mul(Math.sqrt(10), square(sub(a, d)))
  ])
}

const penalty1: Residuals = x => concat([mul(Math.sqrt(1e-5), sub(x, 1)), one(sub(sum(square(x)), 0.25))])

const penalty2: Residuals = x => {
  const n = x.shape[0] as number
  const e = exp(div(x, 10))
  const y = ofAll(n - 1, i => Math.exp((i + 1) / 10) + Math.exp(i / 10))
  const pairs = sub(add(part(e, 1, n), part(e, 0, n - 1)), y)
  const singles = sub(part(e, 1, n), Math.exp(-0.1))
  const weighed = sub(
    sum(
      mul(
        ofAll(n, j => n - j + 1),
        square(x)
      )
    ),
    1
  )
  return concat([one(sub(at(x, 0), 0.2)), mul(Math.sqrt(1e-5), concat([pairs, singles])), one(weighed)])
}

const variablyDimensioned: Residuals = x => {
  const s = sum(mul(ofAll(x.shape[0] as number), sub(x, 1)))
  return concat([sub(x, 1), list(s, square(s))])
}

const trigonometric: Residuals = x => {
  const n = x.shape[0] as number
  return sub(add(sub(n, sum(cos(x))), mul(ofAll(n), sub(1, cos(x)))), sin(x))
}

const brownAlmostLinear: Residuals = x => {
  const n = x.shape[0] as number
  return concat([sub(add(part(x, 0, n - 1), sum(x)), n + 1), one(sub(prod(x), 1))])
}

const zero = f64([0])
/** The neighbours on the left and on the right, 0 beyond the ends. */
const before = (x: Tensor): Tensor => concat([zero, part(x, 0, (x.shape[0] as number) - 1)])
const after = (x: Tensor): Tensor => concat([part(x, 1, x.shape[0] as number), zero])
const times = (n: number): Tensor => ofAll(n, i => i / (n + 1))

const boundary: Residuals = x => {
  const n = x.shape[0] as number
  const bent = mul(0.5 / (n + 1) ** 2, pow(add(add(x, times(n)), 1), 3))
  return add(sub(sub(mul(2, x), before(x)), after(x)), bent)
}

const integral: Residuals = x => {
  const n = x.shape[0] as number
  const kernel = upTo(n).map(i =>
    upTo(n, j => (j <= i ? (1 - i / (n + 1)) * (j / (n + 1)) : (i / (n + 1)) * (1 - j / (n + 1))))
  )
  const cubes = pow(add(add(x, times(n)), 1), 3)
  return add(x, mul(0.5 / (n + 1), matmul(tensor(kernel, { dtype: "f64" }), cubes)))
}

const tridiagonal: Residuals = x => add(sub(sub(mul(sub(3, mul(2, x)), x), before(x)), mul(2, after(x))), 1)

const banded: Residuals = x => {
  const n = x.shape[0] as number
  const near = upTo(n).map(i => upTo(n, j => (j !== i && j >= i - 5 && j <= i + 1 ? 1 : 0)))
  const others = matmul(tensor(near, { dtype: "f64" }), mul(x, add(1, x)))
  return sub(add(mul(x, add(2, mul(5, square(x)))), 1), others)
}

const M = 20
const linearFull: Residuals = x => {
  const n = x.shape[0] as number
  const all = add(mul(2 / M, sum(x)), 1)
  return concat([sub(x, all), mul(-1, mul(all, f64(constant(M - n, 1))))])
}
const linearRank1: Residuals = x => sub(mul(ofAll(M), sum(mul(ofAll(x.shape[0] as number), x))), 1)
const linearRank1Zero: Residuals = x => {
  const n = x.shape[0] as number
  const s = sum(
    mul(
      ofAll(n, j => (j === 1 || j === n ? 0 : j)),
      x
    )
  )
  return sub(
    mul(
      ofAll(M, i => (i === 1 || i === M ? 0 : i - 1)),
      s
    ),
    1
  )
}

const chebyquad: Residuals = x => {
  const n = x.shape[0] as number
  const shifted = sub(mul(2, x), 1)
  const rows: Tensor[] = [add(mul(0, x), 1), shifted]
  for (let i = 2; i <= n; i++) rows.push(sub(mul(mul(2, shifted), rows[i - 1] as Tensor), rows[i - 2] as Tensor))
  const means = div(sum(stack(rows.slice(1)), { axes: 1 }), n)
  return sub(
    means,
    ofAll(n, i => (i % 2 === 1 ? 0 : -1 / (i * i - 1)))
  )
}

/** All of them, in the order of the paper. */
export const problems: readonly TestProblem[] = [
  { name: "Rosenbrock", start: [-1.2, 1], minima: [0], residuals: rosenbrock },
  {
    name: "Freudenstein and Roth",
    start: [0.5, -2],
    minima: [0, 48.98425367924],
    residuals: of((x, y) =>
      list(add(add(-13, x), mul(sub(mul(sub(5, y), y), 2), y)), add(add(-29, x), mul(sub(mul(add(y, 1), y), 14), y)))
    )
  },
  {
    name: "Powell badly scaled",
    start: [0, 1],
    minima: [0],
    residuals: of((x, y) => list(sub(mul(1e4, mul(x, y)), 1), sub(add(exp(mul(-1, x)), exp(mul(-1, y))), 1.0001)))
  },
  {
    name: "Brown badly scaled",
    start: [1, 1],
    minima: [0],
    residuals: of((x, y) => list(sub(x, 1e6), sub(y, 2e-6), sub(mul(x, y), 2)))
  },
  {
    name: "Beale",
    start: [1, 1],
    minima: [0],
    residuals: of((x, y) => sub(f64([1.5, 2.25, 2.625]), mul(x, sub(1, cumProd(stack([y, y, y]))))))
  },
  {
    name: "Jennrich and Sampson",
    start: [0.3, 0.4],
    minima: [124.3621823556148],
    residuals: of((x, y) =>
      sub(
        ofAll(10, i => 2 + 2 * i),
        add(exp(mul(ofAll(10), x)), exp(mul(ofAll(10), y)))
      )
    )
  },
  { name: "helical valley", start: [-1, 0, 0], minima: [0], residuals: helical },
  { name: "Bard", start: [1, 1, 1], minima: [8.214877306579e-3, 17.4286933], residuals: bard },
  { name: "Gaussian", start: [0.4, 1, 0], minima: [1.127932769619e-8], residuals: gaussian },
  { name: "Meyer", start: [0.02, 4000, 250], minima: [87.94585517018], residuals: meyer },
  { name: "Gulf research and development", start: [5, 2.5, 0.15], minima: [0, 0.038], residuals: gulf },
  { name: "Box three-dimensional", start: [0, 10, 20], minima: [0], residuals: box },
  { name: "Powell singular", start: [3, -1, 0, 1], minima: [0], residuals: powellSingular },
  {
    name: "Wood",
    start: [-3, -1, -3, -1],
    minima: [0],
    residuals: of((a, b, c, d) =>
      list(
        mul(10, sub(b, square(a))),
        sub(1, a),
        mul(Math.sqrt(90), sub(d, square(c))),
        sub(1, c),
        mul(Math.sqrt(10), sub(add(b, d), 2)),
        div(sub(b, d), Math.sqrt(10))
      )
    )
  },
  {
    name: "Kowalik and Osborne",
    start: [0.25, 0.39, 0.415, 0.39],
    minima: [3.075056038492e-4, 1.027349e-3],
    residuals: kowalik
  },
  { name: "Brown and Dennis", start: [25, 5, -5, -1], minima: [85822.20162635629], residuals: brownDennis },
  { name: "Osborne 1", start: [0.5, 1.5, -1, 0.01, 0.02], minima: [5.464894697483e-5], residuals: osborne1 },
  { name: "Biggs EXP6", start: [1, 2, 1, 1, 1, 1], minima: [0, 5.655649925e-3], residuals: biggs },
  {
    name: "Osborne 2",
    start: [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5],
    minima: [4.013773629355e-2],
    residuals: osborne2
  },
  { name: "Watson", start: constant(6, 0), minima: [2.287670053552e-3], residuals: watson },
  { name: "extended Rosenbrock", start: upTo(10, i => (i % 2 === 1 ? -1.2 : 1)), minima: [0], residuals: rosenbrock },
  {
    name: "extended Powell singular",
    start: upTo(12, i => [3, -1, 0, 1][(i - 1) % 4] as number),
    minima: [0],
    residuals: powellSingular
  },
  { name: "penalty I", start: upTo(10), minima: [7.087651467e-5], residuals: penalty1 },
  { name: "penalty II", start: constant(10, 0.5), minima: [2.936605374e-4], residuals: penalty2 },
  {
    name: "variably dimensioned",
    start: upTo(10, j => 1 - j / 10),
    minima: [0],
    residuals: variablyDimensioned
  },
  { name: "trigonometric", start: constant(10, 0.1), minima: [0, 2.795056e-5], residuals: trigonometric },
  { name: "Brown almost-linear", start: constant(10, 0.5), minima: [0, 1], residuals: brownAlmostLinear },
  {
    name: "discrete boundary value",
    start: upTo(10, i => (i / 11) * (i / 11 - 1)),
    minima: [0],
    residuals: boundary
  },
  {
    name: "discrete integral equation",
    start: upTo(10, i => (i / 11) * (i / 11 - 1)),
    minima: [0],
    residuals: integral
  },
  { name: "Broyden tridiagonal", start: constant(10, -1), minima: [0], residuals: tridiagonal },
  { name: "Broyden banded", start: constant(10, -1), minima: [0], residuals: banded },
  { name: "linear, full rank", start: constant(10, 1), minima: [M - 10], residuals: linearFull },
  {
    name: "linear, rank 1",
    start: constant(10, 1),
    minima: [(M * (M - 1)) / (2 * (2 * M + 1))],
    residuals: linearRank1
  },
  {
    name: "linear, rank 1 with zero columns and rows",
    start: constant(10, 1),
    minima: [(M * M + 3 * M - 6) / (2 * (2 * M - 3))],
    residuals: linearRank1Zero
  },
  { name: "Chebyquad", start: upTo(8, j => j / 9), minima: [3.516873725e-3], residuals: chebyquad }
]

/** The function of a problem, Σ rᵢ². */
export const sumOfSquares =
  ({ residuals }: TestProblem) =>
  (x: Tensor): Tensor =>
    sum(square(residuals(x)))

/** The start of a problem. */
export const startOf = ({ start }: TestProblem): Tensor => f64(start)
