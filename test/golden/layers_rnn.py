"""Recurrent cells of PyTorch, and what runs them along sequences: reversed, in both directions, stacked, with lengths, from a
state and to one."""

from layer_cases import case, drawing  # first: it puts this folder last

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from golden_json import write

draw = drawing(3)
UNITS, FEATURES = 2, 3
GATES = {"rnnCell": 1, "lstmCell": 4, "gruCell": 3}
RUN = {"rnnCell": torch.rnn_tanh, "relu": torch.rnn_relu, "lstmCell": torch.lstm, "gruCell": torch.gru}


def parameters(cell, features=FEATURES, units=UNITS, bias=True):
    gates = GATES[cell]
    params = {"kernel": draw(features, gates * units, scale=0.6), "recurrent": draw(units, gates * units, scale=0.6)}
    biases = {"bias": draw(gates * units, scale=0.5)} if bias else {}
    return {**params, **biases, **({"recurrentBias": draw(units, scale=0.5)} if bias and cell == "gruCell" else {})}


def weights(cell, p):
    """PyTorch's weights of one layer in one direction; the second bias is that of the GRU's candidate alone."""
    if "bias" not in p:
        return [p["kernel"].T, p["recurrent"].T]
    second = torch.zeros_like(p["bias"])
    if cell == "gruCell":
        second = torch.cat([second[: 2 * UNITS], p["recurrentBias"]])
    return [p["kernel"].T, p["recurrent"].T, p["bias"], second]


def run(cell, x, params, start=None, lengths=None, both=False, activation=None):
    """PyTorch's layers (one for each `params`; with `both`, two of each) over x, from zeros or a state."""
    flat = [w for p in params for w in weights(cell, p)]
    layers = len(params) // (2 if both else 1)
    zeros = torch.zeros(len(params), x.shape[0], UNITS)
    h = zeros if start is None else start["hidden"]
    c = zeros if start is None or "cell" not in start else start["cell"]
    if start is not None and h.dim() == 2:
        h, c = h[None], c if c is zeros else c[None]
    hx = (h, c) if cell == "lstmCell" else h
    f = RUN["relu" if activation == "relu" else cell]
    fixed = ("bias" in params[0], layers, 0.0, False, both)
    if lengths is None:
        y, *after = f(x, hx, flat, *fixed, True)
    else:
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        order = packed.sorted_indices
        sort = lambda t: t.index_select(1, order)
        data, *after = f(packed.data, packed.batch_sizes, tuple(map(sort, hx)) if cell == "lstmCell" else sort(hx), flat, *fixed)
        y, _ = pad_packed_sequence(packed._replace(data=data), batch_first=True, total_length=x.shape[1])
        after = [t.index_select(1, packed.unsorted_indices) for t in after]
    return y, dict(zip(["hidden", "cell"], after))


def one(after):
    return {name: t[-1] for name, t in after.items()}


def mask(lengths, places):
    return {"mask": torch.arange(places)[None] < torch.tensor(lengths)[:, None]}


def of(cell, **options):
    return {"layer": cell, "options": {"units": UNITS, **options}}


def sequences():
    return draw(2, 3, FEATURES)


def state(cell):
    return {"hidden": draw(2, UNITS), **({"cell": draw(2, UNITS)} if cell == "lstmCell" else {})}


def at_one_place(cell, name=None, bias=True, **options):
    def forward(x, p, s, _):
        y, after = run(cell, x[:, None], [p], s, activation=options.get("activation"))
        return y[:, 0], one(after)

    given = {"units": UNITS, **options, **({} if bias else {"bias": False})}
    return case(name or cell, cell, given, forward, draw(2, FEATURES), parameters(cell, bias=bias), draw, state=state(cell))


