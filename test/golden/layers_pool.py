"""Pooling, upsampling and changes of shape in PyTorch, forward and backward."""

from layer_cases import case, drawing  # first: it puts this folder last

import torch.nn.functional as F

from golden_json import write

draw = drawing(3)


def channels_last(f):
    """A function of channels first, for channels last."""
    return lambda x, p, state, context: (f(x.movedim(-1, 1)).movedim(1, -1), {})


def of(name, layer, options, f, *shape):
    return case(name, layer, options, channels_last(f), draw(*shape), {}, draw)


def plain(name, layer, options, f, *shape):
    return case(name, layer, options, lambda x, p, state, context: (f(x), {}), draw(*shape), {}, draw)


average = dict(count_include_pad=False)
linear = dict(scale_factor=3, mode="linear", align_corners=False)
bilinear = dict(scale_factor=(2, 3), mode="bilinear", align_corners=False)

write(
    __file__,
    {
        "cases": [
            of("maxPool, 1-D", "maxPool", {"window": 2}, lambda x: F.max_pool1d(x, 2), 2, 5, 2),
            of("maxPool", "maxPool", {"window": [2, 3], "strides": [2, 1], "padding": [[1, 1], [1, 1]]}, lambda x: F.max_pool2d(x, (2, 3), (2, 1), 1), 2, 4, 4, 2),
            of("maxPool, same", "maxPool", {"window": 3, "strides": 1, "padding": "same"}, lambda x: F.max_pool2d(x, 3, 1, 1), 1, 3, 4, 2),
            of("averagePool, 1-D", "averagePool", {"window": 3, "strides": 2, "padding": [[1, 1]]}, lambda x: F.avg_pool1d(x, 3, 2, 1, **average), 2, 6, 2),
            of("averagePool", "averagePool", {"window": 2}, lambda x: F.avg_pool2d(x, 2), 2, 4, 5, 2),
            of("averagePool, same", "averagePool", {"window": 3, "strides": 1, "padding": "same"}, lambda x: F.avg_pool2d(x, 3, 1, 1, **average), 1, 3, 4, 2),
            plain("globalMaxPool", "globalMaxPool", {}, lambda x: x.amax((1, 2)), 2, 3, 2, 3),
            plain("globalAveragePool", "globalAveragePool", {}, lambda x: x.mean((1, 2)), 2, 3, 2, 3),
            plain("globalAveragePool, 1-D", "globalAveragePool", {}, lambda x: x.mean(1), 2, 4, 3),
            of("adaptiveMaxPool, 1-D", "adaptiveMaxPool", {"size": 3}, lambda x: F.adaptive_max_pool1d(x, 3), 2, 7, 2),
            of("adaptiveMaxPool", "adaptiveMaxPool", {"size": [2, 4]}, lambda x: F.adaptive_max_pool2d(x, (2, 4)), 1, 5, 3, 2),
            of("adaptiveAveragePool, 1-D", "adaptiveAveragePool", {"size": 5}, lambda x: F.adaptive_avg_pool1d(x, 5), 2, 7, 2),
            of("adaptiveAveragePool", "adaptiveAveragePool", {"size": [2, 4]}, lambda x: F.adaptive_avg_pool2d(x, (2, 4)), 1, 5, 3, 2),
            of("adaptiveAveragePool, bins of one size", "adaptiveAveragePool", {"size": 2}, lambda x: F.adaptive_avg_pool2d(x, 2), 1, 4, 6, 2),
            of("upsample, nearest", "upsample", {"factor": [2, 3]}, lambda x: F.interpolate(x, scale_factor=(2, 3), mode="nearest"), 1, 2, 3, 2),
            of("upsample, linear, 1-D", "upsample", {"factor": 3, "method": "linear"}, lambda x: F.interpolate(x, **linear), 2, 4, 2),
            of("upsample, linear", "upsample", {"factor": [2, 3], "method": "linear"}, lambda x: F.interpolate(x, **bilinear), 1, 3, 2, 2),
            plain("flatten", "flatten", {}, lambda x: x.flatten(1), 2, 3, 2, 2),
            plain("reshape", "reshape", {"shape": [3, 1, 4]}, lambda x: x.reshape(-1, 3, 1, 4), 2, 6, 2),
        ]
    },
)
