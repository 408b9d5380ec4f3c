"""Missing values filled in by scikit-learn's SimpleImputer, f64: fitted on one table, applied to another."""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import numpy as np
from sklearn.impute import SimpleImputer

from golden_json import array, write

rng = np.random.default_rng(7)


def table(rows, shares):
    """Numbers of different scales, of which shares are missing."""
    x = rng.normal(size=(rows, len(shares))) * [1, 100, 1e-3, 1, 1] + [0, 1000, 0, -5, 2]
    return np.where(rng.random(x.shape) < shares, np.nan, x)


train, other = table(23, [0, 0.2, 0.5, 0.9, 0.3]), table(6, [0.5, 0.5, 0.5, 0.5, 0])
train[3, 1] = 1e6  # an outlier, which moves the mean


def filled(strategy):
    imputer = SimpleImputer(strategy=strategy).fit(train)
    return {"fill": array(imputer.statistics_), "other": array(imputer.transform(other))}


write(
    __file__,
    {"train": array(train), "other": array(other), "mean": filled("mean"), "median": filled("median")},
)