def along(cell, *kinds):
    """Cases of a cell along sequences, of some kinds."""

    def all_places(x, p, s, _):
        y, after = run(cell, x, [p], s)
        return y, one(after)

    backwards = lambda x, p, *_: (run(cell, x.flip(1), [p])[0].flip(1), {})
    last = lambda x, p, *_: (run(cell, x, [p])[0][:, -1], {})
    lengths = [1, 3]

    def padded(x, p, s, _):
        y, after = run(cell, x, [p], s, lengths)
        return y, one(after)

    def both(x, p, *_):
        return run(cell, x, [p["forward"], p["backward"]], both=True)[0], {}

    def both_padded(x, p, *_):
        return run(cell, x, [p["forward"], p["backward"]], None, lengths, both=True)[0], {}

    def both_padded_last(x, p, *_):
        _, after = run(cell, x, [p["forward"], p["backward"]], None, lengths, both=True)
        return torch.cat([after["hidden"][0], after["hidden"][1]], -1), {}

    def stacked(x, p, *_):
        return run(cell, x, [p["first"], p["second"]])[0], {}

    two = {"forward": parameters(cell), "backward": parameters(cell)}
    stack = {"first": parameters(cell), "second": parameters(cell, features=UNITS)}
    inner = {"layer": "sequential", "options": {"of": {"first": of(cell), "second": of(cell)}}}
    there = mask(lengths, 3)
    own = parameters(cell)
    short = f"{cell} "
    made = lambda kind, layer, options, forward, params, **given: lambda: case(
        f"{cell} {kind}", layer, {"of": of(cell), **options}, forward, sequences(), params, draw, **given
    )
    cases = {
        kind: made(kind, *rest, **given)
        for kind, rest, given in [
            ("along places, from a state", ("stateful", {}, all_places, own), {"state": state(cell)}),
            ("from the last place to the first", ("recurrent", {"reverse": True}, backwards, own), {}),
            ("at the last place", ("recurrent", {"give": "last"}, last, own), {}),
            ("with lengths, from a state", ("stateful", {}, padded, own), {"state": state(cell), "context": there}),
            ("in both directions", ("bidirectional", {}, both, two), {}),
            ("in both directions with lengths", ("bidirectional", {}, both_padded, two), {"context": there}),
            ("in both directions with lengths, at the last place", ("bidirectional", {"give": "last"}, both_padded_last, two), {"context": there}),
            ("stacked in one loop", ("recurrent", {"of": inner}, stacked, stack), {}),
        ]
    }
    return [cases[kind]() for kind in kinds]


def two_layers_in_both_directions():
    """The second layer sees both halves of the first."""
    lengths = [1, 3]
    first = {"forward": parameters("gruCell"), "backward": parameters("gruCell")}
    second = {name: parameters("gruCell", features=2 * UNITS) for name in ["forward", "backward"]}

    def forward(x, p, *_):
        params = [p[layer][way] for layer in ["first", "second"] for way in ["forward", "backward"]]
        return run("gruCell", x, params, None, lengths, both=True)[0], {}

    both = {"layer": "bidirectional", "options": {"of": of("gruCell")}}
    options = {"of": {"first": both, "second": both}}
    params = {"first": first, "second": second}
    return case("two layers in both directions with lengths", "sequential", options, forward, sequences(), params, draw, context=mask(lengths, 3))


def from_state_to_state(cell, lengths=None, reverse=False):
    """From an initial state, all outputs and the last state: `out, (h, c) = lstm(x, (h0, c0))`."""

    def forward(x, p, _, context):
        y, after = run(cell, x.flip(1) if reverse else x, [p], context["initial"], lengths)
        return {"outputs": y.flip(1) if reverse else y, "state": one(after)}, {}

    context = {"initial": state(cell), **(mask(lengths, 3) if lengths else {})}
    name = f"{cell} from a state to a state{' with lengths' if lengths else ''}{', reversed' if reverse else ''}"
    options = {"of": of(cell), "give": "withState", **({"reverse": True} if reverse else {})}
    return case(name, "recurrent", options, forward, sequences(), parameters(cell), draw, context=context)


def both_from_states_to_states(cell):
    """The same in both directions, with lengths: PyTorch has the directions on the first axis of the states."""
    lengths = [1, 3]

    def forward(x, p, _, context):
        ways = ["forward", "backward"]
        start = {name: torch.stack([context["initial"][way][name] for way in ways]) for name in context["initial"]["forward"]}
        y, after = run(cell, x, [p[way] for way in ways], start, lengths, both=True)
        return {"outputs": y, "state": {way: {name: t[i] for name, t in after.items()} for i, way in enumerate(ways)}}, {}

    context = {"initial": {"forward": state(cell), "backward": state(cell)}, **mask(lengths, 3)}
    options = {"of": of(cell), "give": "withState"}
    params = {"forward": parameters(cell), "backward": parameters(cell)}
    name = f"{cell} in both directions with lengths, from states to states"
    return case(name, "bidirectional", options, forward, sequences(), params, draw, context=context)


write(
    __file__,
    {
        "cases": [
            *[at_one_place(cell) for cell in GATES],
            at_one_place("rnnCell", "rnnCell of relu", activation="relu"),
            at_one_place("gruCell", "gruCell without biases", bias=False),
            *along("rnnCell", "along places, from a state"),
            *along(
                "lstmCell",
                "along places, from a state",
                "from the last place to the first",
                "with lengths, from a state",
                "in both directions",
                "in both directions with lengths, at the last place",
                "stacked in one loop",
            ),
            *along(
                "gruCell",
                "at the last place",
                "with lengths, from a state",
                "in both directions with lengths",
                "stacked in one loop",
            ),
            two_layers_in_both_directions(),
            from_state_to_state("lstmCell"),
            from_state_to_state("lstmCell", lengths=[1, 3]),
            from_state_to_state("gruCell", lengths=[1, 3]),
            from_state_to_state("gruCell", reverse=True),
            both_from_states_to_states("lstmCell"),
        ]
    },
)
