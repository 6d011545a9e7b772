// (to be written)

import type { randomOps } from '../../../../ir/ops/random.js'
import type { Table } from '../lowering.js'

export const randomLowerings: Table<typeof randomOps> = {
  threefry2x32: { unsupported: 'has no lowering yet' },
}
