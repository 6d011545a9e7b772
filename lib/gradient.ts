// Gradients of functions on trees of tensors: grad, valueAndGrad, vjp, customGrad, stopGradient. The mathematics is in ir/autodiff.ts.

import { gradients, setCustomGradient } from '../ir/autodiff.js'
import { type Builder, builderOver, constantNode, emit } from '../ir/build.js'
import { isFloat, isInexact } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import type { Node } from '../ir/node.js'
import { ops } from '../ir/ops/index.js'
import { isEager, realizeEagerly } from './eager.js'
import { captureOrigin } from './origin.js'
import { defaultDevice } from './realize.js'
import { record, scalar, wrap } from './record.js'
import { Tensor } from './tensor.js'
import { keepingGraphs } from './trace.js'
import { flatten, type Structure, unflatten } from './tree.js'

export interface GradOptions {
  /** Positions of the arguments to differentiate; default 0. With an array the gradients come as an array. */
  readonly argnums?: number | readonly number[]
  /** The function returns [loss, aux]: aux is returned as it is. */
  readonly hasAux?: boolean
}

/** A function of trees of tensors. */
// biome-ignore lint/suspicious/noExplicitAny: trees are typed by the caller
export type TreeFunction = (...args: any[]) => any

/** Builder whose nodes are recorded like the user's: with origins, and realized one by one in eager mode. */
function recordingBuilder(device: string): Builder {
  return builderOver(ops, (op, inputs, attrs) => {
    const node = emit(op, inputs, attrs)
    captureOrigin(node)
    if (isEager()) realizeEagerly(node, device)
    return node
  })
}

/** An independent variable: leaves of the differentiated arguments as fresh nodes, so that gradients stop there. */
interface Variables {
  readonly structure: Structure
  readonly tensors: readonly Tensor[]
  /** The argument with variables in place of its tensors. */
  readonly tree: unknown
}

function makeVariables(argument: unknown, position: number, op: string): Variables {
  const { leaves, structure } = flatten(argument)
  const tensors = leaves.map((leaf) => {
    const tensor = typeof leaf === 'number' ? scalar(leaf, 'float32', defaultDevice(), op) : leaf
    if (!(tensor instanceof Tensor)) {
      throw new SinterError('gradient', `argument ${position} holds ${leaf === null ? 'null' : typeof leaf} where a tensor belongs`, {
        op,
        hint: 'pass values that are not differentiated in other arguments',
      })
    }
    if (!isInexact(tensor.dtype)) {
      throw new SinterError(
        'gradient',
        `argument ${position} holds a ${tensor.dtype} tensor; only floats and complex values have gradients`,
        {
          op,
          operands: [tensor],
        },
      )
    }
    return new Tensor(emit(ops.identity, [tensor.node]), tensor.device)
  })
  return { structure, tensors, tree: unflatten(structure, tensors) }
}

/** The gradient of a scalar-valued function: a function of the same arguments that returns a tree like the differentiated argument. */
export function grad(fn: TreeFunction, options: GradOptions = {}): TreeFunction {
  const both = valueAndGrad(fn, options)
  return (...args) => {
    const [value, gradient] = both(...args)
    return options.hasAux ? [gradient, value[1]] : gradient
  }
}

/**
 * The value and the gradient: returns [value, gradients], with `hasAux` [[value, aux], gradients].
 * The function must return a floating scalar (one element) synchronously. Throws `gradient` otherwise.
 */
export function valueAndGrad(fn: TreeFunction, options: GradOptions = {}): TreeFunction {
  const { argnums = 0, hasAux = false } = options
  const positions = typeof argnums === 'number' ? [argnums] : argnums
  return (...args) =>
    keepingGraphs(() => {
      const variables = positions.map((position) => {
        if (!Number.isInteger(position) || position < 0 || position >= args.length) {
          throw new SinterError('argument', `argnums names argument ${position}, ${args.length} were given`, { op: 'grad' })
        }
        return makeVariables(args[position], position, 'grad')
      })
      const inner = [...args]
      positions.forEach((position, i) => {
        inner[position] = variables[i]!.tree
      })
      const result = fn(...inner) as unknown
      const value = (hasAux ? (result as unknown[])?.[0] : result) as Tensor
      checkLoss(value)
      const seed = constantNode(1, value.dtype, value.shape)
      const wrt = variables.flatMap((variable) => variable.tensors)
      const trees = pullBack([value], [seed], variables, wrt)
      const gradient = typeof argnums === 'number' ? trees[0] : trees
      return [result, gradient]
    })
}

function checkLoss(value: unknown): asserts value is Tensor {
  if (!(value instanceof Tensor)) {
    const what = value instanceof Promise ? 'a promise: differentiated functions are synchronous' : String(value)
    throw new SinterError('gradient', `the function must return a scalar tensor, it returned ${what}`, { op: 'grad' })
  }
  if (value.size !== 1 || !isFloat(value.dtype)) {
    throw new SinterError('gradient', 'the function must return a floating tensor with one element', {
      op: 'grad',
      operands: [value],
      hint: value.type.isComplex ? 'take a real number of it first, e.g. abs(z)' : 'reduce it first, e.g. with mean() or sum(), or use vjp',
    })
  }
}

