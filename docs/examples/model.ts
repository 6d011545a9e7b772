// A multilayer perceptron: its parameters are a plain tree of tensors, its functions take them as an argument.

import { logSoftmax, matmul, mean, neg, oneHot, random, relu, sum, type Tensor, zeros } from 'sinter'

export interface Layer {
  /** [inputs, outputs] */
  readonly weight: Tensor
  /** [outputs] */
  readonly bias: Tensor
}

export type Model = readonly Layer[]

/** Layers between the given sizes, with weights as He et al. (2015) draw them: normal, variance 2 / inputs. */
export function createModel(key: Tensor, sizes: readonly number[]): Model {
  const keys = random.split(key, sizes.length - 1)
  return keys.map((own, i) => {
    const [inputs, outputs] = [sizes[i]!, sizes[i + 1]!]
    return { weight: random.normal(own, [inputs, outputs], { std: Math.sqrt(2 / inputs) }), bias: zeros([outputs]) }
  })
}

/** Unnormalized log-probabilities of the classes, [batch, classes]. */
export function forward(model: Model, images: Tensor): Tensor {
  return model.reduce((x, { weight, bias }, i) => {
    const y = matmul(x, weight).add(bias)
    return i === model.length - 1 ? y : relu(y)
  }, images)
}

/** The mean cross-entropy between the model's answers and the labels. */
export function crossEntropy(model: Model, images: Tensor, labels: Tensor): Tensor {
  const logProbabilities = logSoftmax(forward(model, images))
  const target = oneHot(labels, logProbabilities.shape[1]!)
  return neg(mean(sum(target.mul(logProbabilities), 1)))
}

/** The share of images whose most probable class is the label. */
export const accuracy = (model: Model, images: Tensor, labels: Tensor): Tensor =>
  mean(forward(model, images).argmax(1).equal(labels).astype('float32'))
