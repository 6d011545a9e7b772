// Random numbers from counter-based Threefry-2x32: key, split, bits and uniform over [0, 1) are bit-identical to JAX (jax_threefry_partitionable, its default);
// other ranges, whose scaling XLA may contract to one rounding, and the other distributions use JAX's algorithms. Every function takes a key first, or none: then it draws one from the implicit key (see seed).

import { randomState } from './key.js'

export {
  type BitsOptions,
  bits,
  exponential,
  gumbel,
  type NormalOptions,
  normal,
  randint,
  truncatedNormal,
  type UniformOptions,
  uniform,
} from './distributions.js'
export type { RandomOptions } from './generate.js'
export { foldIn, key, split } from './key.js'
export {
  type BernoulliOptions,
  bernoulli,
  type CategoricalOptions,
  type ChoiceOptions,
  categorical,
  choice,
  type PermutationOptions,
  permutation,
} from './sample.js'

/** Starts the implicit key, which functions called without a key draw from, at a seed. Without it every process draws other numbers. */
export function seed(value: number | bigint): void {
  randomState.seed(value)
}
