// Optimizers: over trees of parameters (sgd, adam, adamW), and single steps on one tensor with the operands of MPSGraph's methods.

export {
  type Adam,
  type AdamOptions,
  type AdamState,
  adam,
  adamW,
  type Sgd,
  type SgdOptions,
  type SgdState,
  sgd,
  type Updated,
  type UpdateOptions,
} from './optimizers.js'
export { type AdamMoments, type AdamUpdateOptions, adamUpdate, sgdUpdate } from './update-rules.js'
