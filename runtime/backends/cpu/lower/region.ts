// The body of a fused region as a tile step: every node becomes loads and instructions, every output a store.

import { type DType, dtypeInfo, partDType } from '../../../../ir/dtype.js'
import { assert, SinterError } from '../../../../ir/error.js'
import type { Graph } from '../../../../ir/graph.js'
import type { Node } from '../../../../ir/node.js'
import { contiguousStrides, type Shape, sameShape } from '../../../../ir/shape.js'
import { broadcastView, indexView, moveView, type View, wholeView } from '../../../../ir/view.js'
import { literalBytes } from '../../../literal.js'
import { type Class, classOf, wrapInstruction } from '../instructions.js'
import { roundHalf } from './cast.js'
import { elementwiseLowerings } from './elementwise.js'
import { Emitter, type Register, type RegisterKind } from './emitter.js'
import { selectSuperInstructions } from './peephole.js'

/** Elements in memory (or index values, buffer -1) seen through a view. */
interface Source {
  readonly buffer: number
  readonly dtype: DType
  readonly view: View
}

type Value = { readonly register: Register } | { readonly source: Source } | { readonly pair: readonly [Register, Register] }

/** Where a region's operands are and its results go. */
export interface RegionBuffers {
  readonly operands: readonly number[]
  readonly outputs: readonly number[]
  constant(bytes: Uint8Array): number
}

export class RegionLowering {
  readonly emitter: Emitter
  private readonly body: Graph
  private readonly buffers: RegionBuffers
  private readonly shape: Shape
  /** Rows mode: trailing dimensions that form the row; else 0. */
  private readonly rowRank: number
  private readonly values = new Map<Node, Value>()
  /** Registers that hold one value, whatever their kind. */
  private readonly singles = new Set<Register>()
  private alreadyStored: Node | undefined
  /** Values of constant buffers that hold one float32. */
  private readonly constants = new Map<number, number>()

  constructor(body: Graph, shape: Shape, rowRank: number, singleRow: boolean, buffers: RegionBuffers) {
    this.body = body
    this.shape = shape
    this.rowRank = rowRank
    this.buffers = buffers
    this.emitter = new Emitter(shape, singleRow)
    body.inputs.forEach((input, i) => {
      this.bindSource(input, buffers.operands[i]!)
    })
  }

  private bindSource(node: Node, buffer: number): void {
    this.values.set(node, { source: { buffer, dtype: node.type.dtype, view: wholeView(node.type.shape) } })
  }

  /** Sees the matrix product of a matmul region as the contents of `buffer`; `stored` when that buffer is itself its output. */
  bindProduct(product: Node, buffer: number, dtype: DType, stored: boolean): void {
    this.values.set(product, { source: { buffer, dtype, view: wholeView(product.type.shape) } })
    if (stored) this.alreadyStored = product
  }

  /** Lowers every node and stores every output. Reductions at the end of a reduce region become accumulating stores. */
  run(reduceAxes: readonly number[] | undefined): void {
    for (const node of this.body.nodes) {
      if (!this.values.has(node)) this.lower(node, reduceAxes !== undefined)
    }
    this.body.outputs.forEach((node, i) => {
      if (node === this.alreadyStored) return
      if (reduceAxes === undefined) this.storeOutput(node, this.buffers.outputs[i]!)
      else this.storeReduction(node, this.buffers.outputs[i]!, reduceAxes)
    })
    selectSuperInstructions(this.emitter, this.constants)
  }

  private lower(node: Node, reducing: boolean): void {
    const { traits, name } = node.op
    if (name === 'constant') this.values.set(node, this.constantSource(node))
    else if (traits.leaf) this.values.set(node, { source: iotaSource(node) })
    else if (name === 'result') this.values.set(node, { register: this.pairOf(node.inputs[0]!)[node.attrs['index'] as number]! })
    else if (name === 'complex') this.values.set(node, { pair: this.partsOf(node) })
    else if (traits.movement) this.values.set(node, this.move(node))
    else if (traits.transparent) this.values.set(node, this.values.get(node.inputs[0]!)!)
    else if (traits.reduction) {
      if (!reducing) this.values.set(node, { register: this.reduceRow(node) })
    } else this.lowerElementwise(node)
  }

  /** Both operands of a `complex`, which are stored in turn. */
  private partsOf(node: Node): readonly [Register, Register] {
    const kind = this.kindOf(node.type.shape)
    const [re, im] = node.inputs.map((input) => this.read(input, node.type.shape, kind))
    return [re!, im!]
  }

