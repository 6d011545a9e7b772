// SINTER_DEBUG: what the runtime is doing, on standard error. docs/debugging.md has the levels; level 0 costs nothing.

import { SinterError } from '../ir/error.js'
import { printGroups } from '../ir/explain.js'
import type { Graph } from '../ir/graph.js'
import type { Node } from '../ir/node.js'
import { originOf } from '../ir/origin.js'
import { printGraph } from '../ir/print.js'
import { formatBytes } from '../ir/units.js'
import type { Backend, CompileObserver, Executable } from './backend.js'
import { onRecompile } from './cache.js'
import { onReceipt, type Receipt } from './receipt.js'
import type { RecompileReason } from './recompile.js'
import { settings } from './settings.js'

let installed = false
/** The difference that the cache found while the compilation in progress was added to it. */
let reason: RecompileReason | undefined

const level = (): number => settings().SINTER_DEBUG

const say = (text: string): void => {
  process.stderr.write(`sinter: ${text}\n`)
}

/** Starts listening, once, when SINTER_DEBUG asks for anything; says which device was opened. */
export function debugOpened(name: string, facts: Backend['facts'], milliseconds: number): void {
  if (level() < 1) return
  if (!installed) {
    installed = true
    onRecompile((difference) => {
      reason = difference
    })
    if (level() >= 2) onReceipt(sayRun)
  }
  const text = Object.entries(facts).map(([key, value]) => `${key} ${value}`)
  say(`opened device ${name} in ${ms(milliseconds)}${text.length === 0 ? '' : `; ${text.join('; ')}`}`)
}

/** Watches one compilation. */
export interface CompileDebug {
  /** Sees the graph after each pass. */
  readonly pass: CompileObserver
  end(executable: Executable): void
}

/** The watcher of a compilation of `source`; undefined at level 0. */
export function debugCompile(source: Graph, device: string): CompileDebug | undefined {
  const at = level()
  if (at < 1) return undefined
  const started = performance.now()
  let before = source
  reason = undefined
  if (at >= 3) say(`recorded graph:\n${textOf(source)}`)
  return {
    pass: (pass, graph, milliseconds, rules) => {
      const changed = graph !== before
      if (at >= 4) {
        const count = `${before.nodes.length} -> ${graph.nodes.length} nodes, ${ms(milliseconds)}`
        say(changed ? `after ${pass} (${count}):\n${textOf(graph)}` : `${pass} changed nothing (${ms(milliseconds)})`)
      }
      if (at >= 5) for (const [rule, times] of rules) say(`  rule ${rule} fired ${plural(times, 'time')}`)
      before = graph
    },
    end: (executable) => {
      const why = reason?.message ?? 'nothing like it is cached'
      const where = source.outputs.map(originOf).find((origin) => origin !== undefined)
      const what = `${source.nodes.length} nodes into ${plural(executable.kernels, 'kernel')}`
      say(
        `compiled ${what} for ${device} in ${ms(performance.now() - started)}; ${why}${where === undefined ? '' : `; recorded at ${where}`}`,
      )
      if (at === 3) say(`optimized and fused graph:\n${textOf(executable.graph)}`)
      if (at >= 3 && executable.groups.length > 0) say(`kernels:\n${printGroups(executable.groups)}`)
    },
  }
}

/** The error of a realize, with the place where the first of its nodes was recorded when that is known. */
export function located(error: unknown, nodes: readonly Node[]): unknown {
  if (!(error instanceof SinterError) || error.origin !== undefined) return error
  const origin = nodes.map(originOf).find((text) => text !== undefined)
  return origin === undefined ? error : error.locate(origin)
}

function sayRun(receipt: Receipt): void {
  const { device, nodes, kernels, cacheHit, offThread, lookupMs, runMs, outputBytes, arenaBytes } = receipt
  const how = `${cacheHit ? 'cached' : 'new'} plan${offThread ? ', off-thread' : ''}`
  say(
    `ran ${nodes === 0 ? 'a compiled function' : `${nodes} nodes`} as ${plural(kernels, 'kernel')} on ${device}: ${how}, lookup ${ms(lookupMs)}, run ${ms(runMs)}, ` +
      `${formatBytes(outputBytes)} of results, arena ${formatBytes(arenaBytes)}`,
  )
}

const textOf = (graph: Graph): string => printGraph(graph, { origins: true, maxValues: 16 }).trimEnd()

const ms = (value: number): string => `${value.toFixed(3)} ms`

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
