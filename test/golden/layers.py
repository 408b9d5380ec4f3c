"""Dense layers in PyTorch, forward and backward."""

from layer_cases import case, drawing  # first: it puts this folder last

import torch.nn.functional as F

from golden_json import write

draw = drawing(1)


def dense(x, p, state, context):
    return F.linear(x, p["kernel"].T, p.get("bias")), {}


write(
    __file__,
    {
        "cases": [
            case("dense", "dense", {"units": 3}, dense, draw(4, 5), {"kernel": draw(5, 3), "bias": draw(3)}, draw),
            case("dense over places", "dense", {"units": 2}, dense, draw(2, 3, 4), {"kernel": draw(4, 2), "bias": draw(2)}, draw),
            case("dense without a bias", "dense", {"units": 3, "bias": False}, dense, draw(4, 5), {"kernel": draw(5, 3)}, draw),
        ]
    },
)
