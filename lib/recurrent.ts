// Recurrent layers over sequences [T, N, I]: one product with the input weights for all steps, then an op for the whole sequence where there is one, or steps
// that are recorded one by one.

import { SinterError } from '../ir/error.js'
import type { Op } from '../ir/op.js'
import { ops } from '../ir/ops/index.js'
import { broadcastsTo } from '../ir/shape.js'
import { hardSigmoid, relu, sigmoid } from './activation.js'
import { checkBoolean, checkOptions, checkTensor, describeValue } from './check.js'
import { zeros } from './create.js'
import { concat, sliceAxis, stack } from './join.js'
import { matmul } from './linalg.js'
import { constant, promotedList } from './operand.js'
import { cast, floating, record, recordResults, requireReal, type TensorLike } from './record.js'
import { broadcastTo, matrixTranspose, reshape } from './shape.js'
import type { Tensor } from './tensor.js'
import { tanh } from './trigonometry.js'

/** Names of MPSGraphRNNActivation; 'none' leaves values as they are. */
export type RecurrentActivation = 'none' | 'relu' | 'tanh' | 'sigmoid' | 'hardSigmoid'

const activations: Readonly<Record<RecurrentActivation, (x: Tensor) => Tensor>> = { none: (x) => x, relu, tanh, sigmoid, hardSigmoid }

/** G gates of H values; twice of everything when bidirectional (D = 2). All tensors of a layer are taken in their common dtype. */
export interface RecurrentWeights {
  /** [D * G * H, I]. */
  readonly inputWeight: Tensor
  /** [G * H, H], or [2, G * H, H] when bidirectional. */
  readonly recurrentWeight: Tensor
  /** [D * G * H]; default zeros. PyTorch's two biases add up to it. */
  readonly bias?: Tensor | undefined
}

export interface RecurrentOptions {
  /** Run from the last step to the first; results stay at their own steps. Default false. */
  readonly reverse?: boolean | undefined
  /** Run in both directions and join their results; default false. */
  readonly bidirectional?: boolean | undefined
  /** The state before the first step, [N, H] or [D, N, H]; default zeros. */
  readonly initState?: Tensor | undefined
  /** Multiplies the state in the recurrent product; broadcasts to [N, H]. For dropout. */
  readonly mask?: Tensor | undefined
}

export interface RecurrentResult {
  /** The state after every step: [T, N, D * H]. */
  readonly output: Tensor
  /** The state after the last step of each direction: [D, N, H]. */
  readonly hidden: Tensor
}

/** State after a step: h, and c for an LSTM. */
type State = readonly Tensor[]

/** What a direction computes with. */
interface Direction {
  /** The recurrent product of a state, and a linear map with some rows of its weights. */
  readonly product: (h: Tensor, from?: number, count?: number) => Tensor
  /** Column block `gate` of a pre-activation [N, G * H]. */
  readonly gate: (x: Tensor, gate: number) => Tensor
  /** This direction's part of a vector that holds `size` values per direction. */
  readonly own: (x: Tensor, name: string, size: number) => Tensor
}

type Step = (input: Tensor, state: State, direction: Direction) => State

const shared = ['reverse', 'bidirectional', 'initState', 'mask'] as const

/** Options that are tensors. */
const tensorOptions = ['initState', 'initCell', 'mask', 'peephole', 'secondaryBias'] as const

function flag(op: string, options: object, name: string, otherwise: boolean): boolean {
  const value = (options as Readonly<Record<string, unknown>>)[name]
  if (value === undefined) return otherwise
  checkBoolean(op, name, value)
  return value as boolean
}

function activation(op: string, options: object, name: string, otherwise: RecurrentActivation): (x: Tensor) => Tensor {
  const value = (options as Readonly<Record<string, unknown>>)[name] ?? otherwise
  if (typeof value !== 'string' || !Object.hasOwn(activations, value)) {
    throw new SinterError('argument', `${name} is no activation: ${describeValue(value)}`, {
      op,
      hint: Object.keys(activations).join(', '),
    })
  }
  return activations[value as RecurrentActivation]
}

function requireShape(op: string, name: string, x: Tensor, shape: readonly number[]): void {
  checkTensor(op, x, name)
  if (x.shape.length === shape.length && shape.every((size, d) => x.shape[d] === size)) return
  throw new SinterError('shape', `${name} is [${x.shape}], it needs to be [${shape}]`, { op, operands: [x] })
}

