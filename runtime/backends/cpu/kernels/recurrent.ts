// Recurrent layers: one step for a whole sequence.

import type { recurrentOps } from '../../../../ir/ops/recurrent.js'
import { codeOf, type KernelLowering } from './kernel.js'

/** About how long the steps of a sequence take: products at 60 multiply-adds in a nanosecond, and what is done with their sums. */
const cost = (steps: number, batch: number, hidden: number): number => 1 + steps * batch * hidden * ((4 * hidden) / 60 + 1)

const lstm: KernelLowering = ({ node, operand, target, wanted, kernel }) => {
  const [steps, batch, hidden] = node.type.shape as [number, number, number]
  kernel('lstm', cost(steps, batch, hidden), (words) => {
    words.push(codeOf(node.type.dtype), Number(node.attrs['reverse']))
    words.long(steps, batch, hidden)
    words.push(operand(0), operand(1), operand(2), operand(3), target(0), target(1), wanted(2) ? target(2) : -1)
  })
}

const lstmGradient: KernelLowering = ({ node, operand, target, kernel }) => {
  const [steps, batch, hidden] = node.inputs[3]!.type.shape as [number, number, number]
  kernel('lstm_gradient', cost(steps, batch, hidden), (words) => {
    words.push(codeOf(node.type.dtype), Number(node.attrs['reverse']))
    words.long(steps, batch, hidden)
    words.push(operand(0), operand(1), operand(2), operand(3), operand(4), node.inputs.length > 5 ? operand(5) : -1)
    words.push(target(0), target(1), target(2))
  })
}

export const recurrentKernels: { readonly [Name in keyof typeof recurrentOps]: KernelLowering } = { lstm, lstmGradient }
