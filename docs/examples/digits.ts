// Trains a multilayer perceptron to read handwritten digits: `npm start`. Takes the number of epochs as an argument, `npm start -- 20`.

import { mkdirSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { eager, jit, optim, profile, random, realize, type Tensor, valueAndGrad } from 'sinter'
import { type EpochPoint, trainingChart } from './chart.js'
import { compareWithEager } from './compare.js'
import { batches, classes, inPackage, loadDigits, pixels } from './data.js'
import { accuracy, createModel, crossEntropy, type Model } from './model.js'
import { showProgress } from './progress.js'

const seed = 1
const sizes = [pixels, 128, 128, classes]
const batchSize = 128
const learningRate = 2e-3
const epochs = readEpochs(process.argv[2] ?? '40')

const { train, test } = loadDigits(seed)

const optimizer = optim.adam()

// A training step: loss and gradients on a batch, then Adam. It is an ordinary function of tensors; `jit` records it once and compiles the whole of it.
function trainStep(model: Model, state: optim.AdamState<Model>, rate: number, rows: Tensor) {
  const images = train.images.take(rows, 0)
  const labels = train.labels.take(rows, 0)
  const [loss, gradients] = valueAndGrad(crossEntropy)(model, images, labels)
  return { loss: loss as Tensor, ...optimizer.update(model, gradients as Model, state, { learningRate: rate }) }
}
const step = jit(trainStep)
const evaluate = jit((model: Model) => accuracy(model, test.images, test.labels))

const [initialKey, shuffleKey] = random.split(random.key(seed))
let model = createModel(initialKey, sizes)
let state = optimizer.init(model)
await realize(model, state)

console.log(`Handwritten digits: ${train.count} images to train on, ${test.count} to test with (UCI, see docs/examples/digits.LICENSE.md)`)
console.log(`A perceptron of ${sizes.join('-')}, batches of ${batchSize}, ${epochs} epochs, on ${train.images.device}\n`)

const curve: EpochPoint[] = []
const start = performance.now()
let steps = 0
for (let epoch = 1; epoch <= epochs; epoch++) {
  const decay = 0.5 * (1 + Math.cos((Math.PI * (epoch - 1)) / epochs))
  const losses: Tensor[] = []
  for (const rows of batches(random.foldIn(shuffleKey, epoch), train.count, batchSize)) {
    const next = step(model, state, learningRate * decay, rows)
    steps++
    model = next.parameters
    state = next.state
    losses.push(next.loss)
  }
  const values = (await Promise.all(losses.map((loss) => loss.item()))) as number[]
  const loss = values.reduce((total, value) => total + value, 0) / values.length
  curve.push({ epoch, loss, accuracy: (await evaluate(model).item()) as number })
  showProgress(epoch, epochs, `loss ${loss.toFixed(4)}, test accuracy ${percent(curve.at(-1)!.accuracy)}`)
}
const seconds = (performance.now() - start) / 1000
console.log(`\nTrained ${steps} steps in ${seconds.toFixed(1)} s. Test accuracy: ${percent(curve.at(-1)!.accuracy)}`)

// What became of the step: everything it recorded runs as a few kernels in one native call.
const rows = batches(shuffleKey, train.count, batchSize)[0]!
const alone = profile(() => eager(() => trainStep(model, state, learningRate, rows)))
const together = profile(() => step(model, state, learningRate, rows))
const kernels = step.explain()
const fused = kernels.filter(({ ops }) => ops.length > 1)
console.log(
  `\nOp by op, a step is ${alone.totals.realizes} calls; compiled, it is ${together.totals.realizes} call of ${together.totals.kernels} kernels.`,
)
console.log(`${fused.length} of them fuse ${fused.reduce((total, { ops }) => total + ops.length, 0)} ops, for example`)
for (const { kind, ops } of fused.toSorted((a, b) => b.ops.length - a.ops.length).slice(0, 3))
  console.log(`  ${kind.padEnd(6)} ${ops.join(' ')}`)
const { traces, calls } = step.statistics()
console.log(
  `The step was traced ${traces} time${traces === 1 ? '' : 's'} in ${calls} calls, although the learning rate changed every time.`,
)

const times = compareWithEager(
  () => trainStep(model, state, learningRate, rows),
  () => step(model, state, learningRate, rows),
)
const ratio = times.eager / times.compiled
console.log(
  `\nTime per step: ${times.eager.toFixed(2)} ms eager, ${times.compiled.toFixed(2)} ms compiled: ${ratio.toFixed(1)} times as fast.`,
)

const folder = inPackage('docs/examples/output')
const file = `${folder}/digits.svg`
mkdirSync(folder, { recursive: true })
writeFileSync(file, trainingChart(curve, `${sizes.join('-')}, Adam, ${steps} steps in ${seconds.toFixed(1)} s`))
console.log(`\nTraining curve: ${relative(process.cwd(), file)}`)
console.log(
  'Next: docs/examples/model.ts is the network, docs/examples/basic.ts the first steps, docs/debugging.md how to look inside a graph.',
)

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}

function readEpochs(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count > 0) return count
  console.error(`The number of epochs is a positive integer, not ${text}.`)
  process.exit(2)
}
