// (to be written)

import type { bitwiseOps } from '../../../../ir/ops/bitwise.js'
import type { Table } from '../lowering.js'

export const bitwiseLowerings: Table<typeof bitwiseOps> = {
  bitwiseAnd: { unsupported: 'has no lowering yet' },
  bitwiseOr: { unsupported: 'has no lowering yet' },
  bitwiseXor: { unsupported: 'has no lowering yet' },
  shiftLeft: { unsupported: 'has no lowering yet' },
  shiftRight: { unsupported: 'has no lowering yet' },
  bitwiseNot: { unsupported: 'has no lowering yet' },
  popcount: { unsupported: 'has no lowering yet' },
}
