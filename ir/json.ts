// The JSON form of a graph: the same content as the text form, for other programs to read and write.

import { z } from 'zod'
import { inputNode } from './build.js'
import { SinterError } from './error.js'
import { Graph } from './graph.js'
import type { Node } from './node.js'
import { type AttrValue, deepestLoops, nestingProblem, type Op } from './op.js'
import { opByName } from './ops/index.js'
import { catching, issueText, makeOutsideNode, typeProblem } from './outside.js'
import { attrNames } from './print.js'
import { parseType, type TensorType } from './type.js'

/** A number as JSON has it, or what JSON lacks: `{"number": "NaN"}`, `{"bigint": "12"}`. */
const numberJson = z.union([
  z.number(),
  z.strictObject({ number: z.enum(['NaN', 'Infinity', '-Infinity', '-0']) }),
  z.strictObject({ bigint: z.string().regex(/^-?\d{1,40}$/) }),
])
const valueJson = z.union([numberJson, z.boolean(), z.string(), z.array(numberJson)])
const typeJson = z.string().max(400)
const position = z.int().min(0)

/** `type` is one type, or the list of a node with several results. Operands are positions: inputs first, then nodes. */
const plainNode = z.strictObject({
  op: z.string(),
  inputs: z.array(position),
  attrs: z.record(z.string(), valueJson),
  type: z.union([typeJson, z.array(typeJson)]),
})
const graphOf = <T extends z.ZodType>(node: T) =>
  z.strictObject({ inputs: z.array(typeJson), nodes: z.array(node), outputs: z.array(position) })

export type NodeJson = z.infer<typeof plainNode> & { body?: BodyJson | undefined }
export interface BodyJson {
  inputs: string[]
  nodes: NodeJson[]
  outputs: number[]
}
export type GraphJson = BodyJson & { version: 1 }

// As many levels as there may be, and no recursion: hostile nesting has nothing to recurse into.
let nodeJson: z.ZodType<NodeJson> = plainNode
for (let depth = 0; depth < deepestLoops; depth++) nodeJson = plainNode.extend({ body: graphOf(nodeJson).optional() })

/** The schema of the JSON form. */
export const graphSchema: z.ZodType<GraphJson> = graphOf(nodeJson).extend({ version: z.literal(1) })

/** The graph as plain data for `JSON.stringify`. */
export function graphToJson(graph: Graph): GraphJson {
  return { version: 1, ...bodyToJson(graph) }
}

function bodyToJson(graph: Graph): BodyJson {
  const positions = new Map(graph.nodes.map((node, i) => [node, i]))
  const at = (node: Node): number => positions.get(node)!
  return {
    inputs: graph.inputs.map((node) => `${node.type}`),
    nodes: graph.nodes.slice(graph.inputs.length).map((node) => nodeToJson(node, at)),
    outputs: graph.outputs.map(at),
  }
}

function nodeToJson(node: Node, at: (node: Node) => number): NodeJson {
  const attrs = attrNames(node).flatMap((name) => {
    const value = node.attrs[name]!
    return value instanceof Graph ? [] : [[name, valueToJson(value)] as const]
  })
  const plain = {
    op: node.op.name,
    inputs: node.inputs.map(at),
    attrs: Object.fromEntries(attrs),
    type: node.results === undefined ? `${node.type}` : node.results.map(String),
  }
  return node.op.traits.region ? { ...plain, body: bodyToJson(node.attrs.body as Graph) } : plain
}

function valueToJson(value: Exclude<AttrValue, Graph>): z.infer<typeof valueJson> {
  if (typeof value === 'boolean' || typeof value === 'string') return value
  return typeof value === 'object' ? value.map(numberToJson) : numberToJson(value)
}

function numberToJson(value: number | bigint): z.infer<typeof numberJson> {
  if (typeof value === 'bigint') return { bigint: `${value}` }
  if (Object.is(value, -0)) return { number: '-0' }
  return Number.isFinite(value) ? value : { number: `${value}` as 'NaN' | 'Infinity' | '-Infinity' }
}

/**
 * Reads what `graphToJson` gives (already through `JSON.parse`). Checks as much as `parseGraph` does and throws `parse`
 * with the path of the offending member.
 */
export function graphFromJson(json: unknown): Graph {
  const checked = graphSchema.safeParse(json)
  if (!checked.success) throw new SinterError('parse', `graph JSON: ${issueText(checked.error.issues[0]!)}`)
  return bodyFromJson(checked.data, '', [])
}

function bodyFromJson(json: BodyJson, path: string, outer: readonly Op[]): Graph {
  const inputs = json.inputs.map((text, i) => inputNode(typeFromJson(text, `${path}inputs.${i}`)))
  const nodes = [...inputs]
  for (const [i, node] of json.nodes.entries()) nodes.push(nodeFromJson(node, nodes, `${path}nodes.${i}`, outer))
  const outputs = json.outputs.map((at, i) => {
    const where = `${path}outputs.${i}`
    const node = nodes[at] ?? failAt(where, `there is no node ${at}`)
    return node.results === undefined ? node : failAt(where, "a node with several results cannot be returned; pick one with 'result'")
  })
  return new Graph(inputs, outputs)
}

function nodeFromJson(json: NodeJson, above: readonly Node[], path: string, outer: readonly Op[]): Node {
  const op = opByName(json.op)
  if (op === undefined) failAt(`${path}.op`, `no op is called '${json.op.slice(0, 40)}'`)
  const nesting = nestingProblem(op, outer)
  if (nesting !== undefined) failAt(path, nesting)
  const inputs = json.inputs.map((at, i) => above[at] ?? failAt(`${path}.inputs.${i}`, `there is no node ${at} above`))
  const attrs: [string, AttrValue][] = Object.entries(json.attrs).map(([name, value]) => [name, valueFromJson(value)])
  if (json.body !== undefined && !op.traits.region) failAt(`${path}.body`, `${op.name} has no body`)
  if (op.traits.region) {
    if (json.body === undefined) failAt(path, `${op.name} needs a body`)
    attrs.push(['body', bodyFromJson(json.body, `${path}.body.`, [...outer, op])])
  }
  const node = makeOutsideNode(op, inputs, Object.fromEntries(attrs), (problem) => failAt(path, problem))
  const several = typeof json.type !== 'string'
  const texts = typeof json.type === 'string' ? [json.type] : json.type
  const stated = texts.map((text) => typeFromJson(text, `${path}.type`))
  const problem = typeProblem(node, stated, several)
  return problem === undefined ? node : failAt(`${path}.type`, problem)
}

function typeFromJson(text: string, path: string): TensorType {
  const type = catching(
    () => parseType(text),
    (problem) => failAt(path, problem),
  )
  return type ?? failAt(path, `a type is written like 'f32[2,3]', not '${text.slice(0, 40)}'`)
}

function valueFromJson(value: z.infer<typeof valueJson>): AttrValue {
  if (typeof value === 'boolean' || typeof value === 'string') return value
  return Array.isArray(value) ? value.map(numberFromJson) : numberFromJson(value)
}

function numberFromJson(value: z.infer<typeof numberJson>): number | bigint {
  if (typeof value === 'number') return value
  return 'bigint' in value ? BigInt(value.bigint) : Number(value.number)
}

function failAt(path: string, problem: string): never {
  throw new SinterError('parse', `graph JSON: ${path}: ${problem}`)
}
