"""How cases of layers are made: a function of PyTorch in f64, in thalweg's layouts, run forward and backward.

`forward(input, params, state, context)` gives `(output, state)`; all of these are nested dicts of tensors, a tensor, or
empty dicts. The cotangent of the output is drawn; gradients are those of Σ cotangent · output by the input (where it is
of floats), by the parameters, and by what is of floats in the context.
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
    are_floats = lambda tree: all(t.is_floating_point() for t in leaves(tree))
    asked = lambda t: t.clone().requires_grad_() if t.is_floating_point() else t.clone()
    x0, p0, state, context = mapped(asked, x), mapped(asked, params), state or {}, context or {}
    c0 = mapped(asked, context)
    y, after = forward(x0, p0, state, c0)
    cotangent = mapped(lambda t: draw(*t.shape), y)
    sum((t * c).sum() for t, c in zip(leaves(y), leaves(cotangent))).backward()
    grad = lambda t: t.grad if t.grad is not None else torch.zeros_like(t)
    by_context = {name: tree for name, tree in c0.items() if are_floats(tree)}
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
        **({"inputGrad": written(mapped(grad, x0))} if are_floats(x0) else {}),
        **({"contextGrads": written(mapped(grad, by_context))} if by_context else {}),
        "grads": written(mapped(grad, p0)),
    }
