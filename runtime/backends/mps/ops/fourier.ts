// Fourier transforms.

import type { fourierOps } from '../../../../ir/ops/fourier.js'
import type { Table, Unsupported } from '../lowering.js'

const complex: Unsupported = { unsupported: 'has complex values in between, and there is no complex dtype yet' }

export const fourierLowerings: Table<typeof fourierOps> = { fft: complex, irfft: complex, rfft: complex }
