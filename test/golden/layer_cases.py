"""How cases of layers are made: a function of PyTorch in f64, in thalweg's layouts, run forward and backward.

`forward(input, params, state, context)` gives `(output, state)`; all of these are nested dicts of tensors, a tensor, or
empty dicts. The cotangent of the output is drawn; gradients are those of Σ cotangent · output by the input (where it is
of floats) and by the parameters.
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import numpy as np
import torch

from golden_json import array

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def leaves(tree):
    return [leaf for value in tree.values() for leaf in leaves(value)] if isinstance(tree, dict) else [tree]


def mapped(f, tree):
    return {k: mapped(f, v) for k, v in tree.items()} if isinstance(tree, dict) else f(tree)


def written(tree):
    return mapped(lambda t: array(t.detach().numpy()), tree)


def drawing(seed):
    """Draws rounded numbers, so that the file is small and f32 holds nearly the same ones."""
    rng = np.random.default_rng(seed)
    return lambda *shape, scale=1.0: torch.tensor(np.round(rng.normal(size=shape) * scale, 3))


def case(name, layer, options, forward, x, params, draw, state=None, context=None, training=True):
    """One case: what `layer(options)` has to give. `training`: whether it is applied as in training."""
    asked = lambda t: t.clone().requires_grad_() if t.is_floating_point() else t.clone()
    x0, p0, state, context = mapped(asked, x), mapped(asked, params), state or {}, context or {}
    y, after = forward(x0, p0, state, context)
    cotangent = draw(*y.shape)
    (y * cotangent).sum().backward()
    grad = lambda t: t.grad if t.grad is not None else torch.zeros_like(t)
    floats = all(t.is_floating_point() for t in leaves(x0))
    return {
        "name": name,
        "layer": layer,
        "options": options,
        "training": training,
        "input": written(x),
        "params": written(params),
        **({"state": written(state)} if state else {}),
        **({"context": written(context)} if context else {}),
        "cotangent": written(cotangent),
        "output": written(y),
        **({"after": written(after)} if after else {}),
        **({"inputGrad": written(mapped(grad, x0))} if floats else {}),
        "grads": written(mapped(grad, p0)),
    }
