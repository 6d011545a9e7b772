// Reverse-mode differentiation of nodes: walks from outputs to the nodes asked for, and records the cotangents with the builder.

import type { Builder } from './build.js'
import { isInexact } from './dtype.js'
import { SinterError } from './error.js'
import type { Node } from './node.js'
import { originOf } from './origin.js'
import { broadcastsTo } from './shape.js'
import { postorder } from './walk.js'

/** Cotangents of a `customGradient` node's `xs` (operand 0 gets none), given the cotangent of its result. */
export type CustomGradient = (cotangent: Node) => readonly (Node | undefined)[]

const customGradients = new WeakMap<Node, CustomGradient>()

/** Registers the user's gradient function of a `customGradient` node. Kept as long as the node is. */
export function setCustomGradient(node: Node, gradient: CustomGradient): void {
  customGradients.set(node, gradient)
}

/** The user's gradient function of a node, if it has one: for whoever copies the node. */
export const customGradientOf = (node: Node): CustomGradient | undefined => customGradients.get(node)

/**
 * Cotangents of `wrt`, given those of `outputs` (undefined: that output does not count), as nodes built with `b`. A node of `wrt` that no counted output
 * depends on gets undefined. Nodes of `wrt` are taken as independent variables: nothing flows through one into another.
 *
 * Follows operands of realized nodes too, as long as they keep them. Cotangents of operands that are not floats are dropped. May be applied to its own
 * result. Iterative, so that graphs of any depth work.
 *
 * Throws `gradient` when an output that counts or a node of `wrt` is neither a float nor complex, or a cotangent is not of its output's type.
 */
export function gradients(
  outputs: readonly Node[],
  cotangents: readonly (Node | undefined)[],
  wrt: readonly Node[],
  b: Builder,
): (Node | undefined)[] {
  if (outputs.length !== cotangents.length) {
    throw new SinterError('gradient', `${outputs.length} outputs, but ${cotangents.length} cotangents; there is one for each output`)
  }
  for (const node of wrt) checkFloat(node, 'differentiate with respect to')
  const sums = new CotangentSums(b)
  const roots = outputs.filter((output, i) => {
    const cotangent = cotangents[i]
    if (cotangent === undefined) return false
    checkFloat(output, 'differentiate')
    if (!cotangent.type.equals(output.type)) {
      throw new SinterError('gradient', `the cotangent of output ${i} is ${cotangent.type}, the output is ${output.type}`)
    }
    sums.add(output, 0, cotangent)
    return true
  })

  const targets = new Set(wrt)
  const { order, reaching } = nodesBetween(roots, targets)
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!
    if (!reaching.has(node) || targets.has(node)) continue
    const grads = sums.take(node)
    if (grads === undefined) continue
    const needs = node.inputs.map((input) => reaching.has(input))
    const returned = cotangentsOfOperands(node, grads, needs, b)
    for (let k = 0; k < needs.length; k++) {
      const cotangent = returned[k]
      if (!needs[k] || cotangent === undefined) continue
      sums.add(node.inputs[k]!, resultIndex(node), cotangent)
    }
  }
  return wrt.map((node) => sums.of(node))
}

function checkFloat(node: Node, verb: string): void {
  if (isInexact(node.type.dtype)) return
  const origin = originOf(node)
  throw new SinterError('gradient', `cannot ${verb} ${node.type}: only floats and complex values have derivatives`, {
    hint: "cast it, for example astype('float32'), before it is used",
    ...(origin === undefined ? {} : { origin }),
  })
}

/** A custom gradient replaces the derivative of operand 0, so nothing flows there. */
const isPrimal = (node: Node, operand: number): boolean => operand === 0 && customGradients.has(node)

/** `result` nodes hand their cotangent to this result of their operand; everything else goes to result 0. */
const resultIndex = (node: Node): number => (node.op.name === 'result' ? (node.attrs.index as number) : 0)

/** Nodes from `targets` to `roots` in dependency order, and which of them depend on a target through floats. */
function nodesBetween(roots: readonly Node[], targets: ReadonlySet<Node>): { order: readonly Node[]; reaching: ReadonlySet<Node> } {
  // Operands are older than their users, so what is older than every target cannot depend on one.
  let oldest = Number.POSITIVE_INFINITY
  for (const target of targets) oldest = Math.min(oldest, target.sequence)
  const passes = (node: Node): boolean =>
    node.sequence > oldest &&
    node.op.gradient !== 'zero' &&
    (isInexact(node.type.dtype) || (node.results?.some((type) => isInexact(type.dtype)) ?? false))
  const order = postorder(roots, (node) => targets.has(node) || !passes(node))
  const reaching = new Set<Node>()
  for (const node of order) {
    if (targets.has(node) || (passes(node) && node.inputs.some((input, k) => reaching.has(input) && !isPrimal(node, k)))) reaching.add(node)
  }
  return { order, reaching }
}

