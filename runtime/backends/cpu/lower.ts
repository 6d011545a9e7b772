// Lowering: a fused graph becomes one native program with a static memory plan.

import { dtypeInfo, isComplex, partDType } from '../../../ir/dtype.js'
import { assert, SinterError } from '../../../ir/error.js'
import type { Graph } from '../../../ir/graph.js'
import type { Node } from '../../../ir/node.js'
import { runPasses } from '../../../ir/pass.js'
import { fuseGraph } from '../../../ir/passes/fuse.js'
import { type Interval, planArena } from '../../../ir/plan.js'
import { contiguousStrides, type Shape, sizeOf } from '../../../ir/shape.js'
import type { TensorType } from '../../../ir/type.js'
import { indexView, isContiguous, moveView, wholeView } from '../../../ir/view.js'
import { kernelCode } from './instructions.js'
import { type KernelContext, type KernelLowering, kernelLowerings, type LoweredProgram, updatesInPlace } from './kernels/index.js'
import { Emitter } from './lower/emitter.js'
import { rowsPerBlock } from './lower/geometry.js'
import { type Located, packMatmul, productDType } from './lower/matmul.js'
import { RegionLowering } from './lower/region.js'
import { packTileStep, type TileMode } from './lower/step.js'
import { cpuPipeline } from './pipeline.js'
import { ProgramWriter, Words } from './program.js'

/** Lowers a fused graph. Arguments are its inputs, then its outputs; `scalar[i]` says that input i is given by value. */
export function lowerGraph(graph: Graph, scalar: readonly boolean[]): LoweredProgram {
  return new GraphLowering(graph, scalar).run()
}

/** The body of a loop as a program of its own: optimized and fused, all of its inputs in memory. */
function lowerBody(body: Graph): LoweredProgram {
  const { graph } = fuseGraph(runPasses(body, cpuPipeline))
  return lowerGraph(
    graph,
    graph.inputs.map(() => false),
  )
}

class GraphLowering {
  private readonly graph: Graph
  private readonly writer = new ProgramWriter()
  /** Results by node; a node with several results has one entry each. */
  private readonly located = new Map<Node, readonly Located[]>()
  /** Output argument buffers, and which result each node writes there directly. */
  private readonly outputs: number[] = []
  private readonly directOutput = new Map<Node, number>()
  private readonly temporaries = new Map<number, { bytes: number; first: number; last: number }>()
  /** How often each node is used, as an operand or an output. */
  private readonly uses = new Map<Node, number>()
  private nanoseconds = 0

  constructor(graph: Graph, scalar: readonly boolean[]) {
    this.graph = graph
    for (const used of [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs])
      this.uses.set(used, (this.uses.get(used) ?? 0) + 1)
    graph.inputs.forEach((node, i) => {
      const buffer = this.writer.buffer(scalar[i] ? 'inline' : 'input', i, node.type.bytes)
      this.located.set(node, [{ buffer, dtype: node.type.dtype, view: wholeView(node.type.shape) }])
    })
    graph.outputs.forEach((node, i) => {
      const buffer = this.writer.buffer('output', graph.inputs.length + i, node.type.bytes)
      this.outputs.push(buffer)
      this.claimOutput(node, buffer)
    })
  }

  run(): LoweredProgram {
    for (const node of this.graph.nodes) if (!this.located.has(node)) this.lower(node)
    this.graph.outputs.forEach((node, i) => {
      const from = this.locate(node)
      if (from.buffer !== this.outputs[i]) this.copyTo(from, node.type.shape, this.outputs[i]!, 0, contiguousStrides(node.type.shape))
    })
    const buffers = [...this.temporaries.keys()]
    const plan = planArena(buffers.map((buffer): Interval => this.temporaries.get(buffer)!))
    buffers.forEach((buffer, i) => {
      this.writer.place(buffer, plan.offsets[i]!)
    })
    const argumentCount = this.graph.inputs.length + this.graph.outputs.length
    return {
      words: this.writer.pack(argumentCount, plan.bytes),
      argumentCount,
      arenaBytes: plan.bytes,
      steps: this.writer.stepCount,
      estimatedNanoseconds: this.nanoseconds,
    }
  }

