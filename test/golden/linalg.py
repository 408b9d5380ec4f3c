"""Linear algebra in float64: values of numpy and scipy, derivatives of JAX. Where factors are free up to signs, they have those of
thalweg: R has no negative diagonal, and of each eigenvector and left singular vector the first component that is at least half as
large as the largest is positive. Derivatives are those of the sum of all parts times cotangents. `condition` says by how much
rounding is amplified. The derivative of a determinant is that of numpy's minors.
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import jax
import jax.numpy as jnp
import jax.scipy.linalg as jsl
import numpy as np
import scipy.linalg as sl

from golden_json import array, write

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")
np.seterr(all="ignore")

rng = np.random.default_rng(20261127)
cases = []


def draw(*shape):
    return np.round(rng.normal(size=shape), 3)


def definite(*shape):
    x = draw(*shape)
    return x @ np.swapaxes(x, -1, -2) + np.eye(shape[-1])


def hilbert(n):
    return np.array(sl.hilbert(n))


def condition(a):
    s = np.linalg.svd(a, compute_uv=False)
    return float(np.max(s[..., :1] / np.where(s[..., -1:] > 0, s[..., -1:], np.inf), initial=1)) if s.size else 1.0


def signs(vectors):
    size = jnp.abs(vectors)
    first = jnp.argmax(2 * size >= size.max(-2, keepdims=True), -2)
    return jnp.sign(jnp.take_along_axis(vectors, first[..., None, :], -2))


def cholesky(a):
    return [jnp.linalg.cholesky(a)]


def triangular(lower, trans, unit):
    def f(a, b):
        solve = lambda a, b: jsl.solve_triangular(a, b, lower=lower, trans=int(trans), unit_diagonal=unit)
        return [solve(a, b) if a.ndim == 2 else jax.vmap(solve)(a, b)]

    return f


def solve(a, b):
    return [jnp.linalg.solve(a, b)]


def inverse(a):
    return [jnp.linalg.inv(a)]


def lu(a):
    packed, _, order = jax.lax.linalg.lu(a)
    rank = min(a.shape[-2:])
    lower = jnp.tril(packed[..., :, :rank], -1) + jnp.eye(a.shape[-2], rank)
    return [order.astype("int32"), lower, jnp.triu(packed[..., :rank, :])]


def determinant(a):
    return [jnp.linalg.det(a)]


def log_determinant(a):
    return list(jnp.linalg.slogdet(a))


def qr(a):
    q, r = jnp.linalg.qr(a)
    flip = jax.lax.stop_gradient(jnp.where(jnp.diagonal(r, axis1=-2, axis2=-1) < 0, -1.0, 1.0))
    return [q * flip[..., None, :], r * flip[..., :, None]]


def eigh(a):
    values, vectors = jnp.linalg.eigh(a)
    return [values, vectors * jax.lax.stop_gradient(signs(vectors))]


def eigenvalues(a):
    return [jnp.linalg.eigvalsh(a)]


def svd(a):
    u, s, vt = jnp.linalg.svd(a, full_matrices=False)
    flip = jax.lax.stop_gradient(signs(u))
    return [u * flip, s, jnp.swapaxes(vt, -1, -2) * flip]


def singular_values(a):
    return [jnp.linalg.svd(a, compute_uv=False)]


def pinv(a):
    return [jnp.linalg.pinv(a)]


def lstsq(a, b):
    return [jnp.linalg.pinv(a) @ b]


def matrix_power(n):
    return lambda a: [jnp.linalg.matrix_power(a, n)]


def expm(a):
    return [jsl.expm(a, max_squarings=40)]


def kron(a, b):
    rows, columns = a.shape[-2] * b.shape[-2], a.shape[-1] * b.shape[-1]
    blocks = a[..., :, None, :, None] * b[..., None, :, None, :]
    return [blocks.reshape((*blocks.shape[:-4], rows, columns))]


def minors(a):
    """The cofactors of a matrix, by numpy."""
    n = a.shape[-1]
    of = lambda i, j: np.linalg.det(np.delete(np.delete(a, i, 0), j, 1))
    return np.array([[(-1) ** (i + j) * of(i, j) for j in range(n)] for i in range(n)]).reshape(n, n)


def case(name, f, *inputs, values=None, gradients=True, amplified=None, **attrs):
    """Values are those of numpy or scipy where they are given, and agree with JAX's."""
    inputs = [np.asarray(x, dtype=np.float64) for x in inputs]
    found = [np.asarray(y) for y in f(*inputs)]
    outputs = found if values is None else [np.asarray(v) for v in values]
    cond = amplified or condition(inputs[0])
    for x, y in zip(found, outputs):
        assert x.shape == y.shape, (name, x.shape, y.shape)
        assert np.all((x == y) | (np.abs(x - y) <= 1e-13 * cond * max(1, np.max(np.abs(y), initial=0)))), (name, x - y)
    row = {"name": name, "op": name.split("/")[0], "attrs": attrs, "condition": cond, "inputs": [array(x) for x in inputs], "outputs": [array(y) for y in outputs]}
    if gradients is not False:
        is_float = [y.dtype == np.float64 for y in outputs]
        cts = [draw(*y.shape) if fl else None for y, fl in zip(outputs, is_float)]
        pick = lambda *xs: [y for y, fl in zip(f(*xs), is_float) if fl]
        if gradients is True:
            _, back = jax.vjp(pick, *inputs)
            bars = back([jnp.asarray(ct) for ct in cts if ct is not None])
        else:
            bars = gradients(*[ct for ct in cts if ct is not None])
        assert all(np.all(np.isfinite(bar)) for bar in bars), name
        row["cotangents"] = [None if ct is None else array(ct) for ct in cts]
        row["gradients"] = [array(np.asarray(bar)) for bar in bars]
    cases.append(row)


