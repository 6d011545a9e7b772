// Rewrites that make a graph legal for MPSGraph, after the passes that every backend starts from.

import type { Pass } from '../../../../ir/pass.js'

export const legalization: readonly Pass[] = []
