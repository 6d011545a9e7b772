// A graph's MPSGraph program as data and text: the exact calls, for people to check against Apple's documentation. No device is needed.

import type { Graph } from '../../../ir/graph.js'
import { printGraph } from '../../../ir/print.js'
import { type Call, type CallArgument, Value } from './call.js'
import { legalize } from './legalize/index.js'
import { lowerToCalls } from './lower.js'
import { partition, type Source } from './partition.js'
import { minimumMacOS } from './selectors.js'
import { compareVersions } from './target.js'

export interface CallDump {
  readonly selector: string
  /** `graph`, `%3` or a class. */
  readonly receiver: string
  readonly arguments: readonly unknown[]
  /** Numbers and types of the values it returns. */
  readonly results: readonly { readonly value: string; readonly type: string }[]
  /** The first macOS that has the selector. */
  readonly macOS: string
}

export interface StageDump {
  /** Where the stage runs. */
  readonly device: 'mps' | 'cpu'
  /** The part of the graph, as IR text. */
  readonly graph: string
  /** Where its inputs come from. */
  readonly sources: readonly Source[]
  /** Calls in order; absent on the CPU. */
  readonly calls?: readonly CallDump[]
  readonly feeds?: readonly { readonly value: string; readonly type: string; readonly inline: boolean }[]
  readonly targets?: readonly string[]
  /** Groups of nodes that became fewer calls. */
  readonly patterns?: readonly string[]
}

export interface LoweringDump {
  /** Nodes of the graph as given that compute something, and calls handed to MPSGraph for all of them. */
  readonly recorded: number
  readonly calls: number
  /** The first macOS that has every selector used. */
  readonly macOS: string
  /** Why parts run on the CPU. */
  readonly reasons: readonly string[]
  readonly stages: readonly StageDump[]
}

/** The newer of two versions. */
export const newerVersion = (a: string, b: string): string => (compareVersions(a, b) >= 0 ? a : b)

/** What the device mps would make of the graph. */
export function dumpLowering(graph: Graph): LoweringDump {
  const { stages, reasons } = partition(legalize(graph))
  const dumps = stages.map(({ place, graph: part, sources }): StageDump => {
    const common = { device: place, graph: printGraph(part, { maxValues: 16 }), sources }
    if (place === 'cpu') return common
    const { program, claims } = lowerToCalls(part, [])
    return {
      ...common,
      calls: program.calls.map(dumpCall),
      feeds: program.feeds.map(({ value, inline }) => ({ ...dumpValue(value), inline })),
      targets: program.targets.map(nameOf),
      patterns: claims.map((claim) => claim.pattern),
    }
  })
  const calls = dumps.flatMap((stage) => stage.calls ?? [])
  return {
    recorded: graph.nodes.filter((node) => !node.op.traits.leaf && node.op.name !== 'result').length,
    calls: calls.length,
    macOS: calls.map((call) => call.macOS).reduce(newerVersion, '11.0'),
    reasons,
    stages: dumps,
  }
}

function dumpCall(call: Call): CallDump {
  const { receiver } = call
  return {
    selector: call.selector,
    receiver: receiver === 'graph' ? 'graph' : receiver instanceof Value ? nameOf(receiver) : receiver.class,
    arguments: call.arguments.map(dumpArgument),
    results: call.results.map(dumpValue),
    macOS: minimumMacOS[call.selector]!,
  }
}

const nameOf = (value: Value): string => `%${value.id}`

const dumpValue = (value: Value): { value: string; type: string } => ({ value: nameOf(value), type: String(value.type) })

/** An argument as JSON: values as `%3`, enum cases by name, what JSON lacks as text. */
function dumpArgument(argument: CallArgument): unknown {
  if (argument === null) return null
  if (argument instanceof Value) return nameOf(argument)
  if (typeof argument === 'string') return JSON.stringify(argument)
  if (typeof argument === 'bigint') return String(argument)
  if (typeof argument === 'number')
    return Number.isFinite(argument) && !Object.is(argument, -0) ? argument : `${Object.is(argument, -0) ? '-0' : argument}`
  if ('enumeration' in argument) return argument.case
  if ('bytes' in argument) return { bytes: argument.bytes.length, hex: Buffer.from(argument.bytes.subarray(0, 64)).toString('hex') }
  if ('descriptor' in argument) {
    const properties = Object.entries(argument.properties).map(([name, value]) => [name, dumpArgument(value)])
    return { descriptor: argument.descriptor, properties: Object.fromEntries(properties) as unknown }
  }
  if ('block' in argument) {
    return {
      block: argument.block,
      parameters: argument.parameters.map(dumpValue),
      calls: argument.calls.map(dumpCall),
      results: argument.results.map(nameOf),
    }
  }
  return argument.map(dumpArgument)
}

/** The dump as text: one line per call, in the form of a message. */
export function printLowering(dump: LoweringDump): string {
  const lines = [`${dump.recorded} recorded ops -> ${dump.calls} MPSGraph calls, macOS ${dump.macOS} or later`]
  for (const reason of dump.reasons) lines.push(`on the CPU: ${reason}`)
  dump.stages.forEach((stage, i) => {
    if (dump.stages.length > 1) lines.push('', `stage ${i}, on ${stage.device}`)
    if (stage.calls === undefined) lines.push(stage.graph.trimEnd())
    else {
      for (const call of stage.calls) lines.push(`  ${callText(call)}`)
      lines.push(
        `  feeds ${stage.feeds!.map(({ value, type, inline }) => `${value}: ${type}${inline ? ' (by value)' : ''}`).join(', ') || 'none'}`,
      )
      lines.push(`  targets ${stage.targets!.join(', ')}`)
      if (stage.patterns!.length > 0) lines.push(`  recognised ${stage.patterns!.join(', ')}`)
    }
  })
  return `${lines.join('\n')}\n`
}

function callText({ selector, receiver, arguments: args, results, macOS }: CallDump): string {
  const parts = selector.split(':')
  const message = args.length === 0 ? selector : args.map((argument, i) => `${parts[i]}:${argumentText(argument)}`).join(' ')
  const made = results.map(({ value, type }) => `${value}: ${type}`).join(', ')
  return `${made === '' ? '' : `${made} = `}[${receiver} ${message}]  // ${macOS}`
}

const argumentText = (argument: unknown): string => {
  if (argument === null) return 'nil'
  if (Array.isArray(argument)) return `@[${argument.map(argumentText).join(', ')}]`
  return typeof argument === 'object' ? JSON.stringify(argument) : String(argument)
}
