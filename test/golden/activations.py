"""Activations in PyTorch with their derivatives, in f64, at kinks too where PyTorch has the derivative that we have."""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import torch
import torch.nn.functional as F

from golden_json import flat, write

torch.set_default_dtype(torch.float64)
smooth = [-50.0, -6.5, -2.9, -1.3, -0.999, -0.2, -1e-5, 1e-5, 0.3, 0.999, 1.7, 2.9, 5.9, 6.1, 40.0]


def case(name, f, *numbers, kinks=()):
    x = torch.tensor([*smooth, *kinks], requires_grad=True)
    y = f(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    return {"name": " ".join([name, *map(str, numbers)]), "function": name, "numbers": list(numbers), "input": flat(x.detach().numpy()), "output": flat(y.detach().numpy()), "derivative": flat(slope.numpy())}


write(
    __file__,
    {
        "cases": [
            case("elu", F.elu, kinks=[0]),
            case("elu", lambda x: F.elu(x, 0.5), 0.5, kinks=[0]),
            case("selu", F.selu, kinks=[0]),
            case("celu", F.celu, kinks=[0]),
            case("celu", lambda x: F.celu(x, 2.5), 2.5, kinks=[0]),
            case("mish", F.mish, kinks=[0]),
            case("softsign", F.softsign, kinks=[0]),
            case("relu6", F.relu6, kinks=[0, 6]),
            case("hardSigmoid", lambda x: F.relu6(x + 3) / 6, kinks=[-3, 3]),  # the derivative of F.hardsigmoid has 1/6 in f32
            case("hardTanh", F.hardtanh, kinks=[-1, 1]),
            case("hardSwish", F.hardswish),
        ]
    },
)
