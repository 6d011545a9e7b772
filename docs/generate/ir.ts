// Parts of docs/ir.md and the pass table: invariants, passes, rules, an example of the JSON form.

import { graphToJson } from '../../ir/json.js'
import { parseGraph } from '../../ir/parse.js'
import { fuse } from '../../ir/passes/fuse.js'
import { pipeline } from '../../ir/pipeline.js'
import { rules } from '../../ir/rules/index.js'
import { invariants } from '../../ir/verify.js'
import { fenced, table } from './parts.js'

/** The verifier's invariants by number. */
export const invariantList = (): string =>
  Object.entries(invariants)
    .map(([number, text]) => `- **${number}**: ${text}.`)
    .join('\n')

/** The passes of the CPU backend in order. */
export function passTable(): string {
  const order = [...pipeline, fuse]
  return table(
    ['#', 'pass', 'what it does', 'file'],
    order.map((pass, i) => [String(i + 1), pass.name, pass.doc, `\`ir/passes/${pass.name}.ts\``]),
  )
}

const mostOps = 6

/** Every rewrite rule once, with the ops it is tried on; `op` in a rule stands for any of them. */
export function ruleList(): string {
  const opsOf = new Map<string, string[]>()
  for (const rule of rules) {
    const text = rule.name.replaceAll(new RegExp(`\\b${rule.op}\\(`, 'g'), 'op(')
    opsOf.set(text, [...(opsOf.get(text) ?? []), rule.op])
  }
  const rows = [...opsOf].map(([text, on]) => {
    if (on.length === 1) return [`\`${text.replaceAll('op(', `${on[0]}(`)}\``, '']
    const names = on.slice(0, mostOps).map((op) => `\`${op}\``)
    return [`\`${text}\``, on.length > mostOps ? `${names.join(' ')} and ${on.length - mostOps} more` : names.join(' ')]
  })
  return `${rows.length} rules, in the order in which they are tried; \`op\` stands for any of those in the second column.\n\n${table(['rule', 'for'], rows)}`
}

const sample = `graph (%0: f32[2]) {
  %1: f32[2] = exp %0
  %2: f32[] = sum %1 {axes=[0], keepDims=false}
  return %2
}`

/** A small graph in both forms. */
export function jsonExample(): string {
  const json = JSON.stringify(graphToJson(parseGraph(sample)), null, 1)
  return `${fenced(sample)}\n\n${fenced(json, 'json')}`
}
