"""A two-layer perceptron in PyTorch, float64: losses, all gradients, five full-batch steps of Adam; activations with their
derivatives; the bounds of the usual initializers.

The network is `tanh(x @ dense0.kernel + dense0.bias) @ dense1.kernel + dense1.bias`, kernels [inputs, outputs].
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import math

import numpy as np
import torch
import torch.nn.functional as F

from golden_json import flat, nested, write

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(11)


def draw(*shape, scale=1.0):
    return np.round(rng.normal(size=shape) * scale, 3)


x = draw(6, 5)
labels = np.array([0, 2, 1, 1, 0, 2])
targets = draw(6, 3)
params0 = {
    "dense0": {"kernel": draw(5, 4, scale=0.6), "bias": draw(4, scale=0.1)},
    "dense1": {"kernel": draw(4, 3, scale=0.6), "bias": draw(3, scale=0.1)},
}


def to_tree(layers, read=lambda t: t.detach().numpy()):
    return {layer: {k: nested(read(v)) for k, v in ps.items()} for layer, ps in layers.items()}


def fresh():
    return {layer: {k: torch.tensor(v, requires_grad=True) for k, v in ps.items()} for layer, ps in params0.items()}


def leaves(p):
    return [v for ps in p.values() for v in ps.values()]


def forward(p, x):
    hidden = torch.tanh(x @ p["dense0"]["kernel"] + p["dense0"]["bias"])
    return hidden, hidden @ p["dense1"]["kernel"] + p["dense1"]["bias"]


LABELS, TARGETS = torch.tensor(labels), torch.tensor(targets)
losses = {
    "crossEntropy": ("mean over the batch of -log softmax(logits)[label]", lambda y: F.cross_entropy(y, LABELS)),
    "crossEntropySum": ("sum over the batch of -log softmax(logits)[label]", lambda y: F.cross_entropy(y, LABELS, reduction="sum")),
    "halfSquared": ("mean over all elements of (output - target)^2 / 2", lambda y: torch.mean((y - TARGETS) ** 2 / 2)),
    "halfSquaredSum": ("mean over the batch of the sum over outputs of (output - target)^2 / 2", lambda y: torch.mean(torch.sum((y - TARGETS) ** 2, 1) / 2)),
    "meanSquared": ("mean over all elements of (output - target)^2", lambda y: F.mse_loss(y, TARGETS)),
}
cases = []
for name, (meaning, loss) in losses.items():
    p, x_in = fresh(), torch.tensor(x, requires_grad=True)
    value = loss(forward(p, x_in)[1])
    value.backward()
    cases.append({"name": name, "meaning": meaning, "loss": value.item(), "grads": to_tree(p, lambda t: t.grad.numpy()), "inputGrad": nested(x_in.grad.numpy())})

hidden, logits = forward(fresh(), torch.tensor(x))
values = {
    "hidden": hidden, "logits": logits, "softmax": F.softmax(logits, 1), "logSoftmax": F.log_softmax(logits, 1),
    "crossEntropyEach": F.cross_entropy(logits, LABELS, reduction="none"), "halfSquaredEach": (logits - TARGETS) ** 2 / 2,
    "predictions": logits.argmax(1), "accuracy": (logits.argmax(1) == LABELS).double().mean(),
}

hyper = {"learningRate": 0.05, "b1": 0.9, "b2": 0.999, "eps": 1e-8}
p = fresh()
adam = torch.optim.Adam(leaves(p), lr=0.05, foreach=False)
steps = []
for _ in range(5):
    adam.zero_grad()
    value = F.cross_entropy(forward(p, torch.tensor(x))[1], LABELS)
    value.backward()
    adam.step()
    steps.append({"loss": value.item(), "params": to_tree(p)})

private = {"learningRate": 0.5, "momentum": 0.5, "maxNorm": 1.5, "noiseMultiplier": 0}
p = fresh()
sgd = torch.optim.SGD(leaves(p), lr=0.5, momentum=0.5, foreach=False)
private_steps = []
for _ in range(5):
    losses_of, norms, clipped = [], [], [torch.zeros_like(v) for v in leaves(p)]
    for i in range(len(x)):
        own = F.cross_entropy(forward(p, torch.tensor(x[i : i + 1]))[1], LABELS[i : i + 1])
        grads = torch.autograd.grad(own, leaves(p))
        norms.append(torch.sqrt(sum((g * g).sum() for g in grads)))
        clipped = [c + g * min(1, 1.5 / norms[-1]) for c, g in zip(clipped, grads)]
        losses_of.append(own.item())
    for v, c in zip(leaves(p), clipped):
        v.grad = c / len(x)
    sgd.step()
    assert min(norms) < 1.5 < max(norms), norms
    private_steps.append({"loss": float(np.mean(losses_of)), "params": to_tree(p)})

z = np.array([-1000.0, -20, -3, -1, -0.5, -1e-3, 0, 1e-3, 0.5, 1, 3, 20, 1000])
activations = []
for name, attrs, fn in (
    ("relu", {}, F.relu), ("leakyRelu", {"slope": 0.01}, lambda t: F.leaky_relu(t, 0.01)), ("leakyRelu", {"slope": 0.2}, lambda t: F.leaky_relu(t, 0.2)),
    ("sigmoid", {}, torch.sigmoid), ("tanh", {}, torch.tanh), ("softplus", {}, lambda t: F.softplus(t, threshold=1e9)), ("elu", {"alpha": 1}, F.elu),
    ("silu", {}, F.silu), ("gelu", {"approximate": False}, F.gelu), ("gelu", {"approximate": True}, lambda t: F.gelu(t, approximate="tanh")),
):
    # softplus without torch's switch to the identity: exp overflows at 1000, so it is given up to 20.
    used = z[:-1] if name == "softplus" else z
    t = torch.tensor(used, requires_grad=True)
    y = fn(t)
    (slope,) = torch.autograd.grad(y.sum(), t)
    activations.append({"name": name, "attrs": attrs, "input": flat(used), "output": flat(y.detach().numpy()), "derivative": flat(slope.numpy())})

# A normal cut at two deviations has this much less deviation than the normal it is cut from.
CUT = math.sqrt(1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2)))
initializers = []
for shape in ((5, 4), (3, 3, 2, 8)):
    field = math.prod(shape[:-2])
    fan_in, fan_out = shape[-2] * field, shape[-1] * field
    # torch puts the outputs first and the field last; it must find the same fans.
    theirs = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape[-1], shape[-2], *shape[:-2]))
    assert theirs == (fan_in, fan_out)
    for name, variance in (("glorot", 2 / (fan_in + fan_out)), ("he", 2 / fan_in), ("lecun", 1 / fan_in)):
        initializers.append({
            "name": name, "shape": list(shape), "fanIn": fan_in, "fanOut": fan_out, "variance": variance,
            "uniformBound": math.sqrt(3 * variance), "normalStddev": math.sqrt(variance), "truncatedNormalStddev": math.sqrt(variance) / CUT,
        })

write(__file__, {
    "meta": {
        "script": "mlp.py", "versions": {"torch": torch.__version__.split("+")[0]}, "dtype": "f64",
        "network": "logits = tanh(x @ dense0.kernel + dense0.bias) @ dense1.kernel + dense1.bias",
        "derivative": "of relu and leakyRelu at 0: torch takes the branch of negative inputs",
        "truncatedNormalStddev": "the deviation before cutting at two deviations, so that it is normalStddev after",
    },
    "x": nested(x), "labels": labels.tolist(), "targets": nested(targets), "params0": to_tree(params0, np.asarray),
    "values": {k: nested(v.detach().numpy()) for k, v in values.items()},
    "cases": cases,
    "training": {"name": "adam", "loss": "crossEntropy", "hyper": hyper, "reference": "Adam(lr=0.05)", "steps": steps},
    "privateTraining": {"name": "dpSgd", "loss": "crossEntropy", "hyper": private, "reference": "SGD(lr=0.5, momentum=0.5) on the mean of the gradients of examples, one by one, each clipped to a norm of 1.5", "steps": private_steps},
    "activations": activations,
    "initializers": initializers,
})
