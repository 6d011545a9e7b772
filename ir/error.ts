// The one error class: a code to switch on, one line of what is wrong, then facts, then where it was recorded.

import { userPlace, withoutOwnFrames } from './stack.js'

/** Every code; docs/errors.md has an example of each. */
export const errorCodes = [
  'shape',
  'dtype',
  'attribute',
  'argument',
  'device',
  'disposed',
  'memory',
  'trace',
  'gradient',
  'parse',
  'verify',
  'mismatch',
  'file',
  'environment',
  'native',
  'internal',
] as const

export type ErrorCode = (typeof errorCodes)[number]

interface Recorded {
  /** The stack captured while recording, in debug mode. */
  readonly origin?: { readonly stack?: string } | undefined
}

/** Something with a printable type; tensors (which have a node) and IR nodes both qualify. */
export interface Typed extends Recorded {
  readonly type: { toString(): string }
  readonly node?: Recorded
}

export interface ErrorFacts {
  /** The operation that refused, as the user would name it. */
  readonly op?: string
  /** Operands whose types are listed below the message. */
  readonly operands?: readonly Typed[]
  /** What to do about it; printed last. */
  readonly hint?: string
  /** Where the offending node was recorded, when that is not the place that throws. */
  readonly origin?: string
  readonly cause?: unknown
}

export class SinterError extends Error {
  override readonly name = 'SinterError'
  readonly code: ErrorCode
  readonly op: string | undefined
  /** Types of the operands, as text. */
  readonly operands: readonly string[]
  /** Where the offending node was recorded, when that is known and not the place that throws. */
  origin: string | undefined

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    const operands = (facts.operands ?? []).map((operand) => operand.type.toString())
    const lines = [facts.op === undefined ? message : `${facts.op}: ${message}`]
    operands.forEach((text, index) => {
      const operand = facts.operands![index]!
      const place = userPlace((operand.origin ?? operand.node?.origin)?.stack)
      lines.push(`  operand ${index}: ${text}${place === undefined ? '' : `, recorded at ${place}`}`)
    })
    if (facts.hint !== undefined) lines.push(`  ${facts.hint}`)
    if (facts.origin !== undefined) lines.push(`  recorded at ${facts.origin}`)
    if (code === 'internal') lines.push('  This is a bug in sinter, please report it with this text.')
    // Our own frames are cut, so there must be enough of them to reach the user's.
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = limit + 40
    super(lines.join('\n'), facts.cause === undefined ? undefined : { cause: facts.cause })
    Error.stackTraceLimit = limit
    if (code !== 'internal' && this.stack !== undefined) this.stack = withoutOwnFrames(this.stack)
    this.code = code
    this.op = facts.op
    this.operands = operands
    this.origin = facts.origin
  }

  /** Adds where the offending node was recorded. */
  locate(origin: string): this {
    const text = `${this.message}\n  recorded at ${origin}`
    if (this.stack !== undefined) this.stack = this.stack.replace(this.message, () => text)
    this.message = text
    this.origin = origin
    return this
  }
}

/** Throws an `internal` error unless `condition` holds: for facts that only a bug of ours can break. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new SinterError('internal', message)
}
