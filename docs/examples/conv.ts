// Convolution: two layers that turn images into feature vectors, compiled as one function, and the gradient of a loss on them.

import { conv2d, grad, jit, maxPool2d, random, type Tensor, zeros } from 'sinter'

const [batch, size] = [2, 32]
const [imageKey, firstKey, secondKey] = random.split(random.key(99), 3) as [Tensor, Tensor, Tensor]
const weights = {
  first: random.normal(firstKey, [16, 3, 3, 3], { std: 0.1 }),
  second: random.normal(secondKey, [32, 16, 3, 3], { std: 0.1 }),
}
const images = await random.normal(imageKey, [batch, 3, size, size]).realize()

const report = (what: string, x: Tensor): Tensor => {
  console.log(`${what.padEnd(21)} [${x.shape.join(', ')}]`)
  return x
}

const features = (w: typeof weights, x: Tensor, show = (_: string, y: Tensor): Tensor => y): Tensor => {
  const first = show('convolution, 3 to 16', conv2d(x, w.first, { padding: 'same', bias: zeros([16]) }).relu())
  const pooled = show('maximum of 2 x 2', maxPool2d(first, 2))
  const second = show('convolution, 16 to 32', conv2d(pooled, w.second, { padding: 1 }))
  return show('mean of each channel', second.mean([2, 3]))
}

report('images', images)
features(weights, images, report)

// The whole network is one plan; convolutions are native steps in it, what is between them is fused.
const extract = jit((x: Tensor) => features(weights, x))
const [vector] = (await extract(images).js()) as number[][]
console.log(
  `the first vector starts with ${vector!
    .slice(0, 4)
    .map((x) => x.toFixed(3))
    .join(', ')}; run as`,
)
for (const { kind, ops } of extract.explain()) console.log(`  ${kind.padEnd(8)} ${ops.join(' ')}`)

// Gradients of convolutions are convolutions: by their data and by their weights.
const loss = (w: typeof weights): Tensor => features(w, images).square().mean()
const gradients = grad(loss)(weights) as typeof weights
const step = 0.1
const better = { first: weights.first.sub(gradients.first.mul(step)), second: weights.second.sub(gradients.second.mul(step)) }
const [before, after] = [(await loss(weights).item()) as number, (await loss(better).item()) as number]
console.log(`A step against the gradient takes the mean square of the features from ${before.toFixed(4)} to ${after.toFixed(4)}.`)

// The same layer by hand, at one place: the sum of a window times the kernel.
const layer = await conv2d(images, weights.first).realize()
const window = images.at(0, ':', '4:7', '5:8')
const byHand = (await window.mul(weights.first.at(3)).sum().item()) as number
const computed = (await layer.at(0, 3, 4, 5).item()) as number
console.log(`One value by hand and by the layer: ${byHand.toFixed(5)} and ${computed.toFixed(5)}.`)
