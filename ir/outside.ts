// Nodes made of data from outside (text, JSON): everything that recording takes on trust is checked here.

import type { z } from 'zod'
import { emit } from './build.js'
import { SinterError } from './error.js'
import type { Node } from './node.js'
import type { Attrs, Op } from './op.js'
import type { TensorType } from './type.js'

/** What is wrong with the operands of an op, apart from their types; undefined when nothing is. */
export function operandProblem(op: Op, inputs: readonly Node[]): string | undefined {
  const variadic = op.operands.at(-1)?.startsWith('...') ?? false
  const least = op.operands.length - (variadic ? 1 : 0)
  if (inputs.length < least || (inputs.length > least && !variadic)) {
    const names =
      op.operands.length === 0
        ? 'no operands'
        : `${variadic ? 'at least ' : ''}${least} operand${least === 1 ? '' : 's'} (${op.operands.join(', ')})`
    return `${op.name} takes ${names}, got ${inputs.length}`
  }
  const picks = op.name === 'result'
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i]!.results !== undefined && !picks) return `operand ${i} of ${op.name} has several results; pick one with 'result'`
    if (inputs[i]!.results === undefined && picks) return `operand ${i} of result has one result only; use it directly`
  }
  return undefined
}

/** Attributes checked by the record's schema: in schema order, frozen. Or the first problem, as text. */
export function checkAttrs(op: Op, attrs: object): { attrs: Attrs } | { problem: string } {
  const checked = op.attrs.safeParse(attrs)
  if (!checked.success) return { problem: `${op.name}: ${issueText(checked.error.issues[0]!)}` }
  const result = checked.data as Attrs
  for (const value of Object.values(result)) if (Array.isArray(value)) Object.freeze(value)
  return { attrs: Object.freeze(result) }
}

/** One zod issue as text, led by the path of the offending member. */
export function issueText(issue: z.core.$ZodIssue): string {
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`
}

/** A node of checked parts. `fail` gets the text of the first problem and throws. */
export function makeOutsideNode(op: Op, inputs: readonly Node[], attrs: object, fail: (problem: string) => never): Node {
  if (op.name === 'input') fail('inputs are listed at the head of the graph, not among its nodes')
  const problem = operandProblem(op, inputs)
  if (problem !== undefined) fail(problem)
  const checked = checkAttrs(op, attrs)
  if ('problem' in checked) fail(checked.problem)
  const node = catching(() => emit(op, inputs, checked.attrs), fail)
  if (node.type === undefined) fail(`${op.name} has no results`)
  return node
}

/** The value of `make`, with our own errors turned into `fail`. */
export function catching<T>(make: () => T, fail: (problem: string) => never): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof SinterError) fail(error.message)
    throw error
  }
}

/** What differs between stated and inferred types; undefined when they agree. */
export function typeProblem(node: Node, stated: readonly TensorType[], several: boolean): string | undefined {
  const types = node.results ?? [node.type]
  const same =
    several === (node.results !== undefined) && types.length === stated.length && types.every((type, i) => type.equals(stated[i]!))
  if (same) return undefined
  const show = (list: readonly TensorType[], parens: boolean): string => (parens ? `(${list.join(', ')})` : `${list[0]}`)
  return `stated as ${show(stated, several)}, but ${node.op.name} gives ${show(types, node.results !== undefined)}`
}
