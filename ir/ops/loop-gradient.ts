// The gradient of a loop: another loop, in the other direction, over the derivative of its body.

import { gradients } from '../autodiff.js'
import { type Builder, inputNode } from '../build.js'
import { isFloat } from '../dtype.js'
import { SinterError } from '../error.js'
import { Graph } from '../graph.js'
import type { Node } from '../node.js'
import type { Gradient, GradientContext } from '../op.js'

interface Parts {
  readonly carried: readonly Node[]
  readonly scanned: readonly Node[]
  readonly captured: readonly Node[]
}

/** Operands or parameters by what they are for. `first`: how many come before. */
const partsOf = (nodes: readonly Node[], { carried, scanned }: { carried: number; scanned: number }, first: number): Parts => ({
  carried: nodes.slice(first, first + carried),
  scanned: nodes.slice(first + carried, first + carried + scanned),
  captured: nodes.slice(first + carried + scanned),
})

const isDifferentiable = (node: Node): boolean => isFloat(node.type.dtype)

/** A loop of the same builder; scanned and captured operands that its body does not read are left out. */
function emitLoop(b: Builder, head: readonly Node[], parameters: Parts, operands: Parts, outputs: readonly Node[], attrs: Turns): Node {
  const used = new Set<Node>(outputs)
  for (const node of new Graph([...parameters.carried, ...parameters.scanned, ...parameters.captured], outputs).nodes)
    for (const input of node.inputs) used.add(input)
  const kept = (part: 'scanned' | 'captured', of: Parts): Node[] => of[part].filter((_, i) => used.has(parameters[part][i]!))
  const scanned = kept('scanned', parameters)
  const body = new Graph([...parameters.carried, ...scanned, ...kept('captured', parameters)], outputs)
  const { length, reverse } = attrs
  const inputs = [...head, ...operands.carried, ...kept('scanned', operands), ...kept('captured', operands)]
  const carried = parameters.carried.length
  return b.emit('loop', inputs, { length, reverse, carried, scanned: scanned.length, conditional: head.length > 0, body })
}

interface Turns {
  readonly length: number
  readonly reverse: boolean
}

export const loopGradient: Gradient = (context) => {
  const { attrs, inputs, needs } = context
  const first = Number(attrs.conditional)
  if (attrs.conditional && attrs.length !== 1) {
    throw new SinterError(
      'gradient',
      'a loop that ends when its condition says so has no gradient: how many turns there are is not known',
      {
        op: 'whileLoop',
        hint: 'use foriLoop with numbers as bounds, or scan',
      },
    )
  }
  if (attrs.length === 0) return inputs.map((_, i) => (i < attrs.carried ? context.grads[i] : undefined))
  const body = attrs.body as Graph
  const given = partsOf(inputs, attrs, first)
  const own = partsOf(body.inputs, attrs, 0)
  const needed = partsOf(inputs.map((input, i) => (needs[i] && isDifferentiable(input) ? input : undefined)) as Node[], attrs, first)
  // Every carried value may lead to any other.
  const carried = own.carried.filter(isDifferentiable)
  const scanned = own.scanned.filter((_, i) => needed.scanned[i] !== undefined)
  const captured = own.captured.filter((_, i) => needed.captured[i] !== undefined)
  const backward = derivativeOf(context, { carried, scanned, captured }, own, given, first)
  const places = [...carried, ...captured, ...scanned]
  const cotangent = (parameter: Node): Node | undefined => {
    const place = places.indexOf(parameter)
    return place < 0 ? undefined : context.b.result(backward, place)
  }
  return [...(first > 0 ? [undefined] : []), ...body.inputs.map(cotangent)]
}

/** The loop over the derivative of the body. Its results: cotangents of the carried parameters, sums of those of captured ones, and stacked those of scanned ones. */
function derivativeOf({ b, attrs, grads, inputs }: GradientContext, wrt: Parts, own: Parts, given: Parts, first: number): Node {
  const body = attrs.body as Graph
  const count = own.carried.length
  const nextCarried = body.outputs.slice(first, first + count)
  const stacked = body.outputs.slice(first + count)
  const parameterLike = (node: Node): Node => inputNode(node.type)
  const seeds = own.carried.map((node) => (isDifferentiable(node) ? parameterLike(node) : undefined))
  const sums = wrt.captured.map(parameterLike)
  const stackedSeeds = stacked.map((node, i) =>
    grads[count + i] !== undefined && isDifferentiable(node) ? parameterLike(node) : undefined,
  )
  const present = (nodes: readonly (Node | undefined)[]): Node[] => nodes.filter((node) => node !== undefined)
  // The parameters of the body are the new one's as well, so that it computes again what its derivative needs.
  const found = gradients(
    [...nextCarried, ...stacked],
    [...seeds, ...stackedSeeds],
    [...wrt.carried, ...wrt.captured, ...wrt.scanned],
    b.plain,
  )
  const orZero = (node: Node | undefined, like: Node): Node => node ?? b.plain.fullLike(like, 0)
  const outputs = [
    ...wrt.carried.map((like, i) => orZero(found[i], like)),
    ...sums.map((sum, i) => {
      const part = found[wrt.carried.length + i]
      return part === undefined ? sum : b.plain.add(sum, part)
    }),
    ...wrt.scanned.map((like, i) => orZero(found[wrt.carried.length + sums.length + i], like)),
  ]
  const initial = [
    ...present(own.carried.map((node, i) => (isDifferentiable(node) ? (grads[i] ?? b.fullLike(node, 0)) : undefined))),
    ...wrt.captured.map((node) => b.fullLike(node, 0)),
  ]
  const { length, reverse } = attrs as Turns
  if (first > 0) {
    const parameters = { carried: [...present(seeds), ...sums], scanned: [], captured: [...own.carried, ...own.captured] }
    const operands = { carried: initial, scanned: [], captured: [...given.carried, ...given.captured] }
    return emitLoop(b, [inputs[0]!], parameters, operands, [b.plain.constant(0, 'bool'), ...outputs], { length, reverse })
  }
  // The values that each turn began with, from the loop run once more.
  const forward = count === 0 ? undefined : emitLoop(b, [], own, given, [...nextCarried, ...own.carried], { length, reverse })
  const before = own.carried.map((_, i) => b.result(forward!, count + i))
  const parameters = {
    carried: [...present(seeds), ...sums],
    scanned: [...own.carried, ...own.scanned, ...present(stackedSeeds)],
    captured: own.captured,
  }
  const seedsGiven = stackedSeeds.map((seed, i) => (seed === undefined ? undefined : grads[count + i]))
  const operands = { carried: initial, scanned: [...before, ...given.scanned, ...present(seedsGiven)], captured: given.captured }
  return emitLoop(b, [], parameters, operands, outputs, { length, reverse: !reverse })
}
