// Parts of docs/mpsgraph.md: an example's calls, what runs where, known defects, patterns.

import { emit, inputNode, resultNode } from '../../ir/build.js'
import { type DType, dtypeInfo } from '../../ir/dtype.js'
import { Graph } from '../../ir/graph.js'
import type { Node } from '../../ir/node.js'
import type { Op } from '../../ir/op.js'
import { ops } from '../../ir/ops/index.js'
import { parseType } from '../../ir/type.js'
import { layerNorm, type Tensor, tensor } from '../../lib/index.js'
import { defects } from '../../runtime/backends/mps/defects.js'
import { legalization, legalize } from '../../runtime/backends/mps/legalize/index.js'
import { patterns } from '../../runtime/backends/mps/patterns/index.js'
import { refusal } from '../../runtime/backends/mps/support.js'
import { dumpLowering, printLowering } from '../../runtime/index.js'
import { fenced, table } from './parts.js'

const code = `const x = tensor([[1, 2, 3, 4], [5, 6, 7, 8]])
const y = layerNorm(x).mul(2).add(x)`

/** A small program, its IR and its calls. */
export function mpsExample(): string {
  const x: Tensor = tensor([
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ])
  const { graph } = layerNorm(x).mul(2).add(x).graph()
  return [fenced(code, 'js'), fenced(String(layerNorm(x).mul(2).add(x).graph())), fenced(printLowering(dumpLowering(graph)))].join('\n\n')
}

/** Passes that only this target has. */
export const mpsPasses = (): string =>
  table(
    ['pass', 'what it does'],
    legalization.map((pass) => [pass.name, pass.doc]),
  )

/** Names of what is recognised, in order of preference. */
export const mpsPatterns = (): string => patterns.map(({ name }) => `\`${name}\``).join(', ')

/** What is wrong where, and what is done. */
export function mpsDefects(): string {
  const systems = ({ macOS: { from, before }, families }: (typeof defects)[number]): string => {
    const versions =
      from === undefined && before === undefined
        ? 'all'
        : `${from === undefined ? '' : `from ${from}`}${before === undefined ? '' : ` before ${before}`}`.trim()
    return families === undefined ? versions : `${versions}; ${families.join(', ')}`
  }
  return table(
    ['defect', 'macOS; GPU', 'what is done', 'reported by'],
    defects.map((defect) => [
      `\`${defect.id}\`: ${defect.summary}`,
      systems(defect),
      `${defect.response}: ${defect.note}`,
      defect.citation,
    ]),
  )
}

/** Ops and dtypes that the GPU does not compute, with the reasons: of the samples, which hold no large tensors. */
export function mpsRefusals(): string {
  const rows: string[][] = []
  for (const op of Object.values<Op>(ops)) {
    const reasons = new Map<string, Set<string>>()
    for (const dtype of op.dtypes)
      for (const reason of refusalsOf(op, dtype)) reasons.set(reason, (reasons.get(reason) ?? new Set()).add(dtypeInfo[dtype].short))
    for (const [reason, dtypes] of reasons) rows.push([`\`${op.name}\``, [...dtypes].join(' '), reason])
  }
  return rows.length === 0 ? 'None.' : table(['op', 'dtypes', 'why not'], rows)
}

const resultsOf = (node: Node): Node[] => (node.results === undefined ? [node] : node.results.map((_, i) => resultNode(node, i)))

function refusalsOf(op: Op, dtype: DType): Set<string> {
  const reasons = new Set<string>()
  for (const sample of op.samples) {
    const types = sample.inputs.map((text) => parseType(text.replace('$', dtypeInfo[dtype].short))!)
    const inputs = types.map(inputNode)
    const node = emit(op, inputs, sample.attrs)
    if ([...types, ...(node.results ?? [node.type])].some((type) => type.size === 0 || type.dtype === 'float64')) continue
    // Loops are refused or not in the form that legalization gives them.
    const loop = op.traits.loop === true
    const asked = loop ? legalize(new Graph(inputs, resultsOf(node))).nodes.filter((made) => made.op === op) : [node]
    for (const reason of asked.map((one) => refusal(one))) if (reason !== undefined) reasons.add(reason.replace(`${op.name} `, ''))
  }
  return reasons
}
