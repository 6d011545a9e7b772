// jit: trace a function once per input types, then run its plan without recording anything.

import { SinterError } from '../ir/error.js'
import type { GroupInfo } from '../ir/explain.js'
import { currentSequence, type Node } from '../ir/node.js'
import type { TensorType } from '../ir/type.js'
import { postorder } from '../ir/walk.js'
import { randomState } from './key.js'
import { dtypeOfValue } from './promote.js'
import {
  type Argument,
  argument,
  type CompiledNodes,
  compileNodes,
  isRealized,
  type Placeholder,
  realizeNodesSync,
  runCompiled,
} from './realize.js'
import { scalarValue } from './record.js'
import { Tensor } from './tensor.js'
import { graphsAreKept, isTracing } from './trace.js'
import { leafKey, numberTensor, traceFunction } from './trace-function.js'
import { flatten, leavesOf, type Structure, structureKey, unflatten } from './tree.js'
import type { Variable } from './variable.js'

export interface JitOptions {
  /** Most compiled versions kept; the least recently used one goes. Default 64. */
  readonly cacheSize?: number
}

export interface JitStatistics {
  readonly calls: number
  /** Times the function itself ran. */
  readonly traces: number
  /** Compiled versions held. */
  readonly entries: number
}

// biome-ignore lint/suspicious/noExplicitAny: arguments and results are the traced function's own
export type Jitted<F extends (...args: any[]) => any> = ((...args: Parameters<F>) => ReturnType<F>) & {
  statistics(): JitStatistics
  /** The kernels of the version used last, and why each group of ops is not larger. Empty before the first call. */
  explain(): readonly GroupInfo[]
  /** Forgets all compiled versions. */
  clear(): void
  /** Releases all compiled versions; later calls throw `disposed`. */
  dispose(): void
  [Symbol.dispose](): void
}

/** Where a leaf of the result comes from; `argument` counts on behind the arguments: the random key, the variables. */
type Output =
  | { readonly from: 'computed'; readonly index: number }
  | { readonly from: 'argument'; readonly index: number }
  | { readonly from: 'outside'; readonly value: unknown }

interface Version {
  readonly compiled: CompiledNodes | undefined
  readonly structure: Structure
  readonly outputs: readonly Output[]
  readonly computedTypes: readonly TensorType[]
  readonly device: string
  /** Index among the computed outputs of the next random key when the function draws from the implicit state. */
  readonly randomOutput: number | undefined
  /** The variables that it reads or assigns, and where what it assigns comes from. */
  readonly variables: readonly Variable[]
  readonly assigned: readonly (Output | undefined)[]
}

/**
 * A compiled version of `fn`. Arguments and results are trees of tensors; JS numbers among the arguments become scalar inputs (another value runs the same
 * plan), strings and other values select a version. The function is traced with tensors that have no values: reading one throws `trace`. It must be pure:
 * whatever it does besides computing with tensors happens while tracing only. Inside another jit or a gradient it is simply called.
 */
// biome-ignore lint/suspicious/noExplicitAny: arguments and results are the traced function's own
export function jit<F extends (...args: any[]) => any>(fn: F, options: JitOptions = {}): Jitted<F> {
  const { cacheSize = 64 } = options
  if (!Number.isInteger(cacheSize) || cacheSize < 1)
    throw new SinterError('argument', `cacheSize is a positive integer, got ${cacheSize}`, { op: 'jit' })
  const versions = new Map<string, Version>()
  let calls = 0
  let traces = 0
  let disposed = false
  /** The version that ran last and what its arguments looked like: usually the next call is of the same kind. */
  let latest: { readonly structure: Structure; readonly leaves: readonly LeafKind[]; readonly version: Version } | undefined

  const call = (...args: Parameters<F>): ReturnType<F> => {
    if (disposed) throw new SinterError('disposed', 'the function was called after its dispose()', { op: 'jit' })
    if (isTracing() || graphsAreKept()) return fn(...args) as ReturnType<F>
    calls++
    const again = latest === undefined ? undefined : leavesOf(latest.structure, args)
    if (again !== undefined && areLike(again, latest!.leaves)) return run(latest!.version, again) as ReturnType<F>
    const { leaves, structure } = flatten(args)
    const key = `${structureKey(structure)}${leaves.map((leaf) => leafKey('jit', leaf)).join(';')}`
    let version = versions.get(key)
    if (version === undefined) {
      traces++
      version = trace(fn, structure, leaves)
      if (versions.size >= cacheSize) release(versions, versions.keys().next().value!)
    } else {
      versions.delete(key)
    }
    versions.set(key, version)
    latest = { structure, leaves: leaves.map(leafKind), version }
    return run(version, leaves) as ReturnType<F>
  }
  const clear = (): void => {
    latest = undefined
    for (const key of [...versions.keys()]) release(versions, key)
  }
  const dispose = (): void => {
    clear()
    disposed = true
  }
  const statistics = (): JitStatistics => ({ calls, traces, entries: versions.size })
  const explain = (): readonly GroupInfo[] => [...versions.values()].at(-1)?.compiled?.executable.groups ?? []
  return Object.assign(call, { statistics, explain, clear, dispose, [Symbol.dispose]: dispose }) as Jitted<F>
}

function release(versions: Map<string, Version>, key: string): void {
  versions.get(key)!.compiled?.release()
  versions.delete(key)
}

/** What of an argument leaf decides the version, in a form that is compared without making text. */
type LeafKind = { readonly type: TensorType; readonly device: string } | string

