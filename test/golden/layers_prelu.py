"""Prelu in PyTorch, forward and backward."""

from layer_cases import case, drawing  # first: it puts this folder last

import torch.nn.functional as F

from golden_json import write

draw = drawing(7)


def prelu(x, p, state, context):
    return F.prelu(x.movedim(-1, 1), p["slope"]).movedim(1, -1), {}


write(
    __file__,
    {
        "cases": [
            case("prelu", "prelu", {}, prelu, draw(4, 5), {"slope": draw(5)}, draw),
            case("prelu of images", "prelu", {"slope": 0.1}, prelu, draw(2, 3, 3, 2), {"slope": draw(2)}, draw),
            case("prelu, shared", "prelu", {"shared": True}, prelu, draw(2, 3, 2), {"slope": draw(1)}, draw),
        ]
    },
)
