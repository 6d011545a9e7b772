// Random chains of Fourier transforms.

import { emit, inputNode } from '../../ir/build.js'
import { complexDType, type DType } from '../../ir/dtype.js'
import { Graph } from '../../ir/graph.js'
import type { Node } from '../../ir/node.js'
import { ops } from '../../ir/ops/index.js'
import { typeOf } from '../../ir/type.js'
import { randomFrom } from '../support/values.js'

/**
 * A chain of transforms over values that are fed, with products and complex values in between. Other random graphs have none, since transforms of the
 * constants that those are full of are zero but for rounding.
 */
export function randomChain(seed: number, dtype: 'float32' | 'float64' = 'float32'): Graph {
  const random = randomFrom(seed)
  const below = (count: number): number => Math.floor(random() * count)
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!
  const shape = Array.from({ length: 1 + below(6) }, () => 1 + below(4))
  shape[below(shape.length)] = 1 + below(20)
  const inputs: Node[] = []
  const input = (own: DType): Node => {
    inputs.push(inputNode(typeOf(own, shape)))
    return inputs.at(-1)!
  }
  const part = (z: Node, name: 'real' | 'imag'): Node => emit(ops[name], [z])
  const scaling = (): string => pick(['unitary', 'size'])
  const along = (z: Node): Node => {
    const axes = shape.map((_, d) => d).filter(() => random() < 0.5)
    return emit(ops.fft, [z], { axes, inverse: random() < 0.5, scaling: scaling() })
  }
  const there = (z: Node): Node => {
    const axis = below(shape.length)
    const half = emit(ops.rfft, [part(z, 'real')], { axis, scaling: scaling() })
    const back = emit(ops.irfft, [half], { axis, length: shape[axis]!, scaling: 'unitary' })
    return emit(ops.complex, [back, part(z, 'imag')])
  }
  const steps: readonly ((z: Node) => Node)[] = [
    along,
    along,
    there,
    (z) => emit(ops.complex, [emit(ops.mul, [part(z, 'imag'), input(dtype)]), part(z, 'real')]),
  ]
  let z = random() < 0.5 ? input(complexDType(dtype)) : emit(ops.complex, [input(dtype), input(dtype)])
  for (let count = 1 + below(5); count > 0; count--) z = pick(steps)(z)
  const last = along(z)
  return new Graph(inputs, [last, emit(ops.neg, [part(last, 'imag')])])
}
