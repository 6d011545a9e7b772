// The training example in small, on a device: the loss must fall as it does on the CPU.

import { jit, logSoftmax, mapTree, matmul, random, relu, type Tensor, tensor, valueAndGrad } from '../../lib/index.js'

export interface Training {
  readonly device: string
  readonly losses: readonly number[]
  readonly cpuLosses: readonly number[]
  /** Largest relative difference between the two. */
  readonly difference: number
}

interface Model {
  readonly w1: Tensor
  readonly b1: Tensor
  readonly w2: Tensor
}

const steps = 20

/** Twenty steps of gradient descent on a synthetic classification problem, on the device and on the CPU. */
export async function trainingExample(device: string): Promise<Training> {
  const [losses, cpuLosses] = [await train(device), await train('cpu')]
  const difference = Math.max(...losses.map((loss, i) => Math.abs(loss - cpuLosses[i]!) / cpuLosses[i]!))
  return { device, losses, cpuLosses, difference }
}

async function train(device: string): Promise<number[]> {
  const [k1, k2, k3] = random.split(random.key(7, { device }), 3) as [Tensor, Tensor, Tensor]
  const x = random.uniform(k1, [64, 16], { min: -1, max: 1 })
  const labels = Float32Array.from({ length: 64 * 4 }, (_, i) => Number(i % 4 === Math.floor(i / 4) % 4))
  const y = tensor(labels, { shape: [64, 4], device })
  let model: Model = {
    w1: random.normal(k2, [16, 32]).mul(0.3),
    b1: tensor(new Float32Array(32), { device }),
    w2: random.normal(k3, [32, 4]).mul(0.3),
  }
  const loss = (at: Model): Tensor =>
    y
      .mul(logSoftmax(matmul(relu(matmul(x, at.w1).add(at.b1)), at.w2)))
      .sum(1)
      .mean()
      .neg()
  const step = jit((at: Model, rate: number) => {
    const [value, gradient] = valueAndGrad(loss)(at) as [Tensor, Model]
    return { value, model: mapTree((p: Tensor, g: Tensor) => p.sub(g.mul(rate)), at, gradient) as Model }
  })
  const losses: number[] = []
  for (let i = 0; i < steps; i++) {
    const result = step(model, 0.5)
    model = result.model
    losses.push(Number(await result.value.item()))
  }
  step.dispose()
  return losses
}
