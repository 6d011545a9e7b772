// The text form back into a graph. The text is not trusted: types are inferred anew and compared, attributes go through the record's schema.

import { inputNode } from './build.js'
import { dtypeByShort } from './dtype.js'
import { SinterError } from './error.js'
import { Graph } from './graph.js'
import { Lexer, type Token } from './lexer.js'
import type { Node } from './node.js'
import { type AttrValue, nestingProblem, type Op } from './op.js'
import { opByName } from './ops/index.js'
import { catching, makeOutsideNode, typeProblem } from './outside.js'
import { type TensorType, typeOf } from './type.js'

/**
 * Reads what `printGraph` writes. Names may be any `%word`, and the type of a node may be left out; a stated one must be the inferred one.
 * Nodes that no output needs are dropped. Throws `parse` with line, column and what was expected.
 */
export function parseGraph(text: string): Graph {
  if (typeof text !== 'string') throw new SinterError('argument', `the text of a graph is a string, got ${typeof text}`)
  const lexer = new Lexer(text)
  lexer.expect('graph')
  const graph = parseBody(lexer, [])
  if (!lexer.is('end')) lexer.failExpected('the end of the text')
  return graph
}

function parseBody(lexer: Lexer, outer: readonly Op[]): Graph {
  const named = new Map<string, Node>()
  const define = (name: Token, node: Node): void => {
    if (named.has(name.text)) lexer.fail(`${name.text} is defined twice`, name.at)
    named.set(name.text, node)
  }
  const inputs: Node[] = []
  lexer.expect('(')
  while (!lexer.accept(')')) {
    if (inputs.length > 0) lexer.expect(',')
    const name = lexer.expectKind('name', inputs.length === 0 ? "an input such as '%0: f32[2,3]' or ')'" : 'an input')
    lexer.expect(':')
    const input = inputNode(parseType(lexer))
    define(name, input)
    inputs.push(input)
  }
  lexer.expect('{')
  while (lexer.is('name')) {
    const name = lexer.next()
    define(name, parseNode(lexer, name, named, outer))
  }
  if (!lexer.accept('return')) lexer.failExpected("a node such as '%2: f32[2] = ...' or 'return'")
  const outputs: Node[] = []
  while (lexer.is('name') || outputs.length > 0) {
    const at = lexer.token.at
    const output = parseOperand(lexer, named)
    if (output.results !== undefined) lexer.fail("a node with several results cannot be returned; pick one with 'result'", at)
    outputs.push(output)
    if (!lexer.accept(',')) break
  }
  lexer.expect('}')
  return new Graph(inputs, outputs)
}

function parseNode(lexer: Lexer, name: Token, named: ReadonlyMap<string, Node>, outer: readonly Op[]): Node {
  const colon = lexer.accept(':')
  const typeAt = lexer.token.at
  const stated = colon ? parseTypes(lexer) : undefined
  lexer.expect('=')
  const word = lexer.expectKind('word', 'the name of an op')
  const op = opByName(word.text)
  if (op === undefined) lexer.fail(`no op is called '${word.text}'`, word.at)
  const nesting = nestingProblem(op, outer)
  if (nesting !== undefined) lexer.fail(nesting, word.at)
  const inputs: Node[] = []
  if (lexer.is('name')) {
    do inputs.push(parseOperand(lexer, named))
    while (lexer.accept(','))
  }
  const attrs = parseAttrs(lexer)
  if (op.traits.region) attrs.body = parseBody(lexer, [...outer, op])
  const node = makeOutsideNode(op, inputs, attrs, (problem) => lexer.fail(problem, word.at))
  const problem = stated && typeProblem(node, stated.types, stated.several)
  if (problem !== undefined) lexer.fail(`${name.text} is ${problem}`, typeAt)
  return node
}

function parseOperand(lexer: Lexer, named: ReadonlyMap<string, Node>): Node {
  const token = lexer.expectKind('name', "an operand such as '%0'")
  return named.get(token.text) ?? lexer.fail(`${token.text} is not defined above`, token.at)
}

function parseTypes(lexer: Lexer): { types: TensorType[]; several: boolean } {
  if (!lexer.accept('(')) return { types: [parseType(lexer)], several: false }
  const types = [parseType(lexer)]
  while (lexer.accept(',')) types.push(parseType(lexer))
  lexer.expect(')')
  return { types, several: true }
}

function parseType(lexer: Lexer): TensorType {
  const { at } = lexer.token
  const dtype = dtypeByShort.get(lexer.token.text)
  if (dtype === undefined) lexer.failExpected("a type such as 'f32[2,3]'")
  lexer.next()
  lexer.expect('[')
  const shape: number[] = []
  while (!lexer.accept(']')) {
    if (shape.length > 0) lexer.expect(',')
    const size = lexer.expectKind('number', shape.length === 0 ? "a size or ']'" : 'a size')
    if (!/^\d+$/.test(size.text)) lexer.fail(`a size is a non-negative integer, not ${size.text}`, size.at)
    shape.push(Number(size.text))
  }
  return catching(
    () => typeOf(dtype, shape),
    (problem) => lexer.fail(problem, at),
  )
}

function parseAttrs(lexer: Lexer): Record<string, AttrValue> {
  const entries = new Map<string, AttrValue>()
  if (!lexer.accept('{')) return {}
  while (!lexer.accept('}')) {
    if (entries.size > 0) lexer.expect(',')
    const key = lexer.expectKind('word', "an attribute such as 'axis=0'")
    if (entries.has(key.text)) lexer.fail(`attribute ${key.text} is given twice`, key.at)
    lexer.expect('=')
    entries.set(key.text, parseValue(lexer))
  }
  return Object.fromEntries(entries)
}

function parseValue(lexer: Lexer): AttrValue {
  const { token } = lexer
  if (token.kind === 'string') {
    lexer.next()
    try {
      return JSON.parse(token.text) as string
    } catch {
      lexer.fail('a string with an escape that JSON does not have', token.at)
    }
  }
  if (lexer.accept('true')) return true
  if (lexer.accept('false')) return false
  if (!lexer.accept('[')) return parseNumber(lexer, "a value (number, bigint like 5n, string, true, false or '[')")
  const elements: (number | bigint)[] = []
  while (!lexer.accept(']')) {
    if (elements.length > 0) lexer.expect(',')
    elements.push(parseNumber(lexer, "a number or ']'"))
  }
  return elements
}

const words: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

function parseNumber(lexer: Lexer, what: string): number | bigint {
  const { kind, text, at } = lexer.token
  const word = words.get(text)
  if (word === undefined && kind !== 'number' && kind !== 'bigint') lexer.failExpected(what)
  lexer.next()
  if (word !== undefined) return word
  if (kind === 'bigint') return BigInt(text.slice(0, -1))
  const value = Number(text)
  if (!Number.isFinite(value)) lexer.fail(`${text.slice(0, 20)} is beyond the largest double; write Infinity if that is meant`, at)
  return value
}
