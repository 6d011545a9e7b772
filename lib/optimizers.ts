// Optimizers over trees of parameters, without hidden state: `init` makes the state, `update` takes it and gives the next. The rules are torch.optim's.

import type { DType } from '../ir/dtype.js'
import { SinterError } from '../ir/error.js'
import { ops } from '../ir/ops/index.js'
import { checkBoolean, checkNumber, checkOptions, describeValue } from './check.js'
import { zeros, zerosLike } from './create.js'
import { constant, isHalf, widened } from './operand.js'
import { minus, over, plus, times } from './plain.js'
import { cast, record, scalar } from './record.js'
import { Tensor } from './tensor.js'
import { flatten, leavesOf, type Structure, unflatten } from './tree.js'
import { type AdamNumbers, adamStep, checkAlike, checkFloating, coefficient, oneMinus, sqrt } from './update-rules.js'

export interface UpdateOptions {
  /** The learning rate of this step, instead of the optimizer's: a number (an argument of a jitted step: no recompilation) or a tensor of rank 0. */
  readonly learningRate?: number | Tensor | undefined
}

/** The results of a step. */
export interface Updated<Parameters, State> {
  readonly parameters: Parameters
  readonly state: State
}

export interface SgdOptions {
  /** Default 1e-3. */
  readonly learningRate?: number | Tensor | undefined
  /** The share of the last step's direction that is kept; default 0, none. */
  readonly momentum?: number | undefined
  /** Weakens the new gradient in the momentum, by this share, from the second step on; default 0. */
  readonly dampening?: number | undefined
  /** Looks ahead along the momentum (Nesterov); default false. */
  readonly nesterov?: boolean | undefined
  /** This times the parameters is added to the gradients; default 0. */
  readonly weightDecay?: number | undefined
  /** Ascends instead; default false. */
  readonly maximize?: boolean | undefined
}

/** The state of `sgd`: empty without momentum. */
export interface SgdState<Parameters> {
  /** Steps taken, int32 of rank 0. */
  readonly step?: Tensor
  readonly momentum?: Parameters
}

export interface Sgd {
  init<P>(parameters: P): SgdState<P>
  update<P>(parameters: P, gradients: P, state: SgdState<P>, options?: UpdateOptions): Updated<P, SgdState<P>>
}

/**
 * Stochastic gradient descent with momentum, as torch.optim.SGD. MPSGraph has the form without momentum: stochasticGradientDescent.
 * Throws `argument` for numbers out of range and trees that differ, `shape` and `dtype` for leaves that do not fit, naming the leaf.
 */
export function sgd(options: SgdOptions = {}): Sgd {
  const op = 'sgd'
  checkOptions(op, options, ['learningRate', 'momentum', 'dampening', 'nesterov', 'weightDecay', 'maximize'])
  const { learningRate = 1e-3, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0, maximize = false } = options
  checkRate(op, learningRate)
  for (const [name, value] of Object.entries({ momentum, dampening, weightDecay })) atLeastZero(op, name, value)
  checkBoolean(op, 'nesterov', nesterov)
  checkBoolean(op, 'maximize', maximize)
  if (nesterov && (momentum === 0 || dampening !== 0))
    throw new SinterError('argument', 'nesterov needs a momentum and no dampening', { op })
  const remembers = momentum !== 0
  return {
    init: (parameters) => (remembers ? { step: stepZero(op, parameters), momentum: zerosFor(op, parameters) } : {}),
    update: (parameters, gradients, state, updateOptions = {}) => {
      checkOptions(op, updateOptions, ['learningRate'])
      if (remembers) checkStep(op, state.step)
      const tree = openTrees(op, parameters, { gradients, ...(remembers && { momentum: state.momentum }) })
      const numbers = perDType((like) => ({
        rate: coefficient(op, 'learningRate', updateOptions.learningRate ?? learningRate, like),
        decay: coefficient(op, 'weightDecay', weightDecay, like),
        momentum: coefficient(op, 'momentum', momentum, like),
        // The first gradient is the momentum, whole.
        fresh: dampening === 0 ? undefined : firstOr(state.step!, scalar(1 - dampening, like.dtype, like.device, op)),
      }))
      const leaves = tree.parameters.map((values, i) => {
        const { wide, gradient } = operands(op, tree, i, maximize)
        const { rate, decay, momentum: kept, fresh } = numbers(wide)
        let direction = weightDecay === 0 ? gradient : plus(gradient, times(wide, decay))
        let buffer: Tensor | undefined
        if (remembers) {
          const before = leafAlike(op, tree, 'momentum', i)
          const wideBuffer = plus(times(cast(before, wide.dtype), kept), fresh === undefined ? direction : times(direction, fresh))
          buffer = cast(wideBuffer, before.dtype)
          direction = nesterov ? plus(direction, times(wideBuffer, kept)) : wideBuffer
        }
        return { values: cast(minus(wide, times(direction, rate)), values.dtype), buffer }
      })
      const rebuild = rebuilder(tree, leaves)
      const next = remembers ? { step: nextStep(state.step!), momentum: rebuild(({ buffer }) => buffer!) } : {}
      return { parameters: rebuild(({ values }) => values), state: next } as never
    },
  }
}

