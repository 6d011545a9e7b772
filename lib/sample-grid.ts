// Sampling images with the coordinates, paddings and roundings of MPSGraph's sampleGrid, from gridSample.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import type { SamplePadding } from '../ir/ops/sampling.js'
import { add, mul, sub } from './arithmetic.js'
import { checkBoolean, checkFinite, checkOptions, describeValue } from './check.js'
import { equal, greater, greaterEqual, where } from './comparison.js'
import { iota } from './create.js'
import { ceil, floor, neg, round } from './elementwise.js'
import { slice } from './indexing.js'
import { concat } from './join.js'
import { logicalAnd, logicalOr } from './logic.js'
import { constant, floatingPair, widened } from './operand.js'
import { cast, record, type TensorLike } from './record.js'
import type { Tensor } from './tensor.js'

const paddings = ['zeros', 'constant', 'border', 'reflect', 'symmetric', 'periodic', 'antiperiodic'] as const
const roundings = ['roundToEven', 'roundToOdd', 'roundPreferFloor', 'roundPreferCeil', 'floor', 'ceil'] as const

export type SampleGridPadding = (typeof paddings)[number]
export type NearestRounding = (typeof roundings)[number]

export interface SampleGridOptions {
  /** 'bilinear' (default) blends the four elements around a position, 'nearest' takes one of them. */
  readonly mode?: 'bilinear' | 'nearest' | undefined
  /**
   * What is outside: 'zeros' (default), the 'constant' constantValue, the nearest element of the 'border', the image mirrored at the centers of its outermost
   * elements ('reflect') or at their outer borders ('symmetric'), repeated ('periodic'), or repeated with its sign changed each time ('antiperiodic').
   */
  readonly paddingMode?: SampleGridPadding | undefined
  /** What is outside with paddingMode 'constant'; default 0. */
  readonly constantValue?: number | undefined
  /** Whether -1 and 1 are the centers of the outermost elements, instead of their outer borders; default false. Of no effect on coordinates in elements. */
  readonly alignCorners?: boolean | undefined
  /** Whether coordinates go from -1 to 1 (default), or count elements: 0 is the center of the first one. */
  readonly normalizeCoordinates?: boolean | undefined
  /** Whether coordinates are offsets from the element of x at the result's own row and column (normalized: scaled as others, 0 is no offset); default false. */
  readonly relativeCoordinates?: boolean | undefined
  /** Which element is the 'nearest': that below or above ('floor', 'ceil'), or the closest, of two as close the even, odd, lower or upper one. Default 'roundToEven'. */
  readonly nearestRoundingMode?: NearestRounding | undefined
}

interface Checked {
  readonly mode: 'bilinear' | 'nearest'
  readonly padding: SampleGridPadding
  readonly rounding: NearestRounding
  readonly alignCorners: boolean
  readonly normalized: boolean
  readonly relative: boolean
  readonly outside: number
}

const op = 'sampleGrid'

function checked(options: SampleGridOptions): Checked {
  const names = [
    'mode',
    'paddingMode',
    'constantValue',
    'alignCorners',
    'normalizeCoordinates',
    'relativeCoordinates',
    'nearestRoundingMode',
  ]
  checkOptions(op, options, names)
  const { mode = 'bilinear', paddingMode = 'zeros', constantValue = 0, alignCorners = false } = options
  const { normalizeCoordinates = true, relativeCoordinates = false, nearestRoundingMode = 'roundToEven' } = options
  const oneOf = (name: string, value: unknown, known: readonly unknown[]): void => {
    if (!known.includes(value))
      throw new SinterError('argument', `${name} is one of ${known.join(', ')}, got ${describeValue(value)}`, { op })
  }
  oneOf('mode', mode, ['bilinear', 'nearest'])
  oneOf('paddingMode', paddingMode, paddings)
  oneOf('nearestRoundingMode', nearestRoundingMode, roundings)
  checkFinite(op, 'constantValue', constantValue)
  checkBoolean(op, 'alignCorners', alignCorners)
  checkBoolean(op, 'normalizeCoordinates', normalizeCoordinates)
  checkBoolean(op, 'relativeCoordinates', relativeCoordinates)
  if (options.constantValue !== undefined && paddingMode !== 'constant') {
    throw new SinterError('argument', `constantValue has no effect with paddingMode '${paddingMode}'`, {
      op,
      hint: "use paddingMode: 'constant'",
    })
  }
  if (options.nearestRoundingMode !== undefined && mode !== 'nearest') {
    throw new SinterError('argument', "nearestRoundingMode has no effect with mode 'bilinear'", { op, hint: "use mode: 'nearest'" })
  }
  return {
    mode,
    padding: paddingMode,
    rounding: nearestRoundingMode,
    alignCorners,
    normalized: normalizeCoordinates,
    relative: relativeCoordinates,
    outside: constantValue,
  }
}

function sampled(x: Tensor, grid: Tensor, mode: Checked['mode'], padding: SamplePadding, alignCorners: boolean): Tensor {
  return record(ops.gridSample, [x, grid], { mode: mode === 'nearest' ? 'nearest' : 'linear', padding, alignCorners })
}

