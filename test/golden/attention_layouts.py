"""Parameters of attention in thalweg's layouts, and as torch.nn.MultiheadAttention has them."""

import torch


def parameters(draw):
    """How a projection and the four of attention are drawn."""

    def projection(inputs, outputs, bias=True):
        return {"kernel": draw(inputs, outputs, scale=0.5), **({"bias": draw(outputs)} if bias else {})}


    def attention_params(width, memory=None, inner=None, shared=None, bias=True):
        memory, inner = memory or width, inner or width
        shared = shared or inner
        return {
            "query": projection(width, inner, bias),
            "key": projection(memory, shared, bias),
            "value": projection(memory, shared, bias),
            "output": projection(inner, width, bias),
        }

    return projection, attention_params


def attention_weights(p):
    """What torch.nn.MultiheadAttention calls these."""
    names = ["query", "key", "value"]
    return {
        **{f"{n[0]}_proj_weight": p[n]["kernel"].T for n in names},
        "in_proj_bias": torch.cat([p[n]["bias"] for n in names]),
        "out_proj.weight": p["output"]["kernel"].T,
        "out_proj.bias": p["output"]["bias"],
    }


def packed(weights):
    """As it has them where keys are as wide as queries."""
    names = ["q_proj_weight", "k_proj_weight", "v_proj_weight"]
    return {"in_proj_weight": torch.cat([weights[n] for n in names]), **{n: w for n, w in weights.items() if n not in names}}
