// Blocks of space as depth or as elements of a batch, and back: reshapes and permutations.

import { SinterError } from '../ir/error.js'
import { sizeOf } from '../ir/shape.js'
import { axisArgument, axisList, checkBoolean, checkInteger, checkOptions, shapeArgument } from './check.js'
import { asTensor, type TensorLike } from './record.js'
import { permuteDims, reshape } from './shape.js'
import type { Tensor } from './tensor.js'

export interface DepthOptions {
  /** The dimensions of height and width; default the last two. */
  readonly axes?: readonly number[] | undefined
  /** The dimension of depth; default the third from the end. */
  readonly depthAxis?: number | undefined
  /** The place within a block varies fastest along the depth, as in pixelShuffle; default false: slowest. */
  readonly pixelShuffleOrder?: boolean | undefined
}

export interface BatchOptions {
  /** The dimensions that blocks span; default those after the first two. */
  readonly axes?: readonly number[] | undefined
  /** The dimension of the batch; default 0. */
  readonly batchAxis?: number | undefined
  /** The place within a block varies fastest along the batch; default false: slowest. */
  readonly pixelShuffleOrder?: boolean | undefined
}

/** Which dimensions are cut into blocks, of which sizes, and where the places within a block go. */
interface Blocks {
  readonly op: string
  readonly x: Tensor
  readonly axes: readonly number[]
  readonly sizes: readonly number[]
  readonly target: number
  readonly fastest: boolean
}

function blocksOf(op: string, x: Tensor, axes: readonly number[], sizes: readonly number[], target: number, fastest: boolean): Blocks {
  const spatial = axisList(op, x, axes)
  const to = axisArgument(op, x, target)
  checkBoolean(op, 'pixelShuffleOrder', fastest)
  if (spatial.includes(to))
    throw new SinterError('argument', `dimension ${to} is both cut into blocks and their target`, { op, operands: [x] })
  for (const size of sizes) checkInteger(op, 'a block size', size, 1)
  if (spatial.length !== sizes.length) {
    throw new SinterError('argument', `${sizes.length} block sizes for ${spatial.length} dimensions`, { op, operands: [x] })
  }
  return { op, x, axes: spatial, sizes, target: to, fastest }
}

/** Dimensions of the tensor with blocks apart: a number is the dimension itself (without its blocks), `block i` the places within blocks along axes[i]. */
type Part = number | { readonly block: number }

const partsBefore = ({ x, axes }: Blocks): Part[] =>
  x.shape.flatMap((_, d): Part[] => (axes.includes(d) ? [d, { block: axes.indexOf(d) }] : [d]))

function partsAfter({ x, axes, target, fastest }: Blocks): Part[] {
  const blocks = axes.map((_, block): Part => ({ block }))
  return x.shape.flatMap((_, d): Part[] => (d !== target ? [d] : fastest ? [d, ...blocks] : [...blocks, d]))
}

const isSame = (a: Part, b: Part): boolean => (typeof a === 'number' ? a === b : typeof b !== 'number' && a.block === b.block)

/** x as parts in one order, brought into another order, and into a shape. */
function moved(
  x: Tensor,
  from: readonly Part[],
  to: readonly Part[],
  sizeOfPart: (part: Part) => number,
  shape: readonly number[],
): Tensor {
  const apart = reshape(x, from.map(sizeOfPart))
  const order = to.map((part) => from.findIndex((other) => isSame(other, part)))
  return reshape(permuteDims(apart, order), shape)
}

/** Blocks to the target dimension. */
function gathered(blocks: Blocks): Tensor {
  const { op, x, axes, sizes, target } = blocks
  axes.forEach((axis, i) => {
    if (x.shape[axis]! % sizes[i]! !== 0) {
      throw new SinterError('shape', `dimension ${axis} of size ${x.shape[axis]} does not divide into blocks of ${sizes[i]}`, {
        op,
        operands: [x],
      })
    }
  })
  const own = (d: number): number => (axes.includes(d) ? x.shape[d]! / sizes[axes.indexOf(d)]! : x.shape[d]!)
  const shape = x.shape.map((_, d) => (d === target ? own(d) * sizeOf(sizes) : own(d)))
  return moved(x, partsBefore(blocks), partsAfter(blocks), (part) => (typeof part === 'number' ? own(part) : sizes[part.block]!), shape)
}

