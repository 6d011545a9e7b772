// What is fusing cheap elementwise ops worth, and how near does it come to the speed of memory?

import { eager, type Tensor } from '../lib/index.js'
import { contender, sideBySide } from './harness.js'
import { type Benchmark, showTime } from './support/figure.js'
import { nativeTriad } from './support/native.js'
import { cheapSteps, filled, requireClose, through } from './support/programs.js'

const sizes = [
  { size: 1e6, label: '10^6', triadLimit: 1.8, rounds: 31 },
  { size: 1e7, label: '10^7', triadLimit: 1.3, rounds: 11 },
] as const

const run = (program: () => Tensor) => (): number => {
  const result = program().realizeSync()
  result.dispose()
  return result.size
}

/** Calls on small tensors before measuring: recording takes the same path for every size, and the engine compiles it on the processors that are measured. */
const warmUpCalls = 5000

function warmUp(): void {
  const [x, y] = [filled([1000]), filled([1000], 2)]
  const steps = cheapSteps(y)
  const programs = [run(() => through(x, steps)), run(() => x.mul(1.5).add(y))]
  for (let i = 0; i < warmUpCalls; i++) for (const program of programs) program()
}

export const benchmark: Benchmark = {
  name: 'elementwise',
  question: 'How much faster are ten cheap ops fused than one by one, and compared with a triad?',
  async run(recorder) {
    const triad = await nativeTriad()
    if (typeof triad === 'string') recorder.note(triad)
    warmUp()
    for (const { size, label, triadLimit, rounds } of sizes) {
      const x = filled([size])
      const y = filled([size], 2)
      const steps = cheapSteps(y)
      const program = (): Tensor => through(x, steps)
      requireClose('the fused chain', program().dataSync(), eager(program).dataSync(), 1e-6)
      const contenders = [
        contender('fused', run(program)),
        contender('eager', () => eager(run(program))),
        contender(
          'own triad',
          run(() => x.mul(1.5).add(y)),
        ),
        ...(typeof triad === 'string' ? [] : [triad(size)]),
      ]
      const times = await sideBySide(contenders, { rounds })
      const [fused, own] = [times.median('fused'), times.median('own triad')]
      const speed = times.ratio('eager', 'fused')
      recorder.figure(
        `10 cheap ops on ${label}: fused against eager`,
        speed,
        'x',
        { least: 4 },
        `${showTime(fused)} against ${showTime(times.median('eager'))}`,
      )
      const native = typeof triad !== 'string'
      const baseline = native ? 'triad in C++' : 'own triad'
      const detail = `${showTime(fused)} against ${showTime(times.median(baseline))}${native ? `; x * s + y through Sinter itself ${showTime(own)}` : ''}`
      recorder.figure(`10 cheap ops on ${label}: time of a ${baseline}`, times.ratio('fused', baseline), 'x', { most: triadLimit }, detail)
      recorder.bars(`10 cheap ops, ${label} float32`, [
        { name: 'fused', role: 'fused', microseconds: fused },
        { name: 'eager', role: 'eager', microseconds: times.median('eager') },
        { name: baseline, role: 'baseline', microseconds: times.median(baseline) },
      ])
    }
  },
}
