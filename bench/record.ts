// What does recording an op cost?

import { matmul, type Tensor } from '../lib/index.js'
import { alone, collectGarbage, median } from './harness.js'
import type { Benchmark } from './support/figure.js'
import { filled } from './support/programs.js'

const opsPerRun = 1000

/** A thousand ops of ten kinds: scalars, broadcasting, reductions, products, movement, casts; shapes and dtypes are checked by all. */
function recordMixed(x: Tensor, row: Tensor, square: Tensor): Tensor {
  let y = x
  for (let i = 0; i < opsPerRun / 20; i++) {
    const a = y.add(row).mul(0.5).relu()
    const b = matmul(a, square).sub(x)
    const c = b.exp().div(b.abs().add(1))
    const d = c.sum(1, { keepDims: true }).mul(c)
    const e = d.reshape([32, 4, 16]).permuteDims([1, 0, 2]).reshape([4, 512]).astype('float32').tanh()
    y = e.reshape([32, 64]).maximum(row).minimum(2).neg()
  }
  return y
}

/** Ops in one turn of the loop above; a cast to the same dtype records nothing and is counted as nothing. */
const opsPerTurn = 19

function recordUnary(x: Tensor): Tensor {
  let y = x
  for (let i = 0; i < opsPerRun; i++) y = y.neg()
  return y
}

function recordBinary(x: Tensor, row: Tensor): Tensor {
  let y = x
  for (let i = 0; i < opsPerRun; i++) y = y.add(row)
  return y
}

function recordScalar(x: Tensor): Tensor {
  let y = x
  for (let i = 0; i < opsPerRun; i++) y = y.mul(0.5)
  return y
}

export const benchmark: Benchmark = {
  name: 'record',
  question: 'What does recording an op cost?',
  run(recorder) {
    const x = filled([32, 64])
    const row = filled([64], 2)
    const square = filled([64, 64], 3)
    const mixedOps = (opsPerRun / 20) * opsPerTurn
    const passes: number[] = []
    for (let pass = 0; pass < 5; pass++) {
      collectGarbage()
      passes.push(alone(() => recordMixed(x, row, square), 600).median / mixedOps)
    }
    const [low, high] = [Math.min(...passes), Math.max(...passes)]
    recorder.figure(
      'recording, per op of 950 mixed ones',
      median(passes),
      'us',
      { most: 0.5 },
      `${low.toFixed(3)} to ${high.toFixed(3)} us in 5 passes`,
    )
    const one = (run: () => Tensor): number => alone(run, 400).median / opsPerRun
    recorder.figure(
      'recording a unary op',
      one(() => recordUnary(x)),
      'us',
    )
    recorder.figure(
      'recording a broadcasting binary op',
      one(() => recordBinary(x, row)),
      'us',
    )
    recorder.figure(
      'recording an op with a JS number',
      one(() => recordScalar(x)),
      'us',
    )
  },
}
