// softmax along one axis. log(softmax(x)) stays composed, as the library records it: where softmax is too small for float32 its logarithm is not.

import type { Node } from '../../../../ir/node.js'
import { isOp } from '../../../../ir/rules/match.js'
import { sameShape } from '../../../../ir/shape.js'
import { axesOf, isFloat32, keepsDims, type Match, type Pattern } from './pattern.js'

/** The parts of exp(x - max(x)) / sum(exp(x - max(x))). */
export interface Softmax {
  readonly x: Node
  readonly axis: number
  readonly inside: readonly Node[]
}

export function softmaxOf(root: Node): Softmax | undefined {
  if (!isOp(root, 'div') || !isFloat32(root)) return undefined
  const [weights, total] = root.inputs as readonly [Node, Node]
  if (!isOp(weights, 'exp') || !isOp(total, 'sum') || total.inputs[0] !== weights || !keepsDims(total)) return undefined
  const shifted = weights.inputs[0]!
  if (!isOp(shifted, 'sub')) return undefined
  const [x, peak] = shifted.inputs as readonly [Node, Node]
  if (!isOp(peak, 'max') || peak.inputs[0] !== x || !keepsDims(peak)) return undefined
  const axes = axesOf(total)
  if (axes.length !== 1 || !sameShape(axesOf(peak), axes)) return undefined
  return { x, axis: axes[0]!, inside: [total, weights, shifted, peak] }
}

export const softmax: Pattern = {
  name: 'softmax',
  match: (root): Match | undefined => {
    const found = softmaxOf(root)
    if (found === undefined) return undefined
    return {
      operands: [found.x],
      covered: found.inside,
      emit: (g, [x]) => g.call('softMaxWithTensor:axis:name:', [x!, found.axis], root.type),
    }
  },
}
