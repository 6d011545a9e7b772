// All ops by name.

import { builderOver } from '../build.js'
import type { Op } from '../op.js'
import { argOps } from './arg.js'
import { assembleOps } from './assemble.js'
import { attentionOps } from './attention.js'
import { binaryOps } from './binary.js'
import { bitwiseOps } from './bitwise.js'
import { castOps } from './cast.js'
import { compareOps } from './compare.js'
import { complexOps } from './complex.js'
import { controlOps } from './control.js'
import { convolutionOps } from './convolution.js'
import { detectionOps } from './detection.js'
import { fourierOps } from './fourier.js'
import { indexingOps } from './indexing.js'
import { leafOps } from './leaf.js'
import { linalgOps } from './linalg.js'
import { logicalOps } from './logical.js'
import { movementOps } from './movement.js'
import { orderOps } from './order.js'
import { poolingOps } from './pooling.js'
import { predicateOps } from './predicate.js'
import { randomOps } from './random.js'
import { recurrentOps } from './recurrent.js'
import { reduceOps } from './reduce.js'
import { resizeOps } from './resize.js'
import { samplingOps } from './sampling.js'
import { scanOps } from './scan.js'
import { scatterOps } from './scatter.js'
import { selectOps } from './select.js'
import { solveOps } from './solve.js'
import { sparseOps } from './sparse.js'
import { spectralOps } from './spectral.js'
import { structureOps } from './structure.js'
import { triangularOps } from './triangular.js'
import { unaryOps } from './unary.js'
import { unfoldOps } from './unfold.js'
import { updateOps } from './update.js'

export const ops = {
  ...leafOps,
  ...structureOps,
  ...controlOps,
  ...binaryOps,
  ...bitwiseOps,
  ...castOps,
  ...compareOps,
  ...logicalOps,
  ...predicateOps,
  ...randomOps,
  ...selectOps,
  ...unaryOps,
  ...reduceOps,
  ...argOps,
  ...scanOps,
  ...movementOps,
  ...assembleOps,
  ...indexingOps,
  ...scatterOps,
  ...updateOps,
  ...linalgOps,
  ...attentionOps,
  ...convolutionOps,
  ...unfoldOps,
  ...solveOps,
  ...sparseOps,
  ...spectralOps,
  ...triangularOps,
  ...complexOps,
  ...fourierOps,
  ...orderOps,
  ...detectionOps,
  ...poolingOps,
  ...resizeOps,
  ...samplingOps,
  ...recurrentOps,
}

export type OpName = keyof typeof ops

/** An op by name, undefined when there is none. */
export const opByName = (name: string): Op | undefined => (Object.hasOwn(ops, name) ? ops[name as OpName] : undefined)

/** The builder over all ops. */
export const builder = builderOver(ops)
