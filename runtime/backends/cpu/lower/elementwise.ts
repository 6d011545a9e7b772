// Elementwise ops as tile instructions: one line per op, exhaustive.

import { type DType, dtypeInfo, isFloat } from '../../../../ir/dtype.js'
import type { Node } from '../../../../ir/node.js'
import type { binaryOps } from '../../../../ir/ops/binary.js'
import type { bitwiseOps } from '../../../../ir/ops/bitwise.js'
import type { castOps } from '../../../../ir/ops/cast.js'
import type { compareOps } from '../../../../ir/ops/compare.js'
import type { logicalOps } from '../../../../ir/ops/logical.js'
import type { predicateOps } from '../../../../ir/ops/predicate.js'
import type { randomOps } from '../../../../ir/ops/random.js'
import type { selectOps } from '../../../../ir/ops/select.js'
import type { unaryOps } from '../../../../ir/ops/unary.js'
import { type Class, classOf, wrapInstruction } from '../instructions.js'
import { lowerBitcast, lowerCast } from './cast.js'
import type { Emitter, Register, RegisterKind } from './emitter.js'

/** What a lowering works with: the emitter, the operands' registers, and constants. */
export interface ElementwiseContext {
  readonly emitter: Emitter
  readonly node: Node
  /** dtype and class of operand 0. */
  readonly dtype: DType
  readonly class: Class
  readonly kind: RegisterKind
  readonly operands: readonly Register[]
  /** A splat register with this value in the given class. */
  constant(value: number, className: Class): Register
}

export type ElementwiseLowering = (context: ElementwiseContext) => Register | readonly [Register, Register]

type ElementwiseName =
  | keyof typeof unaryOps
  | keyof typeof binaryOps
  | keyof typeof predicateOps
  | keyof typeof compareOps
  | keyof typeof logicalOps
  | keyof typeof bitwiseOps
  | keyof typeof selectOps
  | keyof typeof castOps
  | keyof typeof randomOps

/** One instruction of the operand class. */
const direct =
  (name: string): ElementwiseLowering =>
  ({ emitter, kind, operands, class: className }) =>
    emitter.emit(name, className, kind, operands)

/** One instruction, after which narrow integers are brought back into range. */
const wrapping =
  (name: string): ElementwiseLowering =>
  (context) =>
    wrap(context, context.emitter.emit(name, context.class, context.kind, context.operands))

/** One instruction on floats; integers are unchanged by it. */
const roundingOf =
  (name: string): ElementwiseLowering =>
  (context) =>
    isFloat(context.dtype) ? direct(name)(context) : context.operands[0]!

/** One instruction that yields 0 / 1. */
const test =
  (name: string): ElementwiseLowering =>
  ({ emitter, kind, operands, class: className }) =>
    emitter.emit(name, className, kind, operands, 'int32')

/** A predicate on floats that is a fixed answer on integers. */
const floatTest =
  (name: string, answer: 0 | 1): ElementwiseLowering =>
  (context) =>
    isFloat(context.dtype) ? test(name)(context) : context.emitter.emit('copy', 'int32', context.kind, [context.constant(answer, 'int32')])

const equalsZero: ElementwiseLowering = ({ emitter, kind, operands, class: className, constant }) =>
  emitter.emit('eq', className, kind, [operands[0]!, constant(0, className)], 'int32')

function wrap({ emitter, dtype, kind }: ElementwiseContext, register: Register): Register {
  const instruction = wrapInstruction(dtype)
  return instruction === undefined ? register : emitter.emit(instruction, 'int32', kind, [register])
}

