"""Normalization, embeddings, attention and Transformer blocks in PyTorch, forward and backward."""

from layer_cases import case, drawing, written  # first: it puts this folder last

import numpy as np
import torch
import torch.nn.functional as F

from attention_layouts import attention_weights, packed, parameters
from golden_json import write

draw = drawing(7)
_, attention_params = parameters(draw)


def layer_norm(epsilon):
    return lambda x, p, state, context: (F.layer_norm(x, x.shape[-1:], p["scale"], p.get("bias"), epsilon), {})


def rms_norm(epsilon):
    return lambda x, p, state, context: (F.rms_norm(x, x.shape[-1:], p["scale"], epsilon), {})


def embedding(x, p, state, context):
    return F.embedding(x, p["table"]), {}


ids = torch.tensor([[0, 3, 3], [4, 0, 1]], dtype=torch.int32)
norms = [
    case("layer norm", "layerNorm", {}, layer_norm(1e-5), draw(3, 5), {"scale": draw(5), "bias": draw(5)}, draw),
    case("layer norm over places, around 100", "layerNorm", {"epsilon": 1e-3}, layer_norm(1e-3), draw(2, 3, 6) + 100, {"scale": draw(6), "bias": draw(6)}, draw),
    case("layer norm without a bias", "layerNorm", {"bias": False}, layer_norm(1e-5), draw(3, 5), {"scale": draw(5)}, draw),
    case("rms norm", "rmsNorm", {}, rms_norm(1e-6), draw(3, 5), {"scale": draw(5)}, draw),
    case("rms norm over places", "rmsNorm", {"epsilon": 0.01}, rms_norm(0.01), draw(2, 3, 4), {"scale": draw(4)}, draw),
]
embeddings = [case("embedding", "embedding", {"tokens": 5, "features": 4, "dtype": "f64"}, embedding, ids, {"table": draw(5, 4)}, draw)]



def attention(heads, causal=False):
    """torch.nn.MultiheadAttention, whose masks are true for what is hidden."""

    def forward(x, p, state, context):
        module = torch.nn.MultiheadAttention(x.shape[-1], heads, batch_first=True)
        mask = context.get("mask")
        hidden = torch.triu(torch.ones(x.shape[1], x.shape[1], dtype=bool), 1) if causal else None
        padding = None
        if mask is not None and mask.dim() == 2:
            padding = ~mask
        elif mask is not None:
            hidden = mask if mask.is_floating_point() else ~mask
            hidden = hidden.repeat_interleave(heads, 0)
        options = {"key_padding_mask": padding, "attn_mask": hidden, "need_weights": False}
        return torch.func.functional_call(module, packed(attention_weights(p)), (x, x, x), options)[0], {}

    return forward


def cross_attention(heads):
    def forward(x, p, state, context):
        memory, mask = context["memory"], context.get("memoryMask")
        module = torch.nn.MultiheadAttention(x.shape[-1], heads, batch_first=True, kdim=memory.shape[-1], vdim=memory.shape[-1])
        options = {"key_padding_mask": None if mask is None else ~mask, "need_weights": False}
        weights = packed(attention_weights(p)) if memory.shape[-1] == x.shape[-1] else attention_weights(p)
        return torch.func.functional_call(module, weights, (x, memory, memory), options)[0], {}

    return forward


def turned(x, base):
    """Rotary positions, by complex numbers: [batch, heads, places, size]."""
    places, half = x.shape[-2], x.shape[-1] // 2
    angles = torch.outer(torch.arange(places, dtype=torch.float64), base ** (-torch.arange(half, dtype=torch.float64) / half))
    y = torch.complex(x[..., :half], x[..., half:]) * torch.polar(torch.ones_like(angles), angles)
    return torch.cat([y.real, y.imag], -1)


