// Factorizations and what follows from them. MPSGraph has one such method, inverseOfTensor, whose result is undefined where a matrix is badly conditioned.

import type { solveOps } from '../../../../ir/ops/solve.js'
import type { spectralOps } from '../../../../ir/ops/spectral.js'
import type { triangularOps } from '../../../../ir/ops/triangular.js'
import type { Table, Unsupported } from '../lowering.js'

const missing: Unsupported = { unsupported: 'has no counterpart in MPSGraph' }

export const triangularLowerings: Table<typeof triangularOps> = { cholesky: missing, triangularSolve: missing }

export const spectralLowerings: Table<typeof spectralOps> = { eigh: missing, qr: missing, singularValues: missing, svd: missing }

export const solveLowerings: Table<typeof solveOps> = {
  det: missing,
  inverse: {
    unsupported: 'is NaN for singular matrices; the result of inverseOfTensor is undefined for those and for badly conditioned ones',
  },
  lu: missing,
  slogdet: missing,
  solve: missing,
}
