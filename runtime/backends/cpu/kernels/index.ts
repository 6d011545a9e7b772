// Ops that are kernels of their own: one native step, or a few. The tables of families are exhaustive.

import { alongKernels } from './along.js'
import { assembleKernels } from './assemble.js'
import { attentionKernels } from './attention.js'
import { indexingKernels } from './indexing.js'
import type { KernelLowering } from './kernel.js'

export type { KernelContext, KernelLowering } from './kernel.js'

export const kernelLowerings = { ...alongKernels, ...assembleKernels, ...attentionKernels, ...indexingKernels } satisfies Readonly<
  Record<string, KernelLowering>
>