def modern_attention(heads, size, causal, base=None):
    """Grouped queries, by torch's scaled_dot_product_attention."""

    def forward(x, p, state, context):
        split = lambda n: F.linear(x, p[n]["kernel"].T, p[n].get("bias")).unflatten(-1, (-1, size)).transpose(1, 2)
        q, k, v = map(split, ["query", "key", "value"])
        q, k = (q, k) if base is None else (turned(q, base), turned(k, base))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=causal, enable_gqa=True).transpose(1, 2).flatten(2)
        return F.linear(y, p["output"]["kernel"].T, p["output"].get("bias")), {}

    return forward


def seen(*rows):
    return torch.tensor(rows, dtype=bool)


pairs = torch.tensor(np.random.default_rng(3).random((2, 3, 3)) < 0.6) | torch.eye(3, dtype=bool)
x = draw(2, 3, 4)
attentions = [
    case("attention", "multiHeadAttention", {"heads": 2}, attention(2), x, attention_params(4), draw),
    case("causal attention", "multiHeadAttention", {"heads": 1, "causal": True}, attention(1, True), x, attention_params(4), draw),
    case("padded attention", "multiHeadAttention", {"heads": 2}, attention(2), x, attention_params(4), draw, context={"mask": seen([1, 1, 0], [1, 1, 1])}),
    case("padded causal attention", "multiHeadAttention", {"heads": 2, "causal": True}, attention(2, True), x, attention_params(4), draw, context={"mask": seen([1, 1, 0], [1, 0, 1])}),
    case("attention under a mask of pairs", "multiHeadAttention", {"heads": 2}, attention(2), x, attention_params(4), draw, context={"mask": pairs}),
    case("attention under an additive mask", "multiHeadAttention", {"heads": 2}, attention(2), x, attention_params(4), draw, context={"mask": draw(2, 3, 3)}),
    case("grouped queries", "multiHeadAttention", {"heads": 4, "keyValueHeads": 2, "features": 8}, modern_attention(4, 2, False), x, attention_params(4, inner=8, shared=4), draw),
    case("one head of keys, causal, no bias", "multiHeadAttention", {"heads": 2, "keyValueHeads": 1, "causal": True, "bias": False}, modern_attention(2, 2, True), x, attention_params(4, shared=2, bias=False), draw),
    case("rotary attention", "multiHeadAttention", {"heads": 2, "rotary": 100, "features": 8}, modern_attention(2, 4, False, 100), draw(1, 4, 4), attention_params(4, inner=8), draw),
    case("cross-attention", "crossAttention", {"heads": 2}, cross_attention(2), x, attention_params(4), draw, context={"memory": draw(2, 5, 4)}),
    case("cross-attention to a narrower, padded memory", "crossAttention", {"heads": 2}, cross_attention(2), x, attention_params(4, memory=3), draw, context={"memory": draw(2, 4, 3), "memoryMask": seen([1, 1, 0, 1], [1, 0, 0, 0])}),
    case("cached attention, all places at once", "cachedAttention", {"heads": 2, "length": 5}, attention(2, True), x, attention_params(4), draw),
]


def activation(name, f, *shape):
    """A function without parameters: its value and gradient."""
    x, cotangent = draw(*shape, scale=3.0).requires_grad_(), None
    y = f(x)
    cotangent = draw(*y.shape)
    (y * cotangent).sum().backward()
    return {"name": name, "input": written(x), "cotangent": written(cotangent), "output": written(y), "inputGrad": written(x.grad)}


def gated(gate):
    return lambda x: (lambda a, b: a * gate(b))(*x.chunk(2, -1))


activations = [
    activation("gelu", F.gelu, 24),
    activation("geluTanh", lambda x: F.gelu(x, approximate="tanh"), 24),
    activation("silu", F.silu, 24),
    activation("glu", F.glu, 2, 8),
    activation("geglu", gated(F.gelu), 2, 8),
    activation("swiglu", gated(F.silu), 2, 8),
]

write(__file__, {"cases": [*norms, *embeddings, *attentions], "activations": activations})
