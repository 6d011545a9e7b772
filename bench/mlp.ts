// What is compiling a whole training step worth?
//
// The baseline is the same function, unchanged, run by eager(): every op it records, those of the gradient included, is realized by itself through the same
// backend. Who frees the memory matters to it, since it makes some forty to a hundred tensors per step, and compiled code only its results. So there are two
// comparisons, each with the same way of freeing on both sides. In the first nobody frees anything, as in a program one would write: V8's collector finds
// what is unreachable, and new memory comes from the system meanwhile. Samples are long enough for each side to pay for its own collections; with samples of
// 10 ms, most of whose garbage is collected between them and off the clock, SGD came out at 4.6 to 4.8 instead of above 5. In the second a
// scope around the step frees everything at once, for the pool to hand out again: what a program tuned for eager mode would do, and the most that eager mode
// can show. The target stands on the first; the second says how much of it is arithmetic, dispatch and recording, and how much is memory.

import {
  eager,
  jit,
  logSoftmax,
  mapTree,
  matmul,
  realizeSync,
  relu,
  scope,
  sqrt,
  type Tensor,
  tensor,
  valueAndGrad,
  zerosLike,
} from '../lib/index.js'
import { contender, sideBySide } from './harness.js'
import { type Benchmark, showTime } from './support/figure.js'
import { filled, requireClose } from './support/programs.js'

const sizes = [64, 128, 128, 10] as const
const batch = 128

type Layer = { readonly weight: Tensor; readonly bias: Tensor }
type Model = readonly Layer[]

interface State {
  readonly model: Model
  readonly first: Model
  readonly second: Model
}

function createState(): State {
  const model = sizes.slice(1).map((outputs, i) => ({
    weight: filled([sizes[i]!, outputs], i + 1)
      .mul(0.1)
      .realizeSync(),
    bias: filled([outputs], 9 + i)
      .mul(0.01)
      .realizeSync(),
  }))
  const zero = (): Model => {
    const tree = mapTree(zerosLike, model) as Model
    realizeSync(tree)
    return tree
  }
  return { model, first: zero(), second: zero() }
}

function loss(model: Model, images: Tensor, target: Tensor): Tensor {
  const outputs = model.reduce((x, { weight, bias }, i) => {
    const y = matmul(x, weight).add(bias)
    return i === model.length - 1 ? y : relu(y)
  }, images)
  return target.mul(logSoftmax(outputs)).sum(1).mean().neg()
}

const lossAndGradient = valueAndGrad(loss)

function sgd(state: State, images: Tensor, target: Tensor, rate: number): { state: State; value: Tensor } {
  const [value, gradient] = lossAndGradient(state.model, images, target) as [Tensor, Model]
  const model = mapTree((p: Tensor, g: Tensor) => p.sub(g.mul(rate)), state.model, gradient) as Model
  return { state: { ...state, model }, value }
}

function adam(state: State, images: Tensor, target: Tensor, rate: number): { state: State; value: Tensor } {
  const [value, gradient] = lossAndGradient(state.model, images, target) as [Tensor, Model]
  const first = mapTree((m: Tensor, g: Tensor) => m.mul(0.9).add(g.mul(0.1)), state.first, gradient) as Model
  const second = mapTree((v: Tensor, g: Tensor) => v.mul(0.999).add(g.square().mul(0.001)), state.second, gradient) as Model
  const model = mapTree((p: Tensor, m: Tensor, v: Tensor) => p.sub(m.mul(rate).div(sqrt(v).add(1e-8))), state.model, first, second) as Model
  return { state: { model, first, second }, value }
}

type TrainingStep = typeof sgd

type Once = () => number

/** One step from a fixed state; its tensors are left to the collector. */
const left = (step: TrainingStep, state: State, images: Tensor, target: Tensor) => (): number => {
  realizeSync(step(state, images, target, 0.01))
  return batch
}

/** The same, and everything it makes is freed. */
const freed = (once: Once) => (): number => scope(once)

export const benchmark: Benchmark = {
  name: 'mlp',
  question: 'How much faster is a jitted training step of a 64-128-128-10 perceptron, batch 128, than op by op?',
  async run(recorder) {
    const state = createState()
    const images = filled([batch, 64], 20)
    const labels = Float32Array.from({ length: batch * 10 }, (_, i) => Number(i % 10 === Math.floor(i / 10) % 10))
    const target = tensor(labels, { shape: [batch, 10] })
    for (const [name, step] of [['SGD', sgd] as const, ['Adam', adam] as const]) {
      const compiled = jit(step)
      const plainResult = eager(() => step(state, images, target, 0.01))
      const jitResult = compiled(state, images, target, 0.01)
      plainResult.state.model.forEach((layer, i) => {
        requireClose(`weights after a ${name} step`, jitResult.state.model[i]!.weight.dataSync(), layer.weight.dataSync(), 1e-4)
      })
      const jitted = left(compiled, state, images, target)
      const recorded = left(step, state, images, target)
      const times = await sideBySide([contender('jit', jitted), contender('lazy', recorded), contender('eager', () => eager(recorded))], {
        rounds: 15,
        sampleMilliseconds: 100,
      })
      const pooled = await sideBySide([contender('jit', freed(jitted)), contender('eager', () => eager(freed(recorded)))], {
        rounds: 31,
        sampleMilliseconds: 10,
      })
      const shown = (name: string): string => showTime(times.median(name))
      const plainly = `MLP step with ${name}: jit against eager`
      recorder.figure(plainly, times.ratio('eager', 'jit'), 'x', { least: 5 }, `${shown('jit')} against ${shown('eager')}`)
      recorder.figure(
        `${plainly}, both freeing by scope`,
        pooled.ratio('eager', 'jit'),
        'x',
        undefined,
        `${showTime(pooled.median('jit'))} against ${showTime(pooled.median('eager'))}`,
      )
      recorder.figure(
        `MLP step with ${name}: lazy against eager`,
        times.ratio('eager', 'lazy'),
        'x',
        undefined,
        `${shown('lazy')}, recorded anew each step`,
      )
      recorder.bars(`MLP training step, ${name}`, [
        { name: 'jit', role: 'fused', microseconds: times.median('jit') },
        { name: 'lazy', role: 'fused', microseconds: times.median('lazy') },
        { name: 'eager', role: 'eager', microseconds: times.median('eager') },
      ])
    }
  },
}
