import { words, type Variant } from "./variant.js"

/** What no row of a catalogue stands for. */
export const others: readonly Variant[] = [
  words(
    { torch: "LBFGS" },
    "`lbfgs()`, one iteration a step; `minimize` for all iterations, or one step after another on the same batch"
  ),
  words({ torch: "SparseAdam" }, "not offered: there are no sparse gradients"),
  words({ keras: "`MultiOptimizer`, `OptimizerMap`" }, "`partition`"),
  words(
    { torchBeside: "groups of parameters (`add_param_group`)" },
    "`partition`, or `masked`, `freeze` and the `mask` of a decay"
  ),
  words(
    { torchBeside: "`state_dict()`, `load_state_dict()`" },
    "the state is a tree of tensors: `encodeTree`, `decodeTree`"
  ),
  words({ torchBeside: "zero_grad()" }, "nothing: gradients are values"),
  words(
    { optaxBeside: "`init(params)`, `update(…)`, `apply_updates`" },
    "`init(params)`, `update(grads, state, params)`, `step(params, state, grads)`"
  ),
  words({ optaxBeside: "inject_hyperparams" }, "nothing: a hyperparameter may be a tensor or a schedule"),
  words(
    { optaxBeside: "`scale_by_adam`, `trace`, `scale`, `identity`, …" },
    "`scaleByAdam`, `applyMomentum`, `scale`, `identity`, … of `thalweg/transform`"
  ),
  words(
    { optaxBeside: "`skip_large_updates`, `zero_nans`, `stateless(f)`" },
    "a `Transform` of your own, lifted by `onGradient`"
  )
]
