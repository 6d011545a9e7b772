// sinter run: compiles a graph, runs it once, prints its outputs.

import { SinterError } from '../../../ir/error.js'
import type { Graph } from '../../../ir/graph.js'
import { verify } from '../../../ir/verify.js'
import { checkDeviceName, defaultDevice, type GraphRun, runGraph } from '../../../runtime/index.js'
import { fromData } from '../../create.js'
import { jsonValues } from '../../format.js'
import { type Command, type Given, type Io, textOption, UsageError } from '../command.js'
import { readGraph, readJson } from '../files.js'
import { randomValues, valuesFromJson } from '../values.js'

export const run: Command = {
  name: 'run',
  operand: '<file.ir>',
  summary: 'Compiles a graph, runs it once and prints its outputs.',
  details: [
    'Input values are a JSON list with one member per input: numbers, booleans, nested lists; "NaN", "Infinity", "-Infinity" and',
    'integers too large for JSON as strings. Random floats lie in [-2, 2), integers in [-8, 8) or [0, 16).',
  ],
  options: {
    device: { type: 'string', short: 'd', value: 'name', doc: 'The device to run on; default SINTER_DEVICE or cpu.' },
    inputs: { type: 'string', short: 'i', value: 'data.json', doc: 'Values of the inputs.' },
    random: { type: 'string', short: 'r', value: 'seed', doc: 'Random values, the same for the same seed.' },
    json: { type: 'boolean', doc: 'Print all elements as JSON, with times; without it long tensors are shortened.' },
  },
  run: async (path, given, io) => {
    const device = textOption(given, 'device') ?? defaultDevice()
    checkDeviceName(device)
    const graph = verify(await readGraph(path, io))
    const values = await inputValues(graph, given, device, io)
    const result = runGraph(graph, values, device)
    io.out(given.json === true ? jsonOf(graph, result, device) : textOf(graph, result, device))
  },
}

async function inputValues(graph: Graph, given: Given, device: string, io: Io) {
  const types = graph.inputs.map((node) => node.type)
  const file = textOption(given, 'inputs')
  const seed = textOption(given, 'random')
  if (file !== undefined && seed !== undefined) throw new UsageError('give --inputs or --random, not both')
  if (file !== undefined) return valuesFromJson(await readJson(file, io), types, device)
  if (seed === undefined) {
    if (types.length === 0) return []
    throw new UsageError(`the graph has inputs (${types.join(', ')}); give their values with --inputs data.json or --random seed`)
  }
  if (!/^\d{1,15}$/.test(seed)) throw new SinterError('argument', `a seed is a non-negative integer, got '${seed}'`, { op: 'run' })
  return randomValues(Number(seed), types, device)
}

function textOf(graph: Graph, result: GraphRun, device: string): string {
  const lines = graph.outputs.map((node, i) => {
    const { dtype, shape } = node.type
    return `output ${i}: ${fromData(result.outputs[i]!, dtype, shape, device)}`
  })
  return `${lines.join('\n')}${lines.length === 0 ? 'no outputs' : ''}\n`
}

function jsonOf(graph: Graph, result: GraphRun, device: string): string {
  const { kernels, arenaBytes, compileMs, runMs } = result
  const outputs = graph.outputs.map(({ type }, i) => ({
    dtype: type.dtype,
    shape: type.shape,
    values: jsonValues(type, result.outputs[i]!),
  }))
  return `${JSON.stringify({ device, kernels, arenaBytes, compileMs, runMs, outputs })}\n`
}
