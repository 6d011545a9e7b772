// (to be written)

import type { reduceOps } from '../../../../ir/ops/reduce.js'
import type { Table } from '../lowering.js'

export const reduceLowerings: Table<typeof reduceOps> = {
  sum: { unsupported: 'has no lowering yet' },
  prod: { unsupported: 'has no lowering yet' },
  max: { unsupported: 'has no lowering yet' },
  min: { unsupported: 'has no lowering yet' },
  nanmax: { unsupported: 'has no lowering yet' },
  nanmin: { unsupported: 'has no lowering yet' },
  any: { unsupported: 'has no lowering yet' },
  all: { unsupported: 'has no lowering yet' },
  xor: { unsupported: 'has no lowering yet' },
}
