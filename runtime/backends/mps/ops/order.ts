// (to be written)

import type { orderOps } from '../../../../ir/ops/order.js'
import type { Table } from '../lowering.js'

export const orderLowerings: Table<typeof orderOps> = {
  argsort: { unsupported: 'has no lowering yet' },
}
