// Sampling images at positions that are data.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { type SamplePadding, samplePaddings } from '../ir/ops/sampling.js'
import { checkBoolean, checkOptions, describeValue } from './check.js'
import { floatingPair } from './operand.js'
import { record, type TensorLike } from './record.js'
import type { Tensor } from './tensor.js'

export interface GridSampleOptions {
  /** 'bilinear' (default) blends the four elements around a position, 'nearest' takes the nearest one, halves to even indices. */
  readonly mode?: 'bilinear' | 'nearest' | undefined
  /** What is outside: 'zeros' (default), the nearest element of the 'border', or a 'reflection'. */
  readonly paddingMode?: SamplePadding | undefined
  /** Whether -1 and 1 are the centers of the outermost elements, instead of their outer borders; default false. */
  readonly alignCorners?: boolean | undefined
}

/**
 * Images, [batch, channels, height, width], sampled at the positions in grid, [batch, rows, columns, 2]: (x, y) from -1 to 1. The result is [batch, channels, rows, columns]. A position
 * that is NaN lies outside of every image. MPSGraph: sampleGrid (where such positions, and infinite ones, have no rule).
 */
export function gridSample(x: TensorLike, grid: TensorLike, options: GridSampleOptions = {}): Tensor {
  const op = 'gridSample'
  checkOptions(op, options, ['mode', 'paddingMode', 'alignCorners'])
  const { mode = 'bilinear', paddingMode = 'zeros', alignCorners = false } = options
  if (mode !== 'bilinear' && mode !== 'nearest') {
    throw new SinterError('argument', `mode is 'bilinear' or 'nearest', got ${describeValue(mode)}`, { op })
  }
  if (!samplePaddings.includes(paddingMode)) {
    throw new SinterError('argument', `paddingMode is one of ${samplePaddings.join(', ')}, got ${describeValue(paddingMode)}`, { op })
  }
  checkBoolean(op, 'alignCorners', alignCorners)
  const [images, positions] = floatingPair(x, grid, op)
  return record(ops.gridSample, [images, positions], {
    mode: mode === 'nearest' ? 'nearest' : 'linear',
    padding: paddingMode,
    alignCorners,
  })
}
