// The namespace `linalg`: what NumPy and JAX have under that name.

export { matmul, outer, tensordot, trace, vecdot } from './linalg.js'
export { matrixTranspose } from './shape.js'
export {
  type CholeskyOptions,
  cholesky,
  det,
  inverse,
  inverse as inv,
  lu,
  luFactor,
  matrixPower,
  slogdet,
  solve,
  type TriangularSolveOptions,
  triangularSolve,
} from './solve.js'
export {
  eigh,
  eigvalsh,
  lstsq,
  matrixRank,
  pinv,
  type QrOptions,
  qr,
  svd,
  svdvals,
  type ToleranceOptions,
} from './spectral.js'
