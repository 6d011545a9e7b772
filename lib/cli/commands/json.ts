// sinter json: the JSON form of a graph.

import { graphToJson } from '../../../ir/json.js'
import type { Command } from '../command.js'
import { readGraph } from '../files.js'

export const json: Command = {
  name: 'json',
  operand: '<file.ir>',
  summary: 'Prints the graph as JSON; every command reads that, too.',
  details: ["Back to text: sinter opt --passes '' file.json"],
  options: {},
  run: async (path, _, io) => io.out(`${JSON.stringify(graphToJson(await readGraph(path, io)), null, 1)}\n`),
}
