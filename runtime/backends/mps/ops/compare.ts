// Comparisons.

import { isBool } from '../../../../ir/dtype.js'
import type { compareOps } from '../../../../ir/ops/compare.js'
import type { Lowering, Table } from '../lowering.js'
import { methodOfTwo, type Two, two } from '../rows.js'

/** Arithmetic kernels are not known to take bool, while logical ones do: each comparison of two bools is a logical function. */
const compared = (name: string, ofBools: Two): Lowering => {
  const native = methodOfTwo(name, 'bool')
  return two((g, a, b) => (isBool(a.type.dtype) ? ofBools : native)(g, a, b))
}

export const compareLowerings: Table<typeof compareOps> = {
  equal: compared('equal', methodOfTwo('logicalXNOR')),
  notEqual: compared('notEqual', methodOfTwo('logicalXOR')),
  less: compared('lessThan', (g, a, b) => g.binary('logicalNOR', a, g.unary('not', b))),
  lessEqual: compared('lessThanOrEqualTo', (g, a, b) => g.binary('logicalOR', g.unary('not', a), b)),
  greater: compared('greaterThan', (g, a, b) => g.binary('logicalNOR', g.unary('not', a), b)),
  greaterEqual: compared('greaterThanOrEqualTo', (g, a, b) => g.binary('logicalOR', a, g.unary('not', b))),
}
