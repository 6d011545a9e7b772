// Loops and branches as MPSGraph's, whose bodies are blocks. legalize/loops.ts has made all that turns change carried values; what they only read is taken from
// outside the block.

import type { controlOps, LoopAttrs } from '../../../../ir/ops/control.js'
import type { Value } from '../call.js'
import type { Emitter } from '../emitter.js'
import type { Lowered, Table } from '../lowering.js'

interface Parts {
  readonly condition: Value
  readonly carried: readonly Value[]
  readonly captured: readonly Value[]
}

function partsOf(g: Emitter, operands: readonly Value[], { carried, conditional }: LoopAttrs): Parts {
  const first = Number(conditional)
  return {
    condition: operands[0]!,
    carried: operands.slice(first, first + carried).map((value) => g.fromData(value)),
    captured: operands.slice(first + carried),
  }
}

const typesOf = (values: readonly Value[]) => values.map(({ type }) => type)

function counted(g: Emitter, { carried, captured }: Parts, { length, body }: LoopAttrs, { lowerBody }: Lowered): readonly Value[] {
  const turns = g.scalar(length, 'int32')
  const block = g.block('for', [turns.type, ...typesOf(carried)], ([, ...values]) => lowerBody(g, body, [...values, ...captured]))
  return g.callList('forLoopWithNumberOfIterations:initialBodyArguments:body:name:', [turns, carried, block], typesOf(carried))
}

/** A loop of one turn at most. */
function branch(g: Emitter, { condition, carried, captured }: Parts, { body }: LoopAttrs, { lowerBody }: Lowered): readonly Value[] {
  const then = g.block('if', [], () => lowerBody(g, body, [...carried, ...captured]).slice(1))
  const otherwise = g.block('if', [], () => carried.map((value) => g.identity(value)))
  return g.callList('ifWithPredicateTensor:thenBlock:elseBlock:name:', [condition, then, otherwise], typesOf(carried))
}

function conditional(
  g: Emitter,
  { condition, carried, captured }: Parts,
  { length, body }: LoopAttrs,
  { lowerBody }: Lowered,
): readonly Value[] {
  const initial = [g.fromData(g.scalar(0, 'int32')), condition, ...carried]
  const before = g.block('whileBefore', typesOf(initial), (values) => {
    const [turn, active] = values as [Value, Value]
    return [g.binary('logicalAND', g.less(turn, g.scalar(length, 'int32')), active), ...values]
  })
  const after = g.block('whileAfter', typesOf(initial), ([turn, , ...values]) => [
    g.add(turn!, g.scalar(1, 'int32')),
    ...lowerBody(g, body, [...values, ...captured]),
  ])
  return g.callList('whileWithInitialInputs:before:after:name:', [initial, before, after], typesOf(initial)).slice(2)
}

export const controlLowerings: Table<typeof controlOps> = {
  loop: {
    emit: (g, operands, node) => {
      const attrs = node.attrs as LoopAttrs
      const lower = !attrs.conditional ? counted : attrs.length === 1 ? branch : conditional
      return lower(g, partsOf(g, operands, attrs), attrs, node)
    },
    refuse: (_, { scanned, carried, conditional, body }: LoopAttrs) =>
      scanned > 0 || body.outputs.length > carried + Number(conditional)
        ? 'has a body that the GPU does not compute as a whole'
        : undefined,
  },
}
