// Einstein summation: any product of tensors written by labelling dimensions, lowered to matmul.

import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { broadcastShapes, sizeOf } from '../ir/shape.js'
import { describeValue } from './check.js'
import { diagonal } from './linalg.js'
import { promotedList } from './operand.js'
import { cast, record, type TensorLike } from './record.js'
import { permuteDims, reshape } from './shape.js'
import type { Tensor } from './tensor.js'

/** A tensor whose dimensions are labelled. Labels of the ellipsis are '.0', '.1', ... counted from its last dimension. */
interface Labelled {
  readonly x: Tensor
  readonly labels: readonly string[]
}

const op = 'einsum'

/**
 * einsum('ij,jk->ik', a, b): dimensions with one label are matched, those missing after '->' are summed. Without '->' the result has the labels that occur
 * once, in alphabetical order. A label repeated within an operand takes its diagonal; '...' stands for dimensions that broadcast. Operands are contracted
 * from left to right, each step as one matrix product where something is summed over.
 */
export function einsum(equation: string, ...operands: readonly TensorLike[]): Tensor {
  if (typeof equation !== 'string')
    throw new SinterError('argument', `the first argument is the equation, got ${describeValue(equation)}`, { op })
  const tensors = promotedList(operands, op).map((x) => (x.dtype === 'bool' ? cast(x, 'int32') : x))
  const { inputs, output } = parseEquation(equation, tensors)
  checkSizes(inputs, tensors)
  const wanted = output ?? implicitOutput(inputs)
  for (const label of wanted) {
    if (!inputs.some(({ labels }) => labels.includes(label)))
      throw new SinterError('argument', `output label '${label}' is on no operand of '${equation}'`, { op, operands: tensors })
  }
  const steps = inputs.map((input, i) => withoutLonely(distinct(input), neededBy(inputs.slice(i + 1), wanted, inputs.slice(0, i))))
  let result = steps[0]!
  for (let i = 1; i < steps.length; i++) result = contract(result, steps[i]!, neededBy(inputs.slice(i + 1), wanted))
  return arranged(withoutLonely(result, new Set(wanted)), wanted)
}

function parseEquation(equation: string, tensors: readonly Tensor[]): { inputs: Labelled[]; output: string[] | undefined } {
  const bad = (why: string): never => {
    throw new SinterError('argument', `'${equation}': ${why}`, { op, operands: tensors, hint: "as in 'ij,jk->ik' or '...ij,...jk->...ik'" })
  }
  const sides = equation.replace(/\s/g, '').split('->')
  if (sides.length > 2) bad("more than one '->'")
  const terms = sides[0]!.split(',')
  if (terms.length !== tensors.length) bad(`${terms.length} terms for ${tensors.length} operands`)
  for (const term of [...terms, ...sides.slice(1)])
    if (!/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term)) bad(`'${term}' is not a list of labels`)
  let dots = 0
  const inputs = terms.map((term, i) => {
    const x = tensors[i]!
    const [before, after] = term.split('...') as [string, string | undefined]
    const named = before.length + (after?.length ?? 0)
    const rest = x.ndim - named
    if (after === undefined ? rest !== 0 : rest < 0) bad(`term '${term}' names ${named} dimensions, operand ${i} has ${x.ndim}`)
    if (after !== undefined) dots = Math.max(dots, rest)
    return { x, labels: [...before, ...(after === undefined ? [] : dotLabels(rest)), ...(after ?? '')] }
  })
  if (sides[1] === undefined) return { inputs, output: undefined }
  const [before, after] = sides[1].split('...') as [string, string | undefined]
  if (after === undefined && dots > 0) bad("the operands have '...', so the result needs it too")
  const output = [...before, ...(after === undefined ? [] : dotLabels(dots)), ...(after ?? '')]
  if (new Set(output).size !== output.length) bad('a label is repeated in the result')
  return { inputs, output }
}

const dotLabels = (count: number): string[] => Array.from({ length: count }, (_, i) => `.${count - 1 - i}`)
const isDot = (label: string): boolean => label.startsWith('.')

