// Loops and branches on the device mps: as one MPSGraphExecutable with blocks, with the results of the reference device.

import { describe, expect, it } from 'vitest'
import { parseGraph } from '../../ir/parse.js'
import { arange, complex, cond, foriLoop, grad, linalg, scan, type Tensor, tensor, whileLoop } from '../../lib/index.js'
import { legalize } from '../../runtime/backends/mps/legalize/index.js'
import { lowerToCalls } from '../../runtime/backends/mps/lower.js'
import { missingMps } from './device.js'
import { allCalls } from './emitted.js'

type Program = (x: Tensor, xs: Tensor) => readonly Tensor[]

const steps: Program = (x, xs) =>
  scan(
    (c: Tensor, row: Tensor) => {
      const [d, ys] = scan((d: Tensor, y: Tensor) => [d.mul(c).add(y).tanh(), d], c, row) as [Tensor, Tensor]
      return [d, ys.sum(0)]
    },
    x,
    xs,
  )

const choices = (x: Tensor): Tensor =>
  foriLoop(
    0,
    5,
    (i, c: Tensor) =>
      cond(
        i.mod(2).equal(0),
        (c: Tensor) => c.mul(1.5),
        (c: Tensor) => c.add(i.astype('float32')),
        c,
      ),
    x,
  )

const programs: Readonly<Record<string, Program>> = {
  'a scan': (x, xs) => scan((c: Tensor, row: Tensor) => [c.add(row.sum(0)), c], x, xs),
  'a scan from the end': (x, xs) => scan((c: Tensor, row: Tensor) => [c.mul(0.5).add(row.sum(0)), c], x, xs, { reverse: true }),
  'a scan in a scan': steps,
  'its gradient': (x, xs) => [grad((y: Tensor) => steps(y, xs)[1]!.sum())(x) as Tensor],
  'branches in a loop': (x) => [choices(x)],
  'their gradient': (x) => [grad((y: Tensor) => choices(y).sum())(x) as Tensor],
  'a loop that ends itself': (x) => [
    whileLoop(
      (c: Tensor) => c.sum().less(1000),
      (c: Tensor) => c.square().add(1),
      x.abs(),
    ),
  ],
  'a loop with a most number of turns': (x) => [
    whileLoop(
      (c: Tensor) => c.sum().less(1e9),
      (c: Tensor) => c.add(1),
      x,
      { maxIterations: 7 },
    ),
  ],
  'a branch that is not taken': (x) => [
    cond(
      x.sum().greater(1e9),
      () => x.add(1),
      () => x.mul(2),
    ),
  ],
  integers: (x, xs) =>
    scan((c: Tensor, row: Tensor) => [c.add(row.sum(0)), c.mul(100_000_007)], x.astype('int32'), xs.mul(10).astype('int32')),
  'truth values': (x, xs) => scan((c: Tensor, row: Tensor) => [c.logicalXor(row.sum(0).greater(0)), c], x.greater(0), xs),
  halves: (x, xs) => scan((c: Tensor, row: Tensor) => [c.add(row.sum(0)), c], x.astype('float16'), xs.astype('float16')),
  'complex values': (x, xs) => scan((c: Tensor, row: Tensor) => [c.mul(c).mul(0.1).add(row.sum(0)), c.abs()], complex(x, x.mul(0.5)), xs),
}

const operands = (device: string): [Tensor, Tensor] => [
  tensor([0.5, -0.25, 1], { device }),
  arange(24, { device }).mul(1.7).sin().reshape(4, 2, 3),
]

describe.skipIf(missingMps !== undefined)('loops and branches', () => {
  it.each(Object.keys(programs))('%s', (name) => {
    const results = programs[name]!(...operands('mps'))
    expect(results[0]!.explain().map(({ kind }) => kind)).toEqual(['mpsgraph'])
    programs[name]!(...operands('reference')).forEach((expected, i) => {
      const wanted = [expected.real(), expected.imag()].map((part) => Array.from(part.astype('float64').dataSync() as Float64Array))
      const got = [results[i]!.real(), results[i]!.imag()].map((part) => Array.from(part.astype('float32').dataSync() as Float32Array))
      const tolerance = name === 'halves' ? 1e-2 : 1e-5
      for (const [k, value] of got.flat().entries()) {
        const bound = tolerance * Math.max(1, Math.abs(wanted.flat()[k]!))
        expect(Math.abs(value - wanted.flat()[k]!)).toBeLessThanOrEqual(bound)
      }
    })
  })

  it('stay on the CPU where their bodies must, and say why', () => {
    const x = tensor([[2, 1], [1, 3]], { device: 'mps' }) // biome-ignore format: side by side
    const result: Tensor = foriLoop(0, 3, (_, c: Tensor) => linalg.inverse(c).add(1), x)
    expect(
      result
        .explain()
        .map(({ reason }) => reason)
        .join(),
    ).toMatch(/a loop runs where all of its body does: inverse/)
    expect(result.shape).toEqual([2, 2])
  })
})

const turns = (length: number, conditional: boolean): string => {
  const [first, flag] = conditional ? ['%go, ', '%go, '] : ['', '']
  return `graph (%go: bool[], %x: f32[3]) {
    %r = loop ${first}%x, %x {length=${length}, reverse=false, carried=1, scanned=0, conditional=${conditional}} (%c: f32[3], %x: f32[3]) {
      %next = add %c, %x
      %go = constant {dtype="bool", shape=[], values=[1]}
      return ${flag}%next
    }
    return %r
  }`
}

describe('calls', () => {
  it.each([
    ['forLoopWithNumberOfIterations', 3, false],
    ['ifWithPredicateTensor', 1, true],
    ['whileWithInitialInputs', 3, true],
  ] as const)('%s', (method, length, conditional) => {
    const calls = allCalls(lowerToCalls(legalize(parseGraph(turns(length, conditional))), []).program)
    expect(calls.filter(({ selector }) => selector.startsWith(method))).toHaveLength(1)
  })
})
