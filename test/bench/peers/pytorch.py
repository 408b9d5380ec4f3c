"""Steps of PyTorch, on one thread."""

import functools
import sys

try:
    import torch
    from torch import nn
except ImportError:
    sys.exit()  # whoever asked sees that nothing was said

from serve import serve

torch.set_num_threads(1)
torch.manual_seed(0)


def optimized(params, fused):
    return torch.optim.Adam(params, lr=1e-3, fused=fused)


def adam(size, fused=None):
    p = torch.randn(size, requires_grad=True)
    p.grad = torch.randn(size)
    return optimized([p], fused).step


def matmul(size, a_transposed, b_transposed):
    a, b = torch.randn(size, size), torch.randn(size, size)
    a, b = a.T if a_transposed else a, b.T if b_transposed else b
    return lambda: a @ b


def training(model, x, fused):
    optimizer = optimized(model.parameters(), fused)
    y = torch.randint(10, model(x).shape[:-1])

    def step():
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x).flatten(0, -2), y.flatten()).backward()
        optimizer.step()

    return step


def mlp(batch, *sizes, fused=None):
    layers = [layer for pair in zip(sizes, sizes[1:]) for layer in (nn.Linear(*pair), nn.ReLU())]
    return training(nn.Sequential(*layers[:-1]), torch.rand(batch, sizes[0]), fused)


def cnn(batch, side, first, second, hidden, fused=None):
    convolved = lambda inputs, outputs: (nn.Conv2d(inputs, outputs, 3), nn.ReLU(), nn.MaxPool2d(2))
    left = ((side - 2) // 2 - 2) // 2
    dense = (nn.Flatten(), nn.Linear(left * left * second, hidden), nn.ReLU(), nn.Linear(hidden, 10))
    model = nn.Sequential(*convolved(1, first), *convolved(first, second), *dense)
    return training(model, torch.rand(batch, 1, side, side), fused)


class Last(nn.Module):
    def forward(self, outputs):
        return outputs[0][:, -1]


def lstm(batch, length, inputs, units, fused=None):
    model = nn.Sequential(nn.LSTM(inputs, units, batch_first=True), Last(), nn.Linear(units, 10))
    return training(model, torch.rand(batch, length, inputs), fused)


class Causal(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.block = nn.TransformerEncoderLayer(width, heads, 4 * width, 0, "gelu", batch_first=True, norm_first=True)

    def forward(self, x):
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
        return self.block(x, src_mask=mask, is_causal=True)


def transformer(batch, length, width, heads, blocks, fused=None):
    model = nn.Sequential(*[Causal(width, heads) for _ in range(blocks)], nn.Linear(width, 10))
    return training(model, torch.rand(batch, length, width), fused)


def bowl():
    x, y = torch.tensor(5.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    optimizer = optimized([x, y], None)

    def step():
        optimizer.zero_grad()
        (0.1 * x**2 + 2 * y**2).backward()
        optimizer.step()

    return step


trained = {"adam": adam, "mlp": mlp, "cnn": cnn, "lstm": lstm, "transformer": transformer}
works = trained | {"matmul": matmul, "bowl": bowl}
works |= {f"{name}-fused": functools.partial(work, fused=True) for name, work in trained.items()}


@functools.lru_cache(2)  # rows are measured one after the other, by default and fused
def step_of(name, *sizes):
    return works[name](*sizes)


serve(f"PyTorch {torch.__version__.split('+')[0]}", step_of)