export const elementwiseLowerings: Readonly<Record<ElementwiseName, ElementwiseLowering>> = {
  exp: direct('exp'),
  exp2: direct('exp2'),
  exp10: direct('exp10'),
  expm1: direct('expm1'),
  log: direct('log'),
  log2: direct('log2'),
  log10: direct('log10'),
  log1p: direct('log1p'),
  sqrt: direct('sqrt'),
  rsqrt: direct('rsqrt'),
  reciprocal: direct('recip'),
  square: wrapping('square'),
  abs: (context) => (dtypeInfo[context.dtype].kind === 'uint' ? context.operands[0]! : wrapping('abs')(context)),
  neg: wrapping('neg'),
  sign: direct('sign'),
  ceil: roundingOf('ceil'),
  floor: roundingOf('floor'),
  round: roundingOf('round'),
  trunc: roundingOf('trunc'),
  erf: direct('erf'),
  sin: direct('sin'),
  cos: direct('cos'),
  tan: direct('tan'),
  sinh: direct('sinh'),
  cosh: direct('cosh'),
  tanh: direct('tanh'),
  asin: direct('asin'),
  acos: direct('acos'),
  atan: direct('atan'),
  asinh: direct('asinh'),
  acosh: direct('acosh'),
  atanh: direct('atanh'),
  sigmoid: direct('sigmoid'),
  relu: ({ emitter, kind, operands, class: className, constant, dtype }) =>
    isFloat(dtype)
      ? emitter.emit('relu', className, kind, operands)
      : emitter.emit('max', className, kind, [operands[0]!, constant(0, className)]),
  add: wrapping('add'),
  sub: wrapping('sub'),
  mul: wrapping('mul'),
  div: wrapping('div'),
  floorDiv: wrapping('floordiv'),
  mod: direct('mod'),
  rem: direct('rem'),
  pow: wrapping('pow'),
  minimum: direct('min'),
  maximum: direct('max'),
  fmin: direct('fmin'),
  fmax: direct('fmax'),
  atan2: direct('atan2'),
  divNoNan: ({ emitter, kind, operands, class: className, constant }) => {
    const zero = constant(0, className)
    const isZero = emitter.emit('eq', className, kind, [operands[1]!, zero], 'int32')
    const quotient = emitter.emit('div', className, kind, operands)
    return emitter.emit('select', className, kind, [isZero, zero, quotient])
  },
  isNan: floatTest('isnan', 0),
  isInf: floatTest('isinf', 0),
  isFinite: floatTest('isfinite', 1),
  signbit: (context) =>
    isFloat(context.dtype)
      ? test('signbit')(context)
      : context.emitter.emit('lt', context.class, context.kind, [context.operands[0]!, context.constant(0, context.class)], 'int32'),
  logicalNot: equalsZero,
  equal: test('eq'),
  notEqual: test('ne'),
  less: test('lt'),
  lessEqual: test('le'),
  greater: test('gt'),
  greaterEqual: test('ge'),
  logicalAnd: direct('and'),
  logicalOr: direct('or'),
  logicalXor: direct('xor'),
  bitwiseAnd: direct('and'),
  bitwiseOr: direct('or'),
  bitwiseXor: direct('xor'),
  bitwiseNot: (context) => (context.dtype === 'bool' ? equalsZero(context) : wrapping('not')(context)),
  shiftLeft: wrapping('shl'),
  shiftRight: direct('shr'),
  mulHigh: direct('mul_high'),
  popcount: (context) => {
    const { dtype, emitter, kind, operands } = context
    // Narrow negative values are sign-extended: count their own bits only.
    const { bytes, kind: dtypeKind } = dtypeInfo[dtype]
    const bits = dtypeKind === 'int' && bytes < 4 ? emitter.emit(`wrap_u${bytes * 8}`, 'int32', kind, operands) : operands[0]!
    return emitter.emit('popcount', context.class, kind, [bits])
  },
  select: ({ emitter, kind, operands, node }) => emitter.emit('select', classOf(node.type.dtype), kind, operands),
  cast: lowerCast,
  bitcast: lowerBitcast,
  threefry2x32: ({ emitter, kind, operands }) => emitter.emitPair('threefry', 'uint32', kind, operands),
}