/** Positions as whole numbers. The part above the lower one is exact; adding a half to a position would not be. */
function rounded(position: Tensor, mode: NearestRounding): Tensor {
  if (mode === 'roundToEven') return round(position)
  if (mode === 'floor') return floor(position)
  if (mode === 'ceil') return ceil(position)
  const low = floor(position)
  const part = sub(position, low)
  const half = constant(0.5, position)
  const even = (): Tensor => equal(mul(floor(mul(low, half)), constant(2, low)), low)
  const up = {
    roundPreferCeil: () => greaterEqual(part, half),
    roundPreferFloor: () => greater(part, half),
    roundToOdd: () => logicalOr(greater(part, half), logicalAnd(equal(part, half), even())),
  }[mode]()
  return where(up, add(low, constant(1, low)), low)
}

/** Where the coordinates along one axis of x lie, counted in elements. */
function positions(coordinate: Tensor, n: number, axis: number, how: Checked): Tensor {
  const value = (number: number): Tensor => constant(number, coordinate)
  const half = (how.alignCorners ? n - 1 : n) / 2
  let position = how.normalized ? mul(coordinate, value(half)) : coordinate
  // The image's middle is coordinate 0.
  if (how.relative) position = add(position, iota('float32', coordinate.shape, axis, coordinate.device))
  else if (how.normalized) position = add(position, value((n - 1) / 2))
  return how.mode === 'nearest' ? rounded(position, how.rounding) : position
}

/** x twice or once along an axis, and its first element again, which closes the circle. */
function closed(x: Tensor, axis: number, anti: boolean): Tensor {
  const first = slice(
    x,
    [],
    x.shape.map((size, d) => (d === axis ? 1 : size)),
  )
  return concat(anti ? [x, neg(x), first] : [x, first], axis)
}

/** Sampled at positions counted in elements, padded by one of gridSample's paddings or in circles. */
function sampledAt(x: Tensor, along: readonly [Tensor, Tensor], { mode, padding }: Checked): Tensor {
  const circular = padding === 'periodic' || padding === 'antiperiodic'
  const anti = padding === 'antiperiodic'
  const aligned = padding === 'reflect'
  const image = circular ? closed(closed(x, 2, anti), 3, anti) : x
  const coordinates = along.map((position, which) => {
    const value = (number: number): Tensor => constant(number, position)
    const n = image.shape[3 - which]!
    if (aligned) return n === 1 ? mul(position, value(0)) : sub(mul(position, value(2 / (n - 1))), value(1))
    const turn = value(1 / (n - 1))
    const within = circular ? sub(position, mul(floor(mul(position, turn)), value(n - 1))) : position
    return add(mul(within, value(2 / n)), value(1 / n - 1))
  })
  const own = padding === 'border' ? 'border' : aligned || padding === 'symmetric' ? 'reflection' : 'zeros'
  return sampled(image, concat(coordinates, 3), mode, own, aligned)
}

/**
 * Images, [batch, channels, height, width], sampled at the positions in grid, [batch, rows, columns, 2], of (x, y): gridSample with more paddings and roundings, and
 * with coordinates that count elements or are offsets. The result is [batch, channels, rows, columns] in the operands' common floating dtype. The nearest to NaN is
 * outside, a blend at NaN or an infinity is NaN or outside; MPSGraph has no rule for either. Throws `argument` for options that are not known or have no effect, and
 * `shape` for other shapes. MPSGraph: sampleGrid.
 */
export function sampleGrid(x: TensorLike, grid: TensorLike, options: SampleGridOptions = {}): Tensor {
  const how = checked(options)
  const [first, second] = floatingPair(x, grid, op)
  const { dtype } = first.node.type
  const [images, places] = [widened(first), widened(second)]
  checkShapes(first, second)
  const source = how.outside === 0 ? images : sub(images, constant(how.outside, images))
  const result = sampledAs(source, places, how)
  return cast(how.outside === 0 ? result : add(result, constant(how.outside, result)), dtype)
}

function checkShapes(x: Tensor, grid: Tensor): void {
  const right = x.ndim === 4 && grid.ndim === 4 && x.shape[0] === grid.shape[0] && grid.shape[3] === 2 && x.shape[2]! * x.shape[3]! > 0
  if (right) return
  throw new SinterError(
    'shape',
    'x is not [batch, channels, height, width] with elements in its images, or grid not [batch, rows, columns, 2]',
    {
      op,
      operands: [x, grid],
    },
  )
}

/** Through gridSample as it is where that has the padding and the rounding; through positions otherwise. */
function sampledAs(x: Tensor, grid: Tensor, how: Checked): Tensor {
  const { mode, padding, alignCorners } = how
  if (how.normalized && !how.relative && (mode === 'bilinear' || how.rounding === 'roundToEven')) {
    if (padding === 'zeros' || padding === 'constant') return sampled(x, grid, mode, 'zeros', alignCorners)
    if (padding === 'border') return sampled(x, grid, mode, 'border', alignCorners)
  }
  const part = (which: 0 | 1): Tensor => slice(grid, [null, null, null, which], [null, null, null, which + 1])
  const across = positions(part(0), x.shape[3]!, 2, how)
  const down = positions(part(1), x.shape[2]!, 1, how)
  return sampledAt(x, [across, down], how)
}
