// Choosing among overlapping boxes, as detectors of objects do with what they find.

import { isFloat } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { type CoordinateMode, coordinateModes } from '../ir/ops/detection.js'
import { ops } from '../ir/ops/index.js'
import { checkBoolean, checkNumber, checkOptions, describeValue } from './check.js'
import { constantOf, indexOperand } from './operand.js'
import { cast, promoted, record, requireReal, type TensorLike } from './record.js'
import { type Pending, pendingNonZero, settle, settleSync } from './sets.js'
import { reshape } from './shape.js'
import { argsort } from './sort.js'
import type { Tensor } from './tensor.js'

export type { CoordinateMode } from '../ir/ops/detection.js'

export interface NonMaximumSuppressionOptions {
  /** Boxes whose overlap with a better one (the intersection divided by the union) is greater are taken out; 0 to 1, default 0.5. */
  readonly iouThreshold?: number | undefined
  /** Boxes with a lower score are out from the start; default -Infinity. */
  readonly scoreThreshold?: number | undefined
  /** Integers [..., N]: the class of each box. Where they are not given it is the place of the largest of the K scores. */
  readonly classes?: Tensor | undefined
  /** Whether boxes take out those of their own class only; default false. */
  readonly perClass?: boolean | undefined
  /**
   * What the numbers of a box are: 'cornersHeightFirst' [y1, x1, y2, x2], 'cornersWidthFirst' [x1, y1, x2, y2] (the default), 'centersHeightFirst'
   * [y, x, height, width] or 'centersWidthFirst' [x, y, width, height]. The first corner is the one with the lower coordinates.
   */
  readonly coordinates?: CoordinateMode | undefined
}

const optionNames = ['iouThreshold', 'scoreThreshold', 'classes', 'perClass', 'coordinates'] as const

/** Boxes and scores in their common dtype of floats. */
function floats(op: string, boxes: TensorLike, scores: TensorLike): [Tensor, Tensor] {
  const [own, values] = promoted(boxes, scores, op)
  requireReal(op, own, values)
  return isFloat(own.dtype) ? [own, values] : [cast(own, 'float32'), cast(values, 'float32')]
}

function suppression(op: string, boxes: TensorLike, scores: TensorLike, options: NonMaximumSuppressionOptions): Tensor {
  const {
    iouThreshold = 0.5,
    scoreThreshold = Number.NEGATIVE_INFINITY,
    classes,
    perClass = false,
    coordinates = 'cornersWidthFirst',
  } = options
  checkNumber(op, 'iouThreshold', iouThreshold)
  checkNumber(op, 'scoreThreshold', scoreThreshold)
  checkBoolean(op, 'perClass', perClass)
  if (!coordinateModes.includes(coordinates)) {
    throw new SinterError('argument', `there are no coordinates ${describeValue(coordinates)}`, {
      op,
      hint: `coordinates: ${coordinateModes.join(', ')}`,
    })
  }
  const [own, values] = floats(op, boxes, scores)
  const leading = own.shape.slice(0, -1)
  const plain = values.ndim === own.ndim - 1
  const fits =
    own.ndim >= 2 && own.shape.at(-1) === 4 && (plain || values.ndim === own.ndim) && leading.every((size, d) => values.shape[d] === size)
  if (!fits) {
    throw new SinterError('shape', `scores ${values.type} do not belong to boxes ${own.type}`, {
      op,
      operands: [own, values],
      hint: 'boxes are [..., N, 4], and scores [..., N], or [..., N, K] with one for each class',
    })
  }
  const n = leading.at(-1)!
  const batch = leading.slice(0, -1).reduce((product, size) => product * size, 1)
  const operands = [reshape(own, [batch, n, 4]), reshape(values, [batch, n, plain ? 1 : values.shape.at(-1)!])]
  if (classes !== undefined) {
    const kinds = cast(indexOperand(classes, op, own.device), 'int32')
    if (kinds.shape.join() !== leading.join()) {
      throw new SinterError('shape', `classes ${kinds.type} are not one for each of the boxes ${own.type}`, { op, operands: [kinds, own] })
    }
    operands.push(reshape(kinds, [batch, n]))
  }
  return reshape(record(ops.nonMaximumSuppression, operands, { iouThreshold, scoreThreshold, perClass, coordinates }), leading)
}

/**
 * Which of overlapping boxes remain: a mask of bools [..., N] for boxes [..., N, 4] with scores [..., N], or [..., N, K] for K classes, of which the largest
 * counts. From the highest score down (the first of equals first), each box takes out the lower ones that overlap it by more than iouThreshold. Leading dimensions
 * are batches. Boxes with a NaN as score are out. `where(mask, scores, -Infinity)` with topK gives a fixed number of them; see nms for their positions.
 * Throws `shape`, `dtype` and `attribute` for operands and thresholds that do not fit. MPSGraph: nonMaximumSuppressionWithBoxesTensor.
 */
export function nonMaximumSuppression(boxes: TensorLike, scores: TensorLike, options: NonMaximumSuppressionOptions = {}): Tensor {
  const op = 'nonMaximumSuppression'
  checkOptions(op, options, optionNames)
  return suppression(op, boxes, scores, options)
}

export type NmsOptions = Omit<NonMaximumSuppressionOptions, 'iouThreshold' | 'perClass'>

function pendingNms(boxes: TensorLike, scores: TensorLike, iouThreshold: number, options: NmsOptions): Pending<Tensor> {
  const op = 'nms'
  checkOptions(op, options, ['scoreThreshold', 'classes', 'coordinates'])
  const [own, values] = floats(op, boxes, scores)
  if (own.ndim !== 2 || values.ndim !== 1) {
    throw new SinterError('shape', `boxes are [N, 4] and scores [N], got ${own.type} and ${values.type}`, {
      op,
      operands: [own, values],
      hint: 'nonMaximumSuppression takes batches, and scores of several classes',
    })
  }
  const mask = suppression(op, own, values, { ...options, iouThreshold, perClass: options.classes !== undefined })
  // In the order of scores, so that closing up leaves it.
  const order = argsort(values, -1, { descending: true })
  const found = pendingNonZero(record(ops.take, [mask, order], { axis: 0 }))
  const finish = (count: number): Tensor => {
    if (count === 0) return constantOf(0, 'int32', [0], own.device)
    return record(ops.take, [order, reshape(found.finish(count), [count])], { axis: 0 })
  }
  return { needs: [...found.needs, order], count: found.count, finish }
}

/**
 * The positions of the boxes that remain when those that overlap a better one by more than iouThreshold are taken out, as int32 in the order of their scores, as
 * torchvision's nms; with classes, only boxes of the same class take out each other (batched_nms). boxes are [N, 4], by default [x1, y1, x2, y2], scores [N].
 * Realizes its operands, since the size of the result depends on them.
 */
export function nms(boxes: TensorLike, scores: TensorLike, iouThreshold: number, options: NmsOptions = {}): Promise<Tensor> {
  return settle(pendingNms(boxes, scores, iouThreshold, options))
}

/** nms, waiting for its operands. */
export function nmsSync(boxes: TensorLike, scores: TensorLike, iouThreshold: number, options: NmsOptions = {}): Tensor {
  return settleSync(pendingNms(boxes, scores, iouThreshold, options))
}
