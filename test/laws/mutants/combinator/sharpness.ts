import { abs, add, div, grad, mul, neg, square, Tree, type Tensor } from "thalweg"
import { asamLaws, samLaws } from "thalweg/laws"
import { altered, asam, sam } from "thalweg/optimizer"
import { globalNorm, times, type Needs } from "thalweg/transform"
import { mutant, type Mutants } from "../mutant.js"
import { rateless, type Wrap } from "./wrap.js"

type Ascent = (grads: Tree, point: Tree) => Tree

/** Takes the gradient of the objective elsewhere. */
const going =
  (ascent: Ascent, from: "the point" | "the parameters" = "the point"): Wrap =>
  inner => {
    const { move, gradientPoint } = inner.motion
    return altered(inner, {
      needs: ["objective"],
      move: (grads, state, params, now) => {
        const { objective } = now as unknown as Needs<typeof params>
        const point = from === "the point" ? gradientPoint(params, state, now) : params
        const worst = Tree.zipWith(add)(point, ascent(grads, point) as typeof params)
        return move(grad(objective)(worst), state, params, now)
      }
    })
  }

const along =
  (share: (length: Tensor) => Tensor): Ascent =>
  grads =>
    Tree.map((g: Tensor) => times(g, share(globalNorm(grads))))(grads)

/** `ρ·scale·g/‖T·g‖`, with a scale made of T = |p| + η. */
const bySize =
  (rho: number, eta: number, scale: (size: Tensor) => Tensor): Ascent =>
  (grads, point) => {
    const sizes = Tree.map((p: Tensor) => add(abs(p), eta))(point)
    const length = globalNorm(Tree.zipWith((g: Tensor, size: Tensor) => mul(g, size))(grads, sizes))
    return Tree.zipWith((g: Tensor, size: Tensor) => times(mul(g, scale(size)), div(rho, length)))(grads, sizes)
  }

type Aware = (rho: number) => Wrap
type Adaptive = (rho: number, eta: number) => Wrap

const plain: Aware = rho => inner => sam({ rho })(inner)
const suite = (how: Aware) => samLaws((({ rho }: { rho: number }) => how(rho)) as never)

const adaptive: Adaptive = (rho, eta) => inner => asam({ rho, eta })(inner)
const adaptiveSuite = (how: Adaptive) =>
  asamLaws({ sam: sam, asam: (({ rho, eta }: { rho: number; eta: number }) => how(rho, eta)) as never })

export const samMutants: Mutants = {
  "sam of ρ 0 takes the gradient where the optimizer inside does": [
    mutant(
      "takes 0 for unset",
      suite(rho => plain(rho === 0 ? 0.05 : rho))
    ),
    mutant(
      "keeps the gradient that it gets",
      suite(() => inner => altered(inner, {}))
    )
  ],
  "sam takes the gradient at the worst point nearby": [
    mutant(
      "goes down",
      suite(rho => going(along(length => neg(div(rho, length)))))
    ),
    mutant(
      "begins at the parameters",
      suite(rho =>
        going(
          along(length => div(rho, length)),
          "the parameters"
        )
      )
    )
  ],
  "sam goes as far as ρ": [
    mutant(
      "goes by ρ times the gradient",
      suite(rho => going(along(length => mul(rho, add(1, mul(0, length))))))
    ),
    mutant(
      "divides by the square of the norm",
      suite(rho => going(along(length => div(rho, square(length)))))
    )
  ],
  "sam does not see the scale of the gradient that it gets": [
    mutant(
      "adds 1 to the norm",
      suite(rho => going(along(length => div(rho, add(1, length)))))
    )
  ],
  "sam keeps the rate": [
    mutant(
      "says a rate of its own",
      suite(rho => rateless(plain(rho)))
    )
  ]
}

export const asamMutants: Mutants = {
  "asam of ρ 0 takes the gradient where the optimizer inside does": [
    mutant(
      "takes 0 for unset",
      adaptiveSuite((rho, eta) => adaptive(rho === 0 ? 0.5 : rho, eta))
    )
  ],
  "asam goes as far as ρ by the size of each element": [
    mutant(
      "multiplies by the size once",
      adaptiveSuite((rho, eta) => going(bySize(rho, eta, size => size)))
    ),
    mutant(
      "forgets η",
      adaptiveSuite(rho => adaptive(rho, 0))
    )
  ],
  "asam of elements of one size is sam": [
    mutant(
      "takes the square of η",
      adaptiveSuite((rho, eta) => adaptive(rho, eta ** 2))
    )
  ],
  "asam of parameters on another scale is on that scale": [
    mutant(
      "adds its default η",
      adaptiveSuite((rho, eta) => adaptive(rho, eta + 0.01))
    ),
    mutant(
      "does not look at sizes",
      adaptiveSuite(rho => plain(rho))
    )
  ],
  "asam keeps the rate": [
    mutant(
      "says a rate of its own",
      adaptiveSuite((rho, eta) => rateless(adaptive(rho, eta)))
    )
  ]
}
