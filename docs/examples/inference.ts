// Inference: a two-layer perceptron with softmax, compiled once and then called with batch after batch.

import { gelu, jit, random, softmax, type Tensor, zeros } from 'sinter'

const [inputs, hidden, outputs, batch] = [256, 512, 10, 32]
const [key1, key2, dataKey] = random.split(random.key(7), 3) as [Tensor, Tensor, Tensor]
const first = { weight: random.normal(key1, [inputs, hidden], { std: Math.sqrt(2 / inputs) }), bias: zeros([hidden]) }
const second = { weight: random.normal(key2, [hidden, outputs], { std: Math.sqrt(1 / hidden) }), bias: zeros([outputs]) }

// Tensors from outside become constants of the compiled function: they are computed once, not in every call.
const predict = jit((x: Tensor) => {
  const h = gelu(x.matmul(first.weight).add(first.bias))
  return softmax(h.matmul(second.weight).add(second.bias), -1)
})

const calls = 200
let largest = 0
let start = 0
for (let call = -1; call < calls; call++) {
  const x = await random.normal(random.foldIn(dataKey, call + 1), [batch, inputs]).realize()
  if (call === 0) start = performance.now()
  using probabilities = await predict(x).realize()
  using worst = probabilities.sum(1).sub(1).abs().max()
  largest = Math.max(largest, (await worst.item()) as number)
}
const each = (performance.now() - start) / calls

console.log(
  `${inputs}-${hidden}-${outputs} perceptron, batches of ${batch}, ${calls} calls, ${each.toFixed(3)} ms each with making the data`,
)
console.log(`traced ${predict.statistics().traces} time, run as`)
for (const { kind, ops } of predict.explain()) console.log(`  ${kind.padEnd(6)} ${ops.join(' ')}`)
console.log(`The probabilities of a row sum to 1 within ${largest.toExponential(1)}.`)

const sample = await random.normal(dataKey, [1, inputs]).realize()
const [row] = (await predict(sample).js()) as number[][]
console.log(
  `Another batch size is another plan (${predict.statistics().traces} traces by now): [${row!.map((p) => p.toFixed(3)).join(' ')}]`,
)
