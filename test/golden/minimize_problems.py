"""The problems of More, Garbow and Hillstrom (ACM TOMS 7, 1981): names, starts, residuals, in jax."""

import jax

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")
jnp = jax.numpy

i_to = lambda m: jnp.arange(1.0, m + 1)
cat = lambda *parts: jnp.concatenate([jnp.atleast_1d(p) for p in parts])

BARD = jnp.array([0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39])
HALF = [0.0009, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521]
GAUSS = jnp.array(HALF + [0.3989] + HALF[::-1])
MEYER = jnp.array([34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872.0])
KOW_Y = jnp.array([0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246])
KOW_U = jnp.array([4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])
OSB1 = jnp.array([0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603, 0.58,
                  0.558, 0.538, 0.522, 0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42, 0.414, 0.411, 0.406])
OSB2 = jnp.array([1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655, 0.616, 0.606,
                  0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495, 0.5, 0.423,
                  0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668,
                  0.645, 0.632, 0.591, 0.559, 0.597, 0.625, 0.739, 0.71, 0.729, 0.72, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098,
                  0.054])


def extended_rosenbrock(x):
    a, b = x[::2], x[1::2]
    return cat(10 * (b - a**2), 1 - a)


def powell_singular(x):
    a, b, c, d = x[::4], x[1::4], x[2::4], x[3::4]
    return cat(a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2)


def helical(x):
    turn = jnp.arctan(x[1] / x[0]) / (2 * jnp.pi) + jnp.where(x[0] < 0, 0.5, 0.0)
    return cat(10 * (x[2] - 10 * turn), 10 * (jnp.sqrt(x[0] ** 2 + x[1] ** 2) - 1), x[2])


def bard(x):
    u = i_to(15)
    return BARD - (x[0] + u / ((16 - u) * x[1] + jnp.minimum(u, 16 - u) * x[2]))


def gaussian(x):
    return x[0] * jnp.exp(-x[1] * ((8 - i_to(15)) / 2 - x[2]) ** 2 / 2) - GAUSS


def gulf(x):
    t = i_to(99) / 100
    y = 25 + (-50 * jnp.log(t)) ** (2 / 3)
    return jnp.exp(-(jnp.abs(y - x[1]) ** x[2]) / x[0]) - t


def box(x):
    t = i_to(10) / 10
    return jnp.exp(-t * x[0]) - jnp.exp(-t * x[1]) - x[2] * (jnp.exp(-t) - jnp.exp(-10 * t))


def wood(x):
    a, b, c, d = x
    return cat(10 * (b - a * a), 1 - a, 90**0.5 * (d - c * c), 1 - c, 10**0.5 * (b + d - 2), (b - d) / 10**0.5)


def brown_dennis(x):
    t = i_to(20) / 5
    return (x[0] + t * x[1] - jnp.exp(t)) ** 2 + (x[2] + x[3] * jnp.sin(t) - jnp.cos(t)) ** 2


def osborne1(x):
    t = 10 * (i_to(33) - 1)
    return OSB1 - (x[0] + x[1] * jnp.exp(-t * x[3]) + x[2] * jnp.exp(-t * x[4]))


def biggs(x):
    t = i_to(13) / 10
    y = jnp.exp(-t) - 5 * jnp.exp(-10 * t) + 3 * jnp.exp(-4 * t)
    return x[2] * jnp.exp(-t * x[0]) - x[3] * jnp.exp(-t * x[1]) + x[5] * jnp.exp(-t * x[4]) - y


def osborne2(x):
    t = (i_to(65) - 1) / 10
    peaks = sum(x[k] * jnp.exp(-((t - x[7 + k]) ** 2) * x[4 + k]) for k in (1, 2, 3))
    return OSB2 - (x[0] * jnp.exp(-t * x[4]) + peaks)


def watson(x):
    n = len(x)
    t = (i_to(29) / 29)[:, None]
    j = i_to(n)[None, :]
    slopes = jnp.sum((j[:, 1:] - 1) * x[1:] * t ** (j[:, 1:] - 2), 1)
    return cat(slopes - jnp.sum(x * t ** (j - 1), 1) ** 2 - 1, x[0], x[1] - x[0] ** 2 - 1)


def penalty1(x):
    return cat(1e-5**0.5 * (x - 1), jnp.sum(x**2) - 0.25)


def penalty2(x):
    n = len(x)
    e, i = jnp.exp(x / 10), jnp.arange(2.0, n + 1)
    y = jnp.exp(i / 10) + jnp.exp((i - 1) / 10)
    last = jnp.sum((n - i_to(n) + 1) * x**2) - 1
    return cat(x[0] - 0.2, 1e-5**0.5 * (e[1:] + e[:-1] - y), 1e-5**0.5 * (e[1:] - jnp.exp(-0.1)), last)


def variably(x):
    s = jnp.sum(i_to(len(x)) * (x - 1))
    return cat(x - 1, s, s**2)


def trigonometric(x):
    n = len(x)
    return n - jnp.sum(jnp.cos(x)) + i_to(n) * (1 - jnp.cos(x)) - jnp.sin(x)


def brown_linear(x):
    return cat(x[:-1] + jnp.sum(x) - (len(x) + 1), jnp.prod(x) - 1)