  /** The result that ends in an output argument is computed right there: the node's own, or that of the node it only regroups. */
  private claimOutput(node: Node, buffer: number): void {
    let at = node
    while (at.op.traits.movement) {
      const view = moveView(wholeView(at.inputs[0]!.type.shape), at.op.name, at.type.shape, at.attrs)
      const { size, dtype } = at.inputs[0]!.type
      if (view === undefined || view.offset !== 0 || size !== at.type.size || dtype !== at.type.dtype || !isContiguous(view)) return
      at = at.inputs[0]!
    }
    while (this.mayOwn(at)) {
      this.directOutput.set(at, buffer)
      if (!this.isUpdated(at)) return
      at = at.inputs[0]!
    }
  }

  /** Whether the node's value is computed, and can be so right where the caller wants it. */
  private mayOwn(node: Node): boolean {
    const owner = node.op.name === 'result' ? node.inputs[0]! : node
    return !node.op.traits.leaf && !this.directOutput.has(node) && (node.results === undefined || owner !== node)
  }

  /** Whether the node may change operand 0 where it lies: it is computed for this node alone. */
  private isUpdated(node: Node): boolean {
    if (!updatesInPlace.has(node.op.name)) return false
    const base = node.inputs[0]!
    const { traits, name } = base.op
    return this.uses.get(base) === 1 && !traits.leaf && !traits.movement && name !== 'result'
  }

  private lower(node: Node): void {
    const { traits, name } = node.op
    if (traits.movement) this.located.set(node, [this.moved(node)])
    else if (name === 'result') this.located.set(node, [this.located.get(node.inputs[0]!)![node.attrs['index'] as number]!])
    else if (traits.region && !traits.loop) this.lowerRegion(node)
    else this.lowerKernel(node)
  }

  private moved(node: Node): Located {
    const from = this.locate(node.inputs[0]!)
    const view = moveView(from.view, node.op.name, node.type.shape, node.attrs)
    assert(view !== undefined, `fusion left a ${node.op.name} that strides cannot express`)
    return { buffer: from.buffer, dtype: node.type.dtype, view }
  }

  private lowerRegion(node: Node): void {
    const body = node.attrs['body'] as Graph
    const kind = node.attrs['kind'] as 'map' | 'rows' | 'reduce' | 'matmul'
    const outputs = this.resultBuffers(node)
    if (body.outputs.every((output) => output.type.size === 0)) return
    const operands = node.inputs.map((input) => this.contiguous(input))
    const buffers = { operands, outputs, constant: (bytes: Uint8Array) => this.writer.constant(bytes) }
    if (kind === 'matmul') {
      this.lowerMatmul(body, operands, outputs)
      return
    }
    const reduction = body.nodes.find((inner) => inner.op.traits.reduction)
    const axes = (reduction?.attrs['axes'] as readonly number[] | undefined) ?? []
    const shape = kind === 'map' ? mapShape(body) : reduction!.inputs[0]!.type.shape
    const rowRank = kind === 'rows' ? axes.length : 0
    const rowLength = sizeOf(shape.slice(shape.length - rowRank))
    const rows = sizeOf(shape.slice(0, shape.length - rowRank))
    const lowering = new RegionLowering(body, shape, rowRank, rowsPerBlock(rows, rowLength) === 1, buffers)
    lowering.run(kind === 'reduce' ? axes : undefined)
    this.emitTiles(lowering.emitter, kind, rowRank, axes)
  }

  private emitTiles(emitter: Emitter, mode: TileMode, rowRank: number, axes: readonly number[]): void {
    if (rowRank > 1) this.denseRows(emitter, rowRank)
    const { words, nanoseconds } = packTileStep(emitter, mode, rowRank, axes)
    this.step(words, nanoseconds, accessedBuffers(emitter))
  }

  /** Rows of several dimensions must be walked as one: accesses that cannot are copied first. */
  private denseRows(emitter: Emitter, rowRank: number): void {
    const { shape, loads } = emitter
    loads.forEach((load, i) => {
      const start = shape.length - rowRank
      const sizes = shape.slice(start)
      const strides = load.strides.slice(start)
      const walksAsOne = isContiguous({ offset: 0, shape: sizes, strides }) || strides.every((stride, d) => stride === 0 || sizes[d] === 1)
      if (walksAsOne) return
      const dense = this.temporary(sizeOf(shape) * dtypeInfo[load.dtype].bytes)
      const view = { offset: load.offset, shape, strides: load.strides }
      this.copyTo({ buffer: load.buffer, dtype: load.dtype, view }, shape, dense, 0, contiguousStrides(shape))
      loads[i] = { ...load, buffer: dense, offset: 0, strides: contiguousStrides(shape) }
    })
  }

