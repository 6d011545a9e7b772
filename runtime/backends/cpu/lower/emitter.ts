// The emitter: loads, instructions and stores of one tile step over virtual registers.

import type { DType } from '../../../../ir/dtype.js'
import type { Shape } from '../../../../ir/shape.js'
import { type Class, classOf } from '../instructions.js'

/** tile: a value per element of the block; row: one per row; splat: one. */
export type RegisterKind = 'tile' | 'row' | 'splat'

export interface Register {
  readonly class: Class
  readonly kind: RegisterKind
  /** Loaded from memory: never a destination, so that it may alias memory. */
  readonly loaded: boolean
}

export interface Load {
  /** A program buffer, or -1 for index values. */
  readonly buffer: number
  readonly dtype: DType
  readonly register: Register
  readonly offset: number
  /** Per dimension of the iteration space. */
  strides: readonly number[]
}

export interface Store {
  readonly buffer: number
  readonly dtype: DType
  readonly register: Register
  /** 0, or the position + 1 of a reduction. */
  readonly reduction: number
  readonly offset: number
  strides: readonly number[]
}

export interface Instruction {
  readonly name: string
  readonly class: Class
  readonly target: Register
  readonly second: Register | undefined
  readonly operands: readonly Register[]
}

export class Emitter {
  readonly shape: Shape
  readonly loads: Load[] = []
  readonly stores: Store[] = []
  readonly instructions: Instruction[] = []
  /** Row registers may stand where tiles are expected: a block has one row only. */
  readonly singleRow: boolean
  private readonly loadKeys = new Map<string, Register>()
  private readonly expanded = new Map<Register, Register>()

  constructor(shape: Shape, singleRow: boolean) {
    this.shape = shape
    this.singleRow = singleRow
  }

  /** A register holding the buffer's elements; equal loads share one. */
  load(buffer: number, dtype: DType, kind: RegisterKind, offset: number, strides: readonly number[]): Register {
    const key = `${buffer},${dtype},${kind},${offset},${strides}`
    const known = this.loadKeys.get(key)
    if (known !== undefined) return known
    const register: Register = { class: classOf(dtype), kind, loaded: true }
    this.loads.push({ buffer, dtype, register, offset, strides })
    this.loadKeys.set(key, register)
    return register
  }

  /** Computes into a new register of the given kind. Operands are `className` values, the result too unless stated. */
  emit(name: string, className: Class, kind: RegisterKind, operands: readonly Register[], resultClass: Class = className): Register {
    const target: Register = { class: resultClass, kind, loaded: false }
    const ready =
      kind === 'tile' && !name.startsWith('row_') && name !== 'expand' ? operands.map((operand) => this.forTile(operand)) : operands
    this.instructions.push({ name, class: className, target, second: undefined, operands: ready })
    return target
  }

  /** As `emit`, for instructions with two destinations. */
  emitPair(name: string, className: Class, kind: RegisterKind, operands: readonly Register[]): readonly [Register, Register] {
    const target: Register = { class: className, kind, loaded: false }
    const second: Register = { class: className, kind, loaded: false }
    const ready = kind === 'tile' ? operands.map((operand) => this.forTile(operand)) : operands
    this.instructions.push({ name, class: className, target, second, operands: ready })
    return [target, second]
  }

  /** The register spread to a tile if it is not one. */
  asTile(register: Register): Register {
    if (register.kind === 'tile') return register
    return register.kind === 'row' && !this.singleRow ? this.forTile(register) : this.emit('copy', register.class, 'tile', [register])
  }

  store(buffer: number, dtype: DType, register: Register, offset: number, strides: readonly number[], reduction = 0): void {
    this.stores.push({ buffer, dtype, register, reduction, offset, strides })
  }

  private forTile(operand: Register): Register {
    if (operand.kind !== 'row' || this.singleRow) return operand
    let tile = this.expanded.get(operand)
    if (tile === undefined) {
      tile = { class: operand.class, kind: 'tile', loaded: false }
      this.instructions.push({ name: 'expand', class: operand.class, target: tile, second: undefined, operands: [operand] })
      this.expanded.set(operand, tile)
    }
    return tile
  }
}
