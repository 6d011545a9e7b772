// The device mps: optimize, legalize, and hand the graph to MPSGraph as one executable; what it does not compute runs on the CPU, visibly.

import { SinterError } from '../../../ir/error.js'
import type { GroupInfo } from '../../../ir/explain.js'
import type { Graph } from '../../../ir/graph.js'
import { graphCost, isKernel } from '../../../ir/stats.js'
import type { Backend, CompileObserver, Executable } from '../../backend.js'
import { library, nativeFacts, requireNative } from '../../native/library.js'
import { Pool } from '../../pool.js'
import { settings } from '../../settings.js'
import { openCpu } from '../cpu/index.js'
import { MpsExecutable } from './executable.js'
import { legalize } from './legalize/index.js'
import { metalMemory } from './memory.js'
import { partition, type Stage } from './partition.js'
import { type CompiledStage, StagedExecutable } from './staged.js'
import { compareVersions, type Target } from './target.js'

/** Metal devices on this machine; 0 when it has no MPSGraph library. */
export function metalDeviceCount(): number {
  return Number(library('mps').call['sinter_mps_device_count']!())
}

/** Opens Metal device `index`. Throws `native` or `device` when there is none. */
export function openMps(name: string, index: number): Backend {
  const { call } = library('mps')
  const count = metalDeviceCount()
  if (index >= count) throw new SinterError('device', `there is no device '${name}': this machine has ${count} Metal devices`)
  const device = Number(call['sinter_mps_device_open']!(index))
  requireNative(device !== 0, `opening Metal device ${index}`, 'mps')
  const facts = {
    ...nativeFacts('mps'),
    ...(JSON.parse(String(call['sinter_mps_device_info']!(device))) as Record<string, string | number>),
  }
  const target = targetOf(facts)
  const pool = new Pool(metalMemory(device))
  let cpu: Backend | undefined
  return {
    name,
    pool,
    facts,
    compile: (graph, scalar, observer) => {
      cpu ??= openCpu()
      return compileMps(graph, scalar, { device, target, pool, cpu }, observer)
    },
  }
}

/** The oldest system that the backend is for: older ones have more defects than anybody works around. */
const oldestMacOS = '15.2'

/** The system and GPU family that programs are made for. Throws `device` when the system is too old. */
function targetOf(facts: Readonly<Record<string, string | number>>): Target {
  // An emulated framework stands for the oldest system.
  const emulated = String(facts['framework']).startsWith('emulated')
  const macOS = emulated ? oldestMacOS : (/\d+(\.\d+)*/.exec(String(facts['os']))?.[0] ?? '')
  const target = { macOS, family: String(facts['family']).replace(/^apple/, 'Apple') }
  if (macOS === '' || compareVersions(macOS, oldestMacOS) < 0) {
    throw new SinterError('device', `the GPU backend needs macOS ${oldestMacOS} or later, this is ${facts['os']}`, {
      hint: "use device 'cpu'",
    })
  }
  return target
}

interface Opened {
  readonly device: number
  readonly target: Target
  readonly pool: Pool
  /** Runs what the GPU does not compute, on the same memory. */
  readonly cpu: Backend
}

function compileMps(graph: Graph, scalar: readonly boolean[], opened: Opened, observer: CompileObserver | undefined): Executable {
  const legal = legalize(graph, ({ pass, after, milliseconds, fired }) => observer?.(pass.name, after, milliseconds, fired))
  const { stages, reasons } = partition(legal, opened.target)
  const compiled: CompiledStage[] = []
  try {
    for (const stage of stages) compiled.push({ stage, executable: compileStage(stage, scalar, opened) })
  } catch (error) {
    for (const { executable } of compiled) executable.dispose()
    throw error
  }
  return new StagedExecutable(legal, compiled, groupsOf(compiled, reasons.join('; ')), opened.pool)
}

function compileStage(
  { place, graph, sources }: Stage,
  scalar: readonly boolean[],
  { device, target, cpu }: Opened,
): MpsExecutable | Executable {
  const byValue = sources.map((source) => 'argument' in source && scalar[source.argument] === true)
  return place === 'cpu' ? cpu.compile(graph, byValue) : new MpsExecutable(graph, byValue, device, settings().SINTER_MPS_LEVEL, target)
}

/** One group per MPSGraphExecutable, and the CPU's kernels with the reason why they are the CPU's. */
function groupsOf(compiled: readonly CompiledStage[], reason: string): GroupInfo[] {
  const groups = compiled.flatMap(({ stage, executable }): Omit<GroupInfo, 'id'>[] =>
    executable instanceof MpsExecutable ? [mpsGroup(stage.graph)] : executable.groups.map((group) => ({ ...group, device: 'cpu', reason })),
  )
  return groups.map((group, id) => ({ ...group, id }))
}

function mpsGroup(graph: Graph): Omit<GroupInfo, 'id'> {
  const { flops } = graphCost(graph)
  const last = graph.outputs[graph.outputs.length - 1]!
  return {
    kind: 'mpsgraph',
    node: graph.nodes.indexOf(last),
    ops: graph.nodes.filter((node) => isKernel(node) || node.op.traits.movement).map((node) => node.op.name),
    inputs: graph.inputs.map((node) => `${node.type}`),
    outputs: graph.outputs.map((node) => `${node.type}`),
    bytesRead: graph.inputs.reduce((sum, node) => sum + node.type.bytes, 0),
    bytesWritten: graph.outputs.reduce((sum, node) => sum + node.type.bytes, 0),
    flops,
    reason: '',
  }
}