padded = lambda x: (cat(0.0, x[:-1]), cat(x[1:], 0.0))


def boundary(x):
    n = len(x)
    before, after = padded(x)
    return 2 * x - before - after + (x + i_to(n) / (n + 1) + 1) ** 3 / (2 * (n + 1) ** 2)


def integral(x):
    n = len(x)
    h, t = 1 / (n + 1), i_to(n) / (n + 1)
    c = (x + t + 1) ** 3
    below = jnp.array([jnp.sum((t * c)[: i + 1]) for i in range(n)])
    above = jnp.array([jnp.sum(((1 - t) * c)[i + 1 :]) for i in range(n)])
    return x + h * ((1 - t) * below + t * above) / 2


def tridiagonal(x):
    before, after = padded(x)
    return (3 - 2 * x) * x - before - 2 * after + 1


def banded(x):
    n = len(x)
    rest = [sum(x[j] * (1 + x[j]) for j in range(max(0, i - 5), min(n, i + 2)) if j != i) for i in range(n)]
    return x * (2 + 5 * x**2) + 1 - jnp.array(rest)


M = 20


def linear_full(x):
    s = 2 / M * jnp.sum(x) + 1
    return cat(x - s, -s * jnp.ones(M - len(x)))


def linear_rank1(x):
    return i_to(M) * jnp.sum(i_to(len(x)) * x) - 1


def linear_zero(x):
    s = jnp.sum(jnp.arange(2.0, len(x)) * x[1:-1])
    return cat(-1.0, jnp.arange(1.0, M - 1) * s - 1, -1.0)


def chebyquad(x):
    n = len(x)
    s = 2 * x - 1
    t = [jnp.ones(n), s]
    while len(t) <= n:
        t.append(2 * s * t[-1] - t[-2])
    return jnp.array([jnp.mean(t[i]) + (1 / (i * i - 1) if i % 2 == 0 else 0) for i in range(1, n + 1)])


grid = [i / 11 * (i / 11 - 1) for i in range(1, 11)]
PROBLEMS = [
    ("Rosenbrock", [-1.2, 1], extended_rosenbrock),
    ("Freudenstein and Roth", [0.5, -2],
     lambda x: cat(-13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1], -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1])),
    ("Powell badly scaled", [0, 1], lambda x: cat(1e4 * x[0] * x[1] - 1, jnp.exp(-x[0]) + jnp.exp(-x[1]) - 1.0001)),
    ("Brown badly scaled", [1, 1], lambda x: cat(x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2)),
    ("Beale", [1, 1], lambda x: jnp.array([1.5, 2.25, 2.625]) - x[0] * (1 - x[1] ** i_to(3))),
    ("Jennrich and Sampson", [0.3, 0.4],
     lambda x: 2 + 2 * i_to(10) - (jnp.exp(i_to(10) * x[0]) + jnp.exp(i_to(10) * x[1]))),
    ("helical valley", [-1, 0, 0], helical),
    ("Bard", [1, 1, 1], bard),
    ("Gaussian", [0.4, 1, 0], gaussian),
    ("Meyer", [0.02, 4000, 250], lambda x: x[0] * jnp.exp(x[1] / (45 + 5 * i_to(16) + x[2])) - MEYER),
    ("Gulf research and development", [5, 2.5, 0.15], gulf),
    ("Box three-dimensional", [0, 10, 20], box),
    ("Powell singular", [3, -1, 0, 1], powell_singular),
    ("Wood", [-3, -1, -3, -1], wood),
    ("Kowalik and Osborne", [0.25, 0.39, 0.415, 0.39],
     lambda x: KOW_Y - x[0] * (KOW_U**2 + KOW_U * x[1]) / (KOW_U**2 + KOW_U * x[2] + x[3])),
    ("Brown and Dennis", [25, 5, -5, -1], brown_dennis),
    ("Osborne 1", [0.5, 1.5, -1, 0.01, 0.02], osborne1),
    ("Biggs EXP6", [1, 2, 1, 1, 1, 1], biggs),
    ("Osborne 2", [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5], osborne2),
    ("Watson", [0] * 6, watson),
    ("extended Rosenbrock", [-1.2, 1] * 5, extended_rosenbrock),
    ("extended Powell singular", [3, -1, 0, 1] * 3, powell_singular),
    ("penalty I", list(range(1, 11)), penalty1),
    ("penalty II", [0.5] * 10, penalty2),
    ("variably dimensioned", [1 - j / 10 for j in range(1, 11)], variably),
    ("trigonometric", [0.1] * 10, trigonometric),
    ("Brown almost-linear", [0.5] * 10, brown_linear),
    ("discrete boundary value", grid, boundary),
    ("discrete integral equation", grid, integral),
    ("Broyden tridiagonal", [-1] * 10, tridiagonal),
    ("Broyden banded", [-1] * 10, banded),
    ("linear, full rank", [1] * 10, linear_full),
    ("linear, rank 1", [1] * 10, linear_rank1),
    ("linear, rank 1 with zero columns and rows", [1] * 10, linear_zero),
    ("Chebyquad", [j / 9 for j in range(1, 9)], chebyquad),
]
