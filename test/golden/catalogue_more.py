"""Update rules as equations, continued: beyond the classics. The conventions are those of catalogue_equations.py."""

import numpy as np

from catalogue_equations import adam, lerp, maximum, sqrt, where


def l2norm(x):
    return sqrt(np.sum(x * x))


def rms(x):
    return sqrt(np.mean(x * x))


def lion(h, p):
    m, d = np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        x = lerp(h["b1"], m, g)
        m = lerp(h["b2"], m, g)  # after use
        mode = h.get("mode", "hard")
        d = -lr * (np.tanh(h.get("smoothBeta", 1) * x) if mode == "smooth" else where(np.abs(x) < 1, x, np.sign(x)) if mode == "refined" else np.sign(x))


def sign_sgd(h, p):
    d = None
    while True:
        t, g, p, lr = yield d
        d = -lr * np.sign(g)


def signum(h, p):
    m, d = np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        m = lerp(h["b1"], m, g)
        d = -lr * np.sign(m)


def adan(h, p):
    """b's are decay rates, one minus the paper's. differenceFactor: "decay" b2 (the paper's 1 - beta2), "oneMinusDecay" 1 - b2 (optax).
    proximal (the paper): p = (p - lr U)/(1 + lr lambda), else p -= lr (U + lambda p)."""
    b1, b2, b3, wd = h["b1"], h["b2"], h["b3"], h.get("weightDecay", 0)
    factor = b2 if h["differenceFactor"] == "decay" else 1 - b2
    m, v, n, before, d = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p), None, None
    while True:
        t, g, p, lr = yield d
        diff = np.zeros_like(g) if before is None else g - before
        m, v, n, before = lerp(b1, m, g), lerp(b2, v, diff), lerp(b3, n, (g + factor * diff) ** 2), g
        u = (m / (1 - b1**t) + factor * v / (1 - b2**t)) / (sqrt(n / (1 - b3**t) + h.get("epsRoot", 0)) + h["eps"])
        d = (p - lr * u) / (1 + lr * wd) - p if h.get("proximal") else -lr * (u + wd * p)


adan.decays = True


def ademamix(h, p):
    """Only the fast moment is debiased. `alphas` and `b3s`: their values step by step."""
    b1, b2, m1, m2, v, d = h["b1"], h["b2"], np.zeros_like(p), np.zeros_like(p), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        alpha, b3 = (h[f"{k}s"][t - 1] if f"{k}s" in h else h[k] for k in ("alpha", "b3"))
        m1, m2, v = lerp(b1, m1, g), lerp(b3, m2, g), lerp(b2, v, g * g)
        d = -lr * (m1 / (1 - b1**t) + alpha * m2) / (sqrt(v / (1 - b2**t) + h.get("epsRoot", 0)) + h["eps"])


def simplified_ademamix(h, p):
    b1, b2, m, v, d = h["b1"], h["b2"], np.zeros_like(p), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        m, v = b1 * m + g, lerp(b2, v, g * g)
        d = -lr * (m + h["alpha"] * g) / (sqrt(v / (1 - b2**t) + h.get("epsRoot", 0)) + h["eps"])


def acprop(h, p):
    """centre: a gradient is compared with the mean "after" it has entered (the paper, the authors' code) or "before" (optax)."""
    b1, b2, m, s, d = h["b1"], h["b2"], np.zeros_like(p), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        shat = s / (1 - b2 ** (t - 1)) if t > 1 else np.ones_like(p)
        d = -lr * g / (sqrt(shat) + h["eps"])
        old, m = m, lerp(b1, m, g)
        s = lerp(b2, s, (g - (m if h["centre"] == "after" else old)) ** 2) + h["epsRoot"]


def cocob(h, p):
    """The names are the paper's, but for theta, the sum of gradients, which has the other sign there."""
    p0, L, G, R, theta, d = p, np.full_like(p, h["eps"]), np.zeros_like(p), np.zeros_like(p), np.zeros_like(p), None
    while True:
        t, g, p, _ = yield d
        L, G, R, theta = maximum(L, np.abs(g)), G + np.abs(g), maximum(R - (p - p0) * g, 0), theta + g
        below = L * maximum(G + L, h["alpha"] * L)
        d = p0 - theta / where(below > 0, below, 1) * (L + R) - p


