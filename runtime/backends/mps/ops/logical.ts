// Logic on bools. MPSGraph's methods give their operands' dtype, which is bool here.

import type { logicalOps } from '../../../../ir/ops/logical.js'
import type { Table } from '../lowering.js'
import { methodOfTwo, two } from '../rows.js'

export const logicalLowerings: Table<typeof logicalOps> = {
  logicalAnd: two(methodOfTwo('logicalAND')),
  logicalOr: two(methodOfTwo('logicalOR')),
  logicalXor: two(methodOfTwo('logicalXOR')),
}
