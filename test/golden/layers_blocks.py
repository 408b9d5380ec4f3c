"""Blocks of encoders and decoders, and positions, in PyTorch, forward and backward."""

from layer_cases import case, drawing  # first: it puts this folder last

import torch
import torch.nn.functional as F

from attention_layouts import attention_weights, packed, parameters
from golden_json import write

draw = drawing(11)
projection, attention_params = parameters(draw)


def norm(width):
    return {"scale": draw(width), "bias": draw(width)}


def block_params(width, hidden, decoder=False, halved=False):
    return {
        "norm1": norm(width),
        "attention": attention_params(width),
        "norm2": norm(width),
        **({"cross": attention_params(width), "norm3": norm(width)} if decoder else {}),
        "up": projection(width, hidden),
        "down": projection(hidden // 2 if halved else hidden, width),
        "drop": {},
    }


def weights(p):
    named = lambda prefix, all: {f"{prefix}.{n}": w for n, w in all.items()}
    norms = [n for n in ["norm1", "norm2", "norm3"] if n in p]
    return {
        **named("self_attn", packed(attention_weights(p["attention"]))),
        **(named("multihead_attn", packed(attention_weights(p["cross"]))) if "cross" in p else {}),
        **{f"{n}.weight": p[n]["scale"] for n in norms},
        **{f"{n}.bias": p[n]["bias"] for n in norms},
        "linear1.weight": p["up"]["kernel"].T,
        "linear1.bias": p["up"]["bias"],
        "linear2.weight": p["down"]["kernel"].T,
        "linear2.bias": p["down"]["bias"],
    }


def ahead(x):
    return torch.triu(torch.ones(x.shape[1], x.shape[1], dtype=bool), 1)


def encoder(heads, hidden, first, activation, causal=False, epsilon=1e-5):
    def forward(x, p, state, context):
        module = torch.nn.TransformerEncoderLayer(x.shape[-1], heads, hidden, 0.0, activation, epsilon, True, first)
        mask = context.get("mask")
        options = {"src_mask": ahead(x) if causal else None, "src_key_padding_mask": None if mask is None else ~mask}
        return torch.func.functional_call(module, weights(p), (x,), options), {}

    return forward


def decoder(heads, hidden, first):
    def forward(x, p, state, context):
        module = torch.nn.TransformerDecoderLayer(x.shape[-1], heads, hidden, 0.0, F.gelu, 1e-5, True, first)
        mask = context.get("memoryMask")
        options = {"tgt_mask": ahead(x), "memory_key_padding_mask": None if mask is None else ~mask}
        return torch.func.functional_call(module, weights(p), (x, context["memory"]), options), {}

    return forward


def learned(x, p, state, context):
    return x + p["table"][: x.shape[1]], {}


def waves(x, p, state, context):
    """By complex numbers, whose parts are interleaved."""
    places, half = x.shape[1], x.shape[2] // 2
    angles = torch.outer(torch.arange(places, dtype=torch.float64), 100.0 ** (-torch.arange(half, dtype=torch.float64) / half))
    return x + torch.view_as_real(torch.polar(torch.ones_like(angles), torch.pi / 2 - angles)).flatten(1), {}


def seen(*rows):
    return torch.tensor(rows, dtype=bool)


x, memory, sizes = draw(2, 3, 4), draw(2, 2, 4), {"heads": 2, "hidden": 6}
after = {"norm": "after"}
blocks = [
    case("block, norm before", "transformerBlock", sizes, encoder(2, 6, True, F.gelu), x, block_params(4, 6), draw),
    case("block, norm after, padded", "transformerBlock", {**sizes, **after, "epsilon": 1e-3}, encoder(2, 6, False, F.gelu, epsilon=1e-3), x, block_params(4, 6), draw, context={"mask": seen([1, 1, 0], [1, 1, 1])}),
    case("causal block", "transformerBlock", {**sizes, "causal": True}, encoder(2, 6, True, F.gelu, causal=True), x, block_params(4, 6), draw),
    case("decoder's block, norm before", "decoderBlock", sizes, decoder(2, 6, True), x, block_params(4, 6, True), draw, context={"memory": memory}),
    case("decoder's block, norm after", "decoderBlock", {**sizes, **after}, decoder(2, 6, False), x, block_params(4, 6, True), draw, context={"memory": memory, "memoryMask": seen([1, 0], [1, 1])}),
    case("cached block, all places at once", "cachedTransformerBlock", {**sizes, "length": 4}, encoder(2, 6, True, F.gelu, causal=True), x, block_params(4, 6), draw),
    case("learned positions", "positions", {"length": 5}, learned, x, {"table": draw(5, 4)}, draw),
    case("sinusoidal positions", "sinusoidalPositions", {"base": 100}, waves, x, {}, draw),
]

write(__file__, {"cases": blocks})
