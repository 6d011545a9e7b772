// (to be written)

import type { movementOps } from '../../../../ir/ops/movement.js'
import type { Table } from '../lowering.js'

export const movementLowerings: Table<typeof movementOps> = {
  reshape: { unsupported: 'has no lowering yet' },
  permute: { unsupported: 'has no lowering yet' },
  broadcast: { unsupported: 'has no lowering yet' },
  slice: { unsupported: 'has no lowering yet' },
}