  private lowerElementwise(node: Node): void {
    const lowering = elementwiseLowerings[node.op.name as keyof typeof elementwiseLowerings]
    if (lowering === undefined) throw new SinterError('internal', `'${node.op.name}' is not elementwise but stands in a fused region`)
    const natural = this.kindOf(node.type.shape)
    const operands = node.inputs.map((input) => this.read(input, node.type.shape, natural))
    const kind = node.type.size === 1 ? widest(natural, operands) : natural
    const dtype = node.inputs[0]!.type.dtype
    const result = lowering({
      emitter: this.emitter,
      node,
      dtype,
      class: classOf(dtype),
      kind,
      operands,
      constant: (value, className) => this.constant(value, className),
    })
    if (node.type.size === 1) for (const register of [result].flat()) this.singles.add(register as Register)
    this.values.set(node, Array.isArray(result) ? { pair: result as [Register, Register] } : { register: result as Register })
  }

  private kindOf(shape: Shape): RegisterKind {
    if (sameShape(shape, this.shape)) return 'tile'
    if (this.rowRank > 0 && this.isRowShape(shape)) return 'row'
    assert(
      shape.every((size) => size === 1),
      `a value of shape [${shape}] in a region over [${this.shape}]`,
    )
    return 'splat'
  }

  private isRowShape(shape: Shape): boolean {
    const lead = this.shape.length - this.rowRank
    const kept = shape.length === this.shape.length && shape.slice(lead).every((size) => size === 1)
    return (kept || shape.length === lead) && sameShape(shape.slice(0, lead), this.shape.slice(0, lead))
  }

  /** The node's value as an operand of something of the given shape and kind. */
  private read(node: Node, shape: Shape, kind: RegisterKind): Register {
    const value = this.values.get(node)!
    if ('register' in value) return value.register
    assert('source' in value, `'${node.op.name}' has several results and is used directly`)
    return this.loadSource(value.source, shape, kind)
  }

  private loadSource(source: Source, shape: Shape, kind: RegisterKind): Register {
    const { view } = source
    const strides = this.spaceStrides(broadcastView(view, shape), kind)
    if (strides.every((stride, d) => stride === 0 || this.shape[d] === 1)) return this.loadAs(source, 'splat', strides)
    // One row per block: a value that is constant along the row is a single value there.
    const alongRow = this.rowRank > 0 && strides.slice(this.shape.length - this.rowRank).every((stride) => stride === 0)
    return this.loadAs(source, kind === 'tile' && alongRow && this.emitter.singleRow ? 'row' : kind, strides)
  }

  private loadAs(source: Source, kind: RegisterKind, strides: readonly number[]): Register {
    if (source.buffer !== -1) return this.emitter.load(source.buffer, source.dtype, kind, source.view.offset, strides)
    // Index values are counted in int64 or int32 and converted to the dtype they stand for.
    const counted = source.dtype === 'int64' || source.dtype === 'uint64' ? 'int64' : 'int32'
    const register = this.emitter.load(-1, counted, kind, source.view.offset, strides)
    const wanted = classOf(source.dtype)
    const converted = wanted === counted ? register : this.emitter.emit(`to_${dtypeInfo[wanted].short}`, counted, kind, [register], wanted)
    if (source.dtype === 'float16' || source.dtype === 'bfloat16')
      return roundHalf({ emitter: this.emitter, kind }, converted, source.dtype)
    const wrap = wrapInstruction(source.dtype)
    return wrap === undefined ? converted : this.emitter.emit(wrap, 'int32', kind, [converted])
  }

  /** Strides over the region's dimensions of a view whose shape is a tile's, a row's or a single value's. */
  private spaceStrides(view: View, kind: RegisterKind): readonly number[] {
    if (kind === 'tile') return view.strides
    const strides = new Array<number>(this.shape.length).fill(0)
    if (kind === 'row') for (let d = 0; d < this.shape.length - this.rowRank; d++) strides[d] = view.strides[d]!
    return strides
  }

