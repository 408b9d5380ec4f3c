"""Batch, group and instance normalization in PyTorch, forward and backward, with running statistics."""

from layer_cases import case, drawing  # first: it puts this folder last

import torch.nn.functional as F

from golden_json import write

draw = drawing(4)


def scale(n):
    return {"scale": draw(n) + 1, "bias": draw(n)}


def running(n):
    return {"mean": draw(n), "variance": draw(n).abs() + 0.5}


def first(x):
    return x.movedim(-1, 1)


def last(y):
    return y.movedim(1, -1)


def batch_norm(training, momentum=0.1, epsilon=1e-5):
    def forward(x, p, state, context):
        mean, variance = (state[k].detach().clone() for k in ("mean", "variance"))  # which it writes to
        y = F.batch_norm(first(x), mean, variance, p["scale"], p["bias"], training, momentum, epsilon)
        return last(y), {"mean": mean, "variance": variance}

    return forward


def group_norm(groups, epsilon=1e-5):
    return lambda x, p, state, context: (last(F.group_norm(first(x), groups, p["scale"], p["bias"], epsilon)), {})


def instance_norm(epsilon=1e-5):
    return lambda x, p, state, context: (last(F.instance_norm(first(x), None, None, p["scale"], p["bias"], eps=epsilon)), {})


def batch_case(name, options, x, training, **hyper):
    n = x.shape[-1]
    return case(name, "batchNorm", options, batch_norm(training, **hyper), x, scale(n), draw, state=running(n), training=training)


write(
    __file__,
    {
        "cases": [
            batch_case("batchNorm of features", {}, draw(5, 3), True),
            batch_case("batchNorm of images", {"momentum": 0.25, "epsilon": 0.01}, draw(2, 3, 2, 3), True, momentum=0.25, epsilon=0.01),
            batch_case("batchNorm around 50", {"momentum": 1}, draw(2, 4, 2) + 50, True, momentum=1.0),
            batch_case("batchNorm, inference", {"epsilon": 0.001}, draw(2, 3, 2), False, epsilon=0.001),
            batch_case("batchNorm, inference of one example", {}, draw(1, 3), False),
            case("groupNorm", "groupNorm", {"groups": 2}, group_norm(2), draw(2, 3, 2, 4), scale(4), draw),
            case("groupNorm of features, in one group", "groupNorm", {"groups": 1, "epsilon": 0.1}, group_norm(1, 0.1), draw(3, 4), scale(4), draw),
            case("instanceNorm, 1-D", "instanceNorm", {}, instance_norm(), draw(2, 5, 2), scale(2), draw),
            case("instanceNorm", "instanceNorm", {"epsilon": 0.01}, instance_norm(0.01), draw(2, 2, 3, 2), scale(2), draw),
        ]
    },
)
