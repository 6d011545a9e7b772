// The emitter: what op lowerings write calls with. It tracks shapes and dtypes, since MPSGraph's own may be unset until it compiles, and refuses what
// MPSGraph would abort on.

import { type DType, dtypeInfo } from '../../../ir/dtype.js'
import { assert } from '../../../ir/error.js'
import { encode } from '../../../ir/host.js'
import { broadcastShapes, type Shape, sameShape, sizeOf } from '../../../ir/shape.js'
import { type TensorType, typeOf } from '../../../ir/type.js'
import type { Block, BlockKind, Call, CallArgument, Feed, Program } from './call.js'
import { Value } from './call.js'
import { applies } from './defects.js'
import { dataTypeOf, gpuType } from './dtypes.js'
import { minimumMacOS } from './selectors.js'
import type { Target } from './target.js'

/** Collects the calls of one program. */
export class Emitter {
  private calls: Call[] = []
  private readonly feeds: Feed[] = []
  private readonly scalars = new Map<string, Value>()
  private readonly slices = new Set<Value>()
  private nextId = 0
  /** The system that the program is for; undefined when it is for any. */
  readonly target: Target | undefined
  /** The name given to the calls of the op being lowered; it appears in MPSGraph's own diagnostics. */
  label: string | null = null

  constructor(target?: Target) {
    this.target = target
  }

  /** A message to the graph that returns one tensor. A selector that ends in `name:` gets the label as last argument. */
  call(selector: string, args: readonly CallArgument[], type: TensorType): Value {
    const result = this.newValue(type)
    this.push(selector, args, [result], false)
    return result
  }

  /** A message to the graph that returns an array of tensors. */
  callList(selector: string, args: readonly CallArgument[], types: readonly TensorType[]): Value[] {
    const results = types.map((type) => this.newValue(type))
    this.push(selector, args, results, true)
    return results
  }

  /** A block argument: `body` gets the block's parameters and returns its results; its calls are performed inside the block. */
  block(kind: BlockKind, parameterTypes: readonly TensorType[], body: (parameters: readonly Value[]) => readonly Value[]): Block {
    const parameters = parameterTypes.map((type) => this.newValue(type))
    const [outer, known] = [this.calls, new Map(this.scalars)]
    this.calls = []
    const results = body(parameters)
    const calls = this.calls
    this.calls = outer
    // Constants made inside are unknown outside.
    this.scalars.clear()
    for (const [key, value] of known) this.scalars.set(key, value)
    return { block: kind, parameters, calls, results }
  }

  /** A placeholder in argument order. */
  feed(type: TensorType, inline: boolean): Value {
    const own = gpuType(type)
    const value = this.call('placeholderWithShape:dataType:name:', [own.shape, this.dataType(own.dtype)], own)
    this.feeds.push({ value, inline })
    return value
  }

  /** The finished program. */
  program(targets: readonly Value[]): Program {
    return { calls: this.calls, feeds: this.feeds, targets }
  }

  /** A constant [1] tensor, made once per program (or block). bool goes through int8: constantWithScalar does not take it reliably. */
  scalar(value: number | bigint, dtype: DType): Value {
    const key = `${dtype} ${Object.is(value, -0) ? '-0' : value}`
    let known = this.scalars.get(key)
    if (known === undefined) {
      known = this.newScalar(value, dtype)
      this.scalars.set(key, known)
    }
    return known
  }

  private newScalar(value: number | bigint, dtype: DType): Value {
    const type = typeOf(dtype, [1])
    if (dtype === 'bool') return this.cast(this.scalar(Number(value), 'int8'), 'bool')
    const exact = typeof value === 'bigint' ? BigInt(Number(value)) === value : true
    // A double cannot say every 64-bit integer, and not every reader of one keeps NaN, infinities and -0.
    const plain = exact && Number.isFinite(Number(value)) && !Object.is(value, -0)
    if (!plain) return this.constant({ type, values: valuesOf(dtype, value) })
    return this.call('constantWithScalar:shape:dataType:', [Number(value), [1], this.dataType(dtype)], type)
  }

  /** A constant whose elements are all the same. */
  splat(value: number | bigint, type: TensorType): Value {
    return this.broadcast(this.scalar(value, type.dtype), type.shape)
  }

  /** A constant from host values of the tensor's type. */
  constant(host: Parameters<typeof encode>[0]): Value {
    const type = gpuType(host.type)
    const data = encode(host)
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    if (type.dtype === 'bool') {
      const small = this.call(
        'constantWithData:shape:dataType:',
        [{ bytes }, type.shape, this.dataType('int8')],
        typeOf('int8', type.shape),
      )
      return this.cast(small, 'bool')
    }
    return this.call('constantWithData:shape:dataType:', [{ bytes }, type.shape, this.dataType(type.dtype)], type)
  }

