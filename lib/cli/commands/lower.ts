// sinter lower: the native calls that a graph becomes.

import { SinterError } from '../../../ir/error.js'
import { verify } from '../../../ir/verify.js'
import { dumpLowering, printLowering } from '../../../runtime/index.js'
import { type Command, textOption } from '../command.js'
import { readGraph } from '../files.js'

export const lower: Command = {
  name: 'lower',
  operand: '<file.ir>',
  summary: 'Prints the exact MPSGraph calls that a graph becomes: selectors, arguments, result types, minimum macOS.',
  details: [
    'Needs no Mac. What MPSGraph does not compute is listed with the reason, and shown as the part of the graph that the CPU runs.',
  ],
  options: {
    device: { type: 'string', short: 'd', value: 'name', doc: 'The device to lower for; mps is the only one whose calls can be listed.' },
    json: { type: 'boolean', doc: 'Print JSON.' },
  },
  run: async (path, given, io) => {
    const device = textOption(given, 'device') ?? 'mps'
    if (device !== 'mps') {
      throw new SinterError('device', `graphs are not lowered to calls for '${device}'`, { op: 'lower', hint: 'use --device mps' })
    }
    const dump = dumpLowering(verify(await readGraph(path, io)))
    io.out(given.json === true ? `${JSON.stringify(dump, undefined, 2)}\n` : printLowering(dump))
  },
}
