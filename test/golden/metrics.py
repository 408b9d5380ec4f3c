"""Metrics in scikit-learn (macro, micro and weighted averages, ties, labels that do not occur)."""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import numpy as np
from sklearn import metrics

from golden_json import array, write

rng = np.random.default_rng(5)
logits = np.round(rng.normal(size=(23, 6)), 2)
labels = rng.choice([0, 1, 2, 4], size=23).astype(np.int32)  # classes 3 and 5 do not occur
logits[:, 5] -= 9  # and 5 is never guessed
guesses = logits.argmax(-1)
score = np.round(rng.normal(size=(31, 1)), 1)  # with ties
target = (rng.random((31, 1)) < 0.4).astype(np.float64)
prediction, wanted = rng.normal(size=(19, 3)), rng.normal(size=(19, 3)) * [1, 2, 3] + 100
prediction += wanted * 0.7 + 30
probabilities = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
all_labels = list(range(6))


def averaged(average):
    given = dict(average=average, zero_division=0)
    return {
        "precision": metrics.precision_score(labels, guesses, **given),
        "recall": metrics.recall_score(labels, guesses, **given),
        "f1": metrics.f1_score(labels, guesses, **given),
    }


yes = (score > 0).astype(int)
write(
    __file__,
    {
        "logits": array(logits),
        "labels": array(labels),
        "classes": {
            "accuracy": metrics.accuracy_score(labels, guesses),
            "top3": metrics.top_k_accuracy_score(labels, logits, k=3, labels=all_labels),
            "macro": averaged("macro"),
            "micro": averaged("micro"),
            "weighted": averaged("weighted"),
            "perplexity": float(np.exp(metrics.log_loss(labels, probabilities, labels=all_labels))),
        },
        "score": array(score),
        "target": array(target),
        "binary": {
            "binaryAccuracy": metrics.accuracy_score(target, yes),
            "above": metrics.accuracy_score(target, score > 0.5),
            "precision": metrics.precision_score(target, yes),
            "recall": metrics.recall_score(target, yes),
            "f1": metrics.f1_score(target, yes),
            "auc": metrics.roc_auc_score(target, score),
        },
        "prediction": array(prediction),
        "wanted": array(wanted),
        "regression": {
            "meanAbsoluteError": metrics.mean_absolute_error(wanted, prediction),
            "rootMeanSquaredError": float(np.sqrt(metrics.mean_squared_error(wanted, prediction))),
            "r2": metrics.r2_score(wanted, prediction),
        },
    },
)
