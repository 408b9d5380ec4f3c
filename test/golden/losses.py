"""Losses in PyTorch (Keras where it has none) in f64, with gradients, for every reduction and with weights.

PyTorch's cosine_embedding_loss adds 1e-12 to squares; its cosine_similarity does not.
"""

import os
import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True
os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
import torch.nn.functional as F

from golden_json import array, write

torch.set_default_dtype(torch.float64)
keras.config.set_floatx("float64")
rng = np.random.default_rng(3)
draw = lambda *shape: torch.tensor(np.round(rng.normal(size=shape) * 2, 3))
whole = lambda high, *shape: torch.tensor(rng.integers(0, high, size=shape), dtype=torch.int32)
WEIGHTS = torch.tensor([0.5, 0.0, 2.0, 1.0])


def written(target):
    return {k: array(v.numpy()) for k, v in target.items()} if isinstance(target, dict) else array(target.numpy())


def case(name, loss, each, prediction, target, options={}, shares=None):
    """`each(prediction, target)`: the loss of each example. Reductions are checked against PyTorch's own below."""
    found = {}
    for reduction in ["mean", "sum", "none", "weighted"]:
        x = prediction.clone().requires_grad_()
        losses = each(x, target)
        share = torch.ones_like(losses) if shares is None else shares
        if reduction == "none":
            value, cotangent = losses, torch.arange(1.0, losses.numel() + 1).reshape(losses.shape)
        else:
            weights = WEIGHTS[: losses.shape[0]] if reduction == "weighted" else torch.ones_like(losses)
            total = (losses * weights).sum()
            value = total if reduction == "sum" else total / (weights * share).sum()
            cotangent = torch.ones(())
        value.backward(cotangent)
        found[reduction] = {"value": array(value.detach().numpy()), "grad": array(x.grad.numpy())}
    return {
        "name": name,
        "loss": loss,
        "options": options,
        "prediction": array(prediction.numpy()),
        "target": written(target),
        "weights": array(WEIGHTS.numpy()),
        **found,
    }


def like_keras(case, f):
    """Keras, whose losses round to f32, agrees with the formula."""
    found, own = f(np.asarray(case["target"]["data"]).reshape(4, 3), np.asarray(case["prediction"]["data"]).reshape(4, 3)), case["none"]["value"]["data"]
    assert np.abs(found.numpy() - own).max() < 1e-6, case["name"]
    return case


def outputs(f):
    return lambda x, y: f(x, y).mean(-1)


def agrees(case, loss):
    """PyTorch's own mean is that of the case."""
    assert abs(case["mean"]["value"]["data"][0] - loss.item()) < 1e-12, case["name"]
    return case


x, y = draw(4, 3), draw(4, 3)
unit = (y.sigmoid() * 100).round() / 100
hard = (y > 0).double()
signs = hard * 2 - 1
logits, labels = draw(4, 5), whole(5, 4)
soft = torch.softmax(draw(4, 5), -1).round(decimals=3)
soft[0] = torch.tensor([0.0, 1, 0, 0, 0])
class_weights = torch.tensor([1.0, 0.5, 2, 0, 3])
long = labels.long()
none = dict(reduction="none")


def focal(gamma, alpha):
    def f(x, y):  # torchvision.ops.sigmoid_focal_loss
        p = torch.sigmoid(x)
        ce = F.binary_cross_entropy_with_logits(x, y, reduction="none")
        p_t = p * y + (1 - p) * (1 - y)
        return (alpha * y + (1 - alpha) * (1 - y)) * ce * (1 - p_t) ** gamma

    return f


def ctc(lengths, places, blank=0):
    def f(x, y):
        logs = x.log_softmax(-1).transpose(0, 1)
        return F.ctc_loss(logs, y["labels"].long(), places, lengths, blank=blank, reduction="none")

    return f


def crossed(target=long, **options):
    return lambda x, y: F.cross_entropy(x, target, reduction="none", **options)


ignoring = long.clone()
ignoring[2] = -1
transcripts = whole(3, 4, 3) + 1
transcripts[0] = torch.tensor([2, 2, 1])
place = torch.tensor([7, 5, 6, 7])
length = torch.tensor([3, 0, 2, 1])
spoken = draw(4, 7, 4)

