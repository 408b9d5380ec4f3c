"""Convolutions in PyTorch, forward and backward."""

from layer_cases import case, drawing  # first: it puts this folder last

import torch
import torch.nn.functional as F

from golden_json import write

draw = drawing(2)


def first(x):
    """Channels first, from channels last."""
    return x.movedim(-1, 1)


def last(y):
    return y.movedim(1, -1)


def weight(kernel):
    """[…window, inputs / groups, outputs] as PyTorch has it."""
    return kernel.movedim(-1, 0).movedim(-1, 1)


def transposed_weight(kernel, groups):
    """[…window, inputs / groups, outputs] as PyTorch has it: [inputs, outputs / groups, …window]."""
    parts = kernel.chunk(groups, -1)
    return torch.cat([k.movedim(-2, 0).movedim(-1, 1) for k in parts], 0)


def conv(rank, **options):
    f = [F.conv1d, F.conv2d][rank - 1]
    return lambda x, p, state, context: (last(f(first(x), weight(p["kernel"]), p.get("bias"), **options)), {})


def conv_transpose(rank, groups=1, cut=None, **options):
    """`cut`: which places are kept, where PyTorch has no padding of this kind."""
    f = [F.conv_transpose1d, F.conv_transpose2d][rank - 1]

    def forward(x, p, state, context):
        y = last(f(first(x), transposed_weight(p["kernel"], groups), groups=groups, **options))
        kept = y if cut is None else y[(slice(None), *cut)]
        return (kept + p["bias"] if "bias" in p else kept), {}

    return forward


def depthwise(**options):
    return lambda x, p, state, context: (
        last(F.conv2d(first(x), weight(p["kernel"]), p.get("bias"), groups=x.shape[-1], **options)),
        {},
    )


def separable(**options):
    def forward(x, p, state, context):
        depth, point = p["depthwise"], p["pointwise"]
        y = F.conv2d(first(x), weight(depth["kernel"]), groups=x.shape[-1], **options)
        return last(F.conv2d(y, weight(point["kernel"]), point.get("bias"))), {}

    return forward


def affine(*shape):
    return {"kernel": draw(*shape), "bias": draw(shape[-1])}


convolutions = [
    case("conv1d", "conv1d", {"outputs": 3, "window": 3}, conv(1), draw(2, 7, 2), affine(3, 2, 3), draw),
    case(
        "conv1d, strided, dilated, padded unevenly",
        "conv1d",
        {"outputs": 2, "window": 2, "strides": 2, "padding": [[2, 1]], "dilation": 3, "bias": False},
        lambda x, p, s, c: conv(1, stride=2, dilation=3)(F.pad(x, (0, 0, 2, 1)), p, s, c),
        draw(2, 6, 2),
        {"kernel": draw(2, 2, 2)},
        draw,
    ),
    case("conv1d, same, even window", "conv1d", {"outputs": 2, "window": 4, "padding": "same"}, conv(1, padding="same"), draw(1, 5, 1), affine(4, 1, 2), draw),
    case("conv2d", "conv2d", {"outputs": 3, "window": [2, 3]}, conv(2), draw(2, 4, 5, 2), affine(2, 3, 2, 3), draw),
    case(
        "conv2d, strided, padded",
        "conv2d",
        {"outputs": 2, "window": 3, "strides": [2, 1], "padding": [[1, 1], [2, 2]]},
        conv(2, stride=(2, 1), padding=(1, 2)),
        draw(2, 5, 3, 2),
        affine(3, 3, 2, 2),
        draw,
    ),
    case(
        "conv2d, same, strided (as padded)",
        "conv2d",
        {"outputs": 2, "window": 3, "strides": 2, "padding": "same", "bias": False},
        lambda x, p, s, c: conv(2, stride=2)(F.pad(x, (0, 0, 1, 1, 0, 1)), p, s, c),
        draw(1, 4, 5, 2),
        {"kernel": draw(3, 3, 2, 2)},
        draw,
    ),
    case(
        "conv2d in groups, dilated",
        "conv2d",
        {"outputs": 6, "window": 2, "groups": 2, "dilation": [1, 2], "padding": "same"},
        conv(2, groups=2, dilation=(1, 2), padding="same"),
        draw(2, 3, 4, 4),
        affine(2, 2, 2, 6),
        draw,
    ),
    case("depthwiseConv2d", "depthwiseConv2d", {"window": 3, "padding": "same"}, depthwise(padding="same"), draw(2, 3, 4, 3), affine(3, 3, 1, 3), draw),
    case(
        "depthwiseConv2d, multiplied, strided",
        "depthwiseConv2d",
        {"window": [1, 3], "multiplier": 2, "strides": [1, 2], "bias": False},
        depthwise(stride=(1, 2)),
        draw(1, 2, 6, 2),
        {"kernel": draw(1, 3, 1, 4)},
        draw,
    ),
    case(
        "separableConv2d",
        "separableConv2d",
        {"outputs": 3, "window": 2, "multiplier": 2, "dilation": 2},
        separable(dilation=2),
        draw(2, 4, 4, 2),
        {"depthwise": {"kernel": draw(2, 2, 1, 4)}, "pointwise": affine(1, 1, 4, 3)},
        draw,
    ),
    case(
        "separableConv2d without a bias",
        "separableConv2d",
        {"outputs": 2, "window": 3, "strides": 2, "padding": [[1, 1], [1, 1]], "bias": False},
        separable(stride=2, padding=1),
        draw(1, 3, 4, 3),
        {"depthwise": {"kernel": draw(3, 3, 1, 3)}, "pointwise": {"kernel": draw(1, 1, 3, 2)}},
        draw,
    ),
    case("convTranspose1d", "convTranspose1d", {"outputs": 3, "window": 3}, conv_transpose(1), draw(2, 4, 2), affine(3, 2, 3), draw),
    case(
        "convTranspose1d, strided, padded, with output padding, in groups",
        "convTranspose1d",
        {"outputs": 4, "window": 3, "strides": 3, "padding": [[1, 1]], "outputPadding": 2, "groups": 2},
        conv_transpose(1, groups=2, stride=3, padding=1, output_padding=2),
        draw(2, 3, 6),
        affine(3, 3, 4),
        draw,
    ),
    case(
        "convTranspose2d, strided, padded, dilated",
        "convTranspose2d",
        {"outputs": 2, "window": [2, 3], "strides": 2, "padding": [[0, 0], [1, 1]], "dilation": [2, 1], "outputPadding": [1, 0], "bias": False},
        conv_transpose(2, stride=2, padding=(0, 1), dilation=(2, 1), output_padding=(1, 0)),
        draw(2, 2, 3, 3),
        {"kernel": draw(2, 3, 3, 2)},
        draw,
    ),
    case(
        "convTranspose2d, same",
        "convTranspose2d",
        {"outputs": 2, "window": [3, 4], "strides": 2, "padding": "same"},
        conv_transpose(2, stride=2, cut=(slice(0, -1), slice(1, -1))),
        draw(1, 3, 2, 2),
        affine(3, 4, 2, 2),
        draw,
    ),
    case(
        "convTranspose2d, valid, window shorter than the stride",
        "convTranspose2d",
        {"outputs": 1, "window": [3, 1], "strides": [2, 3], "padding": "valid"},
        conv_transpose(2, stride=(2, 3), output_padding=(0, 2)),
        draw(1, 2, 2, 2),
        affine(3, 1, 2, 1),
        draw,
    ),
]

write(__file__, {"cases": convolutions})