  private move(node: Node): Value {
    const operand = this.values.get(node.inputs[0]!)!
    if ('source' in operand) {
      const view = moveView(operand.source.view, node.op.name, node.type.shape, node.attrs)
      // A reshape that strides cannot express stands last: elements are stored in the order of its operand.
      return view === undefined
        ? { register: this.read(node.inputs[0]!, this.shape, 'tile') }
        : { source: { ...operand.source, dtype: node.type.dtype, view } }
    }
    if ('pair' in operand && node.inputs[0]!.op.name === 'complex') return { register: operand.pair[node.op.name === 'real' ? 0 : 1] }
    assert('register' in operand, 'a movement of a node with several results')
    // One value looks the same from everywhere.
    if (operand.register.kind === 'splat' || this.singles.has(operand.register)) return operand
    // Row values: another form of the same register, or spread along the rows.
    return { register: this.kindOf(node.type.shape) === 'tile' ? this.emitter.asTile(operand.register) : operand.register }
  }

  private reduceRow(node: Node): Register {
    const operand = this.emitter.asTile(this.read(node.inputs[0]!, this.shape, 'tile'))
    const register = this.emitter.emit(`row_${node.op.traits.reduction}`, operand.class, 'row', [operand])
    const wrap = wrapInstruction(node.type.dtype)
    return wrap === undefined ? register : this.emitter.emit(wrap, 'int32', 'row', [register])
  }

  private storeOutput(node: Node, buffer: number): void {
    const isRow = this.rowRank > 0 && !sameShape(node.type.shape, this.shape) && this.isRowShape(node.type.shape)
    const kind: RegisterKind = isRow ? 'row' : 'tile'
    const lead = this.shape.length - this.rowRank
    const strides = isRow
      ? [...contiguousStrides(this.shape.slice(0, lead)), ...new Array<number>(this.rowRank).fill(0)]
      : contiguousStrides(this.shape)
    if (node.type.isComplex) {
      const pairs = strides.map((stride) => 2 * stride)
      this.pairOf(node).forEach((part, i) => {
        this.emitter.store(buffer, partDType(node.type.dtype), this.stored(part, kind), i, pairs)
      })
      return
    }
    const register = this.read(node, isRow ? node.type.shape : this.shape, kind)
    this.emitter.store(buffer, node.type.dtype, this.stored(register, kind), 0, strides)
  }

  /** The register in the form that is stored. */
  private stored(register: Register, kind: RegisterKind): Register {
    if (kind === 'tile') return this.emitter.asTile(register)
    return register.kind === 'row' ? register : this.emitter.emit('copy', register.class, 'row', [register])
  }

  private storeReduction(node: Node, buffer: number, axes: readonly number[]): void {
    const register = this.emitter.asTile(this.read(node.inputs[0]!, this.shape, 'tile'))
    const kept = this.shape.map((size, d) => (axes.includes(d) ? 1 : size))
    const strides = contiguousStrides(kept).map((stride, d) => (axes.includes(d) ? 0 : stride))
    const order = ['sum', 'prod', 'max', 'min', 'fmax', 'fmin', 'and', 'or', 'xor']
    this.emitter.store(buffer, node.type.dtype, register, 0, strides, order.indexOf(node.op.traits.reduction!) + 1)
  }

  private pairOf(node: Node): readonly [Register, Register] {
    const value = this.values.get(node)!
    assert('pair' in value, `'${node.op.name}' has no several results`)
    return value.pair
  }

  private constant(value: number | bigint, className: Class): Register {
    const buffer = this.buffers.constant(literalBytes(className, [value]))
    return this.emitter.load(buffer, className, 'splat', 0, new Array<number>(this.shape.length).fill(0))
  }

  private constantSource(node: Node): Value {
    const values = node.attrs['values'] as readonly (number | bigint)[]
    const { dtype, shape } = node.type
    const buffer = this.buffers.constant(literalBytes(dtype, values))
    if (dtype === 'float32' && values.length === 1) this.constants.set(buffer, Number(values[0]))
    const view = values.length === 1 ? { offset: 0, shape, strides: shape.map(() => 0) } : wholeView(shape)
    return { source: { buffer, dtype, view } }
  }
}

/** The kind of a single value: one computed as a tile or a row of one element makes what follows from it the same. */
function widest(kind: RegisterKind, operands: readonly Register[]): RegisterKind {
  const kinds = [kind, ...operands.map((operand) => operand.kind)]
  return kinds.includes('tile') ? 'tile' : kinds.includes('row') ? 'row' : 'splat'
}

/** Index values along an axis: an affine function of the index, just like an address. */
function iotaSource(node: Node): Source {
  return { buffer: -1, dtype: node.type.dtype, view: indexView(node.type.shape, node.attrs['axis'] as number) }
}
