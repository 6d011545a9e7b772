// The methods of Tensor beside the elementwise ones: each is the free function of the same name with the tensor as first argument; see there for details.

import type { CloseOptions } from './comparison.js'
import type { DiagonalOptions } from './create.js'
import type { ElementwiseMethods } from './elementwise-methods.js'
import type { Indices, OneHotOptions } from './gather.js'
import type { Bound, Index } from './indexing.js'
import type { DiagonalViewOptions } from './linalg.js'
import type { LayerNormOptions, RmsNormOptions } from './normalization.js'
import type { PadOptions, PadWidth } from './pad.js'
import type { TensorLike } from './record.js'
import type { Axes, ReduceOptions, SumOptions } from './reduce.js'
import type { ScanOptions } from './scan.js'
import type { GatherNdOptions, ScatterNdOptions, ScatterOptions } from './scatter.js'
import type { SortOptions, ValuesAndIndices } from './sort.js'
import type { NormOptions, VarianceOptions } from './statistics.js'
import type { Tensor } from './tensor.js'

/** Sizes or axes as one array or as separate arguments. */
export type SizeList = readonly number[] | readonly [readonly number[]]

export interface TensorMethods extends ElementwiseMethods {
  /** The real parts; a real tensor itself. */
  real(): Tensor
  /** The imaginary parts; zeros for a real tensor. */
  imag(): Tensor
  /** The complex conjugate. */
  conj(): Tensor
  /** The angle in radians. */
  angle(): Tensor
  /** The matrix product. */
  matmul(other: TensorLike): Tensor
  /** NumPy's dot. */
  dot(other: TensorLike): Tensor
  /** All products of elements. */
  outer(other: TensorLike): Tensor
  /** The tensor on another device, computed and copied. */
  to(device: string): Promise<Tensor>
  /** As `to`, before returning. */
  toSync(device: string): Tensor
  /** exp(x) / sum(exp(x)) along an axis (default last). */
  softmax(axis?: number): Tensor
  /** log(softmax(x)) along an axis (default last). */
  logSoftmax(axis?: number): Tensor
  /** Whether all elements are within a tolerance of other's. */
  allClose(other: TensorLike, options?: CloseOptions): Tensor
  /** The sum over axes. */
  sum(axis?: Axes, options?: SumOptions): Tensor
  /** The product over axes. */
  prod(axis?: Axes, options?: SumOptions): Tensor
  /** The sum over axes, NaN as 0. */
  nansum(axis?: Axes, options?: SumOptions): Tensor
  /** The mean over axes. */
  mean(axis?: Axes, options?: ReduceOptions): Tensor
  /** The mean over axes, ignoring NaN. */
  nanmean(axis?: Axes, options?: ReduceOptions): Tensor
  /** The largest element over axes; NaN if there is one. */
  max(axis?: Axes, options?: ReduceOptions): Tensor
  /** The smallest element over axes; NaN if there is one. */
  min(axis?: Axes, options?: ReduceOptions): Tensor
  /** The largest element over axes, ignoring NaN. */
  nanmax(axis?: Axes, options?: ReduceOptions): Tensor
  /** The smallest element over axes, ignoring NaN. */
  nanmin(axis?: Axes, options?: ReduceOptions): Tensor
  /** Whether some element over axes is true. */
  any(axis?: Axes, options?: ReduceOptions): Tensor
  /** Whether all elements over axes are true. */
  all(axis?: Axes, options?: ReduceOptions): Tensor
  /** The exclusive or of bits over axes. */
  xor(axis?: Axes, options?: ReduceOptions): Tensor
  /** How many elements over axes are nonzero. */
  countNonzero(axis?: Axes, options?: ReduceOptions): Tensor
  /** log(sum(exp(x))) over axes. */
  logsumexp(axis?: Axes, options?: ReduceOptions): Tensor
  /** The variance over axes. */
  variance(axis?: Axes, options?: VarianceOptions): Tensor
  /** The standard deviation over axes. */
  std(axis?: Axes, options?: VarianceOptions): Tensor
  /** The vector norm over axes. */
  norm(axis?: Axes, options?: NormOptions): Tensor
  /** Where the largest element is. */
  argmax(axis?: number | null, options?: ReduceOptions): Tensor
  /** Where the smallest element is. */
  argmin(axis?: number | null, options?: ReduceOptions): Tensor
  /** Running sums. */
  cumsum(axis?: number, options?: ScanOptions): Tensor
  /** Running products. */
  cumprod(axis?: number, options?: ScanOptions): Tensor
  /** Running maxima. */
  cummax(axis?: number, options?: ScanOptions): Tensor
  /** Running minima. */
  cummin(axis?: number, options?: ScanOptions): Tensor
  /** Sorted along an axis (default last). */
  sort(axis?: number, options?: SortOptions): Tensor
  /** Positions that would sort along an axis (default last). */
  argsort(axis?: number, options?: SortOptions): Tensor
  /** The k largest elements along an axis (default last), and their positions. */
  topK(k: number, axis?: number): ValuesAndIndices
  /** The k smallest elements along an axis (default last), and their positions. */
  bottomK(k: number, axis?: number): ValuesAndIndices
  /** Another shape: reshape([2, -1]) or reshape(2, -1). */
  reshape(...shape: SizeList): Tensor
  /** Dimensions in another order: permuteDims([1, 0]) or permuteDims(1, 0). */
  permuteDims(...axes: SizeList): Tensor
  /** Dimensions reversed, or in the given order. */
  transpose(axes?: readonly number[]): Tensor
  /** The last two dimensions swapped. */
  matrixTranspose(): Tensor
  /** Two dimensions swapped. */
  swapaxes(a: number, b: number): Tensor
  /** Dimensions moved to other places. */
  moveaxis(from: number | readonly number[], to: number | readonly number[]): Tensor
  /** Without dimensions of size 1. */
  squeeze(axis?: number | readonly number[] | null): Tensor
  /** With new dimensions of size 1. */
  expandDims(axis: number | readonly number[]): Tensor
  /** One dimension in place of several. */
  flatten(start?: number, end?: number): Tensor
  /** Repeated to a shape by broadcasting. */
  broadcastTo(...shape: SizeList): Tensor
  /** Parts along an axis. */
  split(parts: number | readonly number[], axis?: number): Tensor[]
  /** The slices along an axis. */
  unstack(axis?: number): Tensor[]
  /** A box, with Python's slice rules per dimension. */
  slice(starts: readonly Bound[], stops?: readonly Bound[], steps?: readonly Bound[]): Tensor
  /** With a box replaced. */
  sliceUpdate(updates: TensorLike, starts: readonly Bound[], stops?: readonly Bound[], steps?: readonly Bound[]): Tensor
  /** The part an index names: x.at(0, '1:5:2', '...'). */
  at(...index: readonly Index[]): Tensor
  /** The order of elements reversed along axes. */
  flip(axis?: number | readonly number[] | null): Tensor
  /** With a border. */
  pad(width: PadWidth, options?: PadOptions): Tensor
  /** The whole repeated. */
  tile(reps: number | readonly number[]): Tensor
  /** Each element repeated. */
  repeat(repeats: number | readonly number[], axis?: number | null): Tensor
  /** Elements moved around along axes. */
  roll(shift: number | readonly number[], axis?: number | readonly number[] | null): Tensor
  /** The lower triangle. */
  tril(options?: DiagonalOptions): Tensor
  /** The upper triangle. */
  triu(options?: DiagonalOptions): Tensor
  /** The diagonal of matrices. */
  diagonal(options?: DiagonalViewOptions): Tensor
  /** The sum of a diagonal. */
  trace(options?: DiagonalViewOptions): Tensor
  /** Slices along an axis, by index. */
  take(indices: Indices, axis?: number): Tensor
  /** Elements along an axis, by index. */
  gather(indices: Tensor, axis?: number): Tensor
  /** Slices at index vectors. */
  gatherNd(indices: Tensor, options?: GatherNdOptions): Tensor
  /** Slices along an axis, at 1-D indices. */
  indexSelect(indices: Indices, axis?: number): Tensor
  /** With another value where a mask is true. */
  maskedFill(mask: TensorLike, value: TensorLike): Tensor
  /** With slices written at 1-D indices of an axis. */
  scatter(indices: Indices, updates: TensorLike, options?: ScatterOptions): Tensor
  /** With elements written at indices along an axis. */
  scatterAlongAxis(indices: Tensor, updates: TensorLike, options?: ScatterOptions): Tensor
  /** With slices written at index vectors. */
  scatterNd(indices: Tensor, updates: TensorLike, options?: ScatterNdOptions): Tensor
  /** With updates added at indices along an axis. */
  scatterAdd(indices: Tensor, updates: Tensor, axis?: number): Tensor
  /** With slices added at indices along an axis. */
  indexAdd(indices: Indices, updates: Tensor, axis?: number): Tensor
  /** A one-hot vector for each index. */
  oneHot(depth: number, options?: OneHotOptions): Tensor
  /** The sum of products over pairs of axes. */
  tensordot(other: TensorLike, axes?: number | readonly [number | readonly number[], number | readonly number[]]): Tensor
  /** The inner product along an axis. */
  vecdot(other: TensorLike, axis?: number): Tensor
  /** Layer normalization. */
  layerNorm(options?: LayerNormOptions): Tensor
  /** Root-mean-square normalization. */
  rmsNorm(options?: RmsNormOptions): Tensor
}
