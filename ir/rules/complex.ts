// Parts of complex values that were just put together.

import type { Rule } from '../rewrite.js'
import { isOp } from './match.js'

export const complexRules: readonly Rule[] = (['real', 'imag'] as const).map((name, index) => ({
  name: `${name}(complex(re, im)) -> ${index === 0 ? 're' : 'im'}`,
  op: name,
  rewrite: ({ inputs: [z], type }, b) => (isOp(z!, 'complex') ? b.broadcast(z!.inputs[index]!, type.shape) : undefined),
}))
