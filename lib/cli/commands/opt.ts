// sinter opt: runs passes over a graph and prints what comes out.

import { explainGraph, printGroups } from '../../../ir/explain.js'
import { type Pass, type PassEvent, runPasses } from '../../../ir/pass.js'
import { fuse, fuseGraph } from '../../../ir/passes/fuse.js'
import { passes } from '../../../ir/passes/index.js'
import { pipeline } from '../../../ir/pipeline.js'
import { printGraph } from '../../../ir/print.js'
import { verify } from '../../../ir/verify.js'
import { type Command, type Io, textOption, UsageError } from '../command.js'
import { readGraph } from '../files.js'

export const opt: Command = {
  name: 'opt',
  operand: '<file.ir>',
  summary: 'Runs passes over a graph and prints the result as IR text.',
  details: [
    `Passes: ${[...passes.keys()].join(', ')}. Without --passes all that a backend runs, in its order (canonicalize and cse twice).`,
  ],
  options: {
    passes: { type: 'string', short: 'p', value: 'a,b', doc: "The passes to run, in order; '' for none." },
    fuse: { type: 'boolean', short: 'f', doc: 'Fuse what comes out; with --stats the kernels are listed.' },
    verify: { type: 'boolean', doc: 'Check all invariants before the first and after every pass.' },
    stats: { type: 'boolean', doc: 'Tell on standard error what each pass did, how long it took, and which rules fired.' },
  },
  run: async (path, given, io) => {
    const list = textOption(given, 'passes')
    const chosen = list === undefined ? pipeline : namedPasses(list)
    const graph = await readGraph(path, io)
    if (given.verify === true) verify(graph)
    const observe = (event: PassEvent): void => {
      if (given.verify === true) verify(event.after)
      if (given.stats === true) describePass(event, io)
    }
    const optimized = runPasses(graph, chosen, observe)
    const result = given.fuse === true ? runPasses(optimized, [fuse], observe) : optimized
    if (given.fuse === true && given.stats === true) {
      const reasons = result === optimized ? undefined : fuseGraph(optimized)
      io.err(`${printGroups(reasons === undefined ? explainGraph(result) : explainGraph(reasons.graph, reasons.reasons))}\n`)
    }
    io.out(printGraph(result))
  },
}

function namedPasses(list: string): Pass[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => {
      const pass = passes.get(name)
      if (pass === undefined) throw new UsageError(`there is no pass '${name}'; passes: ${[...passes.keys()].join(', ')}`)
      return pass
    })
}

function describePass({ pass, before, after, milliseconds, fired }: PassEvent, io: Io): void {
  const change = after === before ? 'no change' : `${before.nodes.length} -> ${after.nodes.length} nodes`
  io.err(`${pass.name}: ${change}, ${milliseconds.toFixed(3)} ms\n`)
  for (const [rule, times] of fired) io.err(`  ${rule}${times === 1 ? '' : ` x ${times}`}\n`)
}
