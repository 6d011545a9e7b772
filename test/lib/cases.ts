// Stored calls of public functions (test/data/order.json, scatter.json), made again on every device.

import { describe, expect, it } from 'vitest'
import * as sinter from '../../lib/index.js'
import { devices, expectClose, load, readData, type Stored } from './support.js'

export interface Case {
  readonly fn: string
  readonly inputs: readonly Stored[]
  readonly args: readonly unknown[]
  readonly out: readonly Stored[]
  /** For inputs, the derivative of the sum of the first result times 1, 2, 3, ... with respect to it. */
  readonly grads?: readonly (Stored | null)[]
}

type Call = (...args: unknown[]) => sinter.Tensor | Record<string, sinter.Tensor>

const call = ({ fn, args }: Case, inputs: readonly sinter.Tensor[]): sinter.Tensor[] => {
  const result = (sinter as unknown as Record<string, Call>)[fn]!(...inputs, ...args)
  return result instanceof sinter.Tensor ? [result] : Object.values(result)
}

function gradientOf(one: Case, inputs: readonly sinter.Tensor[], place: number): sinter.Tensor {
  const loss = (x: sinter.Tensor): sinter.Tensor => {
    const y = call(one, inputs.toSpliced(place, 1, x))[0]!
    return y.mul(sinter.arange(1, y.size + 1, { dtype: y.dtype, device: y.device }).reshape(y.shape)).sum()
  }
  return sinter.grad(loss)(inputs[place]!) as sinter.Tensor
}

/** Tests of every case of a file, by function. */
export function describeCases(file: string): void {
  const cases = readData<Case[]>(file)
  const names = [...new Set(cases.map(({ fn }) => fn))]
  describe.each(devices)('on %s', (device) => {
    it.each(names)('%s', (name) => {
      for (const one of cases.filter(({ fn }) => fn === name)) {
        const what = `${name}(${one.inputs.map((x) => `${x.dtype} [${x.shape}]`).join(', ')}; ${JSON.stringify(one.args)})`
        const inputs = one.inputs.map((x) => load(x, device))
        const results = call(one, inputs)
        expect(results.length, what).toBe(one.out.length)
        const check = (): void => {
          results.forEach((result, i) => {
            expectClose(result, one.out[i]!, 1e-6)
          })
          one.grads?.forEach((grad, place) => {
            if (grad !== null) expectClose(gradientOf(one, inputs, place), grad, 1e-12)
          })
        }
        expect(check, what).not.toThrow()
      }
    })
  })
}
