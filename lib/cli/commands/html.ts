// sinter html: a graph as a page, before and after optimization and fusion.

import { basename } from 'node:path'
import { explainGraph } from '../../../ir/explain.js'
import { graphsToHtml } from '../../../ir/html.js'
import { isGroup } from '../../../ir/op.js'
import { runPasses } from '../../../ir/pass.js'
import { fuseGraph } from '../../../ir/passes/fuse.js'
import { pipeline } from '../../../ir/pipeline.js'
import { type Command, textOption } from '../command.js'
import { readGraph, writeText } from '../files.js'

export const html: Command = {
  name: 'html',
  operand: '<file.ir>',
  summary: 'Writes a self-contained page: the graph before and after passes, the kernels and what they cost.',
  details: [],
  options: {
    output: {
      type: 'string',
      short: 'o',
      value: 'file.html',
      doc: "Where to write, '-' for standard output; default the graph's name with .html, in the current folder.",
    },
    title: { type: 'string', short: 't', value: 'text', doc: "The page's title; default the graph's name." },
  },
  run: async (path, given, io) => {
    const recorded = await readGraph(path, io)
    const name = path === '-' ? 'graph' : basename(path).replace(/\.(ir|json|txt)$/, '')
    const stages = [{ name: 'recorded', graph: recorded }]
    let groups = explainGraph(recorded)
    if (!recorded.nodes.some(isGroup)) {
      const optimized = runPasses(recorded, pipeline)
      const fused = fuseGraph(optimized)
      stages.push({ name: 'optimized', graph: optimized }, { name: 'fused', graph: fused.graph })
      groups = explainGraph(fused.graph, fused.reasons)
    }
    const target = textOption(given, 'output') ?? `${name}.html`
    await writeText(target, graphsToHtml({ title: textOption(given, 'title') ?? name, stages, groups }), io)
    if (target !== '-') io.err(`wrote ${target}\n`)
  },
}
