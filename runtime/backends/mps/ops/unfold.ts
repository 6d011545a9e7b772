// Windows as columns. The framework has imToCol and colToIm, but says nothing about the order of the columns: slices, concatenations and additions say it.

import type { unfoldOps } from '../../../../ir/ops/unfold.js'
import { decomposed, type Table } from '../lowering.js'

export const unfoldLowerings: Table<typeof unfoldOps> = { unfold: decomposed, fold: decomposed }
