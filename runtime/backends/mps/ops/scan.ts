// Cumulative operations. Sums and products have native exclusive forms; extremes do not start from the identity and skip NaN, so integer keys are scanned instead.

import { type DType, dtypeInfo, isFloat } from '../../../../ir/dtype.js'
import type { scanOps } from '../../../../ir/ops/scan.js'
import { typeOf } from '../../../../ir/type.js'
import type { Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Lowering, Table } from '../lowering.js'
import { around, safeRank } from './axes.js'
import { fromAccumulator, fromKey, keyOf, toAccumulator, toKey } from './carrier.js'

interface ScanAttrs {
  readonly axis: number
  readonly exclusive: boolean
  readonly reverse: boolean
}

function cumulative(g: Emitter, method: string, x: Value, { axis, exclusive, reverse }: ScanAttrs): Value {
  return g.call(`cumulative${method}WithTensor:axis:exclusive:reverse:name:`, [x, axis, Number(exclusive), Number(reverse)], x.type)
}

/** Only the last four dimensions can be scanned along. */
function within(g: Emitter, x: Value, attrs: ScanAttrs): [Value, ScanAttrs] {
  if (x.type.rank <= safeRank) return [x, attrs]
  const view = around(x.type.shape, attrs.axis)
  return [g.reshape(x, view.shape), { ...attrs, axis: view.axis }]
}

const accumulation = (method: string): Lowering => ({
  emit: (g, [x], { attrs, type }) => {
    const [viewed, own] = within(g, toAccumulator(g, x!), attrs)
    return g.reshape(fromAccumulator(g, cumulative(g, method, viewed, own), type.dtype), type.shape)
  },
})

/** What a running extreme starts from. */
function identityOf(method: string, dtype: DType): number | bigint {
  if (isFloat(dtype)) return method === 'Maximum' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return method === 'Maximum' ? dtypeInfo[dtype].min : dtypeInfo[dtype].max
}

/** The elements moved by one along the axis, away from where the scan starts, with the identity in the place that becomes free. */
function delayed(g: Emitter, x: Value, { axis, reverse }: ScanAttrs, identity: number | bigint): Value {
  const { dtype, shape } = x.type
  const n = shape[axis]!
  const along = (size: number): number[] => shape.map((all, d) => (d === axis ? size : all))
  const free = g.splat(identity, typeOf(dtype, along(1)))
  if (n === 1) return free
  const rest = g.slice(
    x,
    shape.map((_, d) => (d === axis && reverse ? 1 : 0)),
    along(n - 1),
  )
  return g.concat(reverse ? [rest, free] : [free, rest], axis)
}

const runningExtreme = (method: string): Lowering => ({
  emit: (g, [x], { attrs, type }) => {
    // NaN as the outermost key wins from its place on.
    const [key, own] = within(g, toKey(g, x!, method === 'Maximum' ? 'last' : 'first'), attrs)
    const start = keyOf(identityOf(method, type.dtype), type.dtype)
    const given = own.exclusive ? delayed(g, key, own, start) : key
    const scanned = cumulative(g, method, given, { ...own, exclusive: false })
    return g.reshape(fromKey(g, scanned, type.dtype), type.shape)
  },
})

export const scanLowerings: Table<typeof scanOps> = {
  cumsum: accumulation('Sum'),
  cumprod: accumulation('Product'),
  cummax: runningExtreme('Maximum'),
  cummin: runningExtreme('Minimum'),
}
