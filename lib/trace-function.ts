// Tracing a function of trees of tensors: what jit compiles and subgraph copies.

import { inputNode } from '../ir/build.js'
import { SinterError } from '../ir/error.js'
import type { Node } from '../ir/node.js'
import { type TensorType, typeOf } from '../ir/type.js'
import { randomState } from './key.js'
import { dtypeOfValue } from './promote.js'
import { defaultDevice, type Placeholder } from './realize.js'
import { scalar } from './record.js'
import { Tensor } from './tensor.js'
import { tracing } from './trace.js'
import { type Structure, unflatten } from './tree.js'
import { type TracedVariable, tracingVariables, type Variable } from './variable.js'

export const isNumeric = (leaf: unknown): leaf is number | bigint | boolean =>
  typeof leaf === 'number' || typeof leaf === 'bigint' || typeof leaf === 'boolean'

/** A JS number among the arguments as a tensor. */
export const numberTensor = (value: number | bigint | boolean, device: string, op: string): Tensor =>
  scalar(value, dtypeOfValue(value), device, op)

/** What of an argument leaf decides whether a trace serves it. */
export function leafKey(op: string, leaf: unknown): string {
  if (leaf instanceof Tensor) return `${leaf.type.id}@${leaf.device}`
  if (isNumeric(leaf)) return dtypeOfValue(leaf)
  if (leaf === null || leaf === undefined || typeof leaf === 'string') return JSON.stringify(leaf) ?? 'undefined'
  throw new SinterError(
    'argument',
    `an argument holds a ${typeof leaf}; arguments are tensors, numbers, strings, and arrays and plain objects of them`,
    { op },
  )
}

/** What a function did beside returning its result. */
export interface Traced<T> {
  readonly result: T
  /** The implicit random key afterwards, when the function draws from it. */
  readonly keyAfter: Tensor | undefined
  readonly variables: ReadonlyMap<Variable, TracedVariable>
}

/** Calls `fn` with `key` as the implicit random key and placeholders for the values of variables; nothing of what it draws or assigns is done outside. */
export function traceApart<T>(op: string, key: Tensor, ofVariable: (variable: Variable) => Tensor, fn: () => T): Traced<T> {
  const keyBefore = randomState.current
  try {
    randomState.current = key
    const { result, variables } = tracingVariables(ofVariable, () => tracing(fn))
    if (result instanceof Promise) {
      throw new SinterError('trace', 'the function is asynchronous; what is traced must be synchronous', { op })
    }
    return { result, keyAfter: randomState.current === key ? undefined : randomState.current, variables }
  } finally {
    randomState.current = keyBefore
  }
}

export interface TracedFunction extends Traced<unknown> {
  /** Nodes that stand for the arguments by position; behind them the random key, and the variables in the order of `variables`. */
  readonly placeholders: ReadonlyMap<Node, Placeholder>
  /** Where it computes: the device of the first tensor among the arguments, else of the first variable, else the default. */
  readonly device: string
}

/** Calls the function with placeholders for the leaves of its arguments. */
export function traceFunction(
  op: string,
  fn: (...args: never[]) => unknown,
  structure: Structure,
  leaves: readonly unknown[],
): TracedFunction {
  const placeholders = new Map<Node, Placeholder>()
  const tensorLeaf = leaves.find((leaf) => leaf instanceof Tensor)
  const device = tensorLeaf?.device ?? defaultDevice()
  const placeholder = (type: TensorType, on: string, position: number, isScalar = false): Tensor => {
    const node = inputNode(type)
    placeholders.set(node, { position, scalar: isScalar })
    return new Tensor(node, on)
  }
  const traced = leaves.map((leaf, i) => {
    if (leaf instanceof Tensor) return placeholder(leaf.type, leaf.device, i)
    return isNumeric(leaf) ? placeholder(typeOf(dtypeOfValue(leaf), []), device, i, true) : leaf
  })
  const key = placeholder(typeOf('uint32', [2]), device, leaves.length)
  let found = 0
  const ofVariable = ({ type, device }: Variable): Tensor => placeholder(type, device, leaves.length + 1 + found++)
  const own = traceApart(op, key, ofVariable, () => fn(...(unflatten(structure, traced) as never[])))
  const [firstVariable] = own.variables.keys()
  return { ...own, placeholders, device: tensorLeaf?.device ?? firstVariable?.device ?? device }
}
