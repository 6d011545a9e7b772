// (to be written)

import type { argOps } from '../../../../ir/ops/arg.js'
import type { Table } from '../lowering.js'

export const argLowerings: Table<typeof argOps> = {
  argmax: { unsupported: 'has no lowering yet' },
  argmin: { unsupported: 'has no lowering yet' },
}
