// Where constants stand and how they are written.

import { constantNode } from '../build.js'
import type { Node } from '../node.js'
import { ops } from '../ops/index.js'
import type { Rule } from '../rewrite.js'
import { type TensorType, typeOf } from '../type.js'
import { elementwiseOps, forEachOp, isConstant, namesWhere, splat } from './match.js'

const commutative = namesWhere((op) => op.traits.commutative === true && op.operands.length === 2)

/** The constant's one value, when its list repeats it. */
function repeated(node: Node): number | bigint | undefined {
  const values = node.attrs.values as readonly (number | bigint)[]
  if (values.length < 2) return undefined
  const first = values[0]!
  return values.every((value) => Object.is(value, first)) ? first : undefined
}

const scalarOf = (type: TensorType): TensorType => typeOf(type.dtype, [])

/** An elementwise op on constants of one value each, of any size: computed once, as for rank 0. Undefined for other nodes. */
export function foldSplats(node: Node): Node | undefined {
  if (node.op.traits.elementwise !== true || node.results !== undefined || node.type.isComplex) return undefined
  for (const input of node.inputs) if (splat(input) === undefined) return undefined
  const operands = node.inputs.map((input) => ops.constant.evaluate([], input.attrs, [scalarOf(input.type)])[0]!)
  const [value] = node.op.evaluate(operands, node.attrs, [scalarOf(node.type)])
  return constantNode(value!.values[0]!, node.type.dtype, node.type.shape)
}

export const constantRules: readonly Rule[] = [
  ...forEachOp(elementwiseOps, '$(constants of one value) -> constant', foldSplats),
  {
    name: 'constant [c, c, ...] -> constant [c]',
    op: 'constant',
    rewrite: (node) => {
      const value = repeated(node)
      return value === undefined ? undefined : constantNode(value, node.type.dtype, node.type.shape)
    },
  },
  // Rules for identities look at the second operand only.
  ...forEachOp(commutative, '$(c, x) -> $(x, c)', (node, b) => {
    const [c, x] = node.inputs as [Node, Node]
    return isConstant(c) && !isConstant(x) ? b.emit(node.op.name, [x, c]) : undefined
  }),
  // A value that is the same everywhere is the same after any move.
  ...forEachOp(
    namesWhere((op) => op.traits.movement === true && op.traits.complex !== true),
    '$(c) -> c',
    (node) => {
      const value = splat(node.inputs[0]!)
      return value === undefined ? undefined : constantNode(value, node.type.dtype, node.type.shape)
    },
  ),
]