/** Cotangents of the variables as trees; zeros where nothing depends on a variable. */
function pullBack(
  outputs: readonly Tensor[],
  seeds: readonly (Node | undefined)[],
  variables: readonly Variables[],
  wrt: readonly Tensor[],
): unknown[] {
  const b = recordingBuilder(wrt[0]?.device ?? outputs[0]!.device)
  const nodes = gradients(
    outputs.map((tensor) => tensor.node),
    seeds,
    wrt.map((tensor) => tensor.node),
    b,
  )
  let next = 0
  return variables.map(({ structure, tensors }) =>
    unflatten(
      structure,
      tensors.map((tensor) => wrap(nodes[next++] ?? b.fullLike(tensor.node, 0), tensor.device)),
    ),
  )
}

/**
 * The value of `fn(...args)` and its pullback: a function from a cotangent of the result (a tree like it) to cotangents of all arguments, as an array.
 * The pullback may be called any number of times.
 */
export function vjp(fn: TreeFunction, ...args: readonly unknown[]): [unknown, (cotangent: unknown) => unknown[]] {
  const variables = args.map((arg, position) => makeVariables(arg, position, 'vjp'))
  const result = keepingGraphs(() => fn(...variables.map((variable) => variable.tree))) as unknown
  const { leaves, structure } = flatten(result)
  const outputs = leaves.map((leaf) => {
    if (leaf instanceof Tensor) return leaf
    throw new SinterError('gradient', 'the function must return tensors (in arrays or objects)', { op: 'vjp' })
  })
  // Realizing the result drops the graph of what the caller holds, so the caller gets nodes of its own and the recorded ones stay whole.
  const handedOut = outputs.map((tensor) => wrap(emit(ops.identity, [tensor.node]), tensor.device))
  const pullback = (cotangent: unknown): unknown[] => {
    const given = flatten(cotangent)
    if (given.leaves.length !== outputs.length || JSON.stringify(given.structure) !== JSON.stringify(structure)) {
      throw new SinterError('gradient', 'the cotangent must be a tree like the result', { op: 'vjp' })
    }
    const seeds = given.leaves.map((leaf, i) => cotangentNode(leaf, outputs[i]!))
    return keepingGraphs(() =>
      pullBack(
        outputs,
        seeds,
        variables,
        variables.flatMap((variable) => variable.tensors),
      ),
    )
  }
  return [unflatten(structure, handedOut), pullback]
}

function cotangentNode(leaf: unknown, like: Tensor): Node {
  if (typeof leaf === 'number') return constantNode(leaf, like.dtype, like.shape)
  if (leaf instanceof Tensor && leaf.type.equals(like.type)) return leaf.node
  throw new SinterError('gradient', `a cotangent must have the type of its result, ${like.type}`, {
    op: 'vjp',
    ...(leaf instanceof Tensor ? { operands: [leaf] } : {}),
  })
}

/** The tensor itself; no gradient flows back through it. */
export function stopGradient(x: Tensor): Tensor {
  return record(ops.stopGradient, [x])
}

/**
 * A function with a gradient of its own. `fn(...tensors)` returns one tensor; `backward(cotangent, result, ...tensors)` returns the cotangents of the
 * arguments (one tensor, or an array with one entry per argument; undefined for none). Nothing is differentiated through `fn`; `backward` is recorded, so
 * higher orders go through it.
 */
export function customGrad(
  fn: (...args: Tensor[]) => Tensor,
  backward: (cotangent: Tensor, result: Tensor, ...args: Tensor[]) => Tensor | readonly (Tensor | undefined)[],
): (...args: Tensor[]) => Tensor {
  return (...args) => {
    const result = fn(...args.map(stopGradient))
    const tensor = record(ops.customGradient, [result, ...args])
    setCustomGradient(tensor.node, (cotangent) => {
      const returned = backward(new Tensor(cotangent, tensor.device), tensor, ...args)
      const list = returned instanceof Tensor ? [returned] : returned
      if (list.length !== args.length) {
        throw new SinterError('gradient', `the backward function returned ${list.length} cotangents for ${args.length} arguments`, {
          op: 'customGrad',
        })
      }
      return list.map((item, i) => checkCotangent(item, args[i]!, i))
    })
    return tensor
  }
}

function checkCotangent(item: Tensor | undefined, argument: Tensor, position: number): Node | undefined {
  if (item === undefined) return undefined
  if (item.type.equals(argument.type)) return item.node
  throw new SinterError('gradient', `the cotangent of argument ${position} is ${item.type}, the argument is ${argument.type}`, {
    op: 'customGrad',
  })
}
