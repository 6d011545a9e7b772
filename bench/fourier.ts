// How fast are Fourier transforms of many lines, against NumPy and PyTorch?

import { type ComplexParts, fft, ifft, irfft, realizeSync, rfft, type Tensor } from '../lib/index.js'
import { type Contender, contender, sideBySide } from './harness.js'
import { type Benchmark, showTime } from './support/figure.js'
import { filled, requireClose } from './support/programs.js'
import { startTorch } from './support/torch.js'

const [rows, length, odd] = [64, 4096, 1000]
const others = ['NumPy', 'PyTorch'] as const

const runAndFree = (results: readonly Tensor[]): number => {
  realizeSync(results)
  for (const result of results) result.dispose()
  return results.length
}
const partsOf = ({ re, im }: ComplexParts): Tensor[] => [re, im]

/** What is measured, by the name that torch_server.py has for it. */
const questions = {
  fft: `fft of complex [${rows}, ${length}]`,
  rfft: `rfft of [${rows}, ${length}]`,
  'fft 1000': `fft of complex [${rows}, ${odd}]`,
} as const

export const benchmark: Benchmark = {
  name: 'fourier',
  question: 'How fast are fft and rfft, against NumPy and PyTorch?',
  async run(recorder) {
    const torch = await startTorch()
    if (typeof torch === 'string') {
      recorder.note(torch)
      return
    }
    for (const [name, run] of Object.entries(programs())) {
      const what = questions[name as keyof typeof questions]
      const contenders: Contender[] = [contender('Sinter', run), ...others.map((other) => torch.contender(other, `${name} ${other}`))]
      const times = await sideBySide(contenders, { rounds: 11, sampleMilliseconds: 60 })
      for (const other of others) {
        const detail = `${other} ${showTime(times.median(other))}, here ${showTime(times.median('Sinter'))}`
        // PyTorch calls MKL, which is written for these sizes.
        const wanted = other === 'NumPy' ? { least: 1 } : undefined
        recorder.figure(`${what}: speed against ${other}`, times.ratio(other, 'Sinter'), 'x', wanted, detail)
      }
    }
    torch.close()
  },
}

/** Each program once, with a check of what it computes. */
function programs(): Readonly<Record<keyof typeof questions, () => number>> {
  const [re, im] = [filled([rows, length]), filled([rows, length], 2)]
  const [shortRe, shortIm] = [filled([rows, odd]), filled([rows, odd], 2)]
  requireClose('fft', ifft(fft({ re, im })).im.dataSync(), im.dataSync(), 1e-5)
  requireClose('rfft', irfft(rfft(re)).dataSync(), re.dataSync(), 1e-5)
  return {
    fft: () => runAndFree(partsOf(fft({ re, im }))),
    rfft: () => runAndFree(partsOf(rfft(re))),
    'fft 1000': () => runAndFree(partsOf(fft({ re: shortRe, im: shortIm }))),
  }
}
