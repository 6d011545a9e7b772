// Ops that only carry meaning for gradients.

import type { Rule } from '../rewrite.js'
import { namesWhere } from './match.js'

export const structureRules: readonly Rule[] = namesWhere((op) => op.traits.transparent === true).map((op) => ({
  name: `${op}(x) -> x`,
  op,
  rewrite: (node) => node.inputs[0]!,
}))
