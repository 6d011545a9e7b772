// Variables: a value that functions read and replace by name. Graphs stay functional: a traced function takes the values of the variables it reads as inputs,
// and the new values are outputs.

import { SinterError } from '../ir/error.js'
import type { TensorType } from '../ir/type.js'
import { describeValue } from './check.js'
import { outlive } from './scope.js'
import { Tensor } from './tensor.js'

/** What a trace knows of a variable: the value it had before, as a placeholder, and the one it has now. */
export interface TracedVariable {
  readonly before: Tensor
  now: Tensor
}

type Tracing = { readonly variables: Map<Variable, TracedVariable>; readonly placeholder: (variable: Variable) => Tensor }

let tracing: Tracing | undefined

/** Runs `fn` and finds the variables that it reads or assigns: their values are placeholders there, and what it assigns is not assigned outside. */
export function tracingVariables<T>(
  placeholder: (variable: Variable) => Tensor,
  fn: () => T,
): { result: T; variables: ReadonlyMap<Variable, TracedVariable> } {
  const outer = tracing
  const own: Tracing = { variables: new Map(), placeholder }
  tracing = own
  try {
    return { result: fn(), variables: own.variables }
  } finally {
    tracing = outer
  }
}

/** A place for a tensor of one type on one device. Make one with `variable(value)`. */
export class Variable {
  readonly type: TensorType
  readonly device: string
  #value: Tensor
  readonly #current = (): Tensor => this.#value

  /** Internal; use `variable(value)`. */
  constructor(value: Tensor) {
    this.type = value.type
    this.device = value.device
    this.#value = value
    outlive(this.#current)
  }

  /** The value, as a tensor that later assignments do not change. MPSGraph: readVariable. */
  read(): Tensor {
    return tracing === undefined ? this.#value : this.#traced(tracing).now
  }

  /**
   * Replaces the value, and returns it. In a function that jit or subgraph traces the assignment happens in each of its calls, when the whole call is recorded
   * or run. Throws `argument` unless the value is a tensor of the variable's dtype, shape and device. MPSGraph: assignVariable.
   */
  assign(value: Tensor): Tensor {
    const op = 'assign'
    if (!(value instanceof Tensor)) throw new SinterError('argument', `a variable holds a tensor, got ${describeValue(value)}`, { op })
    if (!value.type.equals(this.type)) {
      throw new SinterError('argument', `the variable holds ${this.type}`, {
        op,
        operands: [value],
        hint: 'cast or reshape the value first',
      })
    }
    if (value.device !== this.device)
      throw new SinterError('device', `the variable is on ${this.device}, the value on ${value.device}`, { op, operands: [value] })
    if (tracing === undefined) {
      this.#value = value
      outlive(this.#current)
    } else {
      this.#traced(tracing).now = value
    }
    return value
  }

  #traced({ variables, placeholder }: Tracing): TracedVariable {
    let known = variables.get(this)
    if (known === undefined) {
      const before = placeholder(this)
      known = { before, now: before }
      variables.set(this, known)
    }
    return known
  }
}

/**
 * A variable that starts with the tensor: `read()` gives the value, `assign(tensor)` replaces it. Functions under `jit` and `subgraph` may do both; `grad`
 * differentiates with respect to arguments, not to variables. A scope does not free the value. MPSGraph: variableWithData, variableFromTensorWithTensor.
 */
export function variable(value: Tensor): Variable {
  if (!(value instanceof Tensor))
    throw new SinterError('argument', `a variable holds a tensor, got ${describeValue(value)}`, {
      op: 'variable',
      hint: 'wrap it: tensor(...)',
    })
  return new Variable(value)
}