function maskOf(op: string, mask: Tensor | undefined, x: Tensor, shape: readonly number[]): Tensor | undefined {
  if (mask === undefined || broadcastsTo(mask.shape, shape)) return mask && cast(mask, x.dtype)
  throw new SinterError('shape', `mask is [${mask.shape}], it needs to broadcast to [${shape}]`, { op, operands: [mask] })
}

/**
 * Runs the steps of all directions: the states after every step, [T, N, D * H] each, and those after the last, [D, N, H]. `whole` is an op that does all steps of
 * a direction, for its dtypes: on projected inputs [T, N, G * H], the recurrent weight and the first state; its first results are the states.
 */
function unroll(
  op: string,
  source: TensorLike,
  weights: RecurrentWeights,
  gates: number,
  options: RecurrentOptions,
  initial: readonly (Tensor | undefined)[],
  step: Step,
  whole?: Op,
): { every: Tensor[]; last: Tensor[] } {
  checkOptions(op, weights, ['inputWeight', 'recurrentWeight', 'bias'])
  const both = flag(op, options, 'bidirectional', false)
  const directions = both ? 2 : 1
  const { bias } = weights
  if (bias !== undefined) checkTensor(op, bias, 'bias')
  const given = tensorOptions.flatMap((name) => {
    const value = (options as Readonly<Record<string, unknown>>)[name]
    if (value === undefined) return []
    checkTensor(op, value, name)
    return [value]
  })
  const operands = [floating(source, op), weights.inputWeight, weights.recurrentWeight, ...(bias === undefined ? [] : [bias]), ...given]
  const [x, inputWeight, recurrent] = promotedList(operands, op) as [Tensor, Tensor, Tensor]
  requireReal(op, x)
  if (x.ndim !== 3 || x.shape[0] === 0)
    throw new SinterError('shape', 'the source is [T, N, I] with at least one step', { op, operands: [x] })
  const [steps, batch, size] = x.shape as [number, number, number]
  const hidden = recurrent.shape.at(-1) ?? 0
  const rows = gates * hidden
  requireShape(op, 'recurrentWeight', recurrent, both ? [2, rows, hidden] : [rows, hidden])
  requireShape(op, 'inputWeight', inputWeight, [directions * rows, size])
  if (bias !== undefined) requireShape(op, 'bias', bias, [directions * rows])
  const mask = maskOf(op, options.mask, x, [batch, hidden])
  const part = (values: Tensor, d: number, size: number): Tensor => (both ? sliceAxis(values, 0, d * size, size) : values)
  const project = (d: number): Tensor => {
    // As one matrix: the gradient of the weights is then one product too, not one for each step and their sum.
    const product = matmul(reshape(x, [steps * batch, size]), matrixTranspose(part(inputWeight, d, rows)))
    const sum = bias === undefined ? product : record(ops.add, [product, cast(part(bias, d, rows), x.dtype)])
    return reshape(sum, [steps, batch, rows])
  }
  const parts = Array.from({ length: directions }, (_, d) => {
    const recurrentWeight = reshape(part(recurrent, d, 1), [rows, hidden])
    const matrix = matrixTranspose(recurrentWeight)
    const direction: Direction = {
      product: (h, from = 0, count = gates) => {
        const masked = mask === undefined ? h : record(ops.mul, [h, mask])
        return matmul(masked, count === gates ? matrix : sliceAxis(matrix, 1, from * hidden, count * hidden))
      },
      gate: (values, gate) => sliceAxis(values, values.ndim - 1, gate * hidden, hidden),
      own: (values, name, size) => {
        requireShape(op, name, values, [directions * size])
        return cast(part(values, d, size), x.dtype)
      },
    }
    let state: State = initial.map((before) => {
      if (before === undefined) return zeros([batch, hidden], { dtype: x.dtype, device: x.device })
      const own = cast(before, x.dtype)
      if (own.ndim === 2 && !both) return broadcastTo(own, [batch, hidden])
      requireShape(op, 'an initial state', own, [directions, batch, hidden])
      return reshape(sliceAxis(own, 0, d, 1), [batch, hidden])
    })
    const backwards = both ? d === 1 : flag(op, options, 'reverse', false)
    const projected = project(d)
    const given = [projected, recurrentWeight, ...state]
    if (whole !== undefined && areTakenBy(whole, given)) {
      const every = recordResults(whole, given, { reverse: backwards }).slice(0, state.length)
      const last = every.map((values) => reshape(sliceAxis(values, 0, backwards ? 0 : steps - 1, 1), [batch, hidden]))
      return { every, last }
    }
    const states = new Array<State>(steps)
    for (let i = 0; i < steps; i++) {
      const t = backwards ? steps - 1 - i : i
      const input = reshape(sliceAxis(projected, 0, t, 1), [batch, rows])
      state = step(input, state, direction)
      states[t] = state
    }
    return { every: initial.map((_, k) => stack(states.map((at) => at[k]!))), last: state }
  })
  return {
    every: initial.map((_, k) =>
      concat(
        parts.map(({ every }) => every[k]!),
        2,
      ),
    ),
    last: initial.map((_, k) => stack(parts.map(({ last }) => last[k]!))),
  }
}