  private lowerMatmul(body: Graph, operands: readonly number[], outputs: readonly number[]): void {
    const product = body.nodes.find((inner) => inner.op.traits.contraction)!
    const inside = new Map<Node, Located>(
      body.inputs.map((input, i) => [input, { buffer: operands[i]!, dtype: input.type.dtype, view: wholeView(input.type.shape) }]),
    )
    const locateInside = (inner: Node): Located => {
      const chain: Node[] = []
      let at = inner
      while (!inside.has(at)) {
        chain.push(at)
        at = at.inputs[0]!
      }
      let located = inside.get(at)!
      for (const step of chain.reverse()) {
        const view = moveView(located.view, step.op.name, step.type.shape, step.attrs)
        assert(view !== undefined, `a matrix operand that strides cannot express (${step.op.name})`)
        located = { buffer: located.buffer, dtype: step.type.dtype, view }
      }
      return located
    }
    const [a, b] = product.inputs.map(locateInside) as [Located, Located]
    const { shape, dtype } = product.type
    const stored = productDType(dtype)
    const plain = body.outputs.length === 1 && body.outputs[0] === product && stored === dtype
    const own = body.outputs.indexOf(product)
    const home = stored !== dtype ? -1 : own >= 0 ? own : body.outputs.findIndex((output) => output.type.dtype === dtype)
    const c = home >= 0 ? outputs[home]! : this.temporary(sizeOf(shape) * dtypeInfo[stored].bytes)
    let epilogue: { words: Words; nanoseconds: number } | undefined
    const used = [a.buffer, b.buffer, c]
    if (!plain) {
      const constant = (bytes: Uint8Array) => this.writer.constant(bytes)
      const lowering = new RegionLowering(body, shape, 0, false, { operands, outputs, constant })
      lowering.bindProduct(product, c, stored, home >= 0 && body.outputs[home] === product)
      lowering.run(undefined)
      epilogue = packTileStep(lowering.emitter, 'epilogue', 0, [])
      used.push(...accessedBuffers(lowering.emitter))
    }
    const { words, nanoseconds } = packMatmul(a, b, c, shape, epilogue)
    this.step(words, nanoseconds, used)
  }

  private lowerKernel(node: Node): void {
    const lowering = (kernelLowerings as Readonly<Record<string, KernelLowering | undefined>>)[node.op.name]
    if (lowering === undefined) throw new SinterError('internal', `the CPU backend has no kernel for '${node.op.name}'`)
    const targets = this.resultBuffers(node)
    if ((node.results ?? [node.type]).every((type) => type.size === 0)) return
    const operands = node.inputs.map((input) => this.contiguous(input))
    const context: KernelContext = {
      node,
      target: (index = 0) => targets[index]!,
      operand: (index) => operands[index]!,
      wanted: (index) => this.resultNodeOf(node, index) !== undefined,
      temporary: (bytes) => this.temporary(bytes),
      constant: (bytes) => this.writer.constant(bytes),
      program: lowerBody,
      kernel: (name, nanoseconds, fill, temporaries = []) => {
        const words = new Words()
        words.push(3, 0, kernelCode(name))
        fill(words)
        words.set(1, words.length)
        this.step(words, nanoseconds, [...operands, ...targets, ...temporaries])
      },
      copy: (source, shape, strides, into, offset, intoStrides) =>
        this.copyTo({ buffer: source, dtype: node.type.dtype, view: { offset: 0, shape, strides } }, shape, into, offset, intoStrides),
    }
    lowering(context)
  }

  /** Buffers for the node's results, in order: output arguments where results end there, temporaries otherwise. */
  private resultBuffers(node: Node): number[] {
    const types: readonly TensorType[] = node.results ?? [node.type]
    const picks = node.results === undefined ? [node] : types.map((_, i) => this.resultNodeOf(node, i))
    const buffers = types.map(
      (type, i) =>
        (picks[i] === undefined ? undefined : this.directOutput.get(picks[i])) ?? this.updatedBuffer(node) ?? this.temporary(type.bytes),
    )
    this.located.set(
      node,
      types.map((type, i): Located => ({ buffer: buffers[i]!, dtype: type.dtype, view: wholeView(type.shape) })),
    )
    return buffers
  }

