// The worked example of docs/architecture.md: one program through every stage.

import { explainGraph, printGroups } from '../../ir/explain.js'
import type { Graph } from '../../ir/graph.js'
import { type PassEvent, runPasses } from '../../ir/pass.js'
import { fuseGraph } from '../../ir/passes/fuse.js'
import { pipeline } from '../../ir/pipeline.js'
import { printGraph } from '../../ir/print.js'
import type { Tensor } from '../../lib/index.js'
import * as api from '../../lib/index.js'
import { lowerGraph } from '../../runtime/backends/cpu/lower.js'
import { fenced } from './parts.js'
import { describeProgram } from './steps.js'

const last = 'softmax(gate.mul(again).mul(scale))'
const code = `const x = tensor([[1, 2, 3], [4, 5, 6]])
const w = tensor([[1, 0, -1], [0, 1, 0], [1, 1, 1], [2, 0, 1]])
const bias = tensor([0.5, 0, 0.25, -1])
const scale = full([4], 0.5).mul(full([4], 0.5))        // known while compiling
const h = x.matmul(w.transpose()).add(bias)
const gate = h.transpose().sigmoid().transpose()        // moves that meet and cancel
const again = x.matmul(w.transpose()).add(bias)         // recorded twice, computed once
return ${last}`

/** What happens to the code, step by step. Runs it, too: an example that does not work is none. */
export async function workedExample(): Promise<string> {
  const y = new Function(...Object.keys(api), code)(...Object.values(api)) as Tensor
  const recorded = y.graph().graph
  const scalar = recorded.inputs.map((node) => node.type.rank === 0)
  const events: PassEvent[] = []
  const optimized = runPasses(recorded, pipeline, (event) => events.push(event))
  const fused = fuseGraph(optimized)
  const program = lowerGraph(fused.graph, scalar)
  const values = (await y.js()) as number[][]
  return [
    'A user writes:',
    fenced(code.replace(`return ${last}`, `const y = ${last}\nawait y.js()`), 'js'),
    `**Recorded**: ${recorded.nodes.length} nodes. Tensors that have values are inputs by position, and so are the numbers that arithmetic was done with.`,
    ir(recorded),
    ...events.flatMap((event, i) => describeEvent(event, i)),
    `**After fuse**: ${fused.graph.nodes.length - fused.graph.inputs.length} nodes besides the inputs.`,
    ir(fused.graph),
    '**The groups**, as `y.explain()` gives them:',
    fenced(printGroups(explainGraph(fused.graph, fused.reasons))),
    `**The native program**: ${program.steps} steps, ${program.words.length * 4} bytes. One call of \`sinter_run_at\` with ${program.argumentCount} arguments runs it.`,
    fenced(describeProgram(program.words)),
    '**The result**:',
    fenced(values.map((row) => row.map((value) => value.toFixed(4)).join('  ')).join('\n')),
  ].join('\n\n')
}

const ir = (graph: Graph): string => fenced(printGraph(graph))

function describeEvent({ pass, before, after, fired }: PassEvent, index: number): string[] {
  const title = `**After ${pass.name}** (pass ${index + 1})`
  if (before === after) return [`${title}: no change.`]
  const rules = [...fired].map(([rule, times]) => `\`${rule}\`${times === 1 ? '' : ` (${times} times)`}`)
  const why = rules.length === 0 ? '' : ` Fired: ${rules.join(', ')}.`
  return [`${title}: ${before.nodes.length} -> ${after.nodes.length} nodes.${why}`, ir(after)]
}
