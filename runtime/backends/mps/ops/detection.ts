// Choosing among overlapping boxes.

import type { detectionOps } from '../../../../ir/ops/detection.js'
import type { Table } from '../lowering.js'

export const detectionLowerings: Table<typeof detectionOps> = {
  nonMaximumSuppression: {
    unsupported: 'is reported to end the process on Apple silicon, and what nonMaximumSuppressionWithBoxesTensor returns is not documented',
  },
}
