// (to be written)

import type { logicalOps } from '../../../../ir/ops/logical.js'
import type { Table } from '../lowering.js'

export const logicalLowerings: Table<typeof logicalOps> = {
  logicalAnd: { unsupported: 'has no lowering yet' },
  logicalOr: { unsupported: 'has no lowering yet' },
  logicalXor: { unsupported: 'has no lowering yet' },
}
