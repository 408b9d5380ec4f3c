"""Trajectories of the PyPI package pytorch_optimizer."""

import catalogue  # noqa: F401  (first: it puts this folder behind the standard library)
from importlib.metadata import version

import pytorch_optimizer
import torch

import catalogue_equations as eq
import catalogue_more as more
from catalogue import GRADS, PARAMS0, Catalogue

torch.set_num_threads(1)
TORCH = {"f64": torch.float64, "f32": torch.float32}
out = Catalogue(__file__, {"pytorch_optimizer": version("pytorch_optimizer"), "torch": torch.__version__.split("+")[0]}, {
    "extra": "apart: how far an f32 case is from its f64 case, relative to the largest value so far",
})


def same(t):
    return t


def run(make, dtype, params0, grads):
    torch.set_default_dtype(TORCH[dtype])
    p = {k: torch.tensor(v, dtype=TORCH[dtype], requires_grad=True) for k, v in params0.items()}
    opt, trace = make(p), []
    for g in grads:
        for k in p:
            p[k].grad = torch.tensor(g[k], dtype=TORCH[dtype])
        opt.step()
        trace.append({k: v.detach().numpy().copy() for k, v in p.items()})
    return trace


def case(name, hyper, call, equation, variant=None, *, view=(same, same), params0=PARAMS0, grads=GRADS, **kw):
    """`call` as one would write it, with `p` the leaves by name; `view` is how torch sees a tree, and back."""
    see, back = view
    make = lambda p: eval(f"pytorch_optimizer.{call}", {"pytorch_optimizer": pytorch_optimizer, "p": p})
    for dtype in ("f64", "f32"):
        trace = run(make, dtype, see(params0), [see(g) for g in grads])
        out.add(f"pytorch_optimizer/{name}", dtype, call, hyper, [back(t) for t in trace], equation=equation, variant=variant, params0=params0, grads=grads, **kw)


# -- cautious

L = {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "xi": 1}
case("cautious-lion", L, "Lion(p.values(), lr=0.02, betas=(0.8, 0.95), cautious=True)", more.cautious(more.lion))

out.write()
