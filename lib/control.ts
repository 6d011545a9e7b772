// Control flow on the device: scans, counted loops, loops with a condition, branches. The functions are traced once; all turns run in one native call.

import { constantNode, emit, inputNode } from '../ir/build.js'
import { SinterError } from '../ir/error.js'
import type { Node } from '../ir/node.js'
import { mostTurns } from '../ir/ops/control.js'
import { ops } from '../ir/ops/index.js'
import { type TensorType, typeOf } from '../ir/type.js'
import { describeValue } from './check.js'
import { joined, partsOf } from './parts.js'
import { defaultDevice } from './realize.js'
import { asTensor, record, recordResults, type TensorLike, wrap } from './record.js'
import { graphOfBody, type TracedBody, traceBody } from './region.js'
import { Tensor } from './tensor.js'
import { flatten, type Structure, structureKey, unflatten } from './tree.js'

export interface ScanLoopOptions {
  /** The number of turns; needed when there is nothing to scan. */
  readonly length?: number
  /** Goes through `xs` from the end, and stacks what the turns return in the places of what they got. Default false. */
  readonly reverse?: boolean
}

export interface WhileLoopOptions {
  /** The loop ends after this many turns whatever the condition says. Default and most: 16777216. */
  readonly maxIterations?: number
}

/** A tree of tensors as the caller's functions see it. */
// biome-ignore lint/suspicious/noExplicitAny: trees are typed by the caller
type Given = any

interface Leaves {
  /** Loops take real tensors: a complex leaf is its two parts. */
  readonly tensors: readonly Tensor[]
  readonly structure: Structure
  /** Which leaves are complex. */
  readonly complex: readonly boolean[]
}

/** The tensors of a tree; numbers become rank-0 tensors. */
function tensorsIn(tree: unknown, op: string, what: string): Leaves {
  const { leaves, structure } = flatten(tree)
  const device = leaves.find((leaf): leaf is Tensor => leaf instanceof Tensor)?.device ?? defaultDevice()
  const tensors = leaves.map((leaf) => {
    if (leaf instanceof Promise) throw new SinterError('trace', `${what} is a promise; what is traced must be synchronous`, { op })
    if (leaf === null || leaf === undefined || (typeof leaf === 'object' && !(leaf instanceof Tensor)))
      throw new SinterError('argument', `${what} holds ${describeValue(leaf)} where a tensor belongs`, { op })
    return asTensor(leaf as TensorLike, op, device)
  })
  const parts = tensors.map(partsOf)
  return {
    tensors: parts.flatMap(({ re, im }) => (im === undefined ? [re] : [re, im])),
    structure,
    complex: parts.map(({ im }) => im !== undefined),
  }
}

/** A tree like that of the leaves, of other tensors. */
function treeOf({ structure, complex }: Leaves, tensors: readonly Tensor[]): Given {
  let next = 0
  const leaves = complex.map((two) => joined(tensors[next++]!, two ? tensors[next++] : undefined))
  return unflatten(structure, leaves)
}

const typesOf = (tensors: readonly Tensor[]): TensorType[] => tensors.map((tensor) => tensor.type)
const nodesOf = (tensors: readonly Tensor[]): Node[] => tensors.map((tensor) => tensor.node)

/** Holds a returned tree to the structure and types of another. */
function checkLike(returned: Leaves, wanted: Leaves, op: string, what: string): void {
  if (structureKey(returned.structure) !== structureKey(wanted.structure))
    throw new SinterError(
      'trace',
      `${what} must be trees of the same structure: ${structureKey(wanted.structure)}, ${structureKey(returned.structure)}`,
      { op },
    )
  const odd = returned.complex.findIndex((complex, i) => complex !== wanted.complex[i])
  if (odd >= 0) {
    const [is, was] = [returned, wanted].map(({ complex }) => (complex[odd] ? 'complex' : 'real'))
    throw new SinterError('dtype', `${what} must have the same types; leaf ${odd} is ${was} and ${is}`, { op })
  }
  returned.tensors.forEach(({ type }, i) => {
    const like = wanted.tensors[i]!
    if (type.equals(like.type)) return
    throw new SinterError('shape', `${what} must have the same types; leaf ${i} is ${like.type} and ${type}`, {
      op,
      hint: 'cast with astype() or broadcast before the loop, so that a turn keeps shapes and dtypes',
    })
  })
}

