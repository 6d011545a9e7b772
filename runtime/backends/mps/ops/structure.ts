// Ops that are their operand. The value passes through: where a target needs an op of its own, the lowering makes one.

import type { structureOps } from '../../../../ir/ops/structure.js'
import type { Lowering, Table } from '../lowering.js'

const operand: Lowering = { emit: (_, operands) => operands[0]! }

export const structureLowerings: Table<typeof structureOps> = {
  identity: operand,
  stopGradient: operand,
  customGradient: operand,
  result: { unsupported: 'is resolved by the lowering' },
  fused: { unsupported: 'groups ops for the CPU: MPSGraph fuses by itself' },
}
