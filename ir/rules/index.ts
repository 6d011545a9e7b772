// All rewrite rules, in the order in which they are tried.

import type { Rule } from '../rewrite.js'
import { arithmeticRules } from './arithmetic.js'
import { assembleRules } from './assemble.js'
import { broadcastRules } from './broadcast.js'
import { castRules } from './cast.js'
import { compareRules } from './compare.js'
import { complexRules } from './complex.js'
import { constantRules } from './constants.js'
import { logicalRules } from './logical.js'
import { movementRules } from './movement.js'
import { powerRules } from './power.js'
import { reduceRules } from './reduce.js'
import { selectRules } from './select.js'
import { structureRules } from './structure.js'
import { unaryRules } from './unary.js'

export const rules: readonly Rule[] = [
  ...structureRules,
  ...constantRules,
  ...broadcastRules,
  ...arithmeticRules,
  ...powerRules,
  ...unaryRules,
  ...compareRules,
  ...logicalRules,
  ...selectRules,
  ...castRules,
  ...movementRules,
  ...reduceRules,
  ...assembleRules,
  ...complexRules,
]
