// (to be written)

import type { linalgOps } from '../../../../ir/ops/linalg.js'
import type { Table } from '../lowering.js'

export const linalgLowerings: Table<typeof linalgOps> = {
  matmul: { unsupported: 'has no lowering yet' },
}
