"""Update rules as equations: the classical and the Adam family.

Each is a coroutine over one leaf: `t, g, p, lr = yield d` receives the step (from 1), gradient, parameters and rate, and yields the
displacement of the step. `h` holds hyperparameters and the variant. Every library case of the catalogue is checked against these, and
the paper/ cases are made with them. Python numbers stay weak, so an f32 leaf is computed in f32.
"""

import numpy as np

sqrt, sign, where, maximum = np.sqrt, np.sign, np.where, np.maximum


def lerp(decay, old, new):
    return decay * old + (1 - decay) * new


def root(v, eps, inside):
    """The denominator: eps under the root or beside it."""
    return sqrt(v + eps) if inside else sqrt(v) + eps


def sgd(h, p):
    """firstUndamped (PyTorch): b_1 = g. rateInside (Keras): v = mu v - lr g."""
    mu, damp, nesterov, b, d = h.get("momentum", 0), h.get("dampening", 0), h.get("nesterov"), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        if h.get("rateInside"):
            b = mu * b - lr * g
            d = mu * b - lr * g if nesterov else b
        else:
            b = g if t == 1 and h.get("firstUndamped") else mu * b + (1 - damp) * g
            d = -lr * (g + mu * b if nesterov else b)


def adagrad(h, p):
    a, d = np.full_like(p, h.get("initialAccumulator", 0)), None
    while True:
        t, g, p, lr = yield d
        a = a + g * g
        d = -lr / (1 + (t - 1) * h.get("rateDecay", 0)) * g / root(a, h["eps"], h["epsInside"])


def ftrl(h, p):
    """keras: lambda2 and shrinkage count twice. The rate is constant: z is the paper's."""
    twice = 2 if h.get("keras") else 1
    l1, l2, shrink, rho = h["lambda1"], twice * h["lambda2"], twice * h["shrinkage"], h["power"]
    n, z, d = np.full_like(p, h["initialAccumulator"]), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        after = n + g * g
        z = z + g + shrink * p - (after**rho - n**rho) / lr * p
        n = after
        weight = (h["beta"] + n**rho) / lr + l2
        d = where(weight == 0, p, -sign(z) * maximum(np.abs(z) - l1, 0) / where(weight == 0, 1, weight)) - p


def adadelta(h, p):
    v, x, d = np.zeros_like(p), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        v = lerp(h["rho"], v, g * g)
        u = sqrt(x + h["eps"]) / sqrt(v + h["eps"]) * g  # the old x
        x = lerp(h["rho"], x, u * u)
        d = -lr * u


def rmsprop(h, p):
    """momentumForm: "rateOutside" b = mu b + u, d = -lr b; "rateInside" b = mu b + lr u, d = -b (nesterov: -(lr u + mu b))."""
    rho, mu, v, m, b, d = h["decay"], h.get("momentum", 0), np.full_like(p, h.get("initialScale", 0)), np.zeros_like(p), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        v, m = lerp(rho, v, g * g), lerp(rho, m, g)
        c = 1 - rho**t if h.get("biasCorrection") else 1
        s = v / c - (m / c) ** 2 if h.get("centered") else v / c
        u = g / root(s, h["eps"], h["epsInside"])
        if h.get("momentumForm") == "rateInside":
            b = mu * b + lr * u
            d = -(lr * u + mu * b) if h.get("nesterov") else -b
        else:
            b = mu * b + u
            d = -lr * b


def rprop(h, p):
    """delayed (optax): what is applied is the step found one call earlier, or nothing if the sign changed meanwhile."""
    step, prev, d = np.full_like(p, h["learningRate"]), np.zeros_like(p), None
    while True:
        t, g, p, _ = yield d
        s = sign(g * prev)
        factor = where(s > 0, h["etaPlus"], where(s < 0, h["etaMinus"], 1)).astype(p.dtype)
        step = where(s == 0, step, np.clip(step * factor, h["minStep"], h["maxStep"]))
        now = where(s < 0, 0, step * sign(g)).astype(p.dtype)
        d = -where(s < 0, 0, prev) if h.get("delayed") else -now
        prev = now  # its sign is that of g, or 0 where the sign changed: the step after a change multiplies by 1


def adam(h, p):
    """amsgrad: "paper" x = max(x, v), m/(sqrt x + eps); "torch" x = max(x, v), (m/c1)/(sqrt(x/c2) + eps); "optax" x = max(x, v/c2), (m/c1)/(sqrt(x + eps_root) + eps).
    epsHat (Keras): U = sqrt(c2)/c1 m/(sqrt v + eps), v the maximum if amsgrad."""
    b1, b2, eps, form = h["b1"], h["b2"], h["eps"], h.get("amsgrad")
    m, v, x, d = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        c1, c2 = 1 - b1**t, 1 - b2**t
        m, v = lerp(b1, m, g), lerp(b2, v, g * g)
        x = maximum(x, v / c2 if form == "optax" else v) if form else v
        mhat = b1 * m / (1 - b1 ** (t + 1)) + (1 - b1) * g / c1 if h.get("nesterov") else m / c1
        if form == "paper":
            u = m / (sqrt(x) + eps)
        elif h.get("epsHat"):
            u = c2**0.5 / c1 * m / (sqrt(x) + eps)
        else:
            u = mhat / (sqrt((x if form == "optax" else x / c2) + h.get("epsRoot", 0)) + eps)
        d = -lr * u


