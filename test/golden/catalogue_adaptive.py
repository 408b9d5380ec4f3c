"""Update rules as equations, continued: the rate is found on the way, or not needed. The conventions are those of catalogue_equations.py."""

import numpy as np

from catalogue_equations import lerp, sqrt
from catalogue_more import l2norm


def prodigy(h, p):
    """oldEps (the paper): sqrt v + d_k eps with the d of before. biasCorrection is not in the paper."""
    b1, b2, d0, x0 = h["b1"], h["b2"], h["estimLr0"], p
    b3 = h.get("b3", b2**0.5)
    m, v, s, r, est, d = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p), 0, d0, None
    while True:
        t, g, p, lr = yield d
        dlr = est * lr * ((1 - b2**t) ** 0.5 / (1 - b1**t) if h["biasCorrection"] else 1)
        m, v = lerp(b1, m, est * g), lerp(b2, v, (est * g) ** 2)
        r = b3 * r + est / d0 * dlr * np.dot(g, x0 - p)
        s = b3 * s + est / d0 * (est if h.get("safeguardWarmup") else dlr) * g
        new = max(est, h.get("estimLrCoef", 1) * r / np.sum(np.abs(s)))
        d = -h.get("weightDecay", 0) * dlr * p - dlr * m / (sqrt(v) + (est if h.get("oldEps") else new) * h["eps"])
        est = new


def dadapt_adamw(h, p):
    """newDenominator (the paper): the products with s are weighted by the new v, not the old."""
    b1, b2, est = h["b1"], h["b2"], h["estimLr0"]
    q, m, v, s, r, d = b2**0.5, np.zeros_like(p), np.zeros_like(p), np.zeros_like(p), 0, None
    while True:
        t, g, p, lr = yield d
        dlr = est * lr * ((1 - b2**t) ** 0.5 / (1 - b1**t) if h["biasCorrection"] else 1)
        old, v = v, lerp(b2, v, g * g)
        product = np.dot(g, s / (sqrt(v if h.get("newDenominator") else old) + h["eps"]))  # the old s
        m, s, r = b1 * m + (1 - b1) * dlr * g, q * s + (1 - q) * dlr * g, q * r + (1 - q) * dlr * product
        est = max(est, r / ((1 - q) * np.sum(np.abs(s))))
        d = -h.get("weightDecay", 0) * dlr * p - m / (sqrt(v) + h["eps"])


def dog(h, p):
    kind, value = h["initStep"]
    x0, total, d = p, 0, None
    far = {"distance": value, "heuristic": value * (1 + l2norm(p)), "learningRate": 0}[kind]
    while True:
        t, g, p, lr = yield d
        g = g + h.get("weightDecay", 0) * p
        far, total = max(far, l2norm(p - x0)), total + np.sum(g * g)
        d = -lr * (value if kind == "learningRate" and t == 1 else far / sqrt(total + h["eps"])) * g


def dowg(h, p):
    x0, far2, total, d = p, h["initEstimSqDist"], 0, None
    while True:
        t, g, p, lr = yield d
        g = g + h.get("weightDecay", 0) * p
        far2 = max(far2, np.sum((p - x0) ** 2))
        total = total + far2 * np.sum(g * g)
        d = -lr * far2 / (sqrt(total) + h["eps"]) * g


def polyak_sgd(h, p):
    """scalingInside (optax): the norm is that of the scaled gradient. sps+: a gap below 0 counts as 0."""
    d = None
    while True:
        t, g, p, lr = yield d
        gap = h["losses"][t - 1] - h["fMin"]
        gap = max(gap, 0) if h["form"] == "sps+" else gap
        square = np.sum(g * g) * (h["scaling"] ** 2 if h["scalingInside"] else h["scaling"])
        step = 0 if square + h["eps"] <= 2.0**-52 else min(gap / (square + h["eps"]), h["maxLearningRate"])
        d = -(h["scaling"] if h["scalingInside"] else 1) * step * g


def momo_rate(h, t, lr, bound, f, gamma, iprod, square, rho):
    """The rate, and the bound after it. estimated: the bound is found on the way, and never below fMin."""
    grown = 1 + lr * h.get("weightDecay", 0)
    height = grown * (f - gamma) + iprod
    if h.get("estimated") and height < grown * rho * bound:
        bound = max(height / (2 * grown * rho), h["fMin"])
    tau = min(lr / rho, max(height - grown * rho * bound, 0) / square) if square else 0
    return tau, max((f + iprod - gamma - tau * square / 2) / rho, h["fMin"]) if h.get("estimated") else bound


def momo_step(h, lr, tau, direction, p):
    """stepShrinks (the paper, the authors' code): p = (p - tau d)/(1 + lr lambda), else (optax) p/(1 + lr lambda) - tau d."""
    grown = 1 + lr * h.get("weightDecay", 0)
    return ((p - tau * direction) / grown if h["stepShrinks"] else p / grown - tau * direction) - p