/** Whether the operands have one dtype, which the op takes. */
const areTakenBy = ({ dtypes }: Op, operands: readonly Tensor[]): boolean =>
  operands.every(({ dtype }) => dtype === operands[0]!.dtype && dtypes.includes(dtype))

export interface RnnOptions extends RecurrentOptions {
  /** Default 'tanh'. */
  readonly activation?: RecurrentActivation | undefined
}

/** A simple recurrent layer: h[t] = activation(x[t] W^T + (h[t-1] mask) R^T + bias). Also named singleGateRnn, as MPSGraph does. */
export function rnn(x: TensorLike, weights: RecurrentWeights, options: RnnOptions = {}): RecurrentResult {
  const op = 'rnn'
  checkOptions(op, options, [...shared, 'activation'])
  const act = activation(op, options, 'activation', 'tanh')
  const { every, last } = unroll(op, x, weights, 1, options, [options.initState], (input, [h], { product }) => [
    act(record(ops.add, [input, product(h!)])),
  ])
  return { output: every[0]!, hidden: last[0]! }
}

export interface LstmOptions extends RecurrentOptions {
  /** The cell before the first step, as initState; default zeros. */
  readonly initCell?: Tensor | undefined
  /** [D * 4H], in the order of the gates: gate g also sees peephole[g] * c[t-1]. */
  readonly peephole?: Tensor | undefined
  /** Give the cells of all steps as well; default false. */
  readonly produceCell?: boolean | undefined
  /** The gates are input, cell, forget, output instead of input, forget, cell, output; default false. */
  readonly forgetGateLast?: boolean | undefined
  /** Default 'sigmoid'. */
  readonly inputGateActivation?: RecurrentActivation | undefined
  /** Default 'sigmoid'. */
  readonly forgetGateActivation?: RecurrentActivation | undefined
  /** Default 'tanh'. */
  readonly cellGateActivation?: RecurrentActivation | undefined
  /** Default 'sigmoid'. */
  readonly outputGateActivation?: RecurrentActivation | undefined
  /** Of the cell on its way to the output; default 'tanh'. */
  readonly activation?: RecurrentActivation | undefined
}

export interface LstmResult extends RecurrentResult {
  /** The cell after the last step of each direction: [D, N, H]. */
  readonly cell: Tensor
  /** With produceCell: the cell after every step, [T, N, D * H]. */
  readonly cells?: Tensor
}

/**
 * An LSTM layer: c[t] = f c[t-1] + i z, h[t] = o act(c[t]), where the gates i, f, z, o are activations of the four parts of
 * x[t] W^T + (h[t-1] mask) R^T + bias + peephole c[t-1]. The order of the gates is PyTorch's. MPSGraph's LSTM.
 */
