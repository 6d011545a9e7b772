// Moves of elements. The emitter checks them and works around what MPSGraph makes of a slice that is reshaped.

import type { movementOps } from '../../../../ir/ops/movement.js'
import type { Table } from '../lowering.js'

export const movementLowerings: Table<typeof movementOps> = {
  reshape: { emit: (g, [x], { type }) => g.reshape(x!, type.shape) },
  permute: { emit: (g, [x], { attrs, inputs }) => (inputs[0]!.rank === 0 ? x! : g.permute(x!, attrs.permutation)) },
  broadcast: { emit: (g, [x], { type }) => g.broadcast(x!, type.shape) },
  slice: { emit: (g, [x], { attrs, inputs }) => (inputs[0]!.rank === 0 ? x! : g.slice(x!, attrs.starts, attrs.sizes, attrs.steps)) },
}
