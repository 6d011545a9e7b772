// Values for the probes of known defects.

import { isBig, isFloat } from '../../ir/dtype.js'
import type { Graph } from '../../ir/graph.js'
import { emptyValues, type HostTensor, roundTo } from '../../ir/host.js'

/** Inputs counted up from 0, floats in steps of a quarter. */
export function countedValues(graph: Graph): HostTensor[] {
  return graph.inputs.map(({ type }) => {
    const values = emptyValues(type.dtype, type.size)
    for (let i = 0; i < values.length; i++) {
      values[i] = isBig(type.dtype) ? BigInt(i) : roundTo(type.dtype, isFloat(type.dtype) ? (i % 64) / 4 : i)
    }
    return { type, values }
  })
}
