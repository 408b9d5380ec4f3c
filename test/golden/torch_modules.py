"""Modules of PyTorch: their state_dict, an input in thalweg's layout, and what they give when they are not trained, in f64."""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import torch
from torch import nn

from golden_json import array, write

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def channels_last(x):
    return x.permute(0, *range(2, x.dim()), 1) if x.dim() > 2 else x


def case(name, module, x, run=lambda module, x: module(x), images=False):
    torch.manual_seed(len(name))
    with torch.no_grad():
        for tensor in module.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(torch.round(torch.randn(tensor.shape) * 500) / 1000)
        for key, tensor in module.state_dict().items():
            if key.endswith("running_var"):
                tensor.copy_(tensor.abs() + 0.5)
    module.eval()
    with torch.no_grad():
        y = run(module, x)
    state = {k: array(v.numpy()) for k, v in module.state_dict().items() if not k.endswith("num_batches_tracked")}
    last = channels_last if images else (lambda t: t)
    return {"name": name, "tensors": state, "input": array(last(x).numpy()), "output": array(last(y).numpy())}


def draw(*shape):
    return torch.round(torch.randn(shape) * 1000) / 1000


first = lambda module, x: module(x)[0]
torch.manual_seed(0)

write(
    __file__,
    {
        "cases": [
            case("mlp", nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2, bias=False)), draw(4, 3)),
            case("rnn", nn.RNN(3, 4, batch_first=True), draw(2, 5, 3), first),
            case("lstm", nn.LSTM(3, 4, batch_first=True), draw(2, 5, 3), first),
            case("lstm of two layers", nn.LSTM(3, 4, num_layers=2, batch_first=True), draw(2, 5, 3), first),
            case("lstm in both directions", nn.LSTM(3, 4, batch_first=True, bidirectional=True), draw(2, 5, 3), first),
            case("gru", nn.GRU(3, 4, batch_first=True), draw(2, 5, 3), first),
            case("gru without biases", nn.GRU(3, 4, batch_first=True, bias=False), draw(2, 5, 3), first),
            case("gru cell", nn.GRUCell(3, 4), draw(2, 3)),
            case(
                "cnn",
                nn.Sequential(
                    nn.Conv2d(2, 4, 3, stride=1, groups=2),
                    nn.BatchNorm2d(4),
                    nn.ReLU(),
                    nn.MaxPool2d(2),
                    nn.Flatten(),
                    nn.Dropout(0.5),
                    nn.ReLU(),
                    nn.Linear(4 * 2 * 3, 3),
                ),
                draw(2, 2, 6, 8),
                images=True,
            ),
            case("flattened sequences", nn.Sequential(nn.Conv1d(2, 3, 2), nn.Flatten(), nn.Linear(12, 2)), draw(2, 2, 5), images=True),
            case("transposed convolutions", nn.ConvTranspose2d(4, 6, 3, groups=2), draw(1, 4, 3, 2), images=True),
            case("group norm", nn.GroupNorm(2, 4), draw(2, 4, 3), images=True),
            case("repeated", nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3)), draw(2, 3)),
            case(
                "transformer",
                nn.TransformerEncoder(
                    nn.TransformerEncoderLayer(6, 2, 8, 0.0, "relu", batch_first=True, norm_first=True), 2, enable_nested_tensor=False
                ),
                draw(2, 3, 6),
            ),
        ]
    },
)
