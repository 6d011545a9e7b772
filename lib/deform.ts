// Deformable convolution: every tap of the kernel reads at a place of its own, between elements. Gathers and a matrix product.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { sizeOf } from '../ir/shape.js'
import { add, clamp, mul, sub } from './arithmetic.js'
import { checkOptions } from './check.js'
import { greaterEqual, less } from './comparison.js'
import { channelBias, floatOperand, paddingPairs } from './convolution.js'
import { iota } from './create.js'
import { floor } from './elementwise.js'
import { gather } from './gather.js'
import { matmul } from './linalg.js'
import { logicalAnd } from './logic.js'
import { widened } from './operand.js'
import { cast, promoted, record, type TensorLike } from './record.js'
import { broadcastTo, reshape } from './shape.js'
import { type PerDimension, perDimension } from './spatial.js'
import type { Tensor } from './tensor.js'

export interface DeformConvOptions {
  /** Added to each output channel. */
  readonly bias?: Tensor | undefined
  /** A factor for each tap at each place: [N, offsetGroups * KH * KW, H', W']. */
  readonly mask?: Tensor | undefined
  /** Steps of the kernel; default 1. */
  readonly stride?: PerDimension | undefined
  /** Zeros around the data; default 0. */
  readonly padding?: PerDimension | readonly (readonly [number, number])[] | undefined
  /** Distances between the kernel's elements; default 1. */
  readonly dilation?: PerDimension | undefined
}

const op = 'deformConv2d'

function refuse(message: string, operands: readonly Tensor[]): never {
  throw new SinterError('shape', message, { op, operands })
}

/** Where taps read along one dimension before they are moved: [taps, places]. */
function grid(x: Tensor, count: number, taps: number, stride: number, dilation: number, before: number): Tensor {
  const places = mul(iota('float32', [count], 0, x.device), stride)
  const starts = sub(mul(iota('float32', [taps], 0, x.device), dilation), before)
  return cast(add(reshape(starts, [taps, 1]), reshape(places, [1, count])), x.dtype)
}

interface Corner {
  readonly at: Tensor
  /** Its share of the value; 0 outside of the data. */
  readonly share: Tensor
}

/** The two elements on both sides of positions along a dimension of `size` elements. */
function corners(position: Tensor, size: number): Corner[] {
  const low = floor(position)
  const part = sub(position, low)
  return [0, 1].map((side) => {
    const at = add(low, side)
    const inside = logicalAnd(greaterEqual(at, 0), less(at, size))
    return { at: cast(clamp(at, 0, size - 1), 'int32'), share: mul(side === 0 ? sub(1, part) : part, cast(inside, position.dtype)) }
  })
}

/**
 * The deformable 2-D convolution of x [N, C, H, W] with weight [O, C / groups, KH, KW], as torchvision's deform_conv2d. offset is [N, 2 * offsetGroups * KH * KW, H',
 * W']: for each tap how far down and how far right it reads, between elements by bilinear interpolation, outside as zeros; `mask` weighs the taps. The numbers of
 * groups follow from the shapes. Differentiable in all operands. Floats only; float16 and bfloat16 are computed in float32. Throws `dtype` for integers, `shape` for
 * sizes that do not fit. MPSGraph: gatherAlongAxis and matrixMultiplication.
 */
