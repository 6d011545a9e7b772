// Loops. The framework has methods for them (ifWithPredicateTensor, whileWithInitialInputs, forLoopWithNumberOfIterations), whose bodies are blocks; the library
// in shim/mps can perform those, but bodies are not lowered to them.

import type { controlOps } from '../../../../ir/ops/control.js'
import type { Table } from '../lowering.js'

export const controlLowerings: Table<typeof controlOps> = {
  loop: {
    unsupported: 'runs on the CPU: bodies of loops are not lowered to blocks yet',
  },
}