def momo(h, p):
    """biasCorrection: averages begin at 0, not at their first values."""
    bias, avg, f, gamma, bound, d = h.get("biasCorrection"), np.zeros_like(p), 0, 0, h["fMin"], None
    while True:
        t, g, p, lr = yield d
        b = 0 if t == 1 and not bias else h["b1"]
        f, gamma, avg = lerp(b, f, h["losses"][t - 1]), lerp(b, gamma, np.dot(g, p)), lerp(b, avg, g)
        tau, bound = momo_rate(h, t, lr, bound, f, gamma, np.dot(avg, p), np.dot(avg, avg), 1 - b**t if bias else 1)
        d = momo_step(h, lr, tau, avg, p)


def momo_adam(h, p):
    b1, b2, avg, v, f, gamma, bound, d = h["b1"], h["b2"], np.zeros_like(p), np.zeros_like(p), 0, 0, h["fMin"], None
    while True:
        t, g, p, lr = yield d
        f, gamma, avg, v = lerp(b1, f, h["losses"][t - 1]), lerp(b1, gamma, np.dot(g, p)), lerp(b1, avg, g), lerp(b2, v, g * g)
        u = avg / (sqrt(v / (1 - b2**t)) + h["eps"])
        tau, bound = momo_rate(h, t, lr, bound, f, gamma, np.dot(avg, p), np.dot(avg, u), 1 - b1**t)
        d = momo_step(h, lr, tau, u, p)


for rule in (prodigy, dadapt_adamw, dog, dowg, polyak_sgd, momo, momo_adam):
    rule.whole = True  # their norms and products go over all leaves


def schedule_free(h, p):
    """The parameters are y, where gradients are taken; x is what to evaluate (the trajectory of it, if `evaluate`). inner: "sgd", "adamw" (v only). form:
    "optax" the warm-up of the step counts from t-1, that of the weight from t. "keras" weight 1. "paper" rate lr sqrt(c2) min(1, t/warmup), eps beside sqrt v. Weights are (the largest rate so far)^power."""
    b1, wd, form, warm, power = h["b1"], h.get("weightDecay", 0), h["form"], h.get("warmupSteps", 0), h.get("weightLrPower", 2)
    x, y, z, v, total, best, d = p, p, p, np.zeros_like(p), 0, 0, None
    while True:
        t, g, _, lr = yield d
        ramp = lambda k: min(1, k / warm) if warm else 1
        u, step, weigh = g, lr * ramp(t - 1 if form == "optax" else t), lr * ramp(t)
        if h["inner"] == "adamw":
            c2 = 1 - h["b2"] ** t
            v = lerp(h["b2"], v, g * g)
            u = g / (sqrt(v) + h["eps"]) if form == "paper" else g / (sqrt(v / c2) + h["eps"])
            if form == "paper":
                step, weigh = step * c2**0.5, weigh * c2**0.5
        best = max(best, weigh)
        weight = 1 if form == "keras" else best**power
        total += weight
        c = weight / total if total else 0
        old = x if h.get("evaluate") else y
        if form == "keras":  # the decay of y is felt by x alone
            x = x - lr * wd * y / b1
            z = z - step * u
        else:
            z = z - step * (u + wd * y)
        x = (1 - c) * x + c * z
        y = (1 - b1) * z + b1 * x
        d = (x if h.get("evaluate") else y) - old


for rule in (prodigy, dadapt_adamw, dog, dowg, momo, momo_adam, schedule_free):
    rule.decays = True


def mechanize(equation, inner=None):
    """recovered (optax): the sum of displacements is taken from the parameters, over s + eps."""

    def rule(h, p):
        base, d = equation(h[inner] if inner else h, p), None
        next(base)
        b = 1 - 0.1 ** np.arange(1, h["numBetas"] + 1)
        eps, lam, x0, total, m, v, r = h["eps"], h["weightDecay"], p, np.zeros_like(p), 0 * b, 0 * b, 0 * b
        s = 0 * b + h["sInit"]
        while True:
            t, g, p, lr = yield d
            u, scale = base.send((t, g, p, h[inner]["learningRate"] if inner else lr)), float(np.sum(s))
            if h.get("recovered"):
                total = (p - x0) / (scale + eps)
            x = float(-np.dot(g + lam * scale * l2norm(g) / (l2norm(p) + eps) * p, total))
            clipped = np.clip(x, -m, m)
            m, v, r = np.maximum(b * m, abs(x) + eps), b**2 * v + x * x, b * r + clipped * s
            s = (h["sInit"] / b.size * m + np.maximum(r, 0)) / (sqrt(v) + eps)
            total = total + u
            d = x0 + float(np.sum(s)) * total - p

    rule.whole, rule.decays = True, True
    return rule
