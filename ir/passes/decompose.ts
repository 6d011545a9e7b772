// Ops that a backend has no kernel for, written with others.

import { type Builder, builderOver, emit } from '../build.js'
import { SinterError } from '../error.js'
import type { Node } from '../node.js'
import { ops } from '../ops/index.js'
import type { Pass } from '../pass.js'
import { transform, withInputs } from './transform.js'

/** The pass that replaces nodes for which `wanted` holds by their records' decompositions, those of the replacements too. */
export function decompose(wanted: (node: Node) => boolean): Pass {
  return {
    name: 'decompose',
    doc: 'Writes ops that the backend has no kernel for with those it has.',
    run: (graph, context) => {
      if (!graph.nodes.some(wanted)) return graph
      const several = new Map<Node, readonly Node[]>()
      const make: typeof emit = (op, inputs, attrs) => settle(emit(op, inputs, attrs))
      const b: Builder = builderOver(ops, make)
      const settle = (node: Node): Node => {
        if (node.op.name === 'result') return several.get(node.inputs[0]!)?.[node.attrs['index'] as number] ?? node
        if (!wanted(node)) return node
        if (node.op.decompose === undefined) throw new SinterError('internal', `${node.op.name} has no decomposition`, { op: node.op.name })
        context.count(`decompose ${node.op.name}`)
        const made = node.op.decompose({ b, inputs: node.inputs, attrs: node.attrs, node })
        if (!Array.isArray(made)) return made as Node
        several.set(node, made as readonly Node[])
        return node
      }
      return transform(graph, (original, inputs) => {
        const node = withInputs(original, inputs)
        const result = settle(node)
        result.origin ??= original.origin
        return result
      })
    },
  }
}
