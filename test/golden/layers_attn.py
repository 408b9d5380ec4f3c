"""Normalization, embeddings, attention and Transformer blocks in PyTorch, forward and backward."""

from layer_cases import case, drawing, written  # first: it puts this folder last

import torch
import torch.nn.functional as F

from golden_json import write

draw = drawing(7)


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

write(__file__, {"cases": [*norms, *embeddings], "activations": activations})
