// Parts of complex values that were just put together, and values put together of all their parts.

import type { Rule } from '../rewrite.js'
import { isOp } from './match.js'

export const complexRules: readonly Rule[] = [
  ...(['real', 'imag'] as const).map(
    (name, index): Rule => ({
      name: `${name}(complex(re, im)) -> ${index === 0 ? 're' : 'im'}`,
      op: name,
      rewrite: ({ inputs: [z], type }, b) => (isOp(z!, 'complex') ? b.broadcast(z!.inputs[index]!, type.shape) : undefined),
    }),
  ),
  {
    name: 'complex(real(z), imag(z)) -> z',
    op: 'complex',
    rewrite: ({ inputs: [re, im] }) =>
      isOp(re!, 'real') && isOp(im!, 'imag') && re!.inputs[0] === im!.inputs[0] ? re!.inputs[0] : undefined,
  },
]
