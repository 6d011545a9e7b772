// All lowerings by op: exhaustive, so that an op without a row does not compile.

import type { OpName } from '../../../../ir/ops/index.js'
import type { Row } from '../lowering.js'
import { argLowerings } from './arg.js'
import { assembleLowerings } from './assemble.js'
import { attentionLowerings } from './attention.js'
import { binaryLowerings } from './binary.js'
import { bitwiseLowerings } from './bitwise.js'
import { castLowerings } from './cast.js'
import { compareLowerings } from './compare.js'
import { complexLowerings } from './complex.js'
import { controlLowerings } from './control.js'
import { convolutionLowerings } from './convolution.js'
import { detectionLowerings } from './detection.js'
import { fourierLowerings } from './fourier.js'
import { indexingLowerings } from './indexing.js'
import { leafLowerings } from './leaf.js'
import { linalgLowerings } from './linalg.js'
import { logicalLowerings } from './logical.js'
import { solveLowerings, spectralLowerings, triangularLowerings } from './matrices.js'
import { movementLowerings } from './movement.js'
import { orderLowerings } from './order.js'
import { poolingLowerings } from './pooling.js'
import { predicateLowerings } from './predicate.js'
import { randomLowerings } from './random.js'
import { recurrentLowerings } from './recurrent.js'
import { reduceLowerings } from './reduce.js'
import { resizeLowerings } from './resize.js'
import { samplingLowerings } from './sampling.js'
import { scanLowerings } from './scan.js'
import { scatterLowerings } from './scatter.js'
import { selectLowerings } from './select.js'
import { sparseLowerings } from './sparse.js'
import { structureLowerings } from './structure.js'
import { unaryLowerings } from './unary.js'
import { unfoldLowerings } from './unfold.js'
import { updateLowerings } from './update.js'

export const lowerings: { readonly [Name in OpName]: Row } = {
  ...leafLowerings,
  ...structureLowerings,
  ...complexLowerings,
  ...controlLowerings,
  ...binaryLowerings,
  ...bitwiseLowerings,
  ...castLowerings,
  ...compareLowerings,
  ...logicalLowerings,
  ...predicateLowerings,
  ...randomLowerings,
  ...selectLowerings,
  ...unaryLowerings,
  ...reduceLowerings,
  ...argLowerings,
  ...scanLowerings,
  ...movementLowerings,
  ...assembleLowerings,
  ...indexingLowerings,
  ...scatterLowerings,
  ...updateLowerings,
  ...linalgLowerings,
  ...attentionLowerings,
  ...convolutionLowerings,
  ...unfoldLowerings,
  ...solveLowerings,
  ...sparseLowerings,
  ...spectralLowerings,
  ...triangularLowerings,
  ...fourierLowerings,
  ...orderLowerings,
  ...detectionLowerings,
  ...poolingLowerings,
  ...resizeLowerings,
  ...samplingLowerings,
  ...recurrentLowerings,
}