export function deformConv2d(x: TensorLike, offset: TensorLike, weight: TensorLike, options: DeformConvOptions = {}): Tensor {
  checkOptions(op, options, ['bias', 'mask', 'stride', 'padding', 'dilation'])
  const [given, kernels] = promoted(floatOperand(op, x), floatOperand(op, weight), op)
  const [own, weights] = [widened(given), widened(kernels)]
  const moves = cast(floatOperand(op, offset), own.dtype)
  if (own.ndim !== 4 || weights.ndim !== 4 || moves.ndim !== 4)
    refuse('data, offset and weights have four dimensions', [own, moves, weights])
  const [batch, channels, height, width] = own.shape as [number, number, number, number]
  const [outputs, perGroup, kernelHeight, kernelWidth] = weights.shape as [number, number, number, number]
  const strides = perDimension(op, 'stride', options.stride ?? 1, 2, 1)
  const dilations = perDimension(op, 'dilation', options.dilation ?? 1, 2, 1)
  const pads = paddingPairs(op, options.padding ?? 0, 2)
  const taps = kernelHeight * kernelWidth
  const counts = [height, width].map((size, d) => {
    const extent = dilations[d]! * ([kernelHeight, kernelWidth][d]! - 1) + 1
    return Math.floor((size + pads[d]![0] + pads[d]![1] - extent) / strides[d]!) + 1
  }) as [number, number]
  const groups = channels / perGroup
  const offsetGroups = moves.shape[1]! / (2 * taps)
  if (counts.some((count) => count < 1)) refuse('the dilated kernel does not fit into the padded data', [own, weights])
  if (!Number.isInteger(groups) || groups < 1 || outputs % groups !== 0)
    refuse(`weights of ${perGroup} of ${channels} channels`, [own, weights])
  const places = sizeOf(counts)
  const wanted = [batch, 2 * offsetGroups * taps, ...counts]
  if (!Number.isInteger(offsetGroups) || channels % offsetGroups !== 0 || moves.shape.some((size, d) => size !== wanted[d])) {
    refuse(`offset is [${batch}, 2 * offsetGroups * ${taps}, ${counts}], offsetGroups dividing ${channels} channels`, [own, moves])
  }
  // [N, offsetGroups, KH, KW, (down, right), H', W']
  const apart = reshape(moves, [batch, offsetGroups, kernelHeight, kernelWidth, 2, ...counts])
  const move = (index: number): Tensor => {
    const starts = [0, 0, 0, 0, index, 0, 0]
    const sizes = apart.shape.map((size, d) => (d === 4 ? 1 : size))
    return reshape(record(ops.slice, [apart], { starts, sizes, steps: starts.map(() => 1) }), sizes.toSpliced(4, 1))
  }
  const rows = reshape(grid(own, counts[0], kernelHeight, strides[0]!, dilations[0]!, pads[0]![0]), [1, 1, kernelHeight, 1, counts[0], 1])
  const columns = reshape(grid(own, counts[1], kernelWidth, strides[1]!, dilations[1]!, pads[1]![0]), [1, 1, 1, kernelWidth, 1, counts[1]])
  const down = corners(add(move(0), rows), height)
  const right = corners(add(move(1), columns), width)
  const each = channels / offsetGroups
  const image = reshape(own, [batch, offsetGroups, each, height * width])
  const spread = (values: Tensor): Tensor => reshape(values, [batch, offsetGroups, 1, taps * places])
  let columnsOf: Tensor | undefined
  for (const y of down) {
    for (const z of right) {
      const at = broadcastTo(spread(add(mul(y.at, width), z.at)), [batch, offsetGroups, each, taps * places])
      const part = mul(gather(image, at, 3), spread(mul(y.share, z.share)))
      columnsOf = columnsOf === undefined ? part : add(columnsOf, part)
    }
  }
  const weighted =
    options.mask === undefined ? columnsOf! : mul(columnsOf!, spread(maskOf(options.mask, own, [batch, offsetGroups * taps, ...counts])))
  const matrices = reshape(weights, [1, groups, outputs / groups, perGroup * taps])
  const product = matmul(matrices, reshape(weighted, [batch, groups, perGroup * taps, places]))
  const result = cast(reshape(product, [batch, outputs, ...counts]), given.dtype)
  return options.bias === undefined ? result : channelBias(op, result, options.bias)
}

function maskOf(mask: Tensor, x: Tensor, shape: readonly number[]): Tensor {
  const own = cast(floatOperand(op, mask), x.dtype)
  if (own.ndim !== 4 || own.shape.some((size, d) => size !== shape[d])) refuse(`the mask is [${shape}]`, [own])
  return own
}