interface Turns {
  readonly length: number
  readonly reverse?: boolean
  /** Whether there is a first turn, for loops that may end early. */
  readonly condition?: Tensor
}

/** Records the loop over a traced body; its results are the carried values and then the stacked ones. */
function recordLoop(traced: TracedBody, carried: readonly Tensor[], scanned: readonly Tensor[], turns: Turns, device: string): Tensor[] {
  const { body, captured } = graphOfBody(traced)
  const { length, reverse = false, condition } = turns
  if (body.outputs.length === Number(condition !== undefined)) return []
  const taken = captured.map((node) => new Tensor(node, device))
  const operands = [...(condition === undefined ? [] : [condition]), ...carried, ...scanned, ...taken]
  const conditional = condition !== undefined
  const counts = { carried: carried.length, scanned: scanned.length }
  return recordResults(ops.loop, operands, { length, reverse, ...counts, conditional, body }, device)
}

function checkLength(length: unknown, op: string, what: string): number {
  if (typeof length === 'number' && Number.isInteger(length) && length >= 0 && length <= mostTurns) return length
  throw new SinterError('argument', `${what} is an integer from 0 to ${mostTurns}, got ${describeValue(length)}`, { op })
}

function deviceOf(op: string, tensors: readonly Tensor[]): string {
  const device = tensors[0]?.device ?? defaultDevice()
  if (tensors.some((tensor) => tensor.device !== device))
    throw new SinterError('device', 'operands are on different devices', { op, operands: tensors, hint: 'move one with x.to(device)' })
  return device
}

/**
 * Calls `body(carry, x)` for each slice x of `xs` along the first axis, handing on the carry; returns [last carry, stacked ys] for a body that returns [carry, y].
 * As jax.lax.scan: carry, xs and ys are trees of tensors; the carry keeps shapes and dtypes; `xs` may be null when `length` is given, and y may be null.
 * The body is traced once, and all turns run in one native call. Differentiable. Loops and branches may lie in each other, 8 deep.
 * MPSGraph: forLoopWithNumberOfIterations; a stage on the CPU where the body holds what the GPU does not compute. Throws `shape` for a carry that changes and for first axes that differ, `argument` for a missing length, `trace` for a
 * body that reads values.
 */
export function scan(
  body: (carry: Given, x: Given) => readonly [unknown, unknown],
  init: unknown,
  xs: unknown,
  options: ScanLoopOptions = {},
): [Given, Given] {
  const op = 'scan'
  const initial = tensorsIn(init, op, 'the initial carry')
  const scanned = xs === null || xs === undefined ? undefined : tensorsIn(xs, op, 'xs')
  const given = scanned?.tensors ?? []
  const lengths = new Set(given.map(({ shape }) => shape[0]))
  if (options.length !== undefined) lengths.add(checkLength(options.length, op, 'length'))
  if (lengths.size !== 1 || lengths.has(undefined)) {
    throw new SinterError(
      'shape',
      lengths.size === 0 ? 'there is nothing to scan, so give a length' : 'tensors to scan have first axes of one length',
      {
        op,
        operands: given,
      },
    )
  }
  const length = checkLength([...lengths][0], op, 'length')
  const device = deviceOf(op, [...initial.tensors, ...given])
  const types = [...typesOf(initial.tensors), ...given.map(({ type }) => typeOf(type.dtype, type.shape.slice(1)))]
  const count = initial.tensors.length
  let ys: Leaves | undefined
  let returnedTensors: readonly Tensor[] = []
  const traced = traceBody(op, types, device, (parameters) => {
    const x = scanned === undefined ? null : treeOf(scanned, parameters.slice(count))
    const returned = body(treeOf(initial, parameters.slice(0, count)), x)
    if (!Array.isArray(returned) || returned.length !== 2)
      throw new SinterError('trace', `the body returns [carry, y], got ${describeValue(returned)}`, { op })
    const next = tensorsIn(returned[0], op, 'the carry')
    checkLike(next, initial, op, 'the carry of a turn and of the next')
    if (returned[1] !== null && returned[1] !== undefined) ys = tensorsIn(returned[1], op, 'y')
    returnedTensors = [...next.tensors, ...(ys?.tensors ?? [])]
    return nodesOf(returnedTensors)
  })
  // What the body takes from outside only may be elsewhere, or be all that says where the loop runs.
  const home = deviceOf(op, [...initial.tensors, ...given, ...returnedTensors])
  const results = recordLoop(traced, initial.tensors, given, { length, reverse: options.reverse ?? false }, home)
  return [treeOf(initial, results.slice(0, count)), ys === undefined ? null : treeOf(ys, results.slice(count))]
}

