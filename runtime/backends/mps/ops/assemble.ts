// (to be written)

import type { assembleOps } from '../../../../ir/ops/assemble.js'
import type { Table } from '../lowering.js'

export const assembleLowerings: Table<typeof assembleOps> = {
  concat: { unsupported: 'has no lowering yet' },
  pad: { unsupported: 'has no lowering yet' },
}
