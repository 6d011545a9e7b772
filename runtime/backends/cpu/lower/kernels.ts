// Ops that are kernels of their own: one native step, or a few copies.

import { dtypeInfo } from '../../../../ir/dtype.js'
import type { Node } from '../../../../ir/node.js'
import type { argOps } from '../../../../ir/ops/arg.js'
import type { assembleOps } from '../../../../ir/ops/assemble.js'
import type { indexingOps } from '../../../../ir/ops/indexing.js'
import type { orderOps } from '../../../../ir/ops/order.js'
import type { scanOps } from '../../../../ir/ops/scan.js'
import { aroundAxis, contiguousStrides, type Shape, sizeOf } from '../../../../ir/shape.js'
import { literalBytes } from '../../../literal.js'
import { Words } from '../program.js'

/** What a kernel lowering works with. */
export interface KernelContext {
  readonly node: Node
  /** The buffer with operand i's elements, contiguous from its start. */
  operand(index: number): number
  /** The buffer for the result. */
  readonly target: number
  constant(bytes: Uint8Array): number
  step(words: Words, nanoseconds: number): void
  /** Copies the elements of a contiguous buffer of `shape` into `target` at an offset and strides. */
  copy(
    source: number,
    shape: Shape,
    sourceStrides: readonly number[],
    target: number,
    targetOffset: number,
    targetStrides: readonly number[],
  ): void
}

export type KernelLowering = (context: KernelContext) => void

type KernelName =
  | keyof typeof argOps
  | keyof typeof assembleOps
  | keyof typeof indexingOps
  | keyof typeof orderOps
  | keyof typeof scanOps
  | 'bitcast'

const nanosecondsPerElement = 1

/** A step of the given kind: `head` words, the sizes around the axis, then buffers. */
function axisStep(
  context: KernelContext,
  kind: number,
  head: readonly number[],
  shape: Shape,
  axis: number,
  rest: (words: Words) => void,
): void {
  const around = aroundAxis(shape, axis)
  const words = new Words()
  words.push(kind, 0, ...head)
  words.long(around.outer, around.axis, around.inner)
  rest(words)
  words.set(1, words.length)
  context.step(words, nanosecondsPerElement * Math.max(sizeOf(shape), context.node.type.size))
}

const scan =
  (operation: number): KernelLowering =>
  (context) => {
    const { dtype, shape } = context.node.type
    const { axis, exclusive, reverse } = context.node.attrs
    const head = [dtypeInfo[dtype].code, operation, Number(exclusive), Number(reverse)]
    axisStep(context, 3, head, shape, axis as number, (words) => words.push(context.operand(0), context.target))
  }

const argReduce =
  (operation: number): KernelLowering =>
  (context) => {
    const { dtype, shape } = context.node.inputs[0]!.type
    const head = [dtypeInfo[dtype].code, operation]
    axisStep(context, 4, head, shape, context.node.attrs['axis'] as number, (words) => words.push(context.operand(0), context.target))
  }

const read =
  (kind: number): KernelLowering =>
  (context) => {
    const [x, indices] = context.node.inputs as [Node, Node]
    const axis = context.node.attrs['axis'] as number
    const head = [dtypeInfo[x.type.dtype].bytes, dtypeInfo[indices.type.dtype].code]
    axisStep(context, kind, head, x.type.shape, axis, (words) => {
      words.long(kind === 5 ? indices.type.size : indices.type.shape[axis]!)
      words.push(context.operand(0), context.operand(1), context.target)
    })
  }

const accumulate =
  (kind: number): KernelLowering =>
  (context) => {
    const [base, indices] = context.node.inputs as [Node, Node]
    const axis = context.node.attrs['axis'] as number
    const head = [dtypeInfo[base.type.dtype].code, dtypeInfo[indices.type.dtype].code]
    axisStep(context, kind, head, base.type.shape, axis, (words) => {
      words.long(indices.type.shape[kind === 7 ? 0 : axis]!)
      words.push(context.operand(0), context.operand(1), context.operand(2), context.target)
    })
  }

const concat: KernelLowering = (context) => {
  const { node, target } = context
  const axis = node.attrs['axis'] as number
  const strides = contiguousStrides(node.type.shape)
  let start = 0
  node.inputs.forEach((input, i) => {
    const { shape, size } = input.type
    if (size > 0) context.copy(context.operand(i), shape, contiguousStrides(shape), target, start * strides[axis]!, strides)
    start += shape[axis]!
  })
}

const pad: KernelLowering = (context) => {
  const { node, target } = context
  const { shape, dtype } = node.type
  const strides = contiguousStrides(shape)
  const value = context.constant(literalBytes(dtype, [node.attrs['value'] as number | bigint]))
  context.copy(
    value,
    shape,
    shape.map(() => 0),
    target,
    0,
    strides,
  )
  const inner = node.inputs[0]!.type
  const low = node.attrs['low'] as readonly number[]
  const offset = low.reduce((sum, amount, d) => sum + amount * strides[d]!, 0)
  if (inner.size > 0) context.copy(context.operand(0), inner.shape, contiguousStrides(inner.shape), target, offset, strides)
}

const argsort: KernelLowering = (context) => {
  const { dtype, shape, size } = context.node.inputs[0]!.type
  const length = shape[shape.length - 1]!
  const words = new Words()
  words.push(9, 0, dtypeInfo[dtype].code, Number(context.node.attrs['descending']))
  words.long(size / length, length)
  words.push(context.operand(0), context.target)
  words.set(1, words.length)
  context.step(words, 20 * size * Math.log2(length + 1))
}

/** Between dtypes of different sizes: the same bytes. */
const reinterpret: KernelLowering = (context) => {
  const { shape } = context.node.type
  context.copy(context.operand(0), shape, contiguousStrides(shape), context.target, 0, contiguousStrides(shape))
}

export const kernelLowerings: Readonly<Record<KernelName, KernelLowering>> = {
  argmax: argReduce(0),
  argmin: argReduce(1),
  concat,
  pad,
  take: read(5),
  takeAlongAxis: read(6),
  indexAdd: accumulate(7),
  scatterAddAlongAxis: accumulate(8),
  argsort,
  bitcast: reinterpret,
  cumsum: scan(0),
  cumprod: scan(1),
  cummax: scan(2),
  cummin: scan(3),
}
