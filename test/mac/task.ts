// One task of the Mac report, in a process of its own: prints its result as one line of JSON. MPSGraph may end the process at any time.
//
//   node task.js op NAME | probe ID | train | fused

import { ops } from '../../ir/ops/index.js'
import { parseGraph } from '../../ir/parse.js'
import { defects } from '../../runtime/backends/mps/defects.js'
import { openDevice } from '../../runtime/index.js'
import { conformance, outcomeOf } from '../mps/conformance.js'
import { countedValues } from '../mps/probes.js'
import { fusedAgainstEager } from './speed.js'
import { trainingExample } from './train.js'

const [task, name = ''] = process.argv.slice(2)
const device = 'mps'

async function perform(): Promise<unknown> {
  if (task === 'facts') return openDevice(device).backend.facts
  if (task === 'op' && Object.hasOwn(ops, name)) return conformance(ops[name as keyof typeof ops], device)
  if (task === 'train') return trainingExample(device)
  if (task === 'speed') return fusedAgainstEager(device)
  const probe = task === 'probe' ? defects.find(({ id }) => id === name) : undefined
  if (probe === undefined) throw new Error(`there is no task '${task} ${name}'`)
  const graph = parseGraph(probe.probe)
  return outcomeOf(graph, countedValues(graph), device)
}

process.stdout.write(`${JSON.stringify(await perform())}\n`)