export interface AdamOptions {
  /** Default 1e-3. */
  readonly learningRate?: number | Tensor | undefined
  /** Weights of the past in the running means of the gradients and of their squares; default 0.9 and 0.999. */
  readonly beta1?: number | undefined
  readonly beta2?: number | undefined
  /** Added to the root of the corrected velocity; default 1e-8. */
  readonly epsilon?: number | undefined
  /** Default 0 in `adam`, where this times the parameters is added to the gradients; 0.01 in `adamW`, where learning rate times this is taken off them. */
  readonly weightDecay?: number | undefined
  /** Divides by the root of the largest velocity so far (Reddi et al., 2018); default false. */
  readonly amsgrad?: boolean | undefined
  /** Ascends instead; default false. */
  readonly maximize?: boolean | undefined
}

export interface AdamState<Parameters> {
  /** Steps taken, int32 of rank 0. */
  readonly step: Tensor
  /** Running means of the gradients and of their squares, and with amsgrad the largest of the latter. Of float16 and bfloat16 parameters in float32. */
  readonly momentum: Parameters
  readonly velocity: Parameters
  readonly maximumVelocity?: Parameters
}

export interface Adam {
  init<P>(parameters: P): AdamState<P>
  update<P>(parameters: P, gradients: P, state: AdamState<P>, options?: UpdateOptions): Updated<P, AdamState<P>>
}

/**
 * Adam (Kingma and Ba, 2015), as torch.optim.Adam. MPSGraph's adamWithLearningRateTensor is one step on one tensor: `adamUpdate`.
 * Throws `argument` for numbers out of range and trees that differ, `shape` and `dtype` for leaves that do not fit, naming the leaf.
 */
export function adam(options: AdamOptions = {}): Adam {
  return makeAdam('adam', options, 0, false)
}

/** Adam with decoupled weight decay (Loshchilov and Hutter, 2019), as torch.optim.AdamW: the decay does not pass through the moments. Else as `adam`. */
export function adamW(options: AdamOptions = {}): Adam {
  return makeAdam('adamW', options, 1e-2, true)
}