/** A loop on `init` with a condition for the next turn beside what a turn makes of it. */
function conditionalLoop(
  op: string,
  initial: Leaves,
  condition: Tensor,
  length: number,
  turn: (parameters: Tensor[]) => { condition: Tensor; next: readonly Tensor[] },
): Tensor[] {
  const device = deviceOf(op, [condition, ...initial.tensors])
  const traced = traceBody(op, typesOf(initial.tensors), device, (parameters) => {
    const { condition: again, next } = turn(parameters)
    deviceOf(op, [condition, ...initial.tensors, again, ...next])
    return nodesOf([again, ...next])
  })
  return recordLoop(traced, initial.tensors, [], { length, condition }, device)
}

function checkPredicate(value: unknown, op: string, what: string, device?: string): Tensor {
  if (value instanceof Tensor || typeof value === 'boolean') {
    const tensor = asTensor(value, op, device)
    if (tensor.dtype === 'bool' && tensor.shape.length === 0) return tensor
    throw new SinterError('dtype', `${what} is ${tensor.type}; it must be bool[]`, { op, hint: 'compare, and reduce with any() or all()' })
  }
  throw new SinterError('argument', `${what} must be a bool tensor of rank 0, got ${describeValue(value)}`, { op })
}

/**
 * Repeats `body(carry)` as long as `cond(carry)` is true, from `init`; returns the carry. As jax.lax.while_loop: the carry is a tree of tensors that keeps its
 * shapes and dtypes, `cond` returns bool[]. All turns run in one native call, which nothing interrupts: `maxIterations` ends it, at most after 16777216 turns.
 * Not differentiable: throws `gradient` there. MPSGraph: whileWithInitialInputs.
 */
export function whileLoop(
  cond: (carry: Given) => unknown,
  body: (carry: Given) => unknown,
  init: unknown,
  options: WhileLoopOptions = {},
): Given {
  const op = 'whileLoop'
  const initial = tensorsIn(init, op, 'the initial carry')
  const length = checkLength(options.maxIterations ?? mostTurns, op, 'maxIterations')
  const holds = (tensors: readonly Tensor[]): Tensor => checkPredicate(cond(treeOf(initial, tensors)), op, 'the condition')
  const results = conditionalLoop(op, initial, holds(initial.tensors), length, (parameters) => {
    const next = tensorsIn(body(treeOf(initial, parameters)), op, 'the carry')
    checkLike(next, initial, op, 'the carry of a turn and of the next')
    return { condition: holds(next.tensors), next: next.tensors }
  })
  return treeOf(initial, results)
}

/**
 * Calls `body(i, carry)` for i (int32[]) from `lower` up to but without `upper`, handing on the carry; returns the last. As jax.lax.fori_loop: with numbers as
 * bounds it is a `scan` and differentiable, with tensors (int32[]) a `whileLoop`, and not.
 */
