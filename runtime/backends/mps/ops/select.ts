// (to be written)

import type { selectOps } from '../../../../ir/ops/select.js'
import type { Table } from '../lowering.js'

export const selectLowerings: Table<typeof selectOps> = {
  select: { unsupported: 'has no lowering yet' },
}