cases = [
    agrees(case("squared error", "squaredError", outputs(lambda x, y: F.mse_loss(x, y, **none)), x, y), F.mse_loss(x, y)),
    case("half squared error", "halfSquaredError", lambda x, y: F.mse_loss(x, y, **none).sum(-1) / 2, x, y),
    agrees(case("absolute error", "absoluteError", outputs(lambda x, y: F.l1_loss(x, y, **none)), x, y), F.l1_loss(x, y)),
    agrees(case("huber", "huberLoss", outputs(lambda x, y: F.huber_loss(x, y, **none)), x, y), F.huber_loss(x, y)),
    case("huber 2.5", "huberLoss", outputs(lambda x, y: F.huber_loss(x, y, delta=2.5, **none)), x, y, {"delta": 2.5}),
    like_keras(case("log-cosh", "logCoshLoss", outputs(lambda x, y: torch.log(torch.cosh(x - y))), x, y), keras.losses.log_cosh),
    case("quantile", "quantileLoss", outputs(lambda x, y: torch.maximum(0.9 * (y - x), -0.1 * (y - x))), x, y, {"quantile": 0.9}),
    agrees(case("poisson", "poissonLoss", outputs(lambda x, y: F.poisson_nll_loss(x, y, **none)), x, y.abs()), F.poisson_nll_loss(x, y.abs())),
    agrees(case("binary", "binaryCrossEntropy", outputs(lambda x, y: F.binary_cross_entropy_with_logits(x, y, **none)), x, unit), F.binary_cross_entropy_with_logits(x, unit)),
    case("binary, positives count", "binaryCrossEntropy", outputs(lambda x, y: F.binary_cross_entropy_with_logits(x, y, pos_weight=torch.tensor(3.0), **none)), x, unit, {"positiveWeight": 3}),
    case("binary, positives of outputs count", "binaryCrossEntropy", outputs(lambda x, y: F.binary_cross_entropy_with_logits(x, y, pos_weight=torch.tensor([3.0, 1, 0.5]), **none)), x, unit, {"positiveWeight": [3, 1, 0.5]}),
    case("focal", "focalLoss", outputs(focal(2, 0.25)), x, hard),
    case("focal, other constants", "focalLoss", outputs(focal(1.5, 0.6)), x, hard, {"gamma": 1.5, "alpha": 0.6}),
    like_keras(case("hinge", "hingeLoss", outputs(lambda x, y: torch.relu(1 - x * y)), x, signs), keras.losses.hinge),
    like_keras(case("squared hinge", "squaredHingeLoss", outputs(lambda x, y: torch.relu(1 - x * y) ** 2), x, signs), keras.losses.squared_hinge),
    agrees(case("divergence", "klDivergence", lambda x, y: F.kl_div(x.log_softmax(-1), y, **none).sum(-1), logits, soft), F.kl_div(logits.log_softmax(-1), soft, reduction="batchmean")),
    case("cosine", "cosineLoss", lambda x, y: 1 - F.cosine_similarity(x, y, dim=-1), x, y),
    agrees(case("cross-entropy", "crossEntropy", crossed(), logits, labels), F.cross_entropy(logits, long)),
    agrees(case("cross-entropy, smooth", "crossEntropy", crossed(label_smoothing=0.2), logits, labels, {"smoothing": 0.2}), F.cross_entropy(logits, long, label_smoothing=0.2)),
    agrees(case("cross-entropy, classes count", "crossEntropy", crossed(weight=class_weights), logits, labels, {"classWeights": class_weights.tolist()}, class_weights[long]), F.cross_entropy(logits, long, weight=class_weights)),
    agrees(
        case("cross-entropy, smooth, classes count", "crossEntropy", crossed(weight=class_weights, label_smoothing=0.3), logits, labels, {"classWeights": class_weights.tolist(), "smoothing": 0.3}, class_weights[long]),
        F.cross_entropy(logits, long, weight=class_weights, label_smoothing=0.3),
    ),
    agrees(
        case("cross-entropy, some ignored, classes count", "crossEntropy", crossed(ignoring, ignore_index=-1, weight=class_weights), logits, ignoring.int(), {"ignored": -1, "classWeights": class_weights.tolist()}, class_weights[long] * (ignoring >= 0)),
        F.cross_entropy(logits, ignoring, ignore_index=-1, weight=class_weights),
    ),
    agrees(case("cross-entropy of probabilities", "crossEntropy", crossed(soft), logits, soft), F.cross_entropy(logits, soft)),
    agrees(case("cross-entropy of probabilities, smooth", "crossEntropy", crossed(soft, label_smoothing=0.2), logits, soft, {"smoothing": 0.2}), F.cross_entropy(logits, soft, label_smoothing=0.2)),
    case("cross-entropy of probabilities, classes count", "crossEntropy", crossed(soft, weight=class_weights), logits, soft, {"classWeights": class_weights.tolist()}, (soft * class_weights).sum(-1)),
    case("transcripts", "ctcLoss", ctc(length, place), spoken, {"labels": transcripts, "labelLengths": length.int(), "inputLengths": place.int()}),
    case("transcripts of all places", "ctcLoss", ctc(torch.tensor([3] * 4), torch.tensor([7] * 4), 0), spoken, {"labels": transcripts}),
    case("transcripts, another blank", "ctcLoss", ctc(length, place, 3), spoken, {"labels": transcripts - 1, "labelLengths": length.int(), "inputLengths": place.int()}, {"blank": 3}),
]

write(__file__, {"cases": cases})