# -- Cholesky

for label, a in {"3": definite(3, 3), "1": [[2.25]], "8": definite(8, 8), "batch": definite(2, 3, 3), "none": np.zeros((0, 0)), "empty batch": np.zeros((0, 2, 2))}.items():
    case(f"cholesky/{label}", cholesky, a, values=[np.linalg.cholesky(np.asarray(a))])
case("cholesky/not symmetric", cholesky, definite(3, 3) + [[0, 0.2, -0.1], [0, 0, 0.1], [0, 0, 0]])
case("cholesky/Hilbert", cholesky, hilbert(8), values=[np.linalg.cholesky(hilbert(8))])

# -- triangular systems

for lower in (True, False):
    for transpose in (True, False):
        for unit in (True, False):
            a, b = draw(4, 4) + 3 * np.eye(4), draw(4, 2)
            x = sl.solve_triangular(a, b, lower=lower, trans=int(transpose), unit_diagonal=unit)
            name = f"triangularSolve/{'lower' if lower else 'upper'}{', transposed' if transpose else ''}{', unit' if unit else ''}"
            case(name, triangular(lower, transpose, unit), a, b, values=[x], lower=lower, transpose=transpose, unitDiagonal=unit)
case("triangularSolve/batch", triangular(True, False, False), draw(2, 3, 3) + 2 * np.eye(3), draw(2, 3, 1), lower=True)
case("triangularSolve/vector", triangular(False, False, False), draw(3, 3) + 2 * np.eye(3), draw(3))
case("triangularSolve/1", triangular(False, False, False), [[4.0]], [[3.0, 1.0]])

# -- general systems, inverses, determinants, LU

systems = {
    "3": (draw(3, 3), draw(3, 2)),
    "vector": (draw(5, 5), draw(5)),
    "1": ([[-4.0]], [[3.0]]),
    "exchanges": ([[0.0, 1, 2], [1, 0, 3], [4, -3, 8]], draw(3, 1)),
    "12": (draw(12, 12), draw(12, 3)),
    "batch": (draw(2, 3, 3), draw(2, 3, 2)),
    "batches that broadcast": (draw(2, 1, 3, 3), draw(4, 3, 2)),
    "a batch of matrices and one vector": (draw(2, 3, 3), draw(3)),
    "Hilbert": (hilbert(6), draw(6, 1)),
    "none": (np.zeros((0, 0)), np.zeros((0, 2))),
    "empty batch": (np.zeros((0, 2, 2)), np.zeros((0, 2, 1))),
    "no right sides": (draw(2, 2), np.zeros((2, 0))),
}
for label, (a, b) in systems.items():
    case(f"solve/{label}", solve, a, b, values=[np.linalg.solve(a, b)])