export function lstm(x: TensorLike, weights: RecurrentWeights, options: LstmOptions = {}): LstmResult {
  const op = 'lstm'
  const acts = ['inputGateActivation', 'forgetGateActivation', 'cellGateActivation', 'outputGateActivation'] as const
  checkOptions(op, options, [...shared, 'initCell', 'peephole', 'produceCell', 'forgetGateLast', ...acts, 'activation'])
  const act = activation(op, options, 'activation', 'tanh')
  const [actI, actF, actZ, actO] = acts.map((name) => activation(op, options, name, name === 'cellGateActivation' ? 'tanh' : 'sigmoid'))
  const [placeF, placeZ] = flag(op, options, 'forgetGateLast', false) ? [2, 1] : [1, 2]
  const step: Step = (input, [h, c], { product, gate, own }) => {
    let sum = record(ops.add, [input, product(h!)])
    if (options.peephole !== undefined) {
      const peephole = own(options.peephole, 'peephole', sum.shape[1]!)
      sum = record(ops.add, [sum, record(ops.mul, [concat([c!, c!, c!, c!], 1), peephole])])
    }
    const kept = record(ops.mul, [actF!(gate(sum, placeF!)), c!])
    const cell = record(ops.add, [kept, record(ops.mul, [actI!(gate(sum, 0)), actZ!(gate(sum, placeZ!))])])
    return [record(ops.mul, [actO!(gate(sum, 3)), act(cell)]), cell]
  }
  const standard =
    [actI, actF, actO].every((gate) => gate === sigmoid) &&
    actZ === tanh &&
    act === tanh &&
    placeF === 1 &&
    options.peephole === undefined &&
    options.mask === undefined
  const { every, last } = unroll(op, x, weights, 4, options, [options.initState, options.initCell], step, standard ? ops.lstm : undefined)
  const cells = flag(op, options, 'produceCell', false) ? { cells: every[1]! } : {}
  return { output: every[0]!, hidden: last[0]!, cell: last[1]!, ...cells }
}

export interface GruOptions extends RecurrentOptions {
  /** The gates are reset, update, new (as PyTorch's, the default) or update, reset, new. */
  readonly resetGateFirst?: boolean | undefined
  /** The reset gate multiplies the recurrent product (as in PyTorch, the default) or the state before it. */
  readonly resetAfter?: boolean | undefined
  /** With resetAfter: added to the recurrent product of the new gate, [D * H]: the last third of PyTorch's bias_hh. */
  readonly secondaryBias?: Tensor | undefined
  /** h[t] = (1 - z) h[t-1] + z n instead of z h[t-1] + (1 - z) n; default false. */
  readonly flipZ?: boolean | undefined
  /** Default 'sigmoid'. */
  readonly updateGateActivation?: RecurrentActivation | undefined
  /** Default 'sigmoid'. */
  readonly resetGateActivation?: RecurrentActivation | undefined
  /** Of the new gate; default 'tanh'. */
  readonly outputGateActivation?: RecurrentActivation | undefined
}

/**
 * A GRU layer: h[t] = z h[t-1] + (1 - z) n with update gate z, reset gate r and n = act(x[t] W_n^T + bias_n + r ((h[t-1] mask) R_n^T + secondaryBias)).
 * Defaults are PyTorch's; MPSGraph's descriptor starts with resetGateFirst and resetAfter false. MPSGraph's GRU.
 */
export function gru(x: TensorLike, weights: RecurrentWeights, options: GruOptions = {}): RecurrentResult {
  const op = 'gru'
  const acts = ['updateGateActivation', 'resetGateActivation', 'outputGateActivation'] as const
  checkOptions(op, options, [...shared, 'resetGateFirst', 'resetAfter', 'secondaryBias', 'flipZ', ...acts])
  const [actZ, actR, actN] = acts.map((name) => activation(op, options, name, name === 'outputGateActivation' ? 'tanh' : 'sigmoid'))
  const [placeR, placeZ] = flag(op, options, 'resetGateFirst', true) ? [0, 1] : [1, 0]
  const after = flag(op, options, 'resetAfter', true)
  const flip = flag(op, options, 'flipZ', false)
  if (!after && options.secondaryBias !== undefined) throw new SinterError('argument', 'secondaryBias belongs to resetAfter', { op })
  const step: Step = (input, [h], { product, gate, own }) => {
    const recurrent = after ? product(h!) : product(h!, 0, 2)
    const gateOf = (place: number, act: (v: Tensor) => Tensor): Tensor => act(record(ops.add, [gate(input, place), gate(recurrent, place)]))
    const r = gateOf(placeR!, actR!)
    const z = gateOf(placeZ!, actZ!)
    let fresh = after ? gate(recurrent, 2) : product(record(ops.mul, [r, h!]), 2, 1)
    if (options.secondaryBias !== undefined) fresh = record(ops.add, [fresh, own(options.secondaryBias, 'secondaryBias', r.shape[1]!)])
    if (after) fresh = record(ops.mul, [r, fresh])
    const n = actN!(record(ops.add, [gate(input, 2), fresh]))
    const rest = record(ops.sub, [constant(1, z), z])
    return [record(ops.add, [record(ops.mul, [flip ? rest : z, h!]), record(ops.mul, [flip ? z : rest, n])])]
  }
  const { every, last } = unroll(op, x, weights, 3, options, [options.initState], step)
  return { output: every[0]!, hidden: last[0]! }
}
