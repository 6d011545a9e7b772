// Arithmetic on tensors that have their common dtype already: what composites are written with. Shapes broadcast; nothing is promoted or checked.

import { ops } from '../ir/ops/index.js'
import { record } from './record.js'
import type { Tensor } from './tensor.js'

export const plus = (a: Tensor, b: Tensor): Tensor => record(ops.add, [a, b])
export const minus = (a: Tensor, b: Tensor): Tensor => record(ops.sub, [a, b])
export const times = (a: Tensor, b: Tensor): Tensor => record(ops.mul, [a, b])
export const over = (a: Tensor, b: Tensor): Tensor => record(ops.div, [a, b])
export const negative = (x: Tensor): Tensor => record(ops.neg, [x])
