// Tracing a function into a body: its parameters become inputs, and what it takes from outside becomes operands of the loop.

import { inputNode } from '../ir/build.js'
import { SinterError } from '../ir/error.js'
import { Graph } from '../ir/graph.js'
import { currentSequence, type Node } from '../ir/node.js'
import { withInputs } from '../ir/passes/transform.js'
import { type TensorType, typeOf } from '../ir/type.js'
import { postorder } from '../ir/walk.js'
import { Tensor } from './tensor.js'
import { traceApart } from './trace-function.js'
import type { Variable } from './variable.js'

/** What a function recorded. */
export interface TracedBody {
  readonly parameters: readonly Node[]
  readonly outputs: readonly Node[]
  /** Nodes up to this sequence number were there before. */
  readonly start: number
  /** The values of variables, by the nodes that stand for them. */
  readonly reads: ReadonlyMap<Node, Node>
}

/**
 * Runs `fn` once on tensors without values; `fn` gives the nodes it returns. Throws `trace` when it is asynchronous, draws random numbers without a key or
 * assigns a variable.
 */
export function traceBody(
  op: string,
  types: readonly TensorType[],
  device: string,
  fn: (parameters: Tensor[]) => readonly Node[],
): TracedBody {
  const parameters = types.map(inputNode)
  const start = currentSequence()
  const key = new Tensor(inputNode(typeOf('uint32', [2])), device)
  const ofVariable = ({ type, device: on }: Variable): Tensor => new Tensor(inputNode(type), on)
  const traced = traceApart(op, key, ofVariable, () => fn(parameters.map((node) => new Tensor(node, device))))
  if (traced.keyAfter !== undefined) {
    throw new SinterError('trace', 'the function draws random numbers from the state that all calls share; every turn would get the same', {
      op,
      hint: 'give it a key: split one outside, and scan over its parts',
    })
  }
  const reads = new Map<Node, Node>()
  for (const [variable, { before, now }] of traced.variables) {
    if (now !== before) {
      throw new SinterError('trace', 'the function assigns a variable, which cannot change from turn to turn', {
        op,
        hint: 'carry the value instead, and assign the result',
      })
    }
    reads.set(before.node, variable.read().node)
  }
  return { parameters, outputs: traced.result, start, reads }
}

/** The traced function as a graph whose further inputs stand for `captured`. */
export function graphOfBody({ parameters, outputs, start, reads }: TracedBody): { body: Graph; captured: Node[] } {
  const own = new Map<Node, Node>(parameters.map((node) => [node, node]))
  const isOutside = (node: Node): boolean => node.bound !== undefined || node.sequence <= start || reads.has(node)
  // Loops take real tensors: of a complex value from outside its parts are taken there.
  const isPart = ({ op: { traits }, inputs: [z] }: Node): boolean => traits.complex === true && traits.movement === true && isOutside(z!)
  const captured: Node[] = []
  const inputs = [...parameters]
  for (const node of postorder(outputs, (node) => own.has(node) || isOutside(node) || isPart(node))) {
    if (own.has(node)) continue
    if (isOutside(node) || isPart(node)) {
      const input = inputNode(node.type)
      const read = isOutside(node) ? undefined : reads.get(node.inputs[0]!)
      captured.push(reads.get(node) ?? (read === undefined ? node : withInputs(node, [read])))
      inputs.push(input)
      own.set(node, input)
      continue
    }
    own.set(
      node,
      withInputs(
        node,
        node.inputs.map((input) => own.get(input)!),
      ),
    )
  }
  return {
    body: new Graph(
      inputs,
      outputs.map((node) => own.get(node)!),
    ),
    captured,
  }
}