def adopt(h, p):
    """The first step only sets v = g^2."""
    b1, b2, m, v, d = h["b1"], h["b2"], np.zeros_like(p), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        if t == 1:
            v, d = g * g, np.zeros_like(p)
            continue
        c = (t - 1) ** 0.25 if h["clip"] else np.inf
        u = np.clip(g / np.maximum(sqrt(v), h["eps"]), -c, c)  # the old v
        m, v = lerp(b1, m, u), lerp(b2, v, g * g)
        d = -lr * (lerp(b1, m, u) if h.get("nesterov") else m)


def madgrad(h, p):
    """rateEps (optax, the authors' code): the rate is lr + eps. momentum c' = 1 - c of the paper."""
    x0, s, v, d = p, np.zeros_like(p), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        k = (lr + (h["eps"] if h.get("rateEps") else 0)) * t**0.5
        s, v = s + k * g, v + k * g * g
        z = x0 - s / (np.cbrt(v) + h["eps"])
        d = (1 - h["momentum"]) * (z - p)


def lars(h, p):
    """ratio: "joint" coefficient |p|/(|g + lambda p| + eps); "separate" (the paper) coefficient |p|/(|g| + lambda |p| + eps); 1 where either norm is 0."""
    wd, mu, v, d = h.get("weightDecay", 0), h["momentum"], np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        u = g + wd * p
        below = l2norm(g) + wd * l2norm(p) if h["ratio"] == "separate" else l2norm(u)
        trust = h["trustCoefficient"] * l2norm(p) / (below + h["eps"]) if l2norm(p) and below else 1
        v = mu * v + lr * trust * u
        d = -(lr * trust * u + mu * v if h.get("nesterov") else v)


def lamb(h, p):
    """decayOutside (Keras): p is decayed first, and neither ratio nor update sees lambda p."""
    wd, inner, d = h.get("weightDecay", 0), adam({**h, "learningRate": 1}, p), None
    next(inner)
    while True:
        t, g, p, lr = yield d
        u, shrink = -inner.send((t, g, p, 1)), lr * wd * p if h.get("decayOutside") else np.zeros_like(p)
        if not h.get("decayOutside"):
            u = u + wd * p
        above, below = l2norm(p - shrink), l2norm(u)
        d = -shrink - lr * (above / below if above and below else 1) * u


def novograd(h, p):
    b1, b2, m, v, d = h["b1"], h["b2"], np.zeros_like(p), 0, None
    while True:
        t, g, p, lr = yield d
        square = np.sum(g * g)
        v = square if t == 1 else lerp(b2, v, square)
        m = (0 if t == 1 else b1 * m) + g / (sqrt(v + h.get("epsRoot", 0)) + h["eps"]) + h.get("weightDecay", 0) * p
        d = -lr * m


def adafactor(h, p):
    """form: "paper", "torch", "optax", "keras". R and C are means; V = R C^T / mean(R)."""
    form, eps1, wd, row, col, v, ema, d = h["form"], h["eps1"], h.get("weightDecay", 0), 0, 0, 0, 0, None
    add, small = (0, eps1) if form == "torch" else (eps1, 0)
    while True:
        t, g, p, lr = yield d
        b2, square = 1 - t ** -h["beta2Decay"], g * g + add
        if g.ndim < 2 or h.get("factored") is False:
            v = lerp(b2, v, square)
        else:
            a, b = (g.ndim - 2, g.ndim - 1) if form != "optax" else np.argsort(g.shape, kind="stable")[-2:]  # b: the larger axis
            row, col = lerp(b2, row, np.mean(square, axis=b, keepdims=True)), lerp(b2, col, np.mean(square, axis=a, keepdims=True))
            v = row * col / np.maximum(np.mean(row, axis=a, keepdims=True), small)
        u = g / sqrt(np.maximum(v, small * small))
        u = u / max(1, rms(u) / h["clip"]) if h["clip"] else u
        if form == "optax":
            u = u * lr * (np.maximum(rms(p), h["eps2"]) if h["scaleByParameter"] else 1)
            ema = lerp(h["momentum"], ema, u) if "momentum" in h else u
            d = -(ema + wd * p)  # the decay is not multiplied by the rate
        else:
            shrink = lr * wd * p
            scale = max(h["eps2"], rms(p - shrink if form == "keras" else p))
            d = -shrink - scale * min(lr, 1 / t**0.5) * u


