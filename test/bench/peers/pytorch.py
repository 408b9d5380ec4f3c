"""Answers lines "name count sizes…" with the milliseconds of a step, as JSON, on one thread."""

import functools
import json
import sys
import time

try:
    import torch
    from torch import nn
except ImportError:
    sys.exit()  # whoever asked sees that nothing was said

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
    optimizer, y = optimized(model.parameters(), fused), torch.randint(10, (len(x),))

    def step():
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
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


def bowl():
    x, y = torch.tensor(5.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    optimizer = optimized([x, y], None)

    def step():
        optimizer.zero_grad()
        (0.1 * x**2 + 2 * y**2).backward()
        optimizer.step()

    return step


works = {"adam": adam, "matmul": matmul, "mlp": mlp, "cnn": cnn, "bowl": bowl}
works |= {f"{name}-fused": functools.partial(works[name], fused=True) for name in ("adam", "mlp", "cnn")}


@functools.lru_cache(2)  # rows are measured one after the other, by default and fused
def step_of(name, *sizes):
    return works[name](*sizes)


print("PyTorch", torch.__version__.split("+")[0], flush=True)
for line in sys.stdin:
    name, count, *sizes = line.split()
    step = step_of(name, *map(int, sizes))
    start = time.perf_counter()
    for _ in range(int(count)):
        step()
    print(json.dumps((time.perf_counter() - start) * 1e3 / int(count)), flush=True)