function makeAdam(op: string, options: AdamOptions, defaultDecay: number, decoupled: boolean): Adam {
  checkOptions(op, options, ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay', 'amsgrad', 'maximize'])
  const {
    learningRate = 1e-3,
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
    weightDecay = defaultDecay,
    amsgrad = false,
    maximize = false,
  } = options
  checkRate(op, learningRate)
  for (const [name, value] of Object.entries({ epsilon, weightDecay, beta1, beta2 })) atLeastZero(op, name, value)
  for (const [name, value] of Object.entries({ beta1, beta2 }))
    if (value >= 1) throw new SinterError('argument', `${name} is below 1, got ${value}`, { op })
  checkBoolean(op, 'amsgrad', amsgrad)
  checkBoolean(op, 'maximize', maximize)
  return {
    init: (parameters) => ({
      step: stepZero(op, parameters),
      momentum: zerosFor(op, parameters),
      velocity: zerosFor(op, parameters),
      ...(amsgrad && { maximumVelocity: zerosFor(op, parameters) }),
    }),
    update: (parameters, gradients, state, updateOptions = {}) => {
      checkOptions(op, updateOptions, ['learningRate'])
      const { momentum, velocity, maximumVelocity } = state
      checkStep(op, state.step)
      const tree = openTrees(op, parameters, { gradients, momentum, velocity, ...(amsgrad && { maximumVelocity }) })
      const step = nextStep(state.step)
      const numbers = perDType((like) => {
        const number = (value: number): Tensor => scalar(value, like.dtype, like.device, op)
        const count = cast(step, like.dtype)
        const given = coefficient(op, 'learningRate', updateOptions.learningRate ?? learningRate, like)
        // The root of the velocity's correction is taken out of the fraction, into rate and epsilon: no division per element.
        const root = sqrt(bias(beta2, count, op))
        return {
          rate: over(times(given, root), bias(beta1, count, op)),
          epsilon: times(number(epsilon), root),
          beta1: number(beta1),
          rest1: number(1 - beta1),
          beta2: number(beta2),
          rest2: number(1 - beta2),
          decay: number(weightDecay),
          kept: oneMinus(times(given, number(weightDecay))),
        } satisfies AdamNumbers & { decay: Tensor; kept: Tensor }
      })
      const leaves = tree.parameters.map((values, i) => {
        let { wide, gradient } = operands(op, tree, i, maximize)
        const own = numbers(wide)
        if (weightDecay !== 0 && decoupled) wide = times(wide, own.kept)
        if (weightDecay !== 0 && !decoupled) gradient = plus(gradient, times(wide, own.decay))
        const moments = {
          momentum: leafAlike(op, tree, 'momentum', i),
          velocity: leafAlike(op, tree, 'velocity', i),
          maximumVelocity: amsgrad ? leafAlike(op, tree, 'maximumVelocity', i) : undefined,
        }
        return adamStep(op, values, wide, gradient, moments, own)
      })
      const rebuild = rebuilder(tree, leaves)
      const next = {
        step,
        momentum: rebuild((leaf) => leaf.momentum),
        velocity: rebuild((leaf) => leaf.velocity),
        ...(amsgrad && { maximumVelocity: rebuild((leaf) => leaf.maximumVelocity!) }),
      }
      return { parameters: rebuild((leaf) => leaf.values), state: next } as never
    },
  }
}

/** 1 - beta^count, without the cancellation that would cost the first steps their digits. */
const bias = (beta: number, count: Tensor, op: string): Tensor =>
  record(ops.neg, [record(ops.expm1, [times(count, scalar(Math.log(beta), count.dtype, count.device, op))])])

function checkRate(op: string, rate: number | Tensor): void {
  if (typeof rate === 'number') atLeastZero(op, 'learningRate', rate)
  else if (rate instanceof Tensor) checkFloating(op, 'learningRate', rate)
  else throw new SinterError('argument', `learningRate is a number or a tensor of rank 0, got ${describeValue(rate)}`, { op })
}

function atLeastZero(op: string, name: string, value: number): void {
  checkNumber(op, name, value)
  if (!(value >= 0)) throw new SinterError('argument', `${name} is at least 0, got ${value}`, { op })
}

function checkStep(op: string, step: unknown): asserts step is Tensor {
  if (!(step instanceof Tensor) || step.dtype !== 'int32' || step.ndim !== 0)
    throw new SinterError('argument', "the state's step is an int32 tensor of rank 0", { op, hint: 'the state comes from init and update' })
}

const nextStep = (step: Tensor): Tensor => record(ops.add, [step, constant(1, step)])

/** One in the first step, then `value`. */
const firstOr = (step: Tensor, value: Tensor): Tensor =>
  record(ops.select, [record(ops.equal, [step, constant(0, step)]), constant(1, value), value])

/** The trees of a step as lists of leaves. */
interface Trees {
  readonly structure: Structure
  readonly parameters: readonly Tensor[]
  readonly others: Readonly<Record<string, readonly unknown[]>>
}

function parametersOf(op: string, tree: unknown): { leaves: Tensor[]; structure: Structure } {
  const { leaves, structure } = flatten(tree)
  for (const [i, leaf] of leaves.entries()) checkFloating(op, `leaf ${i} of the parameters`, leaf)
  return { leaves: leaves as Tensor[], structure }
}

function openTrees(op: string, parameters: unknown, trees: Readonly<Record<string, unknown>>): Trees {
  const { leaves, structure } = parametersOf(op, parameters)
  const others: Record<string, readonly unknown[]> = {}
  for (const [name, tree] of Object.entries(trees)) {
    const found = leavesOf(structure, tree)
    if (found === undefined) {
      throw new SinterError('argument', `${name}: not a tree of the parameters' structure`, {
        op,
        hint: 'gradients come from grad with respect to the parameters, the state from init and update',
      })
    }
    others[name] = found
  }
  return { structure, parameters: leaves, others }
}

function leafAlike(op: string, tree: Trees, name: string, i: number): Tensor {
  const leaf = tree.others[name]![i]
  checkAlike(op, `leaf ${i} of ${name}`, leaf, tree.parameters[i]!)
  return leaf
}

/** Parameter and gradient in the dtype to compute with; the gradient points uphill. */
function operands(op: string, tree: Trees, i: number, maximize: boolean): { wide: Tensor; gradient: Tensor } {
  const wide = widened(tree.parameters[i]!)
  const gradient = cast(leafAlike(op, tree, 'gradients', i), wide.dtype)
  return { wide, gradient: maximize ? record(ops.neg, [gradient]) : gradient }
}

const rebuilder =
  <Leaf>(tree: Trees, leaves: readonly Leaf[]) =>
  (part: (leaf: Leaf) => Tensor): unknown =>
    unflatten(tree.structure, leaves.map(part))

/** Numbers of a rule, made once per dtype. */
function perDType<T>(make: (like: Tensor) => T): (like: Tensor) => T {
  const made = new Map<DType, T>()
  return (like) => {
    let numbers = made.get(like.dtype)
    if (numbers === undefined) {
      numbers = make(like)
      made.set(like.dtype, numbers)
    }
    return numbers
  }
}

function stepZero(op: string, parameters: unknown): Tensor {
  const { leaves } = parametersOf(op, parameters)
  return zeros([], { dtype: 'int32', ...(leaves[0] && { device: leaves[0].device }) })
}

function zerosFor<P>(op: string, parameters: P): P {
  const { leaves, structure } = parametersOf(op, parameters)
  return unflatten(
    structure,
    leaves.map((leaf) => zerosLike(leaf, isHalf(leaf.dtype) ? { dtype: 'float32' } : {})),
  ) as P
}