export function foriLoop(lower: number | Tensor, upper: number | Tensor, body: (i: Tensor, carry: Given) => unknown, init: unknown): Given {
  const op = 'foriLoop'
  for (const bound of [lower, upper]) {
    const fits =
      bound instanceof Tensor ? bound.dtype === 'int32' && bound.shape.length === 0 : Number.isInteger(bound) && Math.abs(bound) < 2 ** 31
    if (!fits)
      throw new SinterError(
        'argument',
        `bounds are integers or int32[] tensors, got ${bound instanceof Tensor ? bound.type : describeValue(bound)}`,
        { op },
      )
  }
  const device = deviceOf(op, [
    ...tensorsIn(init, op, 'the initial carry').tensors,
    ...[lower, upper].filter((bound) => bound instanceof Tensor),
  ])
  const constant = (value: number): Tensor => wrap(constantNode(value, 'int32'), device)
  if (typeof lower === 'number' && typeof upper === 'number') {
    const length = Math.max(0, upper - lower)
    checkLength(length, op, 'upper - lower')
    const counts = wrap(emit(ops.iota, [], { dtype: 'int32', shape: [length], axis: 0 }), device)
    const indices = record(ops.add, [counts, constant(lower)])
    return scan((carry, i) => [body(i, carry), null], init, indices)[0]
  }
  const end = typeof upper === 'number' ? constant(upper) : upper
  const start = typeof lower === 'number' ? constant(lower) : lower
  const below = ({ i }: { i: Tensor }): Tensor => record(ops.less, [i, end])
  const next = ({ i, carry }: { i: Tensor; carry: unknown }) => ({ i: record(ops.add, [i, constant(1)]), carry: body(i, carry) })
  return whileLoop(below, next, { i: start, carry: init }).carry
}

/**
 * `thenFn(...operands)` where `pred` (bool[]) is true, else `elseFn(...operands)`; only that one is computed. As jax.lax.cond: both return trees of the same
 * structure, shapes and dtypes. Differentiable in the operands and in what the functions take from outside. MPSGraph: ifWithPredicateTensor.
 * Throws `shape` when the results differ, `dtype` when `pred` is not bool[].
 */
export function cond(
  pred: Tensor | boolean,
  thenFn: (...operands: Given[]) => unknown,
  elseFn: (...operands: Given[]) => unknown,
  ...operands: Given[]
): Given {
  const op = 'cond'
  const home = pred instanceof Tensor ? pred.device : defaultDevice()
  const trace = (fn: (...operands: unknown[]) => unknown, what: string): { leaves: Leaves; traced: TracedBody } => {
    let leaves: Leaves | undefined
    const traced = traceBody(op, [], home, () => {
      leaves = tensorsIn(fn(...operands), op, `the result of ${what}`)
      return nodesOf([wrap(constantNode(0, 'bool'), home), ...leaves.tensors])
    })
    return { leaves: leaves!, traced }
  }
  const then = trace(thenFn, 'thenFn')
  const otherwise = trace(elseFn, 'elseFn')
  checkLike(otherwise.leaves, then.leaves, op, 'the results of both functions')
  const device = deviceOf(op, [...then.leaves.tensors, ...otherwise.leaves.tensors, ...(pred instanceof Tensor ? [pred] : [])])
  const condition = checkPredicate(pred, op, 'the predicate', device)
  // Each is a loop of one turn at most. What is carried in is replaced by the one that runs.
  const branch = ({ traced }: { traced: TracedBody }, when: Tensor, before: readonly Tensor[]): Tensor[] => {
    const parameters = before.map(({ type }) => inputNode(type))
    return recordLoop({ ...traced, parameters }, before, [], { length: 1, condition: when }, device)
  }
  const nothing = then.leaves.tensors.map(({ type }) => wrap(constantNode(0, type.dtype, type.shape), device))
  const results = branch(otherwise, record(ops.logicalNot, [condition]), branch(then, condition, nothing))
  return treeOf(then.leaves, results)
}
