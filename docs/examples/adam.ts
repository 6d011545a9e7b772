// Adam (Kingma and Ba, 2015) over any tree of parameters.

import { mapTree, sqrt, type Tensor, zerosLike } from 'sinter'

export interface AdamState<Parameters> {
  /** Running means of the gradients and of their squares, trees like the parameters. */
  readonly first: Parameters
  readonly second: Parameters
}

export function createAdam<Parameters>(parameters: Parameters): AdamState<Parameters> {
  return { first: mapTree(zerosLike, parameters), second: mapTree(zerosLike, parameters) }
}

const beta1 = 0.9
const beta2 = 0.999
const epsilon = 1e-8

/**
 * Parameters and state after a step. The learning rate already contains the bias correction (see `correctedRate`), so it is one number that differs from
 * step to step: a run-time input of the compiled step, not a reason to compile another.
 */
export function adamStep<Parameters>(
  parameters: Parameters,
  gradients: Parameters,
  state: AdamState<Parameters>,
  rate: number | Tensor,
): { parameters: Parameters; state: AdamState<Parameters> } {
  const first = mapTree((m: Tensor, g: Tensor) => m.mul(beta1).add(g.mul(1 - beta1)), state.first, gradients)
  const second = mapTree((v: Tensor, g: Tensor) => v.mul(beta2).add(g.square().mul(1 - beta2)), state.second, gradients)
  const updated = mapTree((p: Tensor, m: Tensor, v: Tensor) => p.sub(m.mul(rate).div(sqrt(v).add(epsilon))), parameters, first, second)
  return { parameters: updated, state: { first, second } }
}

/** The learning rate with Adam's bias correction for step 1, 2, ... */
export const correctedRate = (rate: number, step: number): number => (rate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step)
