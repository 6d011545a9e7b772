// What is rewritten before a graph is lowered to MPSGraph: what it does not take, or takes badly, as ops that it does.

import type { Pass } from '../../../../ir/pass.js'
import { casts } from './casts.js'
import { empty } from './empty.js'
import { emulateFloat64 } from './float64.js'
import { literals } from './literals.js'

export { refuseFloat64 } from './float64.js'

/**
 * Runs after the shared pipeline, in this order. Values stay what they are, but for sums of float64, which lose their last bits (float64.ts). Call
 * `refuseFloat64` first: what it lets through, these passes and the CPU can compute.
 */
export const legalization: readonly Pass[] = [
  // First, so that nothing below meets a tensor without elements.
  empty,
  emulateFloat64,
  literals,
  // Brings the casts around what the others made together.
  casts,
]
