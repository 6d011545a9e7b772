// All passes by name, for the command line.

import type { Pass } from '../pass.js'
import { canonicalize } from './canonicalize.js'
import { cse } from './cse.js'
import { dce } from './dce.js'
import { fold } from './fold.js'
import { fuse } from './fuse.js'
import { movement } from './movement.js'

export const passes: ReadonlyMap<string, Pass> = new Map([canonicalize, fold, cse, movement, dce, fuse].map((pass) => [pass.name, pass]))
