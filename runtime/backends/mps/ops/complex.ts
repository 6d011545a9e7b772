// Complex values and their parts.

import type { complexOps } from '../../../../ir/ops/complex.js'
import type { Table } from '../lowering.js'
import { one } from '../rows.js'

export const complexLowerings: Table<typeof complexOps> = {
  // Whether the method broadcasts its operands is not documented.
  complex: { emit: (g, parts, { type }) => g.complex(g.broadcast(parts[0]!, type.shape), g.broadcast(parts[1]!, type.shape)) },
  real: one((g, z) => g.part(z, 'real')),
  imag: one((g, z) => g.part(z, 'imaginary')),
}
