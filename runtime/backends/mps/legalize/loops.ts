// Loops in the form that MPSGraph's have: all that a turn changes is carried. A body that gets slices takes them from whole tensors by the index of its turn,
// and one that returns values to stack places them in tensors that are carried. Bodies are legalized as the graph around them.

import { constantNode, emit, inputNode, resultNode } from '../../../../ir/build.js'
import { Graph } from '../../../../ir/graph.js'
import type { Node } from '../../../../ir/node.js'
import { type LoopAttrs, stackedOf, stackedType } from '../../../../ir/ops/control.js'
import { ops } from '../../../../ir/ops/index.js'
import type { Pass } from '../../../../ir/pass.js'
import { transform, withInputs } from '../../../../ir/passes/transform.js'
import { typeOf } from '../../../../ir/type.js'
import { gpuDTypes } from '../dtypes.js'
import { refusal } from '../support.js'

/** The pass; `legalize` is for bodies. A loop whose body the GPU does not compute as a whole stays what it is. */
export const loopsWith = (legalize: (body: Graph) => Graph): Pass => ({
  name: 'mps-loops',
  doc: 'Lets loops carry all that their turns change: slices are taken, and results placed, by the index of the turn.',
  run(graph, context) {
    if (!graph.nodes.some(({ op }) => op.traits.loop)) return graph
    const made = new Map<Node, readonly Node[]>()
    return transform(graph, (original, inputs) => {
      const node = withInputs(original, inputs)
      if (node.op.name === 'result') return made.get(original.inputs[0]!)?.[node.attrs['index'] as number] ?? node
      if (!node.op.traits.loop) return node
      const results = carriedLoop(node, legalize)
      if (results === undefined) return node
      context.count('carry')
      made.set(original, results)
      return results[0]!
    })
  },
})

const isOutside = ({ type, results = [] }: Node): boolean => [type, ...results].some(({ dtype }) => !gpuDTypes.includes(dtype))

/** The results of the loop in its new form; undefined when the GPU does not compute it. */
function carriedLoop(node: Node, legalize: (body: Graph) => Graph): readonly Node[] | undefined {
  const attrs = node.attrs as unknown as LoopAttrs
  if (attrs.body.nodes.some(isOutside)) return undefined
  const body = legalize(attrs.conditional ? attrs.body : countedBody(attrs))
  if (body.nodes.some((inner) => refusal(inner) !== undefined)) return undefined
  const { length, carried, scanned, conditional } = attrs
  if (conditional) {
    const loop = emit(ops.loop, node.inputs, { length, reverse: false, carried, scanned, conditional, body })
    return loop.results === undefined ? [loop] : loop.results.map((_, i) => resultNode(loop, i))
  }
  const stacked = stackedOf(attrs).map(({ type }) => constantNode(0, type.dtype, stackedType(type, length).shape))
  const first = [constantNode(0, 'int32', [1]), ...node.inputs.slice(0, carried), ...stacked]
  const loop = emit(ops.loop, [...first, ...node.inputs.slice(carried)], {
    ...{ length, reverse: false, carried: first.length, scanned: 0, conditional, body },
  })
  return Array.from({ length: first.length - 1 }, (_, i) => resultNode(loop, i + 1))
}

/** The body of a counted loop with the index of the turn, int32[1], carried values and tensors to stack in as carried values, scanned tensors as captured ones. */
function countedBody(attrs: LoopAttrs): Graph {
  const { length, reverse, carried, scanned, body } = attrs
  const index = inputNode(typeOf('int32', [1]))
  const next = emit(ops.add, [index, constantNode(1, 'int32', [1])])
  const place = reverse ? emit(ops.sub, [constantNode(length - 1, 'int32', [1]), index]) : index
  const buffers = stackedOf(attrs).map(({ type }) => inputNode(stackedType(type, length)))
  const scans = body.inputs.slice(carried, carried + scanned)
  const whole = scans.map(({ type }) => inputNode(stackedType(type, length)))
  const copies = new Map<Node, Node>(body.inputs.map((input) => [input, input]))
  whole.forEach((tensor, i) => {
    const slice = emit(ops.take, [tensor, place], { axis: 0 })
    copies.set(scans[i]!, emit(ops.reshape, [slice], { shape: scans[i]!.type.shape }))
  })
  const copyOf = (node: Node): Node => copies.get(node)!
  for (const node of body.nodes) if (!copies.has(node)) copies.set(node, withInputs(node, node.inputs.map(copyOf)))
  const results = body.outputs.map(copyOf)
  const placed = buffers.map((buffer, i) => stackedIn(buffer, place, results[carried + i]!))
  const inputs = [index, ...body.inputs.slice(0, carried), ...buffers, ...whole, ...body.inputs.slice(carried + scanned)]
  return new Graph(inputs, [next, ...results.slice(0, carried), ...placed])
}

/** The buffer with the value at the place; bool goes through uint8, which scatters take. */
function stackedIn(buffer: Node, place: Node, value: Node): Node {
  const { dtype, shape } = value.type
  const own = dtype === 'bool' ? 'uint8' : dtype
  const cast = (node: Node, to: typeof dtype): Node => (node.type.dtype === to ? node : emit(ops.cast, [node], { dtype: to }))
  const row = emit(ops.reshape, [cast(value, own)], { shape: [1, ...shape] })
  return cast(emit(ops.scatterSlices, [cast(buffer, own), place, row], { axis: 0, mode: 'set' }), dtype)
}
