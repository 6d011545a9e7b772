// (to be written)

import type { compareOps } from '../../../../ir/ops/compare.js'
import type { Table } from '../lowering.js'

export const compareLowerings: Table<typeof compareOps> = {
  equal: { unsupported: 'has no lowering yet' },
  notEqual: { unsupported: 'has no lowering yet' },
  less: { unsupported: 'has no lowering yet' },
  lessEqual: { unsupported: 'has no lowering yet' },
  greater: { unsupported: 'has no lowering yet' },
  greaterEqual: { unsupported: 'has no lowering yet' },
}
