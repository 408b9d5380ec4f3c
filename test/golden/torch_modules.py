"""Modules of PyTorch: their state_dict, an input in thalweg's layout, and what they give when they are not trained, in f64.

Each module takes back its state_dict, by `load_state_dict(strict=True)`, when counters of batches are zeros of 32 bits, as
thalweg writes them. `file`: a state_dict as `safetensors.torch.save` writes it, in base64; the integers in it are I64.
"""

import sys

sys.path.append(sys.path.pop(0))  # this folder last: its random.py must not hide the standard library's
sys.dont_write_bytecode = True

import base64

import safetensors.torch
import torch
from torch import nn

from golden_json import array, write

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def channels_last(x):
    return x.permute(0, *range(2, x.dim()), 1) if x.dim() > 2 else x


def case(name, module, x, run=lambda module, x: module(x), images=False, memory=None, file=False):
    torch.manual_seed(len(name))
    with torch.no_grad():
        for tensor in module.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(torch.round(torch.randn(tensor.shape) * 500) / 1000)
            else:
                tensor.fill_(3)
        for key, tensor in module.state_dict().items():
            if key.endswith("running_var"):
                tensor.copy_(tensor.abs() + 0.5)
    module.eval()
    with torch.no_grad():
        y = run(module, x) if memory is None else run(module, x, memory)
    state = module.state_dict()
    told = {"name": name, "tensors": {k: array(v.numpy()) for k, v in state.items()}}
    if file:
        told["file"] = base64.b64encode(safetensors.torch.save(state, {"format": "pt"})).decode()
    ours = {k: v.clone() if v.is_floating_point() else torch.zeros_like(v, dtype=torch.int32) for k, v in state.items()}
    module.load_state_dict(ours, strict=True)
    last = channels_last if images else (lambda t: t)
    given = {"input": array(last(x).numpy())} if memory is None else {"input": array(x.numpy()), "memory": array(memory.numpy())}
    return {**told, **given, "output": array(last(y).numpy())}


def draw(*shape):
    return torch.round(torch.randn(shape) * 1000) / 1000


first = lambda module, x: module(x)[0]
itself = lambda module, x: module(x, x, x, need_weights=False)[0]
other = lambda module, x, memory: module(x, memory, memory, need_weights=False)[0]
ahead = lambda places: nn.Transformer.generate_square_subsequent_mask(places, dtype=torch.float64)
decode = lambda module, x, memory: module(x, memory, tgt_mask=ahead(x.shape[1]))


class Lambda(nn.Module):
    """A function that is a module without parameters."""

    def __init__(self, f):
        super().__init__()
        self.f = f

    def forward(self, x):
        return self.f(x)


class Shortcut(nn.Module):
    """Rows of images, and what a layer makes of them."""

    def __init__(self):
        super().__init__()
        self.features, self.inner, self.head = nn.Conv2d(2, 3, 2), nn.Linear(12, 12), nn.Linear(12, 2)

    def forward(self, x):
        rows = self.features(x).flatten(1)
        return self.head(rows + self.inner(rows))


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


def repeated(times, module):
    """Modules in a row, each with tensors of its own."""
    return nn.Sequential(*[module() for _ in range(times)])


def encoder_layer(**options):
    return nn.TransformerEncoderLayer(6, 2, 8, 0.0, batch_first=True, **options)


