"""Optimizer trajectories from PyTorch, and from Optax where it has a counterpart, on one set of gradients.

The gradients are given, not computed: step t of every case of a dtype uses the same tree. They hold zeros (before and after
anything else), changes of sign, 1e-7 and 1e4. `hyper` uses thalweg's names; `reference` is the call that was made.
`params` are the parameters after each step.
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

from golden_json import nested, write

jax.config.update("jax_platforms", "cpu")
torch.set_num_threads(1)

STEPS = 14
LEAVES = {"kernel": (2, 3), "bias": (3,), "scalar": ()}
rng = np.random.default_rng(7)


def draw(scale):
    return {k: np.round(rng.normal(size=s) * scale, 4) for k, s in LEAVES.items()}


def gradients():
    out = [draw(0.3 if t % 3 == 1 else 1.0) for t in range(STEPS)]
    for t, g in enumerate(out):
        kernel = g["kernel"]
        kernel[0, 0] = abs(kernel[0, 0]) * (-1) ** t  # changes sign at every step
        kernel[0, 1] = float(f"{kernel[0, 1] * 10:.0f}e-8")  # tiny
        kernel[0, 2] = 0.5  # constant
        kernel[1, 0] = 0 if t < 4 else kernel[1, 0]  # zero at first
        kernel[1, 1] = kernel[1, 1] if t < 5 else 0  # zero at last
        g["bias"][2] = 0  # zero always
        g["bias"][1] = g["bias"][1] if t % 2 else 0  # zero at every other step
    out[4]["bias"][0] = 1e-7
    out[6]["kernel"][1, 2] = 1e4
    out[7]["kernel"][1, 2] = -1e4
    out[9]["scalar"] = np.array(0.0)
    out[11]["scalar"] = np.array(-1e4)
    return out


PARAMS0 = {"kernel": np.array([[0.5, -1.25, 2.0], [0.0, 3.5, -0.75]]), "bias": np.array([0.1, -0.2, 0.3]), "scalar": np.array(1.5)}
GRADS = gradients()
TORCH = {"f64": torch.float64, "f32": torch.float32}
NUMPY = {"f64": np.float64, "f32": np.float32}
cases = []


def tree(t):
    return {k: nested(np.asarray(t[k])) for k in LEAVES}


def case(name, dtype, hyper, reference, params, steps, **extra):
    cast = lambda t: tree({k: v.astype(NUMPY[dtype]) for k, v in t.items()})
    cases.append({
        "name": f"{name}/{dtype}", "dtype": dtype, "reference": reference, "hyper": hyper, "params0": cast(PARAMS0),
        "grads": [cast(g) for g in GRADS[:steps]], "params": params, "extra": extra,
    })


# -- PyTorch


class Run:
    """Parameters as torch leaves; `step` is called with t from 0 once the gradients of step t are set."""

    def __init__(self, dtype):
        self.dtype = TORCH[dtype]
        self.p = {k: torch.tensor(PARAMS0[k], dtype=self.dtype, requires_grad=True) for k in LEAVES}
        self.leaves = list(self.p.values())

    def values(self):
        return {k: v.detach().numpy().copy() for k, v in self.p.items()}

    def norm(self):
        return torch.sqrt(sum(torch.sum(p.grad * p.grad) for p in self.leaves))

    def go(self, step, steps=STEPS):
        trace = []
        for t in range(steps):
            for k, p in self.p.items():
                p.grad = torch.tensor(GRADS[t][k], dtype=self.dtype)
            step(t)
            trace.append(tree(self.values()))
        return trace


def torch_case(name, hyper, reference, build, steps=STEPS):
    """`build(run, extra)` gives the step; it may put into `extra` what else is worth comparing."""
    for dtype in ("f64", "f32"):
        run, extra = Run(dtype), {}
        params = run.go(build(run, extra), steps)
        case(name, dtype, hyper, reference, params, steps, **{k: v() if callable(v) else v for k, v in extra.items()})


def plain(make):
    """An unadorned torch optimizer."""

    def build(run, _):
        opt = make(run.leaves)
        return lambda t: opt.step()

    return build


def sgd(ps, lr=0.1, **kw):
    return torch.optim.SGD(ps, lr=lr, foreach=False, **kw)


def adam(ps, lr=0.02, betas=(0.8, 0.95), eps=1e-3, **kw):
    return torch.optim.Adam(ps, lr=lr, betas=betas, eps=eps, foreach=False, **kw)


def adamw(ps, lr=0.02, betas=(0.8, 0.95), eps=1e-3, **kw):
    return torch.optim.AdamW(ps, lr=lr, betas=betas, eps=eps, foreach=False, **kw)


S, A = {"learningRate": 0.1}, {"learningRate": 0.02, "b1": 0.8, "b2": 0.95, "eps": 1e-3}
A_CALL = "lr=0.02, betas=(0.8, 0.95), eps=1e-3"
torch_case("torch/sgd", S, "SGD(lr=0.1)", plain(sgd))
torch_case("torch/sgd-momentum", {**S, "momentum": 0.9}, "SGD(lr=0.1, momentum=0.9)", plain(lambda ps: sgd(ps, momentum=0.9)))
# PyTorch's first buffer is the gradient itself, not (1 - dampening) times it.
torch_case("torch/sgd-dampening", {**S, "momentum": 0.8, "dampening": 0.3}, "SGD(lr=0.1, momentum=0.8, dampening=0.3)", plain(lambda ps: sgd(ps, momentum=0.8, dampening=0.3)))
torch_case("torch/sgd-nesterov", {**S, "momentum": 0.9, "nesterov": True}, "SGD(lr=0.1, momentum=0.9, nesterov=True)", plain(lambda ps: sgd(ps, momentum=0.9, nesterov=True)))
torch_case("torch/sgd-l2", {**S, "l2": 0.05}, "SGD(lr=0.1, weight_decay=0.05)", plain(lambda ps: sgd(ps, weight_decay=0.05)))
torch_case("torch/sgd-momentum-l2", {**S, "momentum": 0.9, "l2": 0.05}, "SGD(lr=0.1, momentum=0.9, weight_decay=0.05)", plain(lambda ps: sgd(ps, momentum=0.9, weight_decay=0.05)))
torch_case(
    "torch/sgd-nesterov-l2", {**S, "momentum": 0.9, "nesterov": True, "l2": 0.05}, "SGD(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.05)",
    plain(lambda ps: sgd(ps, momentum=0.9, nesterov=True, weight_decay=0.05)),
)
torch_case("torch/sgd-maximize", {**S, "momentum": 0.9, "maximize": True}, "SGD(lr=0.1, momentum=0.9, maximize=True)", plain(lambda ps: sgd(ps, momentum=0.9, maximize=True)))

torch_case("torch/adam-default", {"learningRate": 1e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-8}, "Adam()", plain(lambda ps: torch.optim.Adam(ps, foreach=False)))
torch_case("torch/adam", A, f"Adam({A_CALL})", plain(adam))
torch_case("torch/adam-l2", {**A, "l2": 0.1}, f"Adam({A_CALL}, weight_decay=0.1)", plain(lambda ps: adam(ps, weight_decay=0.1)))
torch_case("torch/adam-amsgrad", {**A, "amsgrad": True}, f"Adam({A_CALL}, amsgrad=True)", plain(lambda ps: adam(ps, amsgrad=True)))
torch_case(
    "torch/adamw-default", {"learningRate": 1e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "weightDecay": 1e-2}, "AdamW()",
    plain(lambda ps: torch.optim.AdamW(ps, foreach=False)),
)
torch_case("torch/adamw", {**A, "weightDecay": 0.1}, f"AdamW({A_CALL}, weight_decay=0.1)", plain(lambda ps: adamw(ps, weight_decay=0.1)))


def clip_torch(run, max_norm):
    torch.nn.utils.clip_grad_norm_(run.leaves, max_norm, foreach=False)


def clip_exact(run, max_norm):
    """Unchanged up to the norm, g * (N / norm) above it."""
    norm = run.norm()
    if norm > max_norm:
        for p in run.leaves:
            p.grad = p.grad * (max_norm / norm)


def clipped(make, clip, max_norm):
    def build(run, extra):
        opt, norms = make(run.leaves), []
        extra["norms"] = norms

        def step(t):
            norms.append(float(run.norm()))
            clip(run, max_norm)
            opt.step()

        return step

    return build


N = 1.5
torch_case("torch/sgd-clip-eps", {**S, "maxNorm": N, "clipEps": 1e-6}, "clip_grad_norm_(1.5) (N / (norm + 1e-6), at most 1); SGD(lr=0.1)", clipped(sgd, clip_torch, N))
torch_case("torch/sgd-clip", {**S, "maxNorm": N}, "g * (1.5 / norm) only where norm > 1.5; SGD(lr=0.1)", clipped(sgd, clip_exact, N))
torch_case(
    "torch/sgd-momentum-clip", {**S, "momentum": 0.9, "maxNorm": N}, "g * (1.5 / norm) only where norm > 1.5; SGD(lr=0.1, momentum=0.9)",
    clipped(lambda ps: sgd(ps, momentum=0.9), clip_exact, N),
)
torch_case(
    "torch/clip-adam-decay", {**A, "weightDecay": 0.1, "maxNorm": N}, f"g * (1.5 / norm) only where norm > 1.5; AdamW({A_CALL}, weight_decay=0.1)",
    clipped(lambda ps: adamw(ps, weight_decay=0.1), clip_exact, N),
)


def decoupled(make, lr, decay):
    """p -= lr * decay * p with the p of before the step, besides the step of the optimizer."""

    def build(run, _):
        opt = make(run.leaves)

        def step(t):
            before = [p.detach().clone() for p in run.leaves]
            opt.step()
            with torch.no_grad():
                for p, b in zip(run.leaves, before):
                    p -= (lr * decay) * b

        return step

    return build


torch_case("torch/sgd-decay", {**S, "weightDecay": 0.05}, "SGD(lr=0.1), then p -= 0.1 * 0.05 * p_before", decoupled(sgd, 0.1, 0.05))
torch_case(
    "torch/sgd-momentum-decay", {**S, "momentum": 0.9, "weightDecay": 0.05}, "SGD(lr=0.1, momentum=0.9), then p -= 0.1 * 0.05 * p_before",
    decoupled(lambda ps: sgd(ps, momentum=0.9), 0.1, 0.05),
)
torch_case("torch/adam-decay", {**A, "weightDecay": 0.1}, f"Adam({A_CALL}), then p -= 0.02 * 0.1 * p_before", decoupled(adam, 0.02, 0.1))


def rate_inside(lr, decay, mu):
    """Keras: the velocity holds the rate. v = mu v - lr_t g; p += v."""

    def build(run, extra):
        v = [torch.zeros_like(p) for p in run.leaves]
        extra["rates"] = [lr * decay**t for t in range(STEPS)]

        @torch.no_grad()
        def step(t):
            for i, p in enumerate(run.leaves):
                v[i] = mu * v[i] - (lr * decay**t) * p.grad
                p += v[i]

        return step

    return build


def scheduled(make, lr, decay):
    """The rate of step t, from 0, is lr * decay**t."""

    def build(run, extra):
        opt = make(run.leaves)
        extra["rates"] = [lr * decay**t for t in range(STEPS)]

        def step(t):
            opt.param_groups[0]["lr"] = lr * decay**t
            opt.step()

        return step

    return build


E = {"exponential": 0.9}
M = {"learningRate": 0.1, "momentum": 0.9}
torch_case("keras/momentum", M, "v = 0.9 v - 0.1 g; p += v", rate_inside(0.1, 1, 0.9))
torch_case("keras/momentum-exponential", {**M, "schedule": E}, "v = 0.9 v - lr_t g; p += v; lr_t = 0.1 * 0.9**t", rate_inside(0.1, 0.9, 0.9))
torch_case(
    "torch/sgd-momentum-exponential", {**M, "schedule": E}, "SGD(lr_t, momentum=0.9); lr_t = 0.1 * 0.9**t (the rate outside the velocity)",
    scheduled(lambda ps: sgd(ps, momentum=0.9), 0.1, 0.9),
)
torch_case("torch/adam-exponential", {**A, "schedule": E}, f"Adam({A_CALL}); lr_t = 0.02 * 0.9**t", scheduled(adam, 0.02, 0.9))
torch_case(
    "torch/adamw-exponential", {**A, "weightDecay": 0.1, "schedule": E}, f"AdamW({A_CALL}, weight_decay=0.1); lr_t = 0.02 * 0.9**t",
    scheduled(lambda ps: adamw(ps, weight_decay=0.1), 0.02, 0.9),
)


def lookahead(make, every, mix):
    """After every k-th step of the inner optimizer: slow += mix (fast - slow); fast = slow. The inner state stays."""

    def build(run, extra):
        opt = make(run.leaves)
        slow = [p.detach().clone() for p in run.leaves]
        extra["slow"] = lambda: tree({k: s.numpy() for k, s in zip(run.p, slow)})

        @torch.no_grad()
        def step(t):
            opt.step()
            if (t + 1) % every == 0:
                for p, s in zip(run.leaves, slow):
                    s += mix * (p - s)
                    p.copy_(s)

        return step

    return build


L = {"every": 3, "mix": 0.5}
torch_case("torch/lookahead-sgd", {**S, **L}, "SGD(lr=0.1) in lookahead(k=3, alpha=0.5)", lookahead(sgd, 3, 0.5), 12)
torch_case(
    "torch/lookahead-sgd-momentum", {**S, "momentum": 0.9, **L}, "SGD(lr=0.1, momentum=0.9) in lookahead(k=3, alpha=0.5)",
    lookahead(lambda ps: sgd(ps, momentum=0.9), 3, 0.5), 12,
)
torch_case("torch/lookahead-adam", {**A, **L}, f"Adam({A_CALL}) in lookahead(k=3, alpha=0.5)", lookahead(adam, 3, 0.5), 12)

# -- Optax


def optax_case(name, hyper, reference, make, steps=STEPS, twin=None):
    """`twin`: the PyTorch case that must agree (in f64) to rounding."""
    for dtype in ("f64", "f32"):
        jax.config.update("jax_enable_x64", dtype == "f64")
        cast = lambda t: {k: jnp.asarray(v, NUMPY[dtype]) for k, v in t.items()}
        opt = make()
        params = cast(PARAMS0)
        fast_and_slow = name.endswith("lookahead-sgd")
        if fast_and_slow:
            params = optax.LookaheadParams.init_synced(params)
        state, trace = opt.init(params), []
        for t in range(steps):
            updates, state = opt.update(cast(GRADS[t]), state, params)
            params = optax.apply_updates(params, updates)
            trace.append(tree(params.fast if fast_and_slow else params))
        extra = {"slow": tree(params.slow)} if fast_and_slow else {}
        case(name, dtype, hyper, reference, trace, steps, **extra)
        if twin and dtype == "f64":
            theirs = next(c for c in cases if c["name"] == f"{twin}/f64")
            for a, b in zip(trace, theirs["params"], strict=True):
                for k in LEAVES:
                    np.testing.assert_allclose(a[k], b[k], rtol=1e-12, atol=1e-12, err_msg=name)
            cases[-1]["extra"]["agreesWith"] = f"{twin}/f64"




def exponential(lr, decay):
    """In the precision in force: optax.exponential_decay rounds to f32 on the way."""
    return lambda t: lr * jnp.asarray(decay) ** t


O_CALL = "0.02, b1=0.8, b2=0.95, eps=1e-3"
o_adam = dict(learning_rate=0.02, b1=0.8, b2=0.95, eps=1e-3)
optax_case("optax/sgd", S, "sgd(0.1)", lambda: optax.sgd(0.1), twin="torch/sgd")
optax_case("optax/sgd-momentum", {**S, "momentum": 0.9}, "sgd(0.1, momentum=0.9)", lambda: optax.sgd(0.1, 0.9), twin="torch/sgd-momentum")
optax_case("optax/sgd-nesterov", {**S, "momentum": 0.9, "nesterov": True}, "sgd(0.1, momentum=0.9, nesterov=True)", lambda: optax.sgd(0.1, 0.9, True), twin="torch/sgd-nesterov")
optax_case("optax/sgd-clip", {**S, "maxNorm": N}, "chain(clip_by_global_norm(1.5), sgd(0.1))", lambda: optax.chain(optax.clip_by_global_norm(N), optax.sgd(0.1)), twin="torch/sgd-clip")
optax_case(
    "optax/sgd-momentum-exponential", {**M, "schedule": E}, "sgd(lambda t: 0.1 * 0.9**t, momentum=0.9)",
    lambda: optax.sgd(exponential(0.1, 0.9), 0.9), twin="torch/sgd-momentum-exponential",
)
optax_case("optax/adam-default", {"learningRate": 1e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-8}, "adam(1e-3)", lambda: optax.adam(1e-3), twin="torch/adam-default")
optax_case("optax/adam", A, f"adam({O_CALL})", lambda: optax.adam(**o_adam), twin="torch/adam")
optax_case("optax/adam-eps-root", {**A, "epsRoot": 1e-4}, f"adam({O_CALL}, eps_root=1e-4)", lambda: optax.adam(**o_adam, eps_root=1e-4))
optax_case("optax/adam-nesterov", {**A, "nesterov": True}, f"adam({O_CALL}, nesterov=True)", lambda: optax.adam(**o_adam, nesterov=True))
optax_case(
    "optax/adam-exponential", {**A, "schedule": E}, "adam(lambda t: 0.02 * 0.9**t, b1=0.8, b2=0.95, eps=1e-3)",
    lambda: optax.adam(**{**o_adam, "learning_rate": exponential(0.02, 0.9)}), twin="torch/adam-exponential",
)
optax_case("optax/adamw-default", {"learningRate": 1e-3, "b1": 0.9, "b2": 0.999, "eps": 1e-8, "weightDecay": 1e-4}, "adamw(1e-3)", lambda: optax.adamw(1e-3))
optax_case("optax/adamw", {**A, "weightDecay": 0.1}, f"adamw({O_CALL}, weight_decay=0.1)", lambda: optax.adamw(**o_adam, weight_decay=0.1), twin="torch/adamw")
optax_case(
    "optax/clip-adam-decay", {**A, "weightDecay": 0.1, "maxNorm": N}, f"chain(clip_by_global_norm(1.5), adamw({O_CALL}, weight_decay=0.1))",
    lambda: optax.chain(optax.clip_by_global_norm(N), optax.adamw(**o_adam, weight_decay=0.1)), twin="torch/clip-adam-decay",
)
optax_case("optax/lookahead-sgd", {**S, **L}, "lookahead(sgd(0.1), 3, 0.5)", lambda: optax.lookahead(optax.sgd(0.1), 3, 0.5), 12, twin="torch/lookahead-sgd")

norms = next(c for c in cases if c["name"] == "torch/sgd-clip/f64")["extra"]["norms"]
assert min(norms) < N < max(norms), norms
write(__file__, {
    "meta": {
        "script": "optimizers.py", "versions": {"torch": torch.__version__.split("+")[0], "optax": optax.__version__, "jax": jax.__version__},
        "extra": "norms: global gradient norm before clipping; rates: learning rate of each step; slow: lookahead's slow weights at the end; "
        "agreesWith: checked to 1e-12 when this file was made",
    },
    "cases": cases,
})