function implicitOutput(inputs: readonly Labelled[]): string[] {
  const all = inputs.flatMap(({ labels }) => labels)
  const dots = new Set(all.filter(isDot))
  const once = all.filter((label) => !isDot(label) && all.indexOf(label) === all.lastIndexOf(label))
  return [...dotLabels(dots.size), ...once.sort()]
}

function checkSizes(inputs: readonly Labelled[], tensors: readonly Tensor[]): void {
  const sizes = new Map<string, number>()
  for (const { x, labels } of inputs) {
    labels.forEach((label, d) => {
      const size = x.shape[d]!
      const known = sizes.get(label)
      if (known === undefined || (isDot(label) && known === 1)) sizes.set(label, size)
      else if (known !== size && !(isDot(label) && size === 1)) {
        throw new SinterError('shape', `label '${isDot(label) ? '...' : label}' is ${known} and ${size} long`, { op, operands: tensors })
      }
    })
  }
}

function neededBy(later: readonly Labelled[], output: readonly string[], others: readonly Labelled[] = []): Set<string> {
  return new Set([...output, ...later.flatMap(({ labels }) => labels), ...others.flatMap(({ labels }) => labels)])
}

/** Diagonals taken until every label occurs once. */
function distinct({ x, labels }: Labelled): Labelled {
  const repeated = labels.findIndex((label, d) => labels.indexOf(label) !== d)
  if (repeated < 0) return { x, labels }
  const first = labels.indexOf(labels[repeated]!)
  const rest = labels.filter((_, d) => d !== first && d !== repeated)
  return distinct({ x: diagonal(x, { axes: [first, repeated] }), labels: [...rest, labels[repeated]!] })
}

/** Sums over dimensions that nobody else needs. */
function withoutLonely({ x, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, d) => (needed.has(label) ? [] : [d]))
  if (axes.length === 0) return { x, labels }
  return { x: record(ops.sum, [x], { axes, keepDims: false }), labels: labels.filter((label) => needed.has(label)) }
}

/** The dimensions in the given order; labels x lacks become size 1. */
function arranged({ x, labels }: Labelled, order: readonly string[]): Tensor {
  const own = order.filter((label) => labels.includes(label))
  const moved = permuteDims(
    x,
    own.map((label) => labels.indexOf(label)),
  )
  return own.length === order.length
    ? moved
    : reshape(
        moved,
        order.map((label) => (labels.includes(label) ? x.shape[labels.indexOf(label)]! : 1)),
      )
}

const sizeIn = ({ x, labels }: Labelled, label: string): number => x.shape[labels.indexOf(label)]!

function contract(a: Labelled, b: Labelled, needed: ReadonlySet<string>): Labelled {
  const shared = a.labels.filter((label) => b.labels.includes(label))
  const batch = shared.filter((label) => needed.has(label))
  const inner = shared.filter((label) => !needed.has(label))
  const left = a.labels.filter((label) => !shared.includes(label))
  const right = b.labels.filter((label) => !shared.includes(label))
  const labels = [...batch, ...left, ...right]
  if (inner.length === 0) return { x: record(ops.mul, [arranged(a, labels), arranged(b, labels)]), labels }
  const length = sizeOf(inner.map((label) => sizeIn(a, label)))
  const rows = left.map((label) => sizeIn(a, label))
  const columns = right.map((label) => sizeIn(b, label))
  const aBatch = batch.map((label) => sizeIn(a, label))
  const bBatch = batch.map((label) => sizeIn(b, label))
  const x = reshape(arranged(a, [...batch, ...left, ...inner]), [...aBatch, sizeOf(rows), length])
  const y = reshape(arranged(b, [...batch, ...inner, ...right]), [...bBatch, length, sizeOf(columns)])
  const product = record(ops.matmul, [x, y])
  return { x: reshape(product, [...broadcastShapes(aBatch, bBatch)!, ...rows, ...columns]), labels }
}