/** Asks the op (or the user's function) for the operands' cotangents, and holds them to the operands' types. */
function cotangentsOfOperands(
  node: Node,
  grads: readonly (Node | undefined)[],
  needs: readonly boolean[],
  b: Builder,
): readonly (Node | undefined)[] {
  const { op, inputs, attrs } = node
  if (op.name === 'result') return [grads[0]]
  const custom = customGradients.get(node)
  if (custom !== undefined) return [undefined, ...checkCustom(node, custom(grads[0]!))]
  if (op.gradient === 'zero') return []
  const grad = grads[0] ?? b.fullLike(node, 0)
  const returned = op.gradient({ b, node, inputs, attrs, grad, grads, needs })
  if (returned.length !== inputs.length) {
    throw new SinterError('internal', `its gradient returned ${returned.length} cotangents for ${inputs.length} operands`, {
      op: op.name,
      operands: inputs,
    })
  }
  return returned.map((cotangent, k) => {
    if (!needs[k] || cotangent === undefined) return undefined
    const { type } = inputs[k]!
    const summed = op.traits.elementwise && broadcastsTo(type.shape, cotangent.type.shape) ? b.sumTo(cotangent, type.shape) : cotangent
    if (!summed.type.equals(type)) {
      throw new SinterError('internal', `its gradient returned ${cotangent.type} as the cotangent of operand ${k}`, {
        op: op.name,
        operands: inputs,
      })
    }
    return summed
  })
}

function checkCustom(node: Node, returned: readonly (Node | undefined)[]): readonly (Node | undefined)[] {
  const xs = node.inputs.slice(1)
  if (returned.length !== xs.length) {
    throw new SinterError('gradient', `the custom gradient returned ${returned.length} cotangents for ${xs.length} inputs`, {
      operands: xs,
    })
  }
  returned.forEach((cotangent, i) => {
    if (cotangent !== undefined && isInexact(xs[i]!.type.dtype) && !cotangent.type.equals(xs[i]!.type)) {
      throw new SinterError(
        'gradient',
        `the custom gradient returned ${cotangent.type} as the cotangent of input ${i}, which is ${xs[i]!.type}`,
        {
          operands: xs,
        },
      )
    }
  })
  return returned
}

/** The sum of two cotangents of one type; complex ones are added by their parts. */
function added(b: Builder, x: Node, y: Node): Node {
  if (!x.type.isComplex) return b.add(x, y)
  const sum = (name: string): Node => b.add(b.emit(name, [x]), b.emit(name, [y]))
  return b.emit('complex', [sum('real'), sum('imag')])
}

/** The cotangents collected so far, by node and result. */
class CotangentSums {
  readonly #b: Builder
  readonly #single = new Map<Node, Node>()
  readonly #multiple = new Map<Node, (Node | undefined)[]>()

  constructor(b: Builder) {
    this.#b = b
  }

  add(node: Node, result: number, cotangent: Node): void {
    if (node.results === undefined) {
      const sum = this.#single.get(node)
      this.#single.set(node, sum === undefined ? cotangent : added(this.#b, sum, cotangent))
      return
    }
    let all = this.#multiple.get(node)
    if (all === undefined) {
      all = node.results.map(() => undefined)
      this.#multiple.set(node, all)
    }
    all[result] = all[result] === undefined ? cotangent : added(this.#b, all[result], cotangent)
  }

  /** The cotangents of all results, which are forgotten here; undefined when there are none. */
  take(node: Node): readonly (Node | undefined)[] | undefined {
    if (node.results !== undefined) {
      const all = this.#multiple.get(node)
      this.#multiple.delete(node)
      return all
    }
    const single = this.#single.get(node)
    this.#single.delete(node)
    return single && [single]
  }

  /** The cotangent of the node's first result. */
  of(node: Node): Node | undefined {
    return node.results === undefined ? this.#single.get(node) : this.#multiple.get(node)?.[0]
  }
}