def sm3(h, p):
    """SM3-II: one accumulator per row of every axis; a leaf of rank 0 or 1 has one per element."""
    acc, m, d = [np.zeros([n if i == k else 1 for i in range(p.ndim)]) for k, n in enumerate(p.shape)] or [np.zeros_like(p)], np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        v = np.minimum.reduce(np.broadcast_arrays(*acc, g)[:-1]) + g * g
        acc = [v.max(axis=tuple(i for i in range(p.ndim) if i != k), keepdims=True) if p.ndim > 1 else v for k in range(max(p.ndim, 1))]
        m = lerp(h["momentum"], m, g * where(v > 0, 1 / sqrt(v + h["eps"]), 0))
        d = -lr * m


def fromage(h, p):
    d = None
    while True:
        t, g, p, lr = yield d
        shrink = 1 / (1 + lr**2) ** 0.5
        above, below = (max(l2norm(x), h["minNorm"]) for x in (p, g))
        d = -shrink * lr * (above / below if above and below else 1) * g + (shrink - 1) * p


def optimistic_gradient_descent(h, p):
    before, d = None, None
    while True:
        t, g, p, lr = yield d
        d = -lr * ((h["alpha"] + h["beta"]) * g - h["beta"] * (g if before is None else before))
        before = g


def optimistic_adam(h, p):
    """start: "zero" (the paper) or the "own" update (optax) stands before the first."""
    inner, before, d = adam(h, p), None, None
    next(inner)
    while True:
        t, g, p, lr = yield d
        u = -inner.send((t, g, p, 1))
        if before is None:
            before = np.zeros_like(u) if h["start"] == "zero" else u
        d = -lr * ((h["alpha"] + h["beta"]) * u - h["beta"] * before)
        before = u


def noisy_sgd(h, p):
    """`noise`: the unit normals that were drawn, step by step and by leaf."""
    d = None
    while True:
        t, g, p, lr = yield d
        d = -lr * (g + (h["eta"] / t ** h["gamma"]) ** 0.5 * h["noise"][t - 1][h["leaf"]])


def adam_mini(h, p):
    """blocks: "leaf", or the axis along which they lie, "last" or "first", of what has two axes or more."""
    b1, b2, m, v, d = h["b1"], h["b2"], np.zeros_like(p), 0, None
    along = {"leaf": None, "last": p.ndim - 1, "first": 0}[h["blocks"]] if p.ndim > 1 else None
    axes = tuple(i for i in range(p.ndim) if i != along)
    while True:
        t, g, p, lr = yield d
        m, v = lerp(b1, m, g), lerp(b2, v, np.mean(g * g, axis=axes, keepdims=True))
        d = -lr * (m / (1 - b1**t)) / (sqrt(v / (1 - b2**t)) + h["eps"])


def cautious(equation, scale="counted"):
    """What would go up the gradient is held back. scale: "counted" d/(n + xi), "bounded" 1/max(n/d, least)."""

    def rule(h, p):
        inner, d = equation(h, p), None
        next(inner)
        while True:
            t, g, p, lr = yield d
            u = inner.send((t, g, p, lr))
            mask = u * g < 0
            n = float(np.sum(mask))
            d = u * mask * (mask.size / (n + h["xi"]) if scale == "counted" else 1 / max(n / mask.size, h["least"]))

    return rule


# -- matrices


def newton_schulz(x, steps, coefficients, eps, clamp=False, preconditioning="frobenius"):
    """clamp: |x| or eps, whichever is larger (PyTorch); otherwise |x| + eps."""
    if x.shape[0] > x.shape[1]:
        return newton_schulz(x.T, steps, coefficients, eps, clamp, preconditioning).T
    if preconditioning in ("frobenius", "spectral"):
        n = l2norm(x) if preconditioning == "frobenius" else np.linalg.norm(x, 2)
        x = x / (max(n, eps) if clamp else n + eps)
    for i, (a, b, c) in enumerate(coefficients if isinstance(coefficients[0], (list, tuple)) else [coefficients] * steps):
        gram = x @ x.T
        if i == 0 and preconditioning == "aol":
            s = 1 / sqrt(np.maximum(np.sum(np.abs(gram), axis=1, keepdims=True), eps))
            x, gram = x * s, gram * s * s.T
        if i == 0 and preconditioning == "schatten":
            s = 1 / sqrt(max(l2norm(gram), eps))
            x, gram = x * s, gram * s * s
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x