  /** The temporary of operand 0 when the node may change it in place. */
  private updatedBuffer(node: Node): number | undefined {
    if (!this.isUpdated(node)) return undefined
    const { buffer } = this.locate(node.inputs[0]!)
    return this.temporaries.has(buffer) ? buffer : undefined
  }

  private resultNodes: Map<Node, Node[]> | undefined

  private resultNodeOf(node: Node, index: number): Node | undefined {
    if (this.resultNodes === undefined) {
      this.resultNodes = new Map()
      for (const result of this.graph.nodes) {
        if (result.op.name !== 'result') continue
        const owner = result.inputs[0]!
        const list = this.resultNodes.get(owner) ?? []
        list[result.attrs['index'] as number] ??= result
        this.resultNodes.set(owner, list)
      }
    }
    return this.resultNodes.get(node)?.[index]
  }

  private locate(node: Node): Located {
    return this.located.get(node)![0]!
  }

  /** A buffer that holds the node's elements densely from its start; copies when they lie otherwise. */
  private contiguous(node: Node): number {
    const from = this.locate(node)
    if (from.view.offset === 0 && isContiguous(from.view)) return from.buffer
    const buffer = this.temporary(node.type.bytes)
    if (node.type.size > 0) this.copyTo(from, node.type.shape, buffer, 0, contiguousStrides(node.type.shape))
    return buffer
  }

  private copyTo(from: Located, shape: Shape, target: number, offset: number, strides: readonly number[]): void {
    if (sizeOf(shape) === 0) return
    if (isComplex(from.dtype)) {
      const { view } = from
      const pairs = { offset: 2 * view.offset, shape: [...shape, 2], strides: [...view.strides.map((stride) => 2 * stride), 1] }
      const into = [...strides.map((stride) => 2 * stride), 1]
      this.copyTo({ buffer: from.buffer, dtype: partDType(from.dtype), view: pairs }, pairs.shape, target, 2 * offset, into)
      return
    }
    const emitter = new Emitter(shape, false)
    const splat = from.view.strides.every((stride, d) => stride === 0 || shape[d] === 1)
    const loaded = emitter.load(from.buffer, from.dtype, splat ? 'splat' : 'tile', from.view.offset, from.view.strides)
    emitter.store(target, from.dtype, emitter.asTile(loaded), offset, strides)
    this.emitTiles(emitter, 'map', 0, [])
  }

  private temporary(bytes: number): number {
    const buffer = this.writer.buffer('arena', 0, bytes)
    this.temporaries.set(buffer, { bytes, first: this.writer.stepCount, last: this.writer.stepCount })
    return buffer
  }

  /** Adds a step; the temporaries it touches live at least until now. */
  private step(words: Words, nanoseconds: number, used: readonly number[]): void {
    const now = this.writer.stepCount
    for (const buffer of used) {
      const temporary = this.temporaries.get(buffer)
      if (temporary !== undefined) temporary.last = now
    }
    this.nanoseconds += nanoseconds
    this.writer.step(words)
  }
}

/** The iteration space of a map region: its outputs' shape, but the operand's for a reshape that has to copy. */
function mapShape(body: Graph): Shape {
  const output = body.outputs[0]!
  if (!output.op.traits.movement) return output.type.shape
  const chain: Node[] = []
  for (let at = output; at.op.traits.movement; at = at.inputs[0]!) chain.push(at)
  const base = chain.at(-1)!.inputs[0]!
  let view = base.op.name === 'iota' ? indexView(base.type.shape, base.attrs['axis'] as number) : wholeView(base.type.shape)
  for (const step of chain.reverse()) {
    const next = moveView(view, step.op.name, step.type.shape, step.attrs)
    if (next === undefined) return step.inputs[0]!.type.shape
    view = next
  }
  return output.type.shape
}

const accessedBuffers = (emitter: Emitter): number[] => [...emitter.loads, ...emitter.stores].map((access) => access.buffer)
