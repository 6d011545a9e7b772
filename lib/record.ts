// Recording: the one way from a public function to a node. Checks devices, applies promotion, keeps the pending graph bounded.

import { constantNode, emit, inputNode, resultNode } from '../ir/build.js'
import { type DType, dtypeInfo, isBig, isComplex, isFloat, isInexact, partDType } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import type { Node } from '../ir/node.js'
import { type Attrs, noAttrs, type Op } from '../ir/op.js'
import { ops } from '../ir/ops/index.js'
import { checkAttrs } from '../ir/outside.js'
import { type TensorType, typeOf } from '../ir/type.js'
import { describeValue } from './check.js'
import { isEager, realizeEagerly, realizeTogether } from './eager.js'
import { relieve, tooOld } from './limit.js'
import { captureOrigin, capturing } from './origin.js'
import { type ComplexNumber, dtypeOfValue, isComplexNumber, promote, promoteScalar } from './promote.js'
import { defaultDevice } from './realize.js'
import { Tensor } from './tensor.js'

/** A tensor, or a JS value that becomes a rank-0 tensor of the dtype the other operand suggests. */
export type TensorLike = Tensor | number | bigint | boolean | ComplexNumber

/** How an op is recorded when operands are complex: by ops on their parts. */
export type ComplexRule = (inputs: readonly Tensor[], attrs: Attrs, op: Op) => Tensor

/** The rules by op; complex-rules.ts fills it. */
export const complexRules = new Map<Op, ComplexRule>()

/** Records an op on tensors of one device. Operands must already have the dtypes the op wants, but real ones may stand beside complex ones. */
export function record(op: Op, inputs: readonly Tensor[], attrs: Attrs = noAttrs): Tensor {
  const nodes = new Array<Node>(inputs.length)
  const device = inputs.length === 0 ? defaultDevice() : inputs[0]!.device
  for (let i = 0; i < inputs.length; i++) {
    const tensor = inputs[i]!
    if (tensor.device !== device) refuseDevices(op, inputs)
    if (tensor.node.type.isComplex && op.traits.complex !== true) return recordComplex(op, inputs, attrs)
    nodes[i] = tensor.node
  }
  if (capturing()) requireSchema(op, attrs)
  return wrap(emit(op, nodes, attrs), device)
}

function recordComplex(op: Op, inputs: readonly Tensor[], attrs: Attrs): Tensor {
  const rule = complexRules.get(op)
  const other = inputs.find(({ device }) => device !== inputs[0]!.device)
  if (other !== undefined) refuseDevices(op, inputs)
  return rule === undefined ? refuseComplex(op, inputs) : rule(inputs, attrs, op)
}

/** Throws `dtype`: the op does not take complex operands. */
export function refuseComplex(op: Op, inputs: readonly Tensor[]): never {
  throw new SinterError('dtype', 'is not defined for complex tensors', {
    op: op.name,
    operands: inputs,
    hint: 'use their parts, real(z) and imag(z), or abs(z)',
  })
}

/** Records an op that has any number of results, on the device of its operands. */
export function recordResults(op: Op, inputs: readonly Tensor[], attrs: Attrs = noAttrs, device = inputs[0]!.device): Tensor[] {
  if (inputs.some((tensor) => tensor.device !== device)) refuseDevices(op, inputs)
  if (capturing()) requireSchema(op, attrs)
  const node = emit(
    op,
    inputs.map((tensor) => tensor.node),
    attrs,
  )
  captureOrigin(node)
  if (node.results === undefined) return [wrap(node, device)]
  const results = node.results.map((_, index) => resultNode(node, index))
  if (isEager()) realizeTogether(results, device)
  return results.map((result) => wrap(result, device))
}

/** Makes the tensor of a newly recorded node. */
export function wrap(node: Node, device: string): Tensor {
  captureOrigin(node)
  if (isEager()) realizeEagerly(node, device)
  else if (tooOld(node)) relieve(node, device)
  return new Tensor(node, device)
}

/** Debug mode: attributes are checked by the record's schema, as text and JSON are. */
function requireSchema(op: Op, attrs: Attrs): void {
  const checked = checkAttrs(op, attrs)
  if ('problem' in checked) throw new SinterError('attribute', checked.problem, { op: op.name })
}

function refuseDevices(op: Op, inputs: readonly Tensor[]): never {
  const devices = [...new Set(inputs.map((tensor) => tensor.device))].join(' and ')
  throw new SinterError('device', `operands are on different devices: ${devices}`, {
    op: op.name,
    operands: inputs,
    hint: 'move one with x.to(device)',
  })
}

const scalarTypes = new Map<DType, TensorType>()

/**
 * A JS value as a rank-0 tensor: a slot that is filled at run time, so that another value runs the same plan. For a complex dtype a number is a tensor of the
 * dtype of its parts, which may stand beside complex ones.
 */
