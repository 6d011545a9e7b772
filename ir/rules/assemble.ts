// concat and pad that add nothing.

import type { Rule } from '../rewrite.js'

export const assembleRules: readonly Rule[] = [
  {
    name: 'concat(x) -> x',
    op: 'concat',
    rewrite: (node) => (node.inputs.length === 1 ? node.inputs[0] : undefined),
  },
  {
    name: 'concat(x, empty) -> concat(x)',
    op: 'concat',
    rewrite: (node, b) => {
      const axis = node.attrs.axis as number
      const filled = node.inputs.filter((input) => input.type.shape[axis] !== 0)
      return filled.length > 0 && filled.length < node.inputs.length ? b.concat(filled, axis) : undefined
    },
  },
  {
    name: 'pad(x) -> x (by nothing)',
    op: 'pad',
    rewrite: (node) => {
      const { low, high } = node.attrs as unknown as { low: readonly number[]; high: readonly number[] }
      return low.every((n) => n === 0) && high.every((n) => n === 0) ? node.inputs[0] : undefined
    },
  },
]
