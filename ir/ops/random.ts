// The counter-based generator under all randomness.

import type { DType } from '../dtype.js'
import { emptyValues } from '../host.js'
import { defineFamily } from '../op.js'
import { broadcastType, expandValues } from './kit.js'
import { noAttrsSchema } from './schema.js'

const uint32 = new Set<DType>(['uint32'])

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const

/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC 2011), the variant of JAX.
 * Takes and gives numbers in [0, 2^32).
 */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number): [number, number] {
  const keys = [k0, k1, k0 ^ k1 ^ 0x1bd11bda]
  let x = (c0 + k0) | 0
  let y = (c1 + k1) | 0
  for (let group = 0; group < 5; group++) {
    for (const distance of rotations[group % 2]!) {
      x = (x + y) | 0
      y = ((y << distance) | (y >>> (32 - distance))) ^ x
    }
    x = (x + keys[(group + 1) % 3]!) | 0
    y = (y + keys[(group + 2) % 3]! + group + 1) | 0
  }
  return [x >>> 0, y >>> 0]
}

export const randomOps = defineFamily('random', {
  threefry2x32: {
    doc: "Two words of random bits per element from a key (k0, k1) and a counter (c0, c1): Threefry-2x32 with 20 rounds, the bits of JAX's threefry2x32. Two results. (C1) All operands are uint32. (C2) Their shapes broadcast.",
    operands: ['k0', 'k1', 'c0', 'c1'],
    dtypes: ['uint32'],
    attrs: noAttrsSchema,
    traits: { elementwise: true },
    infer: (inputs) => {
      const type = broadcastType('threefry2x32', inputs, uint32)
      return [type, type]
    },
    gradient: 'zero',
    evaluate: (inputs, _, types) => {
      const [k0, k1, c0, c1] = inputs.map((input) => expandValues(input, types[0]!.shape)) as Float64Array[]
      const first = emptyValues('uint32', types[0]!.size)
      const second = emptyValues('uint32', types[0]!.size)
      for (let i = 0; i < first.length; i++) [first[i], second[i]] = threefry2x32(k0![i]!, k1![i]!, c0![i]!, c1![i]!)
      return [
        { type: types[0]!, values: first },
        { type: types[1]!, values: second },
      ]
    },
    samples: [
      { inputs: ['$[]', '$[]', '$[2,3]', '$[2,3]'], range: [0, 1000] },
      { inputs: ['$[4,1]', '$[4,1]', '$[]', '$[5]'], range: [0, 4294967295] },
      { inputs: ['$[]', '$[]', '$[]', '$[]'] },
      { inputs: ['$[]', '$[]', '$[0]', '$[0]'] },
      { inputs: ['$[]', '$[]', '$[3,19]', '$[19]'], range: [0, 4294967295] },
    ],
    flops: 100,
  },
})
