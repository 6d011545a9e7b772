// Choosing between two values.

import type { selectOps } from '../../../../ir/ops/select.js'
import type { Table } from '../lowering.js'

export const selectLowerings: Table<typeof selectOps> = {
  select: { emit: (g, [condition, a, b]) => g.select(condition!, a!, b!) },
}
