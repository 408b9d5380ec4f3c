"""Elementary functions in mpmath, with 300 bits and more: for every argument the double next to the true value, and how
far above it (in units in its last place) that lies. Arguments are ordinary, tiny and huge, near zeros, poles and the
ends of the range, and special; and those at which thalweg was farthest off among a million of each kind.
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import math

import mpmath
import numpy as np
from mpmath import mp, mpf

from golden_json import flat, write

rng = np.random.default_rng(20251126)
nan, inf = math.nan, math.inf
LARGEST = sys.float_info.max
COUNT = 40

cases = []


def uniform(low, high, count=COUNT):
    return rng.uniform(low, high, count)


def sizes(low, high, count=COUNT):
    """Both signs, of sizes between powers of two that are all equally likely."""
    return np.exp2(rng.uniform(low, high, count)) * rng.choice([-1, 1], count)


def nearest(true):
    """The double next to a value, rounded once, also where it is subnormal, and the rest in units of its last place."""
    if mpmath.isnan(true) or mpmath.isinf(true):
        return float(true), 0.0
    exponent = max(mpmath.frexp(true)[1] - 53, -1074) if true else -1074
    units = mpmath.nint(mpmath.ldexp(true, -exponent))
    if abs(mpmath.ldexp(units, exponent)) >= mpf(2) ** 1024:
        return math.copysign(inf, true), 0.0
    double = math.copysign(math.ldexp(int(abs(units)), exponent), true)
    return double, round(float((true - mpf(double)) / mpf(math.ulp(double))), 5)


def case(op, f, *arguments, special=()):
    """A function over arguments, and its values where mpmath and C disagree or have signed zeros."""
    columns = [np.concatenate(column).tolist() for column in zip(*(a if isinstance(a, tuple) else (a,) for a in [*arguments, worst[op]]))]
    values = [nearest(f(*map(mpf, row))) for row in zip(*columns)]
    for *row, value in special:
        for column, x in zip(columns, row):
            column.append(x)
        values.append((value, 0.0))
    cases.append({"name": op, "inputs": [flat(c) for c in columns], "output": flat([y for y, _ in values]), "above": [e for _, e in values]})


worst = {
    "exp": [-0.7604791681235361, 99.07394908860465, -0.0030253902019237375, -708.2251876575594, -708.8059667249287],
    "expm1": [-0.0678034485248793, 0.20846474289886885, 0.05570692927087486, 0.057943680635471784, 0.06060684018009333, 0.0999474870355213],
    "log": [0.9999999999990479, 0.5386745913890043, 2.3777211055512803e208, 0.7722155650431443],
    "log1p": [-0.24770916180161617, -1.5905089267587967e-11, 9.07585122453518e214, -0.9999999999976656],
    "tanh": [0.04988968373153302, -0.029883894377107367, 0.03070591946513277, 0.03107901967690223],
    "sin": [-0.21096585883031016, 710447.1866353843, 3.2417824357007894e279, -4.4058220524461306e-05, 528953.0966775671],
    "cos": [-3.1288671720486243, -0.4540344580841527, -443126.2701708076, -2.3249444563855647e71, 264476.54833878356],
    "tan": [1.7003991891189134, -701192.7399886755, 1.6975491434290433],
    "atan": [0.007735068221164543, 0.7434552754150383, -1.8505364574836207, -1.074580783229068],
    "sigmoid": [-1.9827141913018018, -1.255472587501913, -2.7639961316822248, -4.849931791212768, -708.6599540852017],
    "erf": [0.4486717992819542, -2.388635543174455, 0.2027132608923008, 0.015964648595591831, 4.078838121275149e-10, -7.384883266465105e-308, -1.869440556693777e-308],
    "erfInv": [-0.5121588404203665, 0.8414740481780473, -0.44896902508990255, -0.9999999999999659, 2.5988668966563184e-10, 8.547424453422042e-308, 2.1777216018856807e-308],
    "pow": (
        [6.5761484215502355, 0.9994066558337497, 0.9882767501858661, 2.0810021281750632e244, 1.906331292375985e-144, 3.2222783338575396e175, 320.8589905318687, 0.9999999999772554, 0.9962158148440574, 1.0000642997808786],
        [0.3579026149124065, 3709.0, 60087.0, -4.960237554053578e-06, 2.141344376293791, 0.6650988918586513, -122.80190688131424, -2765032999707.2627, 182674.17139540083, -10823.616672085918],
    ),
    "atan2": ([-0.25990700023849467, -2.06656683141351e-22, -0.008528547274144508, 0.017833889723560148], [1.125558957950604, 1.2266513014624214e291, 9880687.943620067, 2.2851408709380374]),
}

mp.prec = 300
tiny = sizes(-1070, -10)
same = [(0.0, 0.0), (-0.0, -0.0), (nan, nan), (5e-324, 5e-324), (-5e-324, -5e-324)]

case("exp", mpmath.exp, uniform(-1, 1), uniform(-708, 709.7), tiny, uniform(-745.1, -708), [1, 709.782712893384, -745.1332191019411, 0.6931471805599453, -708.3964185322641],
     special=[(0.0, 1.0), (-0.0, 1.0), (inf, inf), (-inf, 0.0), (nan, nan), (709.782712893385, inf), (1e300, inf), (-745.1332191019412, 0.0), (-1e300, 0.0)])
case("expm1", mpmath.expm1, uniform(-1, 1), uniform(-0.1, 0.1), uniform(-60, 709.7), tiny, [-37.4, -30, 45, 37.5, 709.782712893384],
     special=[*same, (inf, inf), (-inf, -1.0), (709.782712893385, inf), (-1e300, -1.0)])
case("log", mpmath.log, uniform(0, 3), 1 + sizes(-45, -4), abs(sizes(-1022, 1023.9)), abs(sizes(-1074, -1022)), [1, 2, math.e, 10, 0.6875, 1.375, LARGEST, 5e-324, 1 - 2**-53, 1 + 2**-52],
     special=[(0.0, -inf), (-0.0, -inf), (inf, inf), (-1.0, nan), (-inf, nan), (nan, nan), (-5e-324, nan)])
case("log1p", mpmath.log1p, uniform(-0.9, 3), tiny, -1 + abs(sizes(-52, -2)), abs(sizes(0, 1023.9)), sizes(-30, -5), [LARGEST, 2.0**53, 2.0**53 + 2],
     special=[*same, (-1.0, -inf), (inf, inf), (-1.0000000000000002, nan), (-inf, nan)])
case("tanh", mpmath.tanh, uniform(-1, 1), uniform(-0.06, 0.06), uniform(-22, 22), tiny, [19, 22, -18.7, 2.0**-28, 1e300, -1e300], special=[*same, (inf, 1.0), (-inf, -1.0)])
case("atan", mpmath.atan, uniform(-1, 1), sizes(-12, 12), sizes(-60, 60), tiny, sizes(500, 1023.9), [1, -1, LARGEST, 1 / 128, 3 / 128], special=[*same, (inf, math.pi / 2), (-inf, -math.pi / 2)])

mp.prec = 1500  # 1100 bits cancel in the remainder of the largest
multiples = rng.integers(1, 600_000, COUNT) * (math.pi / 2)
circular = [uniform(-3.2, 3.2), uniform(-0.8, 0.8), uniform(-1e6, 1e6), multiples, sizes(20, 1023.9), tiny]
known = [math.pi, math.pi / 2, 2 * math.pi, 1e22, LARGEST, 6381956970095103.0 * 2.0**797, 2.0**20, 1048575.99, 22.0, 355.0]
case("sin", mpmath.sin, *circular, known, special=[*same, (inf, nan), (-inf, nan)])
case("cos", mpmath.cos, *circular, known, special=[(0.0, 1.0), (-0.0, 1.0), (inf, nan), (-inf, nan), (nan, nan)])
case("tan", mpmath.tan, *circular, special=[*same, (inf, nan)])

mp.prec = 1200  # 1074 bits of a base next to 1, to a huge power
bases = abs(sizes(-300, 1000))
steep = 1 + sizes(-52, -8)
case(
    "pow",
    mpmath.power,
    (uniform(0.01, 10), uniform(-10, 10)),
    (1 - abs(sizes(-14, -1)), rng.integers(1, 10_000, COUNT).astype(float)),
    (abs(sizes(-1074, 1023.9)), sizes(-20, 0)),
    (bases, uniform(-745, 709.7) / np.log(bases)),
    (steep, uniform(-700, 700) / np.log(steep)),
    ([0.999, 0.9, 10, 10, 2, 2, 3, 9, 1e-300, 5e-324, LARGEST, 1.5], [16, 1000, 22, -5, -1074, 1023, 33, 0.5, 0.5, 0.25, 1, 1e-300]),
    special=[
        *[(1.0, b, 1.0) for b in (nan, inf, -inf, 5.0)],
        *[(a, b, 1.0) for a in (nan, inf, -inf, 0.0, -0.0, -3.0) for b in (0.0, -0.0)],
        *[(-1.0, inf, 1.0), (-1.0, -inf, 1.0), (-1.0, nan, nan), (nan, 1.0, nan), (2.0, nan, nan), (0.0, nan, nan), (-8.0, 1 / 3, nan), (-0.5, -2.5, nan)],
        *[(0.0, 3.0, 0.0), (-0.0, 3.0, -0.0), (-0.0, 2.0, 0.0), (-0.0, 0.5, 0.0), (0.0, -1.0, inf), (-0.0, -1.0, -inf), (-0.0, -2.0, inf), (-0.0, -0.5, inf)],
        *[(0.0, inf, 0.0), (0.0, -inf, inf), (-0.0, inf, 0.0), (-0.0, -inf, inf), (0.5, inf, 0.0), (0.5, -inf, inf), (2.0, inf, inf), (2.0, -inf, 0.0)],
        *[(-2.0, inf, inf), (-2.0, -inf, 0.0), (-0.5, inf, 0.0), (-0.5, -inf, inf), (inf, inf, inf), (inf, -inf, 0.0), (-inf, inf, inf), (-inf, -inf, 0.0)],
        *[(inf, 0.5, inf), (inf, -0.5, 0.0), (-inf, 3.0, -inf), (-inf, 2.0, inf), (-inf, 0.5, inf), (-inf, -1.0, -0.0), (-inf, -2.0, 0.0), (-inf, -0.5, 0.0)],
        *[(-2.0, 3.0, -8.0), (-2.0, 1024.0, inf), (-2.0, 1025.0, -inf), (-2.0, -1075.0, -0.0), (2.0, 1024.0, inf), (0.5, 1e300, 0.0), (1.5, 1e300, inf), (-1.5, 2.0**53 + 2, inf)],
    ],
)
mp.prec = 300
points = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)]
case(
    "atan2",
    mpmath.atan2,
    (uniform(-3, 3), uniform(-3, 3)),
    (sizes(-30, 30), sizes(-30, 30)),
    (sizes(-1000, 1000), sizes(-1000, 1000)),
    (sizes(-1074, -1020), sizes(-1074, -1020)),
    (uniform(-1, 1), uniform(-1, 1) * 1e-10),
    tuple(zip(*points)),
    special=[
        *[(0.0, 1.0, 0.0), (-0.0, 1.0, -0.0), (0.0, -1.0, math.pi), (-0.0, -1.0, -math.pi), (0.0, 0.0, 0.0), (-0.0, 0.0, -0.0), (0.0, -0.0, math.pi), (-0.0, -0.0, -math.pi)],
        *[(1.0, 0.0, math.pi / 2), (1.0, -0.0, math.pi / 2), (-1.0, 0.0, -math.pi / 2), (-1.0, -0.0, -math.pi / 2)],
        *[(inf, inf, math.pi / 4), (-inf, inf, -math.pi / 4), (inf, -inf, 3 * math.pi / 4), (-inf, -inf, -3 * math.pi / 4)],
        *[(inf, 1.0, math.pi / 2), (-inf, -1.0, -math.pi / 2), (1.0, inf, 0.0), (-1.0, inf, -0.0), (1.0, -inf, math.pi), (-1.0, -inf, -math.pi)],
        *[(nan, 1.0, nan), (1.0, nan, nan), (nan, inf, nan), (nan, nan, nan)],
    ],
)

case("sigmoid", lambda x: 1 / (1 + mpmath.exp(-x)), uniform(-3, 3), uniform(-700, 40), sizes(-60, -3), special=[(0.0, 0.5), (-0.0, 0.5), (inf, 1.0), (-inf, 0.0), (nan, nan), (1e300, 1.0), (-1e300, 0.0)])
case("erf", mpmath.erf, uniform(-1, 1), uniform(-6, 6), sizes(-32, 2), (rng.integers(-192, 192, COUNT) + 0.5) / 32, tiny, [2.0**-30, 5.9, -5.9215871957945066, 5.9215871957945075, 6, 27, LARGEST],
     special=[*same, (inf, 1.0), (-inf, -1.0)])
case("erfInv", mpmath.erfinv, uniform(-1, 1), 1 - abs(sizes(-53, -3)), sizes(-32, 0), tiny, [2.0**-30, 0.5, 1 - 2**-53, 2**-53 - 1],
     special=[*same, (1.0, inf), (-1.0, -inf), (1.0000000000000002, nan), (-1.5, nan), (inf, nan), (-inf, nan)])

write(__file__, {"meta": {"script": "elementary.py", "versions": {"mpmath": mpmath.__version__, "numpy": np.__version__}}, "cases": cases})
