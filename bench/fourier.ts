// How fast are Fourier transforms of many lines, against the faster of NumPy and PyTorch?

import { complex, fft, ifft, irfft, rfft, type Tensor } from '../lib/index.js'
import type { Benchmark } from './support/figure.js'
import { compareWithLibraries, runAndFree } from './support/libraries.js'
import { filled, requireClose } from './support/programs.js'

const [rows, length, odd] = [64, 4096, 1000]
const both = ['NumPy', 'PyTorch'] as const
const complexOf = (columns: number): Tensor => complex(filled([rows, columns]), filled([rows, columns], 2)).realizeSync()

/** What is measured, by the name that torch_server.py has for it, and the libraries to compare with. */
const questions = {
  fft: { what: `fft of complex [${rows}, ${length}]`, others: both },
  rfft: { what: `rfft of [${rows}, ${length}]`, others: both },
  'fft 1000': { what: `fft of complex [${rows}, ${odd}]`, others: both },
} as const

export const benchmark: Benchmark = {
  name: 'fourier',
  question: 'How fast are fft and rfft, against the faster of NumPy and PyTorch?',
  run: (recorder) => compareWithLibraries(recorder, questions, programs),
}

/** Each program once, with a check of what it computes. */
function programs(): Readonly<Record<keyof typeof questions, () => number>> {
  const [z, short, x] = [complexOf(length), complexOf(odd), filled([rows, length])]
  requireClose('fft', ifft(fft(z)).imag().dataSync(), z.imag().dataSync(), 1e-5)
  requireClose('rfft', irfft(rfft(x)).dataSync(), x.dataSync(), 1e-5)
  return {
    fft: () => runAndFree([fft(z)]),
    rfft: () => runAndFree([rfft(x)]),
    'fft 1000': () => runAndFree([fft(short)]),
  }
}
