// Questions about one value.

import { dtypeInfo, isBool } from '../../../../ir/dtype.js'
import type { predicateOps } from '../../../../ir/ops/predicate.js'
import type { Table } from '../lowering.js'
import { method, type One, one, oneByKind } from '../rows.js'

// There are no isNaN kernels for integers (the missing one raises an exception).
const always: One = (g, x) => g.equal(x, x)
const never: One = (g, x) => g.compare('notEqual', x, x)

const isNegative: One = (g, x) => g.less(x, g.scalar(0, x.type.dtype))

export const predicateLowerings: Table<typeof predicateOps> = {
  isNan: oneByKind(method('isNaN', 'bool'), never),
  isInf: oneByKind(method('isInfinite', 'bool'), never),
  isFinite: oneByKind(method('isFinite', 'bool'), always),
  // Of the bits: -0 and numbers that are flushed to zero have a sign too.
  signbit: oneByKind((g, x) => isNegative(g, g.reinterpret(x, dtypeInfo[x.type.dtype].bytes === 4 ? 'int32' : 'int16')), isNegative),
  logicalNot: one((g, x) => (isBool(x.type.dtype) ? g.unary('not', x) : g.equal(x, g.scalar(0, x.type.dtype)))),
}
