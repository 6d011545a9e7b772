// sinter dot: a graph for Graphviz.

import { graphToDot } from '../../../ir/dot.js'
import type { Command } from '../command.js'
import { readGraph } from '../files.js'

export const dot: Command = {
  name: 'dot',
  operand: '<file.ir>',
  summary: 'Prints the graph in the language of Graphviz.',
  details: ['For a picture: sinter dot file.ir | dot -Tsvg > file.svg. Optimize first with: sinter opt --fuse file.ir | sinter dot -'],
  options: {},
  run: async (path, _, io) => io.out(graphToDot(await readGraph(path, io))),
}
