// Which nodes the GPU computes, and for the others why not.

import { dtypeInfo } from '../../../ir/dtype.js'
import type { Graph } from '../../../ir/graph.js'
import type { Node } from '../../../ir/node.js'
import type { OpName } from '../../../ir/ops/index.js'
import type { TensorType } from '../../../ir/type.js'
import { gpuDTypes, maxElements } from './dtypes.js'
import { isDecomposed, isUnsupported } from './lowering.js'
import { lowerings } from './ops/index.js'
import type { Target } from './target.js'

/** Why the GPU does not compute the node, as a sentence without a full stop; undefined when it does. Leaves and results have no say of their own. */
export function refusal(node: Node, target?: Target): string | undefined {
  const { op, attrs } = node
  if (op.name === 'input' || op.name === 'result') return undefined
  const row = lowerings[op.name as OpName]
  if (isUnsupported(row)) return `${op.name} ${row.unsupported}`
  const inputs = node.inputs.map((input) => input.type)
  const results = node.results ?? [node.type]
  const types = [...inputs, ...results]
  const wide = types.find(({ dtype }) => !gpuDTypes.includes(dtype))
  if (wide !== undefined) return `${op.name} has a ${wide.dtype} operand or result, which the GPU does not compute with`
  const large = types.find(({ size }) => size > maxElements)
  if (large !== undefined) return `${op.name} has an operand or result of type ${large}: the GPU takes at most 2^31 - 1 elements`
  const empty = types.find(({ size }) => size === 0)
  if (empty !== undefined) return `${op.name} has an empty operand or result of type ${empty}`
  if (isDecomposed(row)) return `${op.name} is written with other ops before it is lowered`
  if (op.traits.loop) {
    for (const inner of (attrs['body'] as Graph).nodes) {
      const within = refusal(inner, target)
      if (within !== undefined) return `a loop runs where all of its body does: ${within}`
    }
  }
  const own = row.refuse?.(inputs, attrs, results, target)
  return own === undefined ? undefined : `${op.name} ${own}`
}

/** Whether tensors of the type can be fed to, and fetched from, the GPU. */
export const isFeedable = ({ dtype, size }: TensorType): boolean =>
  gpuDTypes.includes(dtype) && size > 0 && size <= maxElements && dtypeInfo[dtype] !== undefined
