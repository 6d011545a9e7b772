// (to be written)

import type { scanOps } from '../../../../ir/ops/scan.js'
import type { Table } from '../lowering.js'

export const scanLowerings: Table<typeof scanOps> = {
  cumsum: { unsupported: 'has no lowering yet' },
  cumprod: { unsupported: 'has no lowering yet' },
  cummax: { unsupported: 'has no lowering yet' },
  cummin: { unsupported: 'has no lowering yet' },
}
