// float64. There is none on the GPU. Sums of it, and means, are computed with pairs of float32; moves and casts run on the CPU; anything else is refused.
//
// x is split into hi = float32(x) and lo = float32(x - hi). The his are added in pairs, and pairs of sums again, each addition with its exact error (two-sum:
// Knuth, The Art of Computer Programming, volume 2, section 4.2.2); the errors and the los are added in float32 beside them, and the two totals in float64
// at the end (compensated summation: Ogita, Rump, Oishi, "Accurate sum and dot product", 2005, algorithm 4.3 over a tree). The result is off by
// about log2(n)^2 2^-48 of the sum of the n magnitudes at worst. Elements beyond the range of float32 become infinite.
//
// The error of an addition is (a - (s - (s - a))) + (b - (s - a)) with s = a + b: algebra would call it zero. A compiler that reorders float additions
// (fast-math) may do that and leave a plain float32 sum. MPSGraph's kernels show signs of fast-math in functions like exp; whether additions of separate
// operations are reordered is for the self-check on a Mac to find out.

import type { Builder } from '../../../../ir/build.js'
import { SinterError } from '../../../../ir/error.js'
import type { Graph } from '../../../../ir/graph.js'
import type { Node } from '../../../../ir/node.js'
import type { Pass } from '../../../../ir/pass.js'
import { type Rule, rewriteGraph, ruleTable } from '../../../../ir/rewrite.js'
import { isConstant, splat } from '../../../../ir/rules/match.js'
import { sizeOf } from '../../../../ir/shape.js'

/** A float32 sum and what it leaves out. */
interface Pair {
  readonly sum: Node
  readonly error: Node
}

/** The sum of two pairs: the error of adding the sums is exact, the errors are small and simply added. */
function addPairs(b: Builder, x: Pair, y: Pair): Pair {
  const sum = b.add(x.sum, y.sum)
  const rounded = b.sub(sum, x.sum)
  const error = b.add(b.sub(x.sum, b.sub(sum, rounded)), b.sub(y.sum, rounded))
  return { sum, error: b.add(b.add(x.error, y.error), error) }
}

/** All of the second dimension of [rows, n] pairs, in halves. */
function sumTree(b: Builder, pair: Pair): Pair {
  let whole = pair
  const odd: Pair[] = []
  const part = (start: number, size: number): Pair => {
    const cut = (x: Node): Node => b.slice(x, [0, start], [x.type.shape[0]!, size])
    return { sum: cut(whole.sum), error: cut(whole.error) }
  }
  for (let n = whole.sum.type.shape[1]!; n > 1; n = Math.floor(n / 2)) {
    const half = Math.floor(n / 2)
    if (n % 2 === 1) odd.push(part(n - 1, 1))
    whole = addPairs(b, part(0, half), part(half, half))
  }
  return odd.reduce((total, last) => addPairs(b, total, last), whole)
}

/** The dimensions that stay as one, and those that are summed as the second. */
function rowsOf(b: Builder, x: Node, axes: readonly number[]): Node {
  const { shape } = x.type
  const kept = shape.map((_, d) => d).filter((d) => !axes.includes(d))
  const permutation = [...kept, ...axes]
  const moved = permutation.every((d, i) => d === i) ? x : b.permute(x, permutation)
  return b.reshape(moved, [sizeOf(kept.map((d) => shape[d]!)), sizeOf(axes.map((d) => shape[d]!))])
}

export const float64Rules: readonly Rule[] = [
  {
    name: 'sum(f64) -> sums of pairs of f32',
    op: 'sum',
    rewrite: (node, b) => {
      const x = node.inputs[0]!
      if (node.type.dtype !== 'float64') return undefined
      const axes = node.attrs['axes'] as readonly number[]
      if (sizeOf(axes.map((d) => x.type.shape[d]!)) <= 1) return b.reshape(x, node.type.shape)
      const hi = b.cast(x, 'float32')
      const lo = b.cast(b.sub(x, b.cast(hi, 'float64')), 'float32')
      const { sum, error } = sumTree(b, { sum: rowsOf(b, hi, axes), error: rowsOf(b, lo, axes) })
      // What an infinite sum leaves out is NaN.
      const safe = b.select(b.emit('isFinite', [sum]), error, b.constant(0, error))
      const wide = (part: Node): Node => b.cast(b.reshape(part, node.type.shape), 'float64')
      return b.add(wide(sum), wide(safe))
    },
  },
]

const table = ruleTable(float64Rules)

export const emulateFloat64: Pass = {
  name: 'mps-float64',
  doc: 'Turns sums of float64 into trees of error-free float32 additions; the split before and the addition after stay float64, for the CPU.',
  run: (graph, context) => rewriteGraph(graph, table, context),
}

const isFloat64 = (node: Node): boolean => node.type.dtype === 'float64'

/** Ops that only say where elements come from, or convert them. */
const conversions = new Set(['cast', 'bitcast', 'concat', 'pad', 'take', 'takeAlongAxis', 'select', 'result'])

/** Whether the node is sum / count, with the reciprocal of count or itself. */
function isMean(node: Node): boolean {
  const [total, count] = node.inputs
  if (node.op.name !== 'div' && node.op.name !== 'mul') return false
  const source = total!.op.traits.movement ? total!.inputs[0]! : total!
  return source.op.name === 'sum' && isConstant(count!)
}

/** Whether the node is what optimizing leaves of a sum of single elements. */
const isSumOfOne = ({ op, inputs }: Node): boolean => op.name === 'add' && splat(inputs[1]!) === 0

function isAllowed(node: Node): boolean {
  const { name, traits } = node.op
  if (traits.leaf || traits.movement || traits.transparent || conversions.has(name)) return true
  return name === 'sum' || isMean(node) || isSumOfOne(node)
}

/** Throws for the first arithmetic on float64 that is neither a sum nor a mean. For graphs that `legalization` has not rewritten yet. */
export function refuseFloat64(graph: Graph): void {
  for (const node of graph.nodes) {
    if (isAllowed(node) || !(isFloat64(node) || node.inputs.some(isFloat64))) continue
    throw new SinterError('dtype', `the GPU has no float64: only sum, mean, casts and moves of it are computed for the device 'mps'`, {
      op: node.op.name,
      operands: node.inputs,
      hint: "compute it on the CPU, x.to('cpu'), or in float32, x.astype('float32')",
    })
  }
}
