// Recording: the one way from a public function to a node. Checks devices, applies promotion, keeps the pending graph bounded.

import { emit, inputNode, resultNode } from '../ir/build.js'
import { type DType, dtypeInfo, isBig, isFloat } from '../ir/dtype.js'
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
import { dtypeOfValue, promote, promoteScalar } from './promote.js'
import { defaultDevice } from './realize.js'
import { Tensor } from './tensor.js'

/** A tensor, or a JS value that becomes a rank-0 tensor of the dtype the other operand suggests. */
export type TensorLike = Tensor | number | bigint | boolean

/** Records an op on tensors of one device. Operands must already have the dtypes the op wants. */
export function record(op: Op, inputs: readonly Tensor[], attrs: Attrs = noAttrs): Tensor {
  const nodes = new Array<Node>(inputs.length)
  const device = inputs.length === 0 ? defaultDevice() : inputs[0]!.device
  for (let i = 0; i < inputs.length; i++) {
    const tensor = inputs[i]!
    if (tensor.device !== device) refuseDevices(op, inputs)
    nodes[i] = tensor.node
  }
  if (capturing()) requireSchema(op, attrs)
  return wrap(emit(op, nodes, attrs), device)
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

/** A JS value as a rank-0 tensor: a slot that is filled at run time, so that another value runs the same plan. */
export function scalar(value: number | bigint | boolean, dtype: DType, device: string, op: string): Tensor {
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
  if (typeof x === 'number' || typeof x === 'bigint' || typeof x === 'boolean') return scalar(x, dtypeOfValue(x), device, op)
  throw new SinterError('argument', `expected a tensor or a number, got ${describeValue(x)}`, { op, hint: 'wrap arrays with tensor(...)' })
}

/** The tensor converted to dtype; itself when it has it. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.node.type.dtype === dtype ? x : record(ops.cast, [x], { dtype })
}

/** Two operands in their common dtype. */
export function promoted(a: TensorLike, b: TensorLike, op: string): [Tensor, Tensor] {
  if (a instanceof Tensor) {
    if (b instanceof Tensor) {
      const x = a.node.type.dtype
      const y = b.node.type.dtype
      if (x === y) return [a, b]
      const dtype = promote(x, y, op)
      return [cast(a, dtype), cast(b, dtype)]
    }
    if (typeof b !== 'number') asTensor(b, op)
    const dtype = promoteScalar(a.node.type.dtype, b)
    return [cast(a, dtype), scalar(b, dtype, a.device, op)]
  }
  if (b instanceof Tensor) {
    if (typeof a !== 'number') asTensor(a, op)
    const dtype = promoteScalar(b.node.type.dtype, a)
    return [scalar(a, dtype, b.device, op), cast(b, dtype)]
  }
  const dtype = promote(dtypeOfValue(a), dtypeOfValue(b), op)
  return [scalar(a, dtype, defaultDevice(), op), scalar(b, dtype, defaultDevice(), op)]
}

/** Records a binary op after promotion. */
export function binary(op: Op, a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = promoted(a, b, op.name)
  return record(op, [x, y])
}

/** The operand in a floating dtype: itself, or float32 for integers and bool. */
export function floating(x: TensorLike, op: string): Tensor {
  const tensor = asTensor(x, op)
  return isFloat(tensor.node.type.dtype) ? tensor : cast(tensor, 'float32')
}
