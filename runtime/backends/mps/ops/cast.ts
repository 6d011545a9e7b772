// (to be written)

import type { castOps } from '../../../../ir/ops/cast.js'
import type { Table } from '../lowering.js'

export const castLowerings: Table<typeof castOps> = {
  cast: { unsupported: 'has no lowering yet' },
  bitcast: { unsupported: 'has no lowering yet' },
}
