// Complex tensors by their parts: what arithmetic on them is recorded with.

import type { Attrs, Op } from '../ir/op.js'
import { ops } from '../ir/ops/index.js'
import { sameShape } from '../ir/shape.js'
import { constant } from './operand.js'
import { record } from './record.js'
import { Tensor } from './tensor.js'

/** The parts of a value, of its shape; a real one has no imaginary part. */
export interface Parts {
  readonly re: Tensor
  readonly im: Tensor | undefined
}

/** Both parts; of a complex tensor that was put together of recorded ones, those. */
export function partsOf(x: Tensor): Parts {
  const { type, op, inputs, bound } = x.node
  if (!type.isComplex) return { re: x, im: undefined }
  if (op !== ops.complex || bound !== undefined) return { re: record(ops.real, [x]), im: record(ops.imag, [x]) }
  const [re, im] = inputs.map((node) => {
    const part = new Tensor(node, x.device)
    return sameShape(node.type.shape, type.shape) ? part : record(ops.broadcast, [part], { shape: type.shape })
  })
  return { re: re!, im: im! }
}

/** Both parts, zeros for those that a real tensor has not. */
export function bothParts(x: Tensor): { readonly re: Tensor; readonly im: Tensor } {
  const { re, im } = partsOf(x)
  return { re, im: im ?? constant(0, re) }
}

/** The complex tensor of the parts; of a real one itself. */
export const joined = (re: Tensor, im: Tensor | undefined): Tensor => (im === undefined ? re : record(ops.complex, [re, im]))

/** The tensor of what the op makes of the parts of its complex operands, once of the real and once of the imaginary ones; real operands are as they are. */
export function byPart(op: Op, inputs: readonly Tensor[], attrs: Attrs): Tensor {
  const parts = inputs.map(partsOf)
  return joined(
    record(
      op,
      parts.map(({ re }) => re),
      attrs,
    ),
    record(
      op,
      parts.map(({ re, im }) => im ?? re),
      attrs,
    ),
  )
}
