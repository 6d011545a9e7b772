// The tanh form of gelu. 1/2 (1 + tanh(u)) is sigmoid(2 u), so that six calls do for nine. (The form with erf has no shorter one.)

import type { Node } from '../../../../ir/node.js'
import { isOp } from '../../../../ir/rules/match.js'
import { isFloat32, isNumber, type Match, operandsWhere, type Pattern, timesConstant } from './pattern.js'

const scale = Math.sqrt(2 / Math.PI)
const cubic = 0.044715

/** x of (x + x x (0.044715 x)) sqrt(2 / pi), with the nodes inside. */
function argumentOf(node: Node): { x: Node; inside: readonly Node[] } | undefined {
  const sum = timesConstant(node, scale)
  if (sum === undefined || !isOp(sum, 'add')) return undefined
  for (const [x, cube] of [sum.inputs, [...sum.inputs].reverse()] as [Node, Node][]) {
    if (!isOp(cube, 'mul')) continue
    const isSquare = (operand: Node) =>
      isOp(operand, 'square') ? operand.inputs[0] === x : isOp(operand, 'mul') && operand.inputs.every((input) => input === x)
    const parts = operandsWhere(cube, isSquare)
    if (parts !== undefined && timesConstant(parts[1], cubic) === x) return { x, inside: [sum, cube, ...parts] }
  }
  return undefined
}

export const geluTanh: Pattern = {
  name: 'geluTanh',
  match: (root): Match | undefined => {
    if (!isOp(root, 'mul') || !isFloat32(root)) return undefined
    const isPhi = (node: Node) => isOp(node, 'add') && operandsWhere(node, (operand) => isOp(operand, 'tanh')) !== undefined
    const found = operandsWhere(root, isPhi)
    if (found === undefined) return undefined
    const [phi, half] = found
    const [tanh, one] = operandsWhere(phi, (operand) => isOp(operand, 'tanh'))!
    const argument = argumentOf(tanh.inputs[0]!)
    if (argument === undefined || !isNumber(one, 1) || timesConstant(half, 0.5) !== argument.x) return undefined
    return {
      operands: [argument.x],
      covered: [phi, half, tanh, tanh.inputs[0]!, ...argument.inside],
      emit: (g, [x]) => {
        const square = g.unary('square', x!)
        const factor = g.add(g.mul(square, g.scalar(2 * scale * cubic, 'float32')), g.scalar(2 * scale, 'float32'))
        return g.mul(x!, g.unary('sigmoid', g.mul(x!, factor)))
      },
    }
  },
}
