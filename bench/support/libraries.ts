// Programs against the same in NumPy and PyTorch: the figure is the speed against the faster of them.

import { realizeSync, type Tensor } from '../../lib/index.js'
import { contender, sideBySide } from '../harness.js'
import { type Recorder, showTime } from './figure.js'
import { startTorch } from './torch.js'

export interface Question {
  /** What is measured, as the figure calls it. */
  readonly what: string
  /** The libraries to compare with, as torch_server.py names the program after the question's own name. */
  readonly others: readonly ('NumPy' | 'PyTorch')[]
}

/** Computes the tensors and frees them. */
export const runAndFree = (results: readonly Tensor[]): number => {
  realizeSync(results)
  for (const result of results) result.dispose()
  return results.length
}

/** Records a figure for every question, by its name; `programs` makes what is timed. The target is the speed of the fastest. */
export async function compareWithLibraries<Name extends string>(
  recorder: Recorder,
  questions: Readonly<Record<Name, Question>>,
  programs: () => Readonly<Record<Name, () => number>>,
): Promise<void> {
  const torch = await startTorch()
  if (typeof torch === 'string') {
    recorder.note(torch)
    return
  }
  for (const [name, run] of Object.entries(programs()) as [Name, () => number][]) {
    const { what, others } = questions[name]
    const theirs = others.map((other) => torch.contender(other, `${name} ${other}`))
    const times = await sideBySide([contender('Sinter', run), ...theirs], { rounds: 11, sampleMilliseconds: 60 })
    const fastest = others.reduce((best, other) => (times.median(other) < times.median(best) ? other : best))
    const ours = times.median('Sinter')
    const detail = [...others.map((other) => `${other} ${showTime(times.median(other))}`), `here ${showTime(ours)}`].join(', ')
    recorder.figure(`${what}: speed against ${fastest}`, times.ratio(fastest, 'Sinter'), 'x', { least: 1 }, detail)
    recorder.bars(what, [
      { name: 'Sinter', role: 'fused', microseconds: ours },
      { name: fastest, role: 'baseline', microseconds: times.median(fastest) },
    ])
  }
  torch.close()
}
