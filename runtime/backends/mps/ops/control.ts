// Loops. The framework has methods for them (ifWithPredicateTensor, whileWithInitialInputs, forLoopWithNumberOfIterations), whose bodies are blocks.

import type { controlOps } from '../../../../ir/ops/control.js'
import type { Table } from '../lowering.js'

export const controlLowerings: Table<typeof controlOps> = {
  loop: {
    unsupported: 'runs its turns in one native call on the CPU: their state is small, and a turn on the GPU costs more than its work',
  },
}
