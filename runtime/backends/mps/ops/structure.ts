// (to be written)

import type { structureOps } from '../../../../ir/ops/structure.js'
import type { Table } from '../lowering.js'

export const structureLowerings: Table<typeof structureOps> = {
  identity: { unsupported: 'has no lowering yet' },
  stopGradient: { unsupported: 'has no lowering yet' },
  customGradient: { unsupported: 'has no lowering yet' },
  result: { unsupported: 'has no lowering yet' },
  fused: { unsupported: 'has no lowering yet' },
}
