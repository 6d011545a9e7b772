// Public functions against PyTorch's values, forward and gradients (test/data/*.json and the scripts beside them).

import { describe, expect, it } from 'vitest'
import * as sinter from '../../lib/index.js'
import { grad, type Tensor } from '../../lib/index.js'
import { devices, expectClose, load, readData, type Stored } from './support.js'

interface Case {
  readonly fn: string
  readonly inputs: readonly Stored[]
  readonly args: readonly unknown[]
  /** The result, or several. */
  readonly out: readonly Stored[]
  readonly cotangent: Stored
  /** Gradients of sum(first result * cotangent) for the first operands. */
  readonly grads: readonly Stored[]
}

type Call = (...args: readonly unknown[]) => Tensor | readonly Tensor[]

/** One test per function and device. */
export function testAgainstTorch(file: string, tolerance: number): void {
  const byFunction = new Map<string, Case[]>()
  for (const one of readData<Case[]>(file)) byFunction.set(one.fn, [...(byFunction.get(one.fn) ?? []), one])

  describe.each(devices)('on %s', (device) => {
    it.each([...byFunction])('%s agrees with PyTorch', (fn, cases) => {
      const run = (sinter as unknown as Record<string, Call>)[fn]!
      for (const { inputs, args, out, cotangent, grads } of cases) {
        const what = `${fn}(${inputs.map(({ shape }) => `[${shape}]`).join(', ')}; ${JSON.stringify(args)})`
        const check = (): void => {
          const operands = inputs.map((input) => load(input, device))
          const results = [run(...operands, ...args)].flat() as Tensor[]
          expect(results.length).toBe(out.length)
          for (const [i, result] of results.entries()) expectClose(result, out[i]!, tolerance)
          const weight = load(cotangent, device)
          const loss = (differentiated: readonly Tensor[]): Tensor => {
            const [result] = [run(...differentiated, ...operands.slice(grads.length), ...args)].flat() as [Tensor]
            return result.mul(weight).sum()
          }
          const found = grad(loss)(operands.slice(0, grads.length)) as readonly Tensor[]
          for (const [i, one] of grads.entries()) expectClose(found[i]!, one, tolerance)
        }
        expect(check, what).not.toThrow()
      }
    })
  })
}
