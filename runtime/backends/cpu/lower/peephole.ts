// Super-instructions: several instructions that the native library has as one. Cheap neighbours (a multiplication and an addition, say) are joined by the
// library itself when it plans a step; here are the patterns that need a wider view. The instruction stands for the mathematics and is rounded once, so it is
// more accurate than the steps it replaces: the sum 1 + erf(x) of theirs cancels for negative x. At -infinity it gives the limit, -0, and not NaN.

import type { Emitter, Instruction, Register } from './emitter.js'

type Pattern = 'x' | number | { readonly name: string; readonly operands: readonly Pattern[] }

const op = (name: string, ...operands: readonly Pattern[]): Pattern => ({ name, operands })

const patterns: readonly { readonly becomes: string; readonly root: Pattern }[] = [
  { becomes: 'gelu', root: op('mul', op('mul', 'x', 0.5), op('add', op('erf', op('mul', 'x', Math.SQRT1_2)), 1)) },
  {
    becomes: 'gelu_tanh',
    root: op(
      'mul',
      op('mul', 'x', 0.5),
      op('add', op('tanh', op('mul', op('add', 'x', op('mul', op('mul', 'x', 'x'), op('mul', 'x', 0.044715))), Math.sqrt(2 / Math.PI))), 1),
    ),
  },
]

const commutes: ReadonlySet<string> = new Set(['add', 'mul'])

/** Replaces what a pattern covers, when nothing else needs the values in between. `constants` are the values of one-element float32 buffers. */
export function selectSuperInstructions(emitter: Emitter, constants: ReadonlyMap<number, number>): void {
  const { instructions } = emitter
  if (!instructions.some(({ name }) => name === 'erf' || name === 'tanh')) return
  const matcher = new Matcher(emitter, constants)
  for (let i = instructions.length - 1; i >= 0; i--) {
    const root = instructions[i]!
    for (const pattern of patterns) {
      const x = matcher.match(root, pattern.root)
      if (x === undefined) continue
      instructions[i] = { ...root, name: pattern.becomes, operands: [x] }
      break
    }
  }
  dropUnused(emitter)
}

class Matcher {
  private readonly definitions = new Map<Register, Instruction>()
  private readonly uses = new Map<Register, number>()
  private readonly constants = new Map<Register, number>()
  private x: Register | undefined

  constructor(emitter: Emitter, constants: ReadonlyMap<number, number>) {
    for (const instruction of emitter.instructions) {
      this.definitions.set(instruction.target, instruction)
      for (const operand of instruction.operands) this.use(operand)
    }
    for (const { register } of emitter.stores) this.use(register)
    for (const { buffer, dtype, register } of emitter.loads) {
      const value = constants.get(buffer)
      if (value !== undefined && dtype === 'float32' && register.kind === 'splat') this.constants.set(register, value)
    }
  }

  /** What x is when the instruction computes the pattern; else undefined. */
  match(root: Instruction, pattern: Pattern): Register | undefined {
    this.x = undefined
    return this.computes(root, pattern) ? this.x : undefined
  }

  private use(register: Register): void {
    this.uses.set(register, (this.uses.get(register) ?? 0) + 1)
  }

  private computes(instruction: Instruction, pattern: Pattern): boolean {
    if (typeof pattern !== 'object' || instruction.name !== pattern.name || instruction.class !== 'float32') return false
    const [a, b] = instruction.operands as [Register, Register]
    const [p, q] = pattern.operands as [Pattern, Pattern]
    if (pattern.operands.length === 1) return this.is(a, p)
    const before = this.x
    if (this.is(a, p) && this.is(b, q)) return true
    this.x = before
    return commutes.has(pattern.name) && this.is(b, p) && this.is(a, q)
  }

  private is(register: Register, pattern: Pattern): boolean {
    if (typeof pattern === 'number') return this.constants.get(register) === Math.fround(pattern)
    if (pattern === 'x') {
      this.x ??= register
      return this.x === register
    }
    const definition = this.definitions.get(register)
    return definition !== undefined && this.uses.get(register) === 1 && this.computes(definition, pattern)
  }
}

/** Removes instructions and loads whose values nobody needs any more. */
function dropUnused({ instructions, loads, stores }: Emitter): void {
  const needed = new Set(stores.map(({ register }) => register))
  for (let i = instructions.length - 1; i >= 0; i--) {
    const { target, second, operands } = instructions[i]!
    if (needed.has(target) || (second !== undefined && needed.has(second))) for (const operand of operands) needed.add(operand)
    else instructions.splice(i, 1)
  }
  for (let i = loads.length - 1; i >= 0; i--) if (!needed.has(loads[i]!.register)) loads.splice(i, 1)
}
