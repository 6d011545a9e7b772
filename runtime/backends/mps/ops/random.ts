// The counter-based random generator.

import type { randomOps } from '../../../../ir/ops/random.js'
import type { Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Table } from '../lowering.js'

/** Rotation distances of Threefry-2x32, four rounds at a time, and its key schedule's parity. */
const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const
const parity = 0x1bd11bda

function rotateLeft(g: Emitter, x: Value, distance: number): Value {
  const by = (count: number): Value => g.scalar(count, 'uint32')
  return g.binary('bitwiseOR', g.binary('bitwiseLeftShift', x, by(distance)), g.binary('bitwiseRightShift', x, by(32 - distance)))
}

function threefry2x32(g: Emitter, k0: Value, k1: Value, c0: Value, c1: Value): [Value, Value] {
  const xor = (a: Value, b: Value): Value => g.binary('bitwiseXOR', a, b)
  const keys = [k0, k1, xor(xor(k0, k1), g.scalar(parity, 'uint32'))]
  let [x, y] = [g.add(c0, k0), g.add(c1, k1)]
  for (let group = 0; group < 5; group++) {
    for (const distance of rotations[group % 2]!) {
      x = g.add(x, y)
      y = xor(rotateLeft(g, y, distance), x)
    }
    // Keys are small, often one element: the round number is added to them.
    x = g.add(x, keys[(group + 1) % 3]!)
    y = g.add(y, g.add(keys[(group + 2) % 3]!, g.scalar(group + 1, 'uint32')))
  }
  return [x, y]
}

export const randomLowerings: Table<typeof randomOps> = {
  threefry2x32: { emit: (g, [k0, k1, c0, c1]) => threefry2x32(g, k0!, k1!, c0!, c1!) },
}