const leafKind = (leaf: unknown): LeafKind => (leaf instanceof Tensor ? { type: leaf.type, device: leaf.device } : leafKey('jit', leaf))

function areLike(leaves: readonly unknown[], kinds: readonly LeafKind[]): boolean {
  for (let i = 0; i < leaves.length; i++) if (!isLike(leaves[i], kinds[i]!)) return false
  return true
}

const isLike = (leaf: unknown, kind: LeafKind): boolean =>
  typeof kind === 'string'
    ? !(leaf instanceof Tensor) && leafKey('jit', leaf) === kind
    : leaf instanceof Tensor && leaf.type === kind.type && leaf.device === kind.device

function trace(fn: (...args: never[]) => unknown, structure: Structure, leaves: readonly unknown[]): Version {
  const start = currentSequence()
  const { result, placeholders, device, keyAfter, variables } = traceFunction('jit', fn, structure, leaves)
  const flat = flatten(result)
  const computed: Node[] = []
  const toOutput = (leaf: unknown): Output => {
    if (!(leaf instanceof Tensor)) return { from: 'outside', value: leaf }
    const position = placeholders.get(leaf.node)?.position
    if (position !== undefined) return { from: 'argument', index: position }
    if (isRealized(leaf.node)) return { from: 'outside', value: leaf }
    const known = computed.indexOf(leaf.node)
    return { from: 'computed', index: known >= 0 ? known : computed.push(leaf.node) - 1 }
  }
  const outputs = flat.leaves.map(toOutput)
  const next = keyAfter === undefined ? undefined : toOutput(keyAfter)
  const assigned = [...variables].map(([, { before, now }]) => (now === before ? undefined : toOutput(now)))
  realizeOlder(computed, placeholders, start, device)
  return {
    compiled: computed.length === 0 ? undefined : compileNodes(computed, placeholders, device),
    structure: flat.structure,
    outputs,
    computedTypes: computed.map((node) => node.type),
    device,
    randomOutput: next?.from === 'computed' ? next.index : undefined,
    variables: [...variables.keys()],
    assigned,
  }
}

/** Tensors from outside that were still lazy are computed once, not in every call. */
function realizeOlder(outputs: readonly Node[], placeholders: ReadonlyMap<Node, Placeholder>, start: number, device: string): void {
  const nodes = postorder(outputs, (node) => isRealized(node) || placeholders.has(node))
  const older = (node: Node): boolean => node.sequence <= start && !isRealized(node)
  const roots = new Set<Node>()
  for (const node of nodes) {
    if (older(node)) continue
    for (const input of node.inputs) if (older(input)) roots.add(input)
  }
  for (const output of outputs) if (older(output)) roots.add(output)
  if (roots.size > 0) realizeNodesSync([...roots], device)
}

// No closures here: see tree.ts.
function run(version: Version, leaves: readonly unknown[]): unknown {
  const { compiled, outputs, structure, device, variables } = version
  const results: Tensor[] = []
  let given = leaves
  if (version.randomOutput !== undefined || variables.length > 0) {
    const all = leaves.slice()
    all.push(version.randomOutput === undefined ? undefined : randomState.on(device))
    for (let i = 0; i < variables.length; i++) all.push(variables[i]!.read())
    given = all
  }
  if (compiled !== undefined) {
    realizePending(given, device)
    const positions = compiled.inputs
    const args: Argument[] = []
    for (let i = 0; i < positions.length; i++) args.push(inputValue(positions[i]!, given))
    const nodes = runCompiled(compiled, args, version.computedTypes, device)
    for (let i = 0; i < nodes.length; i++) results.push(new Tensor(nodes[i]!, device))
    if (version.randomOutput !== undefined) randomState.current = results[version.randomOutput]!
  }
  for (let i = 0; i < variables.length; i++) {
    const output = version.assigned[i]
    if (output !== undefined) variables[i]!.assign(outputValue(output, results, given, device) as Tensor)
  }
  const returned: unknown[] = []
  for (let i = 0; i < outputs.length; i++) returned.push(outputValue(outputs[i]!, results, given, device))
  return unflatten(structure, returned)
}

function outputValue(output: Output, results: readonly Tensor[], given: readonly unknown[], device: string): unknown {
  if (output.from === 'computed') return results[output.index]
  return output.from === 'outside' ? output.value : argumentTensor(given[output.index], device)
}

/** Computes the arguments (with random key and variables) that are still lazy. */
function realizePending(given: readonly unknown[], device: string): void {
  const pending: Node[] = []
  for (let i = 0; i < given.length; i++) {
    const leaf = given[i]
    if (leaf instanceof Tensor && !isRealized(leaf.node)) pending.push(leaf.node)
  }
  if (pending.length > 0) realizeNodesSync(pending, device)
}

/** The value of a plan's input: an argument by position, or what was captured while tracing. */
function inputValue(input: CompiledNodes['inputs'][number], given: readonly unknown[]): Argument {
  if (typeof input !== 'number') return argument(input.captured.bound)
  const leaf = given[input]
  if (leaf instanceof Tensor) return argument(leaf.node.bound)
  const value = leaf as number | bigint | boolean
  return scalarValue(value, dtypeOfValue(value), 'jit')
}

/** An argument that is returned as it came; numbers come back as tensors. */
function argumentTensor(leaf: unknown, device: string): Tensor {
  return leaf instanceof Tensor ? leaf : numberTensor(leaf as number | bigint | boolean, device, 'jit')
}
