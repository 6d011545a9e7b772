// Attention. Written as products around a softmax, which the pattern `attention` makes MPSGraph's own method of where that is right (defect attention-fused).

import type { attentionOps } from '../../../../ir/ops/attention.js'
import { decomposed, type Table } from '../lowering.js'

export const attentionLowerings: Table<typeof attentionOps> = { attention: decomposed }
