// How does the matrix product compare with OpenBLAS, as a kernel and through the whole library, and what does an epilogue cost?

import koffi from 'koffi'
import { gelu, matmul, type Tensor } from '../lib/index.js'
import { type Contender, contender, sideBySide } from './harness.js'
import { type Benchmark, type Recorder, showTime } from './support/figure.js'
import { threads } from './support/machine.js'
import { compareGemm } from './support/native.js'
import { filled, requireClose, values } from './support/programs.js'

type Shape = readonly [m: number, k: number, n: number]

const shapes: readonly Shape[] = [
  [128, 128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [1024, 1024, 1024],
  [2048, 2048, 2048],
  [32, 768, 768],
]
const epilogueShapes = shapes.filter(([m]) => m >= 512)
/** Its idle threads spin for 2^26 cycles after a call. */
const settleMilliseconds = 60

const label = (shape: Shape): string => (shape[0] === shape[1] && shape[1] === shape[2] ? `${shape[0]}^3` : shape.join('x'))

const run = (program: () => Tensor) => (): number => {
  const result = program().realizeSync()
  result.dispose()
  return result.size
}

/** cblas_sgemm on typed arrays; a text says why there is none. */
function openBlas(): ((a: Float32Array, b: Float32Array, shape: Shape) => { contender: Contender; result: Float32Array }) | string {
  const prototype =
    'void cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc)'
  for (const name of ['libopenblas.so.0', 'libopenblas.so', '/opt/homebrew/opt/openblas/lib/libopenblas.dylib']) {
    try {
      const sgemm = koffi.load(name).func(prototype)
      return (a, b, [m, k, n]) => {
        const result = new Float32Array(m * n)
        const call = () => sgemm(101, 111, 111, m, n, k, 1, a, k, b, n, 0, result, n)
        return { contender: contender('OpenBLAS', call, settleMilliseconds), result }
      }
    } catch {
      // Not under this name.
    }
  }
  return 'OpenBLAS was not found (Debian: apt-get install libopenblas0-pthread)'
}

function kernels(recorder: Recorder): void {
  const compared = compareGemm(shapes.map((shape) => shape.join('x')))
  if (typeof compared === 'string') {
    recorder.note(compared)
    return
  }
  if (compared.results.some((row) => row.openblasUs === 0)) {
    recorder.note('OpenBLAS was not found (Debian: apt-get install libopenblas0-pthread)')
    return
  }
  for (const { m, k, n, sinterUs, openblasUs, speed } of compared.results) {
    const detail = `${showTime(sinterUs)} (${((2e-3 * m * k * n) / sinterUs).toFixed(0)} GFLOP/s) against ${showTime(openblasUs)}`
    recorder.figure(`matmul ${label([m, k, n])}, kernel: speed against OpenBLAS`, speed * 100, '%', { least: 90 }, detail)
  }
}

async function endToEnd(recorder: Recorder): Promise<void> {
  const blas = openBlas()
  if (typeof blas === 'string') recorder.note(blas)
  for (const shape of shapes) {
    const [m, k, n] = shape
    const [a, b] = [filled([m, k]), filled([k, n], 2)]
    const theirs = typeof blas === 'string' ? undefined : blas(values(m * k), values(k * n, 2), shape)
    const own = contender(
      'Sinter',
      run(() => matmul(a, b)),
    )
    const options = { rounds: m >= 1024 ? 9 : 15, sampleMilliseconds: 15 }
    const times = await sideBySide(theirs === undefined ? [own] : [own, theirs.contender], options)
    const ours = times.median('Sinter')
    if (theirs === undefined) {
      recorder.figure(`matmul ${label(shape)}, end to end`, ours, 'us')
    } else {
      const result = matmul(a, b)
      requireClose(`matmul ${label(shape)}`, result.dataSync(), theirs.result, 1e-3)
      const detail = `${showTime(ours)} against ${showTime(times.median('OpenBLAS'))}`
      recorder.figure(
        `matmul ${label(shape)}, end to end: speed against OpenBLAS`,
        times.ratio('OpenBLAS', 'Sinter') * 100,
        '%',
        undefined,
        detail,
      )
      recorder.bars(`matmul ${label(shape)}`, [
        { name: 'Sinter', role: 'fused', microseconds: ours },
        { name: 'OpenBLAS', role: 'baseline', microseconds: times.median('OpenBLAS') },
      ])
    }
  }
}

async function epilogues(recorder: Recorder): Promise<void> {
  for (const shape of epilogueShapes) {
    const [m, k, n] = shape
    const [a, b, bias] = [filled([m, k]), filled([k, n], 2), filled([n], 3)]
    const plain = contender(
      'plain',
      run(() => matmul(a, b)),
    )
    const withEpilogue = contender(
      'epilogue',
      run(() => gelu(matmul(a, b).add(bias))),
    )
    const times = await sideBySide([plain, withEpilogue], { rounds: m >= 1024 ? 11 : 21, sampleMilliseconds: 15 })
    const extra = (times.ratio('epilogue', 'plain') - 1) * 100
    const detail = `${showTime(times.median('epilogue'))} against ${showTime(times.median('plain'))}`
    recorder.figure(`matmul ${label(shape)}: bias and gelu add`, extra, '%', { most: 10 }, detail)
  }
}

export const benchmark: Benchmark = {
  name: 'matmul',
  question: `How fast is the float32 matrix product on ${threads} threads, and what do bias and gelu add?`,
  async run(recorder) {
    kernels(recorder)
    await endToEnd(recorder)
    await epilogues(recorder)
  },
}
