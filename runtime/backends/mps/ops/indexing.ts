// (to be written)

import type { indexingOps } from '../../../../ir/ops/indexing.js'
import type { Table } from '../lowering.js'

export const indexingLowerings: Table<typeof indexingOps> = {
  take: { unsupported: 'has no lowering yet' },
  takeAlongAxis: { unsupported: 'has no lowering yet' },
  indexAdd: { unsupported: 'has no lowering yet' },
  scatterAddAlongAxis: { unsupported: 'has no lowering yet' },
}