squares = {
    "1": [[-0.5]],
    "2": draw(2, 2),
    "3": draw(3, 3),
    "4": draw(4, 4),
    "7": draw(7, 7),
    "exchanges": [[0.0, 1, 2], [1, 0, 3], [4, -3, 8]],
    "batch": draw(2, 2, 3, 3),
    "Hilbert": hilbert(5),
    "none": np.zeros((0, 0)),
    "empty batch": np.zeros((0, 3, 3)),
}
for label, a in squares.items():
    a = np.asarray(a)
    case(f"inverse/{label}", inverse, a, values=[np.linalg.inv(a)])
    case(f"determinant/{label}", determinant, a, values=[np.linalg.det(a)], gradients=a.size > 0)
    case(f"logDeterminant/{label}", log_determinant, a, values=list(np.linalg.slogdet(a)), gradients=a.size > 0)
    case(f"lu/{label}", lu, a, gradients=a.size > 0)

singular = {
    "rank 2 of 3": [[1.0, 2, 3], [4, 5, 6], [5, 7, 9]],
    "rank 3 of 4": np.array([[1.0, 0, 2, 0], [0, 1, 0, 3], [2, 0, 4, 1], [1, 1, 2, 3]]),
    "rank 1 of 2": [[0.0, 1], [0, 0]],
    "rank 1 of 3": [[1.0, 2, 4], [2, 4, 8], [-1, -2, -4]],
    "a zero pivot first": [[0.0, 1, 2], [0, 3, 4], [0, 5, 6]],
    "0 of 3": np.zeros((3, 3)),
    "0 of 1": np.zeros((1, 1)),
}
for label, a in singular.items():
    a = np.asarray(a)
    by_minors = lambda ct, a=a: [ct * minors(a)]
    case(f"determinant/{label}", determinant, a, values=[0.0], gradients=by_minors, amplified=100)
case("logDeterminant/singular", log_determinant, np.zeros((2, 2)), values=[0.0, -np.inf], gradients=False)

for label, a in {"tall": draw(5, 3), "wide": draw(3, 5), "batch, tall": draw(2, 3, 2), "batch, wide": draw(2, 2, 3), "one column": draw(4, 1), "one row": draw(1, 4)}.items():
    case(f"lu/{label}", lu, a)
case("lu/singular", lu, [[1.0, 2, 3], [2, 4, 6], [1, 1, 1]], gradients=False)

# -- QR

for label, a in {"3": draw(3, 3), "tall": draw(5, 3), "1": [[-3.0]], "one column": draw(4, 1), "batch": draw(2, 4, 3), "Hilbert": hilbert(5), "9": draw(9, 9)}.items():
    case(f"qr/{label}", qr, a)
for label, a in {"wide": draw(3, 5), "one row": draw(1, 4), "without rows": np.zeros((0, 3)), "without columns": np.zeros((3, 0))}.items():
    case(f"qr/{label}", qr, a, gradients=False)

# -- symmetric eigenvalues

symmetric = {"3": definite(3, 3), "1": [[-2.0]], "2": [[0.0, 1], [1, 0.5]], "10": draw(10, 10), "batch": definite(2, 3, 3), "not symmetric": draw(4, 4)}
for label, a in symmetric.items():
    case(f"eigh/{label}", eigh, a, amplified=10)
rotation = np.linalg.qr(draw(5, 5))[0]
degenerate = {
    "all equal": 3 * np.eye(4),
    "some equal": rotation @ np.diag([1.0, 1, 1, 4, 4]) @ rotation.T,
    "0": np.zeros((3, 3)),
    "near each other": rotation @ np.diag([1.0, 1 + 1e-12, 1 + 2e-12, 4, 4]) @ rotation.T,
    "far apart": rotation @ np.diag([1e-12, 1e-8, 1e-4, 1, 1e4]) @ rotation.T,
    "Hilbert": hilbert(10),
    "tridiagonal": np.diag(np.ones(11), 1) + np.diag(np.ones(11), -1),
    "none": np.zeros((0, 0)),
    "empty batch": np.zeros((0, 2, 2)),
    "huge": 1e300 * np.array([[1.0, 2], [2, 3]]),
    "tiny": 1e-300 * np.array([[1.0, 2], [2, 3]]),
}
for label, a in degenerate.items():
    case(f"eigenvalues/{label}", eigenvalues, a, values=[np.linalg.eigvalsh(a)], gradients=False, amplified=10)

