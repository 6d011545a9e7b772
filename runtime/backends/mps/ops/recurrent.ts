// Recurrent layers, step by step. MPSGraph's own methods keep what their gradients start from in a state whose contents Apple does not document, and their
// gradients take the projection of the inputs with them: a state computed on one side (the CPU's stages, a graph realized earlier) would not serve the other.

import type { recurrentOps } from '../../../../ir/ops/recurrent.js'
import { decomposed, type Table } from '../lowering.js'

export const recurrentLowerings: Table<typeof recurrentOps> = { lstm: decomposed, lstmGradient: decomposed }
