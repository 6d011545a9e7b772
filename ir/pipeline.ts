// The passes that every backend starts from, in order. A backend appends its own (fusion, memory planning).

import type { Pass } from './pass.js'
import { canonicalize } from './passes/canonicalize.js'
import { cse } from './passes/cse.js'
import { dce } from './passes/dce.js'
import { fold } from './passes/fold.js'
import { movement } from './passes/movement.js'

export const pipeline: readonly Pass[] = [
  // Identities and chains go first: every later pass sees fewer nodes.
  canonicalize,
  // Arithmetic on constants, also what the rules above have brought together.
  fold,
  // Merging gives nodes more users, which the next pass must know: it moves only past nodes with one.
  cse,
  // Brings elementwise ops next to each other and moves next to moves ...
  movement,
  // ... where chains of moves and casts fold, and folded constants meet their identities.
  canonicalize,
  // Moved operands may have become equal.
  cse,
  // What all this left without a reader inside regions.
  dce,
]
