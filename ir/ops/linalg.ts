// Matrix products.

import { SinterError } from '../error.js'
import { emptyValues } from '../host.js'
import { defineFamily } from '../op.js'
import { broadcastShapes, contiguousStrides } from '../shape.js'
import { typeOf } from '../type.js'
import { checkNumeric, checkSameDType, numericDTypes } from './check.js'
import { noAttrsSchema } from './schema.js'
import { arithmeticOf, walkStrided } from './values.js'

export const linalgOps = defineFamily('linalg', {
  matmul: {
    doc:
      'The matrix product over the last two dimensions, [..., M, K] x [..., K, N]; leading dimensions broadcast by NumPy rules. ' +
      'Integers wrap; floats are summed in any order, at least in float32, and rounded once. ' +
      '(C1) Both operands have at least 2 dimensions. (C2) dtypes agree and are numbers. (C3) The K of both are equal. (C4) Leading dimensions broadcast.',
    operands: ['a', 'b'],
    dtypes: numericDTypes,
    attrs: noAttrsSchema,
    traits: { contraction: true },
    infer: (inputs) => {
      const a = inputs[0]!.type
      const b = inputs[1]!.type
      checkNumeric('matmul', inputs)
      checkSameDType('matmul', inputs, 1)
      if (a.rank < 2 || b.rank < 2) {
        throw new SinterError('shape', `operands have ${a.rank} and ${b.rank} dimensions, both need at least 2 (C1)`, {
          op: 'matmul',
          operands: inputs,
        })
      }
      const k = a.shape[a.rank - 1]!
      if (k !== b.shape[b.rank - 2]) {
        throw new SinterError(
          'shape',
          `the last dimension of operand 0 is ${k}, the one before last of operand 1 is ${b.shape[b.rank - 2]} (C3)`,
          {
            op: 'matmul',
            operands: inputs,
          },
        )
      }
      const m = a.shape[a.rank - 2]!
      const n = b.shape[b.rank - 1]!
      if (a.rank === 2 && b.rank === 2) return typeOf(a.dtype, [m, n])
      const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2))
      if (batch === undefined) {
        throw new SinterError('shape', 'the leading dimensions do not broadcast (C4)', { op: 'matmul', operands: inputs })
      }
      return typeOf(a.dtype, [...batch, m, n])
    },
    gradient: ({ b: builder, inputs, grad, needs }) => {
      const [a, b] = inputs
      return [
        needs[0] ? builder.sumTo(builder.matmul(grad, builder.transpose(b!)), a!.type.shape) : undefined,
        needs[1] ? builder.sumTo(builder.matmul(builder.transpose(a!), grad), b!.type.shape) : undefined,
      ]
    },
    evaluate: ([a, b], _, [type]) => {
      const [m, n] = type!.shape.slice(-2) as [number, number]
      const k = a!.type.shape.at(-1)!
      const { zero, add, mul, round } = arithmeticOf(type!.dtype)
      const values = emptyValues(type!.dtype, type!.size)
      const batch = type!.shape.slice(0, -2)
      const starts = (shape: readonly number[]): number[] => {
        const own = contiguousStrides(shape)
        const lead = batch.length - (shape.length - 2)
        const at: number[] = []
        const strides = batch.map((_, d) => (d < lead || shape[d - lead] === 1 ? 0 : own[d - lead]!))
        walkStrided(batch, strides, 0, (_, start) => at.push(start))
        return at
      }
      const startsA = starts(a!.type.shape)
      const startsB = starts(b!.type.shape)
      for (let batchIndex = 0; batchIndex < startsA.length; batchIndex++) {
        for (let row = 0; row < m; row++) {
          for (let column = 0; column < n; column++) {
            let sum = zero
            for (let i = 0; i < k; i++) {
              sum = add(sum, mul(a!.values[startsA[batchIndex]! + row * k + i]!, b!.values[startsB[batchIndex]! + i * n + column]!))
            }
            values[(batchIndex * m + row) * n + column] = round(sum)
          }
        }
      }
      return [{ type: type!, values }]
    },
    samples: [
      { inputs: ['$[2,3]', '$[3,4]'] },
      { inputs: ['$[1,5]', '$[5,1]'] },
      { inputs: ['$[2,3,4]', '$[4,2]'] },
      { inputs: ['$[3,2]', '$[4,2,3]'] },
      { inputs: ['$[2,1,2,3]', '$[3,3,2]'] },
      { inputs: ['$[7,9]', '$[9,17]'] },
      { inputs: ['$[2,0]', '$[0,3]'] },
      { inputs: ['$[0,2]', '$[2,3]'] },
      { inputs: ['$[0,2,3]', '$[3,2]'] },
    ],
    flops: ([a]) => 2 * a!.type.shape.at(-1)!,
  },
})
