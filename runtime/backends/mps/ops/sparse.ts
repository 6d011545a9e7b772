// Products with sparse matrices. Of the framework's sparse tensors it is not documented what places that repeat or are out of range do: gathers and additions by
// index say it.

import type { sparseOps } from '../../../../ir/ops/sparse.js'
import { decomposed, type Table } from '../lowering.js'

export const sparseLowerings: Table<typeof sparseOps> = { sparseMatmul: decomposed }