  /** A method of one operand whose result has its type, or another dtype. */
  unary(method: string, x: Value, dtype: DType = x.type.dtype): Value {
    return this.call(`${method}WithTensor:name:`, [x], typeOf(dtype, x.type.shape))
  }

  /** A method `<method>WithPrimaryTensor:secondaryTensor:name:`: operands of one dtype broadcast. */
  binary(method: string, a: Value, b: Value, dtype: DType = a.type.dtype): Value {
    assert(a.type.dtype === b.type.dtype, `${method} was given ${a.type} and ${b.type}`)
    const shape = broadcastShapes(a.type.shape, b.type.shape)
    assert(shape !== undefined, `${method} was given ${a.type} and ${b.type}`)
    return this.call(`${method}WithPrimaryTensor:secondaryTensor:name:`, [a, b], typeOf(dtype, shape))
  }

  add = (a: Value, b: Value): Value => this.binary('addition', a, b)
  sub = (a: Value, b: Value): Value => this.binary('subtraction', a, b)
  mul = (a: Value, b: Value): Value => this.binary('multiplication', a, b)
  div = (a: Value, b: Value): Value => this.binary('division', a, b)
  compare = (method: string, a: Value, b: Value): Value => this.binary(method, a, b, 'bool')
  less = (a: Value, b: Value): Value => this.compare('lessThan', a, b)
  equal = (a: Value, b: Value): Value => this.compare('equal', a, b)

  /** Elements of `a` where the condition is not zero, else of `b`. */
  select(condition: Value, a: Value, b: Value): Value {
    assert(a.type.dtype === b.type.dtype, `select was given ${a.type} and ${b.type}`)
    const shape = [a, b].reduce<Shape | undefined>(
      (known, { type }) => (known === undefined ? undefined : broadcastShapes(known, type.shape)),
      condition.type.shape,
    )
    assert(shape !== undefined, `select was given ${condition.type}, ${a.type} and ${b.type}`)
    const type = typeOf(a.type.dtype, shape)
    return this.call('selectWithPredicateTensor:truePredicateTensor:falsePredicateTensor:name:', [condition, a, b], type)
  }

  /** The values as another dtype; x itself when it has it. Floats saturate to integers, integers wrap. */
  cast(x: Value, dtype: DType): Value {
    if (x.type.dtype === dtype) return x
    return this.call('castTensor:toType:name:', [x, this.dataType(dtype)], typeOf(dtype, x.type.shape))
  }

  /** The bits as another dtype; the last dimension changes with the size of an element. */
  reinterpret(x: Value, dtype: DType): Value {
    if (x.type.dtype === dtype) return x
    const shape = [...x.type.shape]
    const bytes = shape[shape.length - 1]! * dtypeInfo[x.type.dtype].bytes
    shape[shape.length - 1] = bytes / dtypeInfo[dtype].bytes
    return this.call('reinterpretCastTensor:toType:name:', [x, this.dataType(dtype)], typeOf(dtype, shape))
  }

  reshape(x: Value, shape: Shape): Value {
    const wanted = shape.length === 0 ? [1] : shape
    if (sameShape(x.type.shape, wanted)) return x
    assert(sizeOf(wanted) === x.type.size, `reshape of ${x.type} to [${shape}]`)
    // The reshape of a slice has been taken for a reshape of what the slice was cut from (defects.ts, reshape-of-slice).
    const from = this.slices.has(x) && applies('reshape-of-slice', this.target) ? this.identity(x) : x
    return this.call('reshapeTensor:withShape:name:', [from, wanted], typeOf(x.type.dtype, wanted))
  }

  /** Along each dimension `sizes` elements from `starts` on in `steps`, which may be negative; all of them lie in x. */
  slice(x: Value, starts: readonly number[], sizes: Shape, steps: readonly number[] = sizes.map(() => 1)): Value {
    if (sameShape(sizes, x.type.shape) && starts.every((start, d) => start === 0 && steps[d]! > 0)) return x
    const strides = steps.map((step, d) => (sizes[d] === 1 ? 1 : step))
    const last = starts.map((start, d) => start + (sizes[d]! - 1) * strides[d]!)
    const inside = (at: number, d: number) => at >= 0 && at < x.type.shape[d]!
    assert(starts.every(inside) && last.every(inside), `slice of ${x.type} from [${starts}] to [${last}]`)
    const ends = last.map((at, d) => (strides[d]! > 0 ? at + 1 : Math.max(0, at - 1)))
    // Going down to element 0, the end would be -1, which counts from the back: the mask says that there is none.
    const open = strides.reduce((mask, stride, d) => (stride < 0 && last[d] === 0 ? mask | (1 << d) : mask), 0)
    const type = typeOf(x.type.dtype, sizes)
    const value =
      open === 0
        ? this.call('sliceTensor:starts:ends:strides:name:', [x, starts, ends, strides], type)
        : this.call('sliceTensor:starts:ends:strides:startMask:endMask:squeezeMask:name:', [x, starts, ends, strides, 0, open, 0], type)
    this.slices.add(value)
    return value
  }