/** Blocks back from the target dimension. */
function spread(blocks: Blocks): Tensor {
  const { op, x, axes, sizes, target } = blocks
  const count = sizeOf(sizes)
  if (x.shape[target]! % count !== 0) {
    throw new SinterError('shape', `dimension ${target} of size ${x.shape[target]} does not divide into blocks of ${count}`, {
      op,
      operands: [x],
    })
  }
  const own = (d: number): number => (d === target ? x.shape[d]! / count : x.shape[d]!)
  const shape = x.shape.map((_, d) => (axes.includes(d) ? own(d) * sizes[axes.indexOf(d)]! : own(d)))
  return moved(x, partsAfter(blocks), partsBefore(blocks), (part) => (typeof part === 'number' ? own(part) : sizes[part.block]!), shape)
}

function depthBlocks(op: string, x: TensorLike, blockSize: number, options: DepthOptions): Blocks {
  const own = asTensor(x, op)
  checkOptions(op, options, ['axes', 'depthAxis', 'pixelShuffleOrder'])
  const axes = axisList(op, own, options.axes ?? [-2, -1])
  return blocksOf(
    op,
    own,
    axes,
    axes.map(() => blockSize),
    options.depthAxis ?? -3,
    options.pixelShuffleOrder ?? false,
  )
}

/**
 * Blocks of blockSize by blockSize pixels as depth: [..., C, H, W] gives [..., C * blockSize^2, H / blockSize, W / blockSize], the place within the block slowest
 * along the depth (as TensorFlow orders it), or fastest with pixelShuffleOrder (as torch does). Throws `shape` where sizes do not divide. MPSGraph:
 * spaceToDepth2DTensor:widthAxis:heightAxis:depthAxis:blockSize:usePixelShuffleOrder:name:.
 */
export function spaceToDepth(x: TensorLike, blockSize: number, options: DepthOptions = {}): Tensor {
  return gathered(depthBlocks('spaceToDepth', x, blockSize, options))
}

/** The inverse of spaceToDepth. MPSGraph: depthToSpace2DTensor:widthAxis:heightAxis:depthAxis:blockSize:usePixelShuffleOrder:name:. */
export function depthToSpace(x: TensorLike, blockSize: number, options: DepthOptions = {}): Tensor {
  return spread(depthBlocks('depthToSpace', x, blockSize, options))
}

/** [..., C * factor^2, H, W] as [..., C, H * factor, W * factor] (Shi et al., 2016): depthToSpace in pixelShuffleOrder. */
export function pixelShuffle(x: TensorLike, factor: number): Tensor {
  return spread(depthBlocks('pixelShuffle', x, factor, { pixelShuffleOrder: true }))
}

/** The inverse of pixelShuffle. */
export function pixelUnshuffle(x: TensorLike, factor: number): Tensor {
  return gathered(depthBlocks('pixelUnshuffle', x, factor, { pixelShuffleOrder: true }))
}

function batchBlocks(op: string, x: TensorLike, blockSizes: readonly number[] | number, options: BatchOptions): Blocks {
  const own = asTensor(x, op)
  checkOptions(op, options, ['axes', 'batchAxis', 'pixelShuffleOrder'])
  const sizes = shapeArgument(op, blockSizes)
  const axes = options.axes ?? sizes.map((_, i) => i + 2)
  return blocksOf(op, own, axes, sizes, options.batchAxis ?? 0, options.pixelShuffleOrder ?? false)
}

/**
 * Blocks of space as elements of the batch: [N, C, D...] with a block size for each of D gives [N * blocks, C, D / blocks...], the place within the block slowest
 * along the batch, or fastest with pixelShuffleOrder. MPSGraph: spaceToBatchTensor:spatialAxes:batchAxis:blockDimensions:usePixelShuffleOrder:name:.
 */
export function spaceToBatch(x: TensorLike, blockSizes: readonly number[] | number, options: BatchOptions = {}): Tensor {
  return gathered(batchBlocks('spaceToBatch', x, blockSizes, options))
}

/** The inverse of spaceToBatch. MPSGraph: batchToSpaceTensor:spatialAxes:batchAxis:blockDimensions:usePixelShuffleOrder:name:. */
export function batchToSpace(x: TensorLike, blockSizes: readonly number[] | number, options: BatchOptions = {}): Tensor {
  return spread(batchBlocks('batchToSpace', x, blockSizes, options))
}
