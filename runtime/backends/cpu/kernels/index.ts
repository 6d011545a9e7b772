// Ops that are kernels of their own: one native step, or a few. The tables of families are exhaustive.

import { alongKernels } from './along.js'
import { assembleKernels } from './assemble.js'
import { attentionKernels } from './attention.js'
import { controlKernels } from './control.js'
import { convolutionKernels } from './convolution.js'
import { detectionKernels } from './detection.js'
import { fourierKernels } from './fourier.js'
import { indexingKernels } from './indexing.js'
import type { KernelLowering } from './kernel.js'
import { matrixKernels } from './matrices.js'
import { poolingKernels } from './pooling.js'
import { recurrentKernels } from './recurrent.js'
import { resizeKernels } from './resize.js'
import { samplingKernels } from './sampling.js'
import { sparseKernels } from './sparse.js'

export type { KernelContext, KernelLowering, LoweredProgram } from './kernel.js'

export const kernelLowerings = {
  ...alongKernels,
  ...assembleKernels,
  ...attentionKernels,
  ...controlKernels,
  ...convolutionKernels,
  ...detectionKernels,
  ...fourierKernels,
  ...indexingKernels,
  ...matrixKernels,
  ...poolingKernels,
  ...recurrentKernels,
  ...resizeKernels,
  ...samplingKernels,
  ...sparseKernels,
} satisfies Readonly<Record<string, KernelLowering>>

/** Kernels that may have operand 0 and their result in one buffer: they replace or change some of its elements. */
export const updatesInPlace: ReadonlySet<string> = new Set([
  'indexAdd',
  'scatterAddAlongAxis',
  'scatterSlices',
  'scatterAlongAxis',
  'sliceUpdate',
] satisfies (keyof typeof kernelLowerings)[])
