// The package's entry: every public name.

import './complex-rules.js'
import './methods.js'

export { type DType, dtypes } from '../ir/dtype.js'
export { type ErrorCode, SinterError } from '../ir/error.js'
export type { GroupInfo } from '../ir/explain.js'
export {
  type EluOptions,
  elu,
  type GeluOptions,
  gelu,
  hardSigmoid,
  hardSwish,
  type LeakyReluOptions,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  relu,
  relu6,
  sigmoid,
  silu,
  softmax,
  softplus,
} from './activation.js'
export {
  type AdaptivePoolOptions,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
} from './adaptive-pooling.js'
export { add, clamp, div, divNoNan, floorDiv, fmax, fmin, maximum, minimum, mod, mul, pow, rem, rem as fmod, sub } from './arithmetic.js'
export { type AttentionOptions, scaledDotProductAttention } from './attention.js'
export {
  type BatchNormResult,
  type BatchNormTrainingOptions,
  batchNorm,
  batchNormTraining,
  type ChannelNormOptions,
  type GroupNormOptions,
  groupNorm,
  instanceNorm,
  type NormalizationOptions,
  normalization,
} from './batch-normalization.js'
export {
  type BatchOptions,
  batchToSpace,
  type DepthOptions,
  depthToSpace,
  pixelShuffle,
  pixelUnshuffle,
  spaceToBatch,
  spaceToDepth,
} from './blocks.js'
export { astype, bitcast, bitcast as reinterpretCast, to, toSync } from './cast.js'
export {
  allClose,
  type CloseOptions,
  equal,
  greater,
  greaterEqual,
  isClose,
  isFinite,
  isInf,
  isNan,
  less,
  lessEqual,
  notEqual,
  signbit,
  where,
  where as select,
} from './comparison.js'
export { angle, complex, conj, imag, isComplex, polar, real, viewAsComplex, viewAsReal } from './complex.js'
export { cond, foriLoop, type ScanLoopOptions, scan, type WhileLoopOptions, whileLoop } from './control.js'
export {
  type ConvolutionOptions,
  type ConvolutionPadding,
  type ConvolutionTransposeOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type DataLayout,
  type WeightLayout,
} from './convolution.js'
export {
  arange,
  type CreateOptions,
  type DiagonalOptions,
  eye,
  full,
  fullLike,
  type LinspaceOptions,
  linspace,
  ones,
  onesLike,
  type TensorOptions,
  tensor,
  tril,
  triu,
  zeros,
  zerosLike,
} from './create.js'
export {
  type CrossEntropyOptions,
  crossEntropy,
  type NllLossOptions,
  nllLoss,
  type SoftmaxCrossEntropyOptions,
  softmaxCrossEntropy,
} from './cross-entropy.js'
export type { RealizeOptions } from './crosscheck.js'
export type { NestedInput, TensorData } from './data.js'
export { type DeformConvOptions, deformConv2d } from './deform.js'
export {
  type CoordinateMode,
  type NmsOptions,
  type NonMaximumSuppressionOptions,
  nms,
  nmsSync,
  nonMaximumSuppression,
} from './detection.js'
export { dropout } from './dropout.js'
export { eager, isEager, setEager } from './eager.js'
export { einsum } from './einsum.js'
export {
  abs,
  ceil,
  erf,
  exp,
  exp2,
  exp10,
  expm1,
  floor,
  identity,
  log,
  log1p,
  log2,
  log10,
  neg,
  reciprocal,
  round,
  rsqrt,
  sign,
  sqrt,
  square,
  trunc,
} from './elementwise.js'
export type { Nested, Scalar } from './format.js'
export {
  type FourierNdOptions,
  type FourierNorm,
  type FourierOptions,
  fft,
  fft2,
  fftn,
  hfft,
  ifft,
  ifft2,
  ifftn,
  ihfft,
  irfft,
  irfft2,
  irfftn,
  rfft,
  rfft2,
  rfftn,
} from './fourier.js'
export { type FrequencyOptions, fftfreq, fftshift, ifftshift, rfftfreq } from './frequencies.js'
export {
  type EmbeddingOptions,
  embedding,
  gather,
  gather as takeAlongAxis,
  type Indices,
  indexAdd,
  indexSelect,
  maskedFill,
  type OneHotOptions,
  oneHot,
  scatterAdd,
  take,
} from './gather.js'
export { customGrad, type GradOptions, grad, stopGradient, type TreeFunction, valueAndGrad, vjp } from './gradient.js'
export type { CapturedGraph } from './graph.js'
export {
  bandPart,
  coordinateAlongAxis,
  diag,
  dstack,
  flatten2d,
  type HammingDistanceOptions,
  hammingDistance,
  hstack,
  type MeshgridOptions,
  meshgrid,
  vstack,
} from './grid.js'
export {
  at,
  type Bound,
  dynamicUpdateSlice,
  type Index,
  newAxis,
  type Range,
  slice,
  sliceUpdate,
  sliceUpdate as sliceAssign,
} from './indexing.js'
export { type JitOptions, type JitStatistics, type Jitted, jit } from './jit.js'
export { concat, flip, repeat, roll, split, stack, tile, unstack } from './join.js'
export { type DiagonalViewOptions, diagonal, dot, matmul, outer, tensordot, trace, vecdot } from './linalg.js'
export * as linalg from './linear-algebra.js'
export {
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  leftShift,
  logicalAnd,
  logicalNand,
  logicalNor,
  logicalNot,
  logicalOr,
  logicalXnor,
  logicalXor,
  popcount,
  rightShift,
} from './logic.js'
export {
  type BinaryCrossEntropyWithLogitsOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  type HuberLossOptions,
  huberLoss,
  type KlDivOptions,
  klDiv,
  type LossOptions,
  l1Loss,
  mseLoss,
  type Reduction,
  type SmoothL1LossOptions,
  smoothL1Loss,
  type WeightedLossOptions,
} from './loss.js'
export { cacheInfo, clearCache, memory, setMemoryLimit } from './memory.js'
export type { SizeList, TensorMethods } from './method-types.js'
export { type LayerNormOptions, layerNorm, type RmsNormOptions, rmsNorm } from './normalization.js'
export * as optim from './optim.js'
export { type PadMode, type PadOptions, type PadWidth, pad } from './pad.js'
export * as philox from './philox.js'
export {
  type AvgPoolOptions,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type LpPoolOptions,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  type MaxPoolOptions,
  type MaxUnpoolOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  maxUnpool1d,
  maxUnpool2d,
  maxUnpool3d,
  type PoolOptions,
} from './pooling.js'
export { type Profile, type ProfileTotals, profile, type RealizeReceipt } from './profile.js'
export type { ComplexNumber } from './promote.js'
export {
  type DequantizeOptions,
  dequantize,
  dequantizeLookup,
  type LookupOptions,
  packInt4,
  type Quantized,
  type QuantizeOptions,
  quantize,
  quantizeSymmetric,
  type SymmetricOptions,
  type UnpackOptions,
  unpackInt4,
} from './quantization.js'
export { type QuantizedMatmulOptions, quantizedMatmul } from './quantized-matmul.js'
export * as random from './random.js'
export { type CacheStatistics, type MemoryStatistics, onRecompile, type RecompileReason } from './realize.js'
export { realize, realizeSync } from './realizing.js'
export type { TensorLike } from './record.js'
export {
  type GruOptions,
  gru,
  type LstmOptions,
  type LstmResult,
  lstm,
  type RecurrentActivation,
  type RecurrentOptions,
  type RecurrentResult,
  type RecurrentWeights,
  type RnnOptions,
  rnn,
  rnn as singleGateRnn,
} from './recurrent.js'
export {
  type Axes,
  all,
  any,
  argmax,
  argmin,
  countNonzero,
  max,
  min,
  nanmax,
  nanmin,
  nansum,
  prod,
  type ReduceOptions,
  type SumOptions,
  sum,
  xor,
} from './reduce.js'
export { type InterpolateMode, type InterpolateOptions, interpolate, type ResizeOptions, resize } from './resize.js'
export { type NearestRounding, type SampleGridOptions, type SampleGridPadding, sampleGrid } from './sample-grid.js'
export { type GridSampleOptions, gridSample } from './sampling.js'
export { cummax, cummin, cumprod, cumsum, type ScanOptions } from './scan.js'
export {
  type GatherNdOptions,
  gatherNd,
  type ScatterMode,
  type ScatterNdOptions,
  type ScatterOptions,
  scatter,
  scatterAlongAxis,
  scatterNd,
} from './scatter.js'
export { keep, scope } from './scope.js'
export {
  type BincountOptions,
  bincount,
  type Histogram,
  type HistogramOptions,
  histogram,
  type SearchOptions,
  searchsorted,
} from './search.js'
export { nonZero, nonZeroSync, type Unique, unique, uniqueSync } from './sets.js'
export {
  broadcastTensors,
  broadcastTo,
  expandDims,
  flatten,
  matrixTranspose,
  moveaxis,
  moveaxis as movedim,
  permuteDims,
  reshape,
  squeeze,
  swapaxes,
  transpose,
} from './shape.js'
export { type CosineSimilarityOptions, cosineSimilarity, type NormalizeOptions, normalize } from './similarity.js'
export { argsort, bottomK, type SortOptions, sort, topK, type ValuesAndIndices } from './sort.js'
export * as sparse from './sparse.js'
export { type SparseFormat, SparseTensor } from './sparse-tensor.js'
export type { Layout, PerDimension } from './spatial.js'
export { erfinv } from './special.js'
export { logsumexp, mean, type NormOptions, nanmean, norm, std, type VarianceOptions, variance } from './statistics.js'
export { type StencilOptions, type StencilPadding, type StencilReduction, stencil } from './stencil.js'
export { type Subgraph, type SubgraphOptions, subgraph } from './subgraph.js'
export { Tensor } from './tensor.js'
export { mapTree, type Tree } from './tree.js'
export { acos, acosh, asin, asinh, atan, atan2, atanh, cos, cosh, sin, sinh, tan, tanh } from './trigonometry.js'
export { fold, type UnfoldOptions, unfold } from './unfold.js'
export { type Variable, variable } from './variable.js'