def adamw_paper(h, p):
    """The decay is multiplied by the schedule's factor only, not by the base rate: p -= factor (base U + lambda p)."""
    inner, d = adam(h, p), None
    next(inner)
    while True:
        t, g, p, lr = yield d
        d = inner.send((t, g, p, lr)) - lr / h["baseRate"] * h["weightDecay"] * p


adamw_paper.decays = True


def adamax(h, p):
    b1, b2, eps, m, u, d = h["b1"], h["b2"], h["eps"], np.zeros_like(p), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        m = lerp(b1, m, g)
        u = maximum(b2 * u, np.abs(g) + (0 if h.get("epsOutside") else eps))
        d = -lr / (1 - b1**t) * m / (u + (eps if h.get("epsOutside") else 0))


def nadam(h, p):
    """With momentumDecay psi; without it nadam is adam with nesterov."""
    b1, b2, psi, product, m, v, d = h["b1"], h["b2"], h["momentumDecay"], 1.0, np.zeros_like(p), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        mu, ahead = (b1 * (1 - 0.5 * 0.96 ** (k * psi)) for k in (t, t + 1))
        product *= mu
        m, v = lerp(b1, m, g), lerp(b2, v, g * g)
        d = -lr * (ahead * m / (1 - product * ahead) + (1 - mu) * g / (1 - product)) / (sqrt(v / (1 - b2**t)) + h["eps"])


def radam(h, p):
    """inclusive: rectify at rho >= threshold. epsHat (PyTorch): r (m/c1) sqrt(c2)/(sqrt v + eps)."""
    b1, b2, m, v, d = h["b1"], h["b2"], np.zeros_like(p), np.zeros_like(p), None
    limit = 2 / (1 - b2) - 1
    while True:
        t, g, p, lr = yield d
        c1, c2 = 1 - b1**t, 1 - b2**t
        m, v = lerp(b1, m, g), lerp(b2, v, g * g)
        mhat = b1 * m / (1 - b1 ** (t + 1)) + (1 - b1) * g / c1 if h.get("nesterov") else m / c1
        rho = limit - 2 * t * b2**t / c2
        if rho > h["threshold"] or (h.get("inclusive") and rho == h["threshold"]):
            r = ((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho)) ** 0.5
            mhat = r * (mhat * c2**0.5 / (sqrt(v) + h["eps"]) if h.get("epsHat") else mhat / (sqrt(v / c2 + h.get("epsRoot", 0)) + h["eps"]))
        d = -lr * mhat


def adabound(h, p):
    """amsbound: the maximum of v instead of v. m is not debiased; the bounds follow the rate in force relative to the base rate."""
    b1, b2, m, v, x, d = h["b1"], h["b2"], np.zeros_like(p), np.zeros_like(p), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        m, v = lerp(b1, m, g), lerp(b2, v, g * g)
        x = maximum(x, v) if h.get("amsbound") else v
        final = h["finalRate"] * lr / h["baseRate"]
        low, high = final * (1 - 1 / (h["gamma"] * t + 1)), final * (1 + 1 / (h["gamma"] * t))
        d = -np.clip(lr * (1 - b2**t) ** 0.5 / (1 - b1**t) / (sqrt(x) + h["eps"]), low, high) * m


def yogi(h, p):
    """debias: divide by c1 and c2 (optax); the paper divides by neither."""
    b1, b2, m, v, d = h["b1"], h["b2"], np.full_like(p, h["initialMoment"]), np.full_like(p, h["initialAccumulator"]), None
    while True:
        t, g, p, lr = yield d
        m, v = lerp(b1, m, g), v - (1 - b2) * sign(v - g * g) * g * g
        c1, c2 = (1 - b1**t, 1 - b2**t) if h["debias"] else (1, 1)
        d = -lr * (m / c1) / (sqrt(v / c2 + h.get("epsRoot", 0)) + h["eps"])


def adabelief(h, p):
    b1, b2, m, s, d = h["b1"], h["b2"], np.zeros_like(p), np.zeros_like(p), None
    while True:
        t, g, p, lr = yield d
        m = lerp(b1, m, g)
        s = lerp(b2, s, (g - m) ** 2) + h["epsRoot"]  # inside the state: it accumulates
        c1, c2 = 1 - b1**t, 1 - b2**t
        mhat = b1 * m / (1 - b1 ** (t + 1)) + (1 - b1) * g / c1 if h.get("nesterov") else m / c1
        d = -lr * mhat / (sqrt(s / c2) + h["eps"])


def asgd(h, p):
    """The average is beside the parameters."""
    d = None
    while True:
        t, g, p, _ = yield d
        eta = h["learningRate"] / (1 + h["weightDecay"] * h["learningRate"] * (t - 1)) ** h["power"]
        d = -eta * h["weightDecay"] * p - eta * g


asgd.decays = True
