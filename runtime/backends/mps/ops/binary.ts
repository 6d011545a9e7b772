// (to be written)

import type { binaryOps } from '../../../../ir/ops/binary.js'
import type { Table } from '../lowering.js'

export const binaryLowerings: Table<typeof binaryOps> = {
  add: { unsupported: 'has no lowering yet' },
  sub: { unsupported: 'has no lowering yet' },
  mul: { unsupported: 'has no lowering yet' },
  div: { unsupported: 'has no lowering yet' },
  floorDiv: { unsupported: 'has no lowering yet' },
  mod: { unsupported: 'has no lowering yet' },
  rem: { unsupported: 'has no lowering yet' },
  pow: { unsupported: 'has no lowering yet' },
  minimum: { unsupported: 'has no lowering yet' },
  maximum: { unsupported: 'has no lowering yet' },
  fmin: { unsupported: 'has no lowering yet' },
  fmax: { unsupported: 'has no lowering yet' },
  atan2: { unsupported: 'has no lowering yet' },
  divNoNan: { unsupported: 'has no lowering yet' },
}