  /** Tensors of one dtype one after the other; their shapes agree but along the axis. */
  concat(xs: readonly Value[], axis: number): Value {
    if (xs.length === 1) return xs[0]!
    const first = xs[0]!.type
    const fits = xs.every(({ type }) => type.dtype === first.dtype && type.shape.every((size, d) => d === axis || size === first.shape[d]))
    assert(fits, `concat of ${xs.map(({ type }) => type)} along ${axis}`)
    const along = xs.reduce((sum, { type }) => sum + type.shape[axis]!, 0)
    const type = typeOf(
      first.dtype,
      first.shape.map((size, d) => (d === axis ? along : size)),
    )
    return this.call('concatTensors:dimension:name:', [xs, axis], type)
  }

  /** Dimension d of the result is dimension permutation[d] of x. */
  permute(x: Value, permutation: readonly number[]): Value {
    if (permutation.every((d, i) => d === i)) return x
    const type = typeOf(
      x.type.dtype,
      permutation.map((d) => x.type.shape[d]!),
    )
    return this.call('transposeTensor:permutation:name:', [x, permutation], type)
  }

  broadcast(x: Value, shape: Shape): Value {
    const wanted = shape.length === 0 ? [1] : shape
    if (sameShape(x.type.shape, wanted)) return x
    assert(sameShape(broadcastShapes(x.type.shape, wanted) ?? [], wanted), `broadcast of ${x.type} to [${shape}]`)
    return this.call('broadcastTensor:toShape:name:', [x, wanted], typeOf(x.type.dtype, wanted))
  }

  /** Complex values of real and imaginary parts of one shape. */
  complex(re: Value, im: Value): Value {
    assert(sameShape(re.type.shape, im.type.shape), `complex was given ${re.type} and ${im.type}`)
    return this.call('complexTensorWithRealTensor:imaginaryTensor:name:', [re, im], typeOf('complex64', re.type.shape))
  }

  /** The real or the imaginary parts of complex values. */
  part(z: Value, which: 'real' | 'imaginary'): Value {
    return this.call(`${which}PartOfTensor:name:`, [z], typeOf('float32', z.type.shape))
  }

  /**
   * The value as one that depends on what is fed: loops whose carried values begin as literal zeros have failed to compile (defects.ts, loop-literal-zeros).
   * No value is less than itself, so that the choice is always the same.
   */
  fromData(x: Value): Value {
    const feed = this.feeds[0]?.value
    if (feed === undefined || feed.type.isComplex || x.type.dtype === 'bool') return x
    const one = this.slice(this.reshape(feed, [feed.type.size]), [0], [1])
    const number = feed.type.dtype === 'bool' ? this.cast(one, 'int8') : one
    return this.select(this.less(number, number), x, x)
  }

  /** An op of its own that copies bits: what is a target must not be a feed, a constant or a view of one. */
  identity(x: Value): Value {
    // Whether identityWithTensor takes complex tensors is not documented.
    if (x.type.isComplex) return this.complex(this.part(x, 'real'), this.part(x, 'imaginary'))
    return this.unary('identity', x)
  }

  /** The MPSDataType of a dtype that the GPU has. */
  dataType(dtype: DType): CallArgument {
    const type = dataTypeOf(dtype)
    assert(type !== undefined, `${dtype} reached the lowering for MPSGraph`)
    return type
  }

  private push(selector: string, args: readonly CallArgument[], results: readonly Value[], list: boolean): void {
    assert(selector in minimumMacOS, `selectors.ts does not list ${selector}`)
    const all = selector.endsWith('name:') ? [...args, this.label] : args
    assert(all.length === selector.split(':').length - 1, `${selector} was given ${all.length} arguments`)
    this.calls.push({ selector, receiver: 'graph', arguments: all, results, list })
  }

  private newValue(type: TensorType): Value {
    assert(type.size > 0, `a tensor of type ${type} reached the lowering for MPSGraph`)
    return new Value(this.nextId++, type)
  }
}

function valuesOf(dtype: DType, value: number | bigint): Float64Array | BigInt64Array | BigUint64Array {
  if (dtype === 'int64') return BigInt64Array.of(BigInt(value))
  return dtype === 'uint64' ? BigUint64Array.of(BigInt(value)) : Float64Array.of(Number(value))
}
