// Complex values and their parts.

import type { complexOps } from '../../../../ir/ops/complex.js'
import type { Table, Unsupported } from '../lowering.js'

const complex: Unsupported = { unsupported: 'has complex values, which are not lowered yet' }

export const complexLowerings: Table<typeof complexOps> = { complex, real: complex, imag: complex }