export function scalar(value: number | bigint | boolean | ComplexNumber, wanted: DType, device: string, op: string): Tensor {
  const dtype = partDType(wanted)
  if (typeof value === 'object') {
    const parts = [value.re, value.im].map((part) => scalar(part, dtype, device, op))
    return record(ops.complex, parts)
  }
  let type = scalarTypes.get(dtype)
  if (type === undefined) {
    type = typeOf(dtype, [])
    scalarTypes.set(dtype, type)
  }
  const node = inputNode(type)
  node.bound = scalarValue(value, dtype, op)
  return new Tensor(node, device)
}

/** The value as the dtype stores it. Throws `dtype` when an integer dtype cannot hold it. */
export function scalarValue(value: number | bigint | boolean, dtype: DType, op: string): number | bigint {
  if (isFloat(dtype)) return Number(value)
  const info = dtypeInfo[dtype]
  if (dtype === 'bool') return value ? 1 : 0
  const number = typeof value === 'boolean' ? Number(value) : value
  if (typeof number === 'number' && !Number.isInteger(number)) {
    throw new SinterError('dtype', `${value} is not an integer, the operand is ${dtype}`, {
      op,
      hint: "convert the tensor first: x.astype('float32')",
    })
  }
  if (number < info.min || number > info.max) {
    throw new SinterError('dtype', `${value} does not fit ${dtype} (${info.min} to ${info.max})`, {
      op,
      hint: 'convert the tensor to a wider dtype first',
    })
  }
  return isBig(dtype) ? BigInt(number) : Number(number)
}

/** The operand as a tensor; a JS value by itself gets its own dtype (float32, int64 for bigint, bool). */
export function asTensor(x: TensorLike, op: string, device = defaultDevice()): Tensor {
  if (x instanceof Tensor) return x
  checkScalar(x, op)
  return scalar(x, dtypeOfValue(x), device, op)
}

/** Throws `argument` for what is no JS value that can be an operand. */
export function checkScalar(x: unknown, op: string): asserts x is number | bigint | boolean | ComplexNumber {
  if (typeof x === 'number' || typeof x === 'bigint' || typeof x === 'boolean' || isComplexNumber(x)) return
  throw new SinterError('argument', `expected a tensor or a number, got ${describeValue(x)}`, { op, hint: 'wrap arrays with tensor(...)' })
}

/** The tensor converted to dtype; itself when it has it. A real one becomes complex with imaginary parts 0. */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (x.node.type.dtype === dtype) return x
  if (!isComplex(dtype) || x.node.type.isComplex) return record(ops.cast, [x], { dtype })
  const re = cast(x, partDType(dtype))
  return record(ops.complex, [re, new Tensor(constantNode(0, re.dtype), x.device)])
}

/** The tensor in a dtype to compute in: as `cast`, but beside complex tensors a real one stays real, in the dtype of their parts. */
function operandOf(x: Tensor, dtype: DType): Tensor {
  return cast(x, x.node.type.isComplex ? dtype : partDType(dtype))
}

/** Two operands in their common dtype. */
export function promoted(a: TensorLike, b: TensorLike, op: string): [Tensor, Tensor] {
  if (a instanceof Tensor) {
    if (b instanceof Tensor) {
      const x = a.node.type.dtype
      const y = b.node.type.dtype
      if (x === y) return [a, b]
      const dtype = promote(x, y, op)
      return [operandOf(a, dtype), operandOf(b, dtype)]
    }
    if (typeof b !== 'number') checkScalar(b, op)
    const dtype = promoteScalar(a.node.type.dtype, b)
    return [operandOf(a, dtype), scalar(b, dtype, a.device, op)]
  }
  if (b instanceof Tensor) {
    if (typeof a !== 'number') checkScalar(a, op)
    const dtype = promoteScalar(b.node.type.dtype, a)
    return [scalar(a, dtype, b.device, op), operandOf(b, dtype)]
  }
  checkScalar(a, op)
  checkScalar(b, op)
  const dtype = promote(dtypeOfValue(a), dtypeOfValue(b), op)
  return [scalar(a, dtype, defaultDevice(), op), scalar(b, dtype, defaultDevice(), op)]
}

/** Records a binary op after promotion. */
export function binary(op: Op, a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = promoted(a, b, op.name)
  return record(op, [x, y])
}

/** Throws `dtype` where an operand is complex: for functions that would compute something of it, but nothing that is meant. */
export function requireReal(op: string, ...operands: readonly Tensor[]): void {
  if (operands.every(({ node }) => !node.type.isComplex)) return
  throw new SinterError('dtype', 'takes real tensors, not complex ones', {
    op,
    operands,
    hint: 'use their parts, real(z) and imag(z), or abs(z)',
  })
}

/** The operand in a floating dtype, as `floating`. Throws `dtype` for a complex one. */
export function floatingReal(x: TensorLike, op: string): Tensor {
  const own = floating(x, op)
  requireReal(op, own)
  return own
}

/** The operand in a floating or complex dtype: itself, or float32 for integers and bool. */
export function floating(x: TensorLike, op: string): Tensor {
  const tensor = asTensor(x, op)
  return isInexact(tensor.node.type.dtype) ? tensor : cast(tensor, 'float32')
}
