export { bits, foldIn, key, split } from "./key.js"
export { bernoulli, randint, uniform, type FloatOptions, type RandintOptions, type UniformOptions } from "./uniform.js"
export { normal, truncatedNormal } from "./normal.js"
export { categorical, gumbel, permutation, type CategoricalOptions } from "./categorical.js"
