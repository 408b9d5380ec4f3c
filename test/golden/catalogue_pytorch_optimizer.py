"""Trajectories of the PyPI package pytorch_optimizer."""

import catalogue  # noqa: F401  (first: it puts this folder behind the standard library)
from functools import partial
from importlib.metadata import version

import numpy as np
import pytorch_optimizer
import torch
from pytorch_optimizer.optimizer.muon import normuon
from pytorch_optimizer.optimizer import adam_mini
from pytorch_optimizer.optimizer.utils import galore as projector

import catalogue_equations as eq
import catalogue_more as more
from catalogue import GRADS, PARAMS0, Catalogue, tall

torch.set_num_threads(1)
zero_power = normuon.zero_power_via_newton_schulz_5
TORCH = {"f64": torch.float64, "f32": torch.float32}
out = Catalogue(__file__, {"pytorch_optimizer": version("pytorch_optimizer"), "torch": torch.__version__.split("+")[0]}, {
    "extra": "apart: how far an f32 case is from its f64 case, relative to the largest value so far",
})


def same(t):
    return t


def turned(t):
    """The kernel as torch keeps it, [out, in]."""
    return {**t, "kernel": np.ascontiguousarray(t["kernel"].T)}


def run(make, dtype, params0, grads):
    torch.set_default_dtype(TORCH[dtype])
    p = {k: torch.nn.Parameter(torch.tensor(v, dtype=TORCH[dtype])) for k, v in params0.items()}
    normuon.zero_power_via_newton_schulz_5 = partial(zero_power, dtype=TORCH[dtype])
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
    make = lambda p: eval(f"pytorch_optimizer.{call}", {"pytorch_optimizer": pytorch_optimizer, "torch": torch, "p": p})
    for dtype in ("f64", "f32"):
        trace = run(make, dtype, see(params0), [see(g) for g in grads])
        out.add(f"pytorch_optimizer/{name}", dtype, call, hyper, [back(t) for t in trace], equation=equation, variant=variant, params0=params0, grads=grads, **kw)


# -- cautious

L = {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "xi": 1}
case("cautious-lion", L, "Lion(p.values(), lr=0.02, betas=(0.8, 0.95), cautious=True)", more.cautious(more.lion))

# -- normuon

N = {
    "learningRate": 0.05, "momentum": 0.8, "b2": 0.9, "nesterov": True, "nsSteps": 5, "nsCoefficients": [3.4445, -4.775, 2.0315], "eps": 1e-7, "unitEps": 1e-13, "norm": "kept", "targetRms": 0.2,
    "weightDecay": 0,
}
B = {"learningRate": 0.05, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "weightDecay": 0}
GROUPS = '[dict(params=[p["kernel"]], use_muon=True), dict(params=[p["bias"], p["scalar"]], use_muon=False)]'
CALL = f"NorMuon({GROUPS}, lr=0.05, momentum=0.8, beta2=0.9, eps=1e-13, adamw_lr=0.05, adamw_betas=(0.8, 0.95), adamw_eps=1e-3, foreach=False"
NOTE = "The iteration ran in the dtype of the case (pytorch_optimizer: bfloat16). eps stands beside the last norm too, which the paper has not: it is small here."
KW = {"view": (turned, turned), "note": NOTE}
case("normuon", N, f"{CALL})", more.normuon, {"adam": B}, **KW)
case("normuon-tall", N, f"{CALL})", more.normuon, {"adam": B}, params0=tall(PARAMS0), grads=[tall(g) for g in GRADS], **KW)
case("normuon-rms", {**N, "norm": "rms", "nesterov": False}, f'{CALL}, nesterov=False, update_scale="match_rms")', more.normuon, {"adam": B}, **KW)
case("normuon-decay", {**N, "norm": "rms", "weightDecay": 0.1}, f'{CALL}, weight_decay=0.1, update_scale="match_rms")', more.normuon, {"adam": B}, **KW)

# -- adam-mini


class Wide:
    """torch for adam_mini, which would keep its moments in f32."""

    def __getattr__(self, name):
        return torch.get_default_dtype() if name == "float32" else getattr(torch, name)


adam_mini.torch = Wide()
A = {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "blocks": "leaf"}
CALL = 'AdamMini(torch.nn.ParameterDict(p), lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay='
NOTE = "Moments in the dtype of the case (pytorch_optimizer: always float32)."
case("adam-mini", {**A, "weightDecay": 0}, f"{CALL}0.0)", more.adam_mini, note=NOTE)
case("adam-mini-decay", {**A, "weightDecay": 0.1}, f"{CALL}0.1)", more.adam_mini, note=NOTE)

# -- galore


class Exact:
    """torch for the projector, which would decompose in f32."""

    def __getattr__(self, name):
        return torch.get_default_dtype() if name == "float" else getattr(torch, name)


projector.torch = Exact()
G = {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "rank": 1, "gap": 100, "scale": 0.3}
GROUPS = '[dict(params=[p["kernel"]], rank=1, update_proj_gap=100, scale=0.3, projection_type="std"), dict(params=[p["bias"], p["scalar"]])]'
CALL = f"GaLore({GROUPS}, lr=0.02, betas=(0.8, 0.95), eps=1e-3, foreach=False)"
NOTE = "Decomposed in the dtype of the case (pytorch_optimizer: always float32). Directions are those of the first gradient: of later ones the signs would be LAPACK's. eps stands beside sqrt v."
case("galore", G, CALL, more.galore, {"epsHat": True}, note=NOTE)
case("galore-tall", G, CALL, more.galore, {"epsHat": True}, note=NOTE, params0=tall(PARAMS0), grads=[tall(g) for g in GRADS])

out.write()
