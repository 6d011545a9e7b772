// Super-instructions: which patterns become one instruction, and what they compute.

import { describe, expect, it } from 'vitest'
import { gelu, matmul, type Tensor, tensor } from '../../lib/index.js'
import { Emitter, type Register } from '../../runtime/backends/cpu/lower/emitter.js'
import { selectSuperInstructions } from '../../runtime/backends/cpu/lower/peephole.js'

const points = [-9, -5, -3, -1, -0.5, 0, 0.25, 1, 4]
// mpmath with 40 digits: x * ncdf(x), and x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))).
const exact = [
  -1.0157295653584566e-18, -1.4332578593959695e-6, -0.0040496940948902835, -0.15865525393145705, -0.15426876936299344, 0,
  0.14967658142073093, 0.8413447460685429, 3.9998733150326675,
]
const byTanh = [
  -1.3364595947346586e-28, -2.291796196629506e-7, -0.003637392081773019, -0.1588080093917233, -0.15428599017485609, 0, 0.149675350701685,
  0.8411919906082767, 3.9999297540518075,
]

const close = (actual: ArrayLike<number | bigint>, expected: readonly number[], relative: number): void => {
  expected.forEach((value, i) => {
    expect(Math.abs(Number(actual[i]) - value)).toBeLessThanOrEqual(relative * Math.abs(value))
  })
}

/** A region with `x` loaded, and constants by value: buffers 1, 2, ... */
class Region {
  readonly emitter = new Emitter([4], false)
  readonly constants = new Map<number, number>()
  readonly x = this.emitter.load(0, 'float32', 'tile', 0, [1])

  constant(value: number): Register {
    const buffer = this.constants.size + 1
    this.constants.set(buffer, Math.fround(value))
    return this.emitter.load(buffer, 'float32', 'splat', 0, [0])
  }

  do(name: string, ...operands: readonly Register[]): Register {
    return this.emitter.emit(name, 'float32', 'tile', operands)
  }

  /** Stores the registers and returns the names of the instructions after selection. */
  select(...outputs: readonly Register[]): string[] {
    outputs.forEach((register, i) => {
      this.emitter.store(10 + i, 'float32', register, 0, [1])
    })
    selectSuperInstructions(this.emitter, this.constants)
    return this.emitter.instructions.map(({ name }) => name)
  }
}

/** 0.5 x (1 + erf(x * factor)) with the operands of each step in one of two orders. */
function geluSteps(region: Region, swapped: boolean, factor = Math.SQRT1_2): { erf: Register; result: Register } {
  const both = (name: string, a: Register, b: Register): Register => (swapped ? region.do(name, b, a) : region.do(name, a, b))
  const half = both('mul', region.x, region.constant(0.5))
  const erf = region.do('erf', both('mul', region.x, region.constant(factor)))
  return { erf, result: both('mul', half, both('add', erf, region.constant(1))) }
}

describe('gelu', () => {
  it.each([false, true])('is one instruction, operands swapped: %s', (swapped) => {
    const region = new Region()
    expect(region.select(geluSteps(region, swapped).result)).toEqual(['gelu'])
    expect(region.emitter.instructions[0]!.operands).toEqual([region.x])
    expect(region.emitter.loads.map(({ buffer }) => buffer)).toEqual([0])
  })

  it('stays as it is with another constant, or where a value in between is needed', () => {
    const other = new Region()
    expect(other.select(geluSteps(other, false, 0.7).result)).toContain('erf')
    const shared = new Region()
    const { erf, result } = geluSteps(shared, false)
    expect(shared.select(result, erf)).toEqual(['mul', 'mul', 'erf', 'add', 'mul'])
  })

  it('stays as it is where x is not one value', () => {
    const region = new Region()
    const y = region.emitter.load(20, 'float32', 'tile', 0, [1])
    const erf = region.do('erf', region.do('mul', y, region.constant(Math.SQRT1_2)))
    const result = region.do('mul', region.do('mul', region.x, region.constant(0.5)), region.do('add', erf, region.constant(1)))
    expect(region.select(result)).toContain('erf')
  })

  it('is accurate far below zero, alone and behind a matrix product', () => {
    const x = tensor(points)
    close(gelu(x).dataSync(), exact, 1e-6)
    const eye: Tensor = tensor(points.map((_, i) => points.map((_, j) => Number(i === j))))
    close(gelu(matmul(x.reshape([1, points.length]), eye)).dataSync(), exact, 1e-6)
  })

  it('with tanh', () => {
    close(gelu(tensor(points), { approximate: 'tanh' }).dataSync(), byTanh, 1e-6)
  })
})