def muon(h, p):
    """momentum by form: "torch" m = EMA, (1-mu) g + mu m; "optax" debiased EMA, nesterov as in nadam; "keras" m = mu m + g, g + mu m.
    adjust: "original" sqrt(max(1, rows/columns)), "widthTransfer" sqrt(max(1, columns/rows)), "matchRmsAdamw" rmsRate sqrt(max(rows, columns)). flatten: all axes but the last are the rows."""
    if h.get("flatten") and p.ndim > 2:
        yield from muon_flat(h, p)
    if p.ndim != 2:
        yield from muon_elsewhere(h["adam"], p)
    mu, form, m, (rows, columns), d = h["momentum"], h["form"], np.zeros_like(p), p.shape, None
    scale = {"original": max(1, rows / columns), "widthTransfer": max(1, columns / rows), "matchRmsAdamw": (h.get("rmsRate") or 0.2) ** 2 * max(rows, columns), "none": 1}[h["adjust"]] ** 0.5
    while True:
        t, g, p, lr = yield d
        m = mu * m + g if form == "keras" else lerp(mu, m, g)
        x = m / (1 - mu**t) if form == "optax" else m
        if h["nesterov"]:
            x = {"torch": lambda: lerp(mu, m, g), "keras": lambda: g + mu * m, "optax": lambda: mu * m / (1 - mu ** (t + 1)) + (1 - mu) * g / (1 - mu**t)}[form]()
        o = newton_schulz(x, h["nsSteps"], h["nsCoefficients"], h["eps"], form == "torch", h.get("preconditioning", "frobenius"))
        o = np.sum(x * o) * o if h.get("adaptive") else o
        # optax adds the decay before the rate and after the scale; all three multiply the decay by the plain rate
        d = -lr * (scale * o + h.get("weightDecay", 0) * p)


def normuon(h, p):
    """Matrices are [in, out]. norm: "rms" (the paper), "kept" (pytorch_optimizer), then sqrt(max(1, out/in))."""
    if p.ndim != 2:
        yield from muon_elsewhere(h["adam"], p)
    mu, m, v, (rows, columns), d = h["momentum"], np.zeros_like(p), np.zeros_like(p[:1]), p.shape, None
    while True:
        t, g, p, lr = yield d
        m = lerp(mu, m, g)
        o = newton_schulz(lerp(mu, m, g) if h["nesterov"] else m, h["nsSteps"], h["nsCoefficients"], h["eps"], True)
        v = lerp(h["b2"], v, np.mean(o * o, axis=0, keepdims=True))
        u = o / (sqrt(v) + h["unitEps"])
        scale = l2norm(o) * max(1, columns / rows) ** 0.5 if h["norm"] == "kept" else h["targetRms"] * (rows * columns) ** 0.5
        d = -lr * (scale / l2norm(u) * u + h.get("weightDecay", 0) * p)


def signed_svd(x):
    """Of each left vector the first component that is at least half as large as the largest is positive."""
    u, _, vt = np.linalg.svd(x, full_matrices=False)
    large = np.argmax(np.abs(u) >= np.max(np.abs(u), axis=0) / 2, axis=0)
    turn = np.sign(u[large, np.arange(u.shape[1])])
    return u * turn, vt.T * turn


def galore(h, p):
    """Adam of a matrix in its first directions, found anew at every gap-th step. larger (optax): of the larger side."""
    low = p.ndim == 2
    wide = low and (p.shape[0] >= p.shape[1] if h.get("larger") else p.shape[0] <= p.shape[1])
    inner, d = None, None
    while True:
        t, g, p, lr = yield d
        if low and (t - 1) % h["gap"] == 0:
            axes = signed_svd(g)[0 if wide else 1][:, : h["rank"]]
        x = (axes.T @ g if wide else g @ axes) if low else g
        if inner is None:
            inner = adam(h, np.zeros_like(x))
            next(inner)
        n = inner.send((t, x, x, lr))
        d = h["scale"] * (axes @ n if wide else n @ axes.T) if low else n


def muon_flat(h, p):
    flat = lambda x: x.reshape(-1, p.shape[-1])
    inner, d = muon(h, flat(p)), None
    next(inner)
    while True:
        t, g, q, lr = yield d
        d = inner.send((t, flat(g), flat(q), lr)).reshape(p.shape)


def muon_elsewhere(h, p):
    inner, d = adam(h, p), None
    next(inner)
    while True:
        t, g, p, _ = yield d
        d = inner.send((t, g, p, h["learningRate"])) - h.get("decayRate", h["learningRate"]) * h.get("weightDecay", 0) * p


for rule in (lars, lamb, novograd, adafactor, muon, normuon):
    rule.decays = True