def decoder_layer(**options):
    return nn.TransformerDecoderLayer(6, 2, 8, 0.0, batch_first=True, **options)


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
                file=True,
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
            case(
                "batch norm of rows",
                nn.Sequential(nn.Conv2d(2, 3, 2), nn.Flatten(), nn.BatchNorm1d(12), nn.Dropout(0.5), nn.ReLU(), nn.Linear(12, 2)),
                draw(3, 2, 3, 3),
                images=True,
            ),
            case(
                "layer norm of rows",
                nn.Sequential(nn.AvgPool2d(2), nn.Flatten(), nn.LayerNorm(18), nn.PReLU(18), nn.RMSNorm(18, 1e-6), nn.PReLU(), nn.Linear(18, 2)),
                draw(3, 3, 4, 6),
                images=True,
            ),
            case("rows beside a layer", Shortcut(), draw(2, 2, 3, 3), images=True),
            case(
                "rows that become images",
                nn.Sequential(
                    nn.Linear(3, 36),
                    nn.BatchNorm1d(36),
                    nn.ReLU(),
                    nn.Unflatten(1, (6, 2, 3)),
                    nn.ConvTranspose2d(6, 4, 2, stride=2),
                    nn.ReLU(),
                    nn.Flatten(),
                    nn.Linear(96, 12),
                    nn.Unflatten(1, (3, 2, 2)),
                ),
                draw(3, 3),
                images=True,
            ),
            case(
                "repeated residuals of rows",
                nn.Sequential(
                    nn.Conv2d(1, 2, 2),
                    nn.Flatten(),
                    repeated(2, lambda: Residual(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8))),
                    nn.Linear(8, 2),
                ),
                draw(2, 1, 3, 3),
                images=True,
            ),
            case(
                "repeated layers of rows",
                nn.Sequential(
                    nn.Conv2d(1, 2, 2), nn.Flatten(), repeated(3, lambda: nn.Sequential(nn.Linear(8, 8), nn.ReLU())), nn.Linear(8, 2)
                ),
                draw(2, 1, 3, 3),
                images=True,
            ),
            case("repeated layers of rows, at the end", nn.Sequential(nn.Flatten(), repeated(2, lambda: nn.Linear(8, 8))), draw(3, 2, 2, 2), images=True),
            case(
                "repeated norms of rows",
                nn.Sequential(nn.Conv2d(2, 2, 1), nn.Flatten(), repeated(2, lambda: nn.BatchNorm1d(8)), nn.Linear(8, 2)),
                draw(3, 2, 2, 2),
                images=True,
            ),
            case(
                "repeated images that become rows and images again",
                nn.Sequential(
                    repeated(2, lambda: nn.Sequential(nn.Flatten(), nn.Linear(12, 12), nn.ReLU(), nn.Unflatten(1, (3, 2, 2)))),
                    nn.Conv2d(3, 2, 1),
                ),
                draw(2, 3, 2, 2),
                images=True,
            ),
            case(
                "repeated layers of rows that become images",
                nn.Sequential(
                    nn.Flatten(),
                    nn.Linear(8, 12),
                    repeated(3, lambda: nn.Sequential(nn.Linear(12, 12), nn.ReLU())),
                    nn.Unflatten(1, (3, 2, 2)),
                    nn.Conv2d(3, 2, 1),
                ),
                draw(3, 2, 2, 2),
                images=True,
            ),
            case("rows of images", nn.Sequential(nn.Flatten(), nn.Identity(), nn.Linear(12, 2)), draw(2, 3, 2, 2), images=True),
            case(
                "rows at several places",
                nn.Sequential(nn.Flatten(), Lambda(lambda x: x.unsqueeze(1).expand(-1, 3, -1)), nn.Linear(12, 2), nn.Flatten()),
                draw(2, 3, 2, 2),
                images=True,
            ),
            case("rows that become sequences", nn.Sequential(nn.Linear(3, 12), nn.Unflatten(1, (4, 3)), nn.Conv1d(4, 2, 2)), draw(2, 3), images=True),
            case(
                "rows that become places",
                nn.Sequential(nn.Linear(3, 12), nn.Unflatten(1, (3, 4)), nn.GRU(4, 2, batch_first=True), Lambda(lambda y: y[0])),
                draw(2, 3),
            ),
            case("flattened words", nn.Sequential(nn.Embedding(5, 3), nn.Flatten(), nn.Linear(12, 2)), torch.tensor([[0, 1, 4, 2], [3, 3, 0, 1]])),
            case(
                "flattened outputs of a lstm",
                nn.Sequential(nn.LSTM(3, 4, batch_first=True), Lambda(lambda y: y[0]), nn.Flatten(), nn.Linear(20, 2)),
                draw(2, 5, 3),
            ),
            case("group norm between dense layers", nn.Sequential(nn.Linear(3, 6), nn.GroupNorm(2, 6), nn.Linear(6, 2)), draw(2, 3)),
            case("embedding", nn.Embedding(5, 3), torch.tensor([[0, 4], [3, 3]])),
            case("layer norm", nn.LayerNorm(4), draw(2, 3, 4)),
            case("layer norm without a bias", nn.LayerNorm(4, bias=False), draw(2, 4)),
            case("rms norm", nn.RMSNorm(4, 1e-6), draw(2, 3, 4)),
            case("batch norm", nn.BatchNorm2d(3), draw(2, 3, 2, 2), images=True),
            case("batch norm of features", nn.BatchNorm1d(3), draw(4, 3)),
            case("instance norm", nn.InstanceNorm2d(3, affine=True), draw(2, 3, 2, 2), images=True),
            case("prelu", nn.PReLU(3), draw(2, 3, 4), images=True),
            case("attention", nn.MultiheadAttention(6, 2, batch_first=True), draw(2, 3, 6), itself),
            case("attention without biases", nn.MultiheadAttention(6, 3, bias=False, batch_first=True), draw(2, 3, 6), itself),
            case("attention to a memory", nn.MultiheadAttention(6, 2, batch_first=True), draw(2, 3, 6), other, memory=draw(2, 4, 6)),
            case(
                "attention to a memory of another width",
                nn.MultiheadAttention(6, 2, batch_first=True, kdim=5, vdim=5),
                draw(2, 3, 6),
                other,
                memory=draw(2, 4, 5),
            ),
            case("encoder layer, norm first", encoder_layer(activation="gelu", norm_first=True), draw(2, 3, 6)),
            case("encoder layer, norm last", encoder_layer(activation="relu"), draw(2, 3, 6)),
            case("decoder layer, norm first", decoder_layer(activation="gelu", norm_first=True), draw(2, 3, 6), decode, memory=draw(2, 4, 6)),
            case("decoder layer, norm last", decoder_layer(activation="relu"), draw(2, 3, 6), decode, memory=draw(2, 4, 6)),
            case("lstm of two layers in both directions", nn.LSTM(3, 4, num_layers=2, batch_first=True, bidirectional=True), draw(2, 5, 3), first),
            case("gru of three layers", nn.GRU(4, 4, num_layers=3, batch_first=True, dropout=0.5), draw(2, 5, 4), first),
            case("gru of two layers in both directions", nn.GRU(3, 4, num_layers=2, batch_first=True, bidirectional=True), draw(2, 5, 3), first),
            case("convolution", nn.Conv1d(3, 4, 2, stride=2, dilation=2), draw(2, 3, 7), images=True),
            case("convolution of groups", nn.Conv2d(4, 6, (2, 3), groups=2), draw(2, 4, 3, 4), images=True),
            case("depthwise convolution", nn.Conv2d(3, 6, 2, groups=3), draw(2, 3, 3, 4), images=True),
            case("transposed convolution of sequences", nn.ConvTranspose1d(3, 4, 3, stride=2), draw(2, 3, 4), images=True),
        ]
    },
)