# -- singular values

for label, a in {"3": draw(3, 3), "tall": draw(5, 3), "wide": draw(3, 5), "1": [[-2.0]], "one column": draw(4, 1), "one row": draw(1, 4), "batch": draw(2, 4, 3), "10": draw(10, 10)}.items():
    case(f"svd/{label}", svd, a, amplified=20)
flat = {
    "orthogonal": rotation,
    "rank 1": np.outer([1.0, 2, 3], [4.0, 5]),
    "0": np.zeros((3, 2)),
    "some equal": rotation @ np.diag([3.0, 3, 2, 2, 0]) @ np.linalg.qr(draw(5, 5))[0],
    "Hilbert": hilbert(10),
    "far apart": rotation @ np.diag([1e8, 1, 1e-4, 1e-8, 1e-12]),
    "ones": np.ones((6, 6)),
    "without rows": np.zeros((0, 3)),
    "empty batch": np.zeros((0, 2, 3)),
    "huge": 1e300 * np.array([[1.0, 2], [4, 3]]),
    "tiny": 1e-300 * np.array([[1.0, 2], [4, 3]]),
}
for label, a in flat.items():
    a = np.asarray(a)
    case(f"singularValues/{label}", singular_values, a, values=[np.linalg.svd(a, compute_uv=False)], gradients=False, amplified=10)

# -- pseudo-inverses and least squares

rank_two = np.round(draw(5, 2), 1) @ np.round(draw(2, 4), 1)
for label, a in {"3": draw(3, 3), "tall": draw(5, 3), "wide": draw(2, 4), "batch": draw(2, 4, 3), "without full rank": rank_two, "orthogonal": rotation, "0": np.zeros((2, 3))}.items():
    a = np.asarray(a)
    cond = 100 if label in ("without full rank", "0") else None
    case(f"pinv/{label}", pinv, a, values=[np.linalg.pinv(a)], amplified=cond)
for label, (a, b) in {"3": (draw(3, 3), draw(3, 2)), "tall": (draw(6, 3), draw(6, 2)), "wide": (draw(2, 4), draw(2, 1)), "vector": (draw(5, 2), draw(5)), "without full rank": (rank_two, draw(5, 2)), "orthogonal": (rotation, draw(5, 1))}.items():
    cond = 100 if label == "without full rank" else None
    case(f"lstsq/{label}", lstsq, a, b, values=[np.linalg.lstsq(a, b)[0]], amplified=cond)

# -- powers, exponentials, Kronecker products

for n in (-2, -1, 0, 1, 2, 3, 7, 10):
    a = draw(3, 3)
    case(f"matrixPower/{n}", matrix_power(n), a, values=[np.linalg.matrix_power(a, n)], amplified=condition(a) ** 2, n=n)
exponents = {
    "3": draw(3, 3),
    "1": [[-2.0]],
    "0": np.zeros((2, 2)),
    "small": 1e-3 * draw(4, 4),
    "large": 20 * draw(4, 4),
    "nilpotent": [[0.0, 1, 2], [0, 0, 3], [0, 0, 0]],
    "a turn": [[0.0, -30], [30, 0]],
    "decay": [[-100.0, 99], [1, -2]],
    "batch": np.stack([draw(3, 3), 50 * draw(3, 3)]),
    "empty batch": np.zeros((0, 2, 2)),
}
for label, a in exponents.items():
    a = np.asarray(a)
    size = float(np.max(np.abs(a).sum(-2), initial=1))
    case(f"expm/{label}", expm, a, values=[sl.expm(a)] if a.size else None, amplified=10 * size)
case("kron/2", kron, draw(2, 3), draw(3, 2))
a, b = draw(2, 2), draw(1, 3)
case("kron/numpy", kron, a, b, values=[np.kron(a, b)])
case("kron/batch", kron, draw(2, 1, 2, 2), draw(3, 2, 1))

write(__file__, {"about": __doc__.strip(), "cases": cases})
