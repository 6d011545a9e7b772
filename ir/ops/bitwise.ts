// Bits of integers in two's complement. bool has one bit.

import { type DType, dtypeInfo } from '../dtype.js'
import { defineFamily } from '../op.js'
import { type BinarySpec, binary, integerDTypes, records, type UnarySpec, unary } from './kit.js'

const bits = (dtype: DType) => BigInt(dtypeInfo[dtype].bytes * 8)
const integersAndBool: readonly DType[] = [...integerDTypes, 'bool']
/** Within every integer dtype but for the unsigned ones, where values wrap. */
const range = [-100, 100] as const
const counts = [range, [0, 7]] as const

const pairs = {
  bitwiseAnd: {
    doc: 'The bits set in both.',
    commutative: true,
    dtypes: integersAndBool,
    integer: (x, y) => x & y,
    gradient: 'zero',
    range,
  },
  bitwiseOr: {
    doc: 'The bits set in either.',
    commutative: true,
    dtypes: integersAndBool,
    integer: (x, y) => x | y,
    gradient: 'zero',
    range,
  },
  bitwiseXor: {
    doc: 'The bits set in one only.',
    commutative: true,
    dtypes: integersAndBool,
    integer: (x, y) => x ^ y,
    gradient: 'zero',
    range,
  },
  shiftLeft: {
    doc: 'x * 2^y, wrapped. A count y that is negative or not below the width in bits gives 0.',
    integer: (x, y, dtype) => (y < 0n || y >= bits(dtype) ? 0n : x << y),
    gradient: 'zero',
    range: counts,
    samples: [{ inputs: ['$[16]', '$[16]'], range: [range, [-3, 70]] }],
  },
  shiftRight: {
    doc: 'x / 2^y rounded down. A count y that is negative or not below the width in bits gives 0, or -1 for negative x.',
    integer: (x, y, dtype) => (y < 0n || y >= bits(dtype) ? (x < 0n ? -1n : 0n) : x >> y),
    gradient: 'zero',
    range: counts,
    samples: [{ inputs: ['$[16]', '$[16]'], range: [range, [-3, 70]] }],
  },
  mulHigh: {
    doc: 'The upper 32 bits of the product, x * y / 2^32 rounded down.',
    commutative: true,
    dtypes: ['uint32'],
    integer: (x, y) => (x * y) >> 32n,
    gradient: 'zero',
    range: [0, 4294967295],
    samples: [
      { inputs: ['$[37]', '$[]'], range: [0, 4294967295] },
      { inputs: ['$[]', '$[3,19]'], range: [0, 4294967295] },
    ],
  },
} as const satisfies Record<string, BinarySpec>

const singles = {
  bitwiseNot: {
    doc: 'Every bit inverted.',
    dtypes: integersAndBool,
    integer: (x, _, dtype) => (dtype === 'bool' ? 1n - x : ~x),
    gradient: 'zero',
    range,
  },
  popcount: {
    doc: "The number of set bits; negative numbers count in two's complement.",
    integer: (x, _, dtype) => {
      let count = 0n
      for (let rest = BigInt.asUintN(Number(bits(dtype)), x); rest > 0n; rest >>= 1n) count += rest & 1n
      return count
    },
    gradient: 'zero',
    range,
  },
} as const satisfies Record<string, UnarySpec>

export const bitwiseOps = defineFamily('bitwise', {
  ...records<keyof typeof pairs, BinarySpec>(pairs, binary),
  ...records<keyof typeof singles, UnarySpec>(singles, unary),
})
