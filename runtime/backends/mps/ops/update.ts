// A tensor with a box of it replaced.

import type { updateOps } from '../../../../ir/ops/update.js'
import type { Table } from '../lowering.js'

export const updateLowerings: Table<typeof updateOps> = {
  sliceUpdate: {
    emit: (g, [x, updates], { attrs, type, inputs }) => {
      if (inputs[0]!.rank === 0) return updates!
      const { shape } = updates!.type
      const starts = attrs.starts as readonly number[]
      const steps = (attrs.steps as readonly number[]).map((step, d) => (shape[d] === 1 ? 1 : step))
      const ends = starts.map((start, d) => start + (shape[d]! - 1) * steps[d]! + 1)
      return g.call('sliceUpdateDataTensor:updateTensor:starts:ends:strides:name:', [x!, updates!, starts, ends, steps], type)
    },
  },
}
