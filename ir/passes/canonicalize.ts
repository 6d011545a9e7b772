// Canonical form: the rewrite rules, everywhere, until none fits.

import type { Pass } from '../pass.js'
import { rewriteGraph, ruleTable } from '../rewrite.js'
import { rules } from '../rules/index.js'

const table = ruleTable(rules)

export const canonicalize: Pass = {
  name: 'canonicalize',
  doc: 'Applies the rewrite rules of ir/rules until none fits: identities, chains of movement ops and casts, constants second.',
  run: (graph, context) => rewriteGraph(graph, table, context),
}
