// Register allocation: virtual registers of a straight line of instructions onto few physical ones, by last use.

import type { Emitter, Register } from './emitter.js'

export interface Allocation {
  /** Class and kind of each physical register. */
  readonly physical: readonly Register[]
  numberOf(register: Register): number
}

/** Loaded registers keep a number of their own, computed ones share numbers once their last use has passed. */
export function allocateRegisters(emitter: Emitter): Allocation {
  const lastUse = new Map<Register, number>()
  emitter.instructions.forEach(({ operands }, position) => {
    for (const operand of operands) lastUse.set(operand, position)
  })
  for (const { register } of emitter.stores) lastUse.set(register, emitter.instructions.length)
  const physical: Register[] = []
  const numbers = new Map<Register, number>()
  const free = new Map<string, number[]>()
  const fresh = (register: Register): number => {
    physical.push(register)
    return physical.length - 1
  }
  for (const { register } of emitter.loads) numbers.set(register, fresh(register))
  const key = (register: Register): string => `${register.class} ${register.kind}`
  emitter.instructions.forEach(({ target, second, operands }, position) => {
    for (const operand of new Set(operands)) {
      if (operand.loaded || lastUse.get(operand) !== position) continue
      const list = free.get(key(operand))
      if (list === undefined) free.set(key(operand), [numbers.get(operand)!])
      else list.push(numbers.get(operand)!)
    }
    // Two destinations are written in one sweep: only the first may take over an operand's register.
    for (const result of second === undefined ? [target] : [target, second]) {
      const number = result === second ? undefined : free.get(key(result))?.pop()
      numbers.set(result, number ?? fresh(result))
    }
    for (const result of second === undefined ? [target] : [target, second]) {
      if (lastUse.has(result)) continue
      const list = free.get(key(result))
      if (list === undefined) free.set(key(result), [numbers.get(result)!])
      else list.push(numbers.get(result)!)
    }
  })
  return { physical, numberOf: (register) => numbers.get(register)! }
}
