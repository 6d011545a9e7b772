// Attention, normalization, losses, quantization and rearrangements against PyTorch: test/data/nn.json, made by make_nn.py. Values and gradients.

import { describe, expect, it } from 'vitest'
import * as sinter from '../../lib/index.js'
import { devices, expectClose, load, readData, type Stored, valuesOf } from './support.js'

interface Case {
  readonly fn: string
  readonly operands: readonly Stored[]
  readonly args: readonly unknown[]
  readonly options: Readonly<Record<string, unknown>>
  readonly optionTensors: Readonly<Record<string, Stored>>
  readonly outputs: readonly Stored[]
  readonly cotangent?: Stored
  readonly gradients?: readonly (Stored | null)[]
  readonly tolerance: number
}

const { Tensor } = sinter
const functions = sinter as unknown as Record<string, (...args: unknown[]) => unknown>

/** The results of a call on tensors: operands, then those among the options. */
function call(one: Case, tensors: readonly sinter.Tensor[]): sinter.Tensor[] {
  const names = Object.keys(one.optionTensors)
  const count = one.operands.length
  const given = Object.fromEntries(names.map((name, i) => [name, tensors[count + i]]))
  const result = functions[one.fn]!(...tensors.slice(0, count), ...one.args, { ...one.options, ...given })
  if (result instanceof Tensor) return [result]
  return Object.values(result as Record<string, sinter.Tensor>)
}

const tensorsOf = (one: Case, device: string): sinter.Tensor[] =>
  [...one.operands, ...Object.values(one.optionTensors)].map((stored) => load(stored, device))

const { cases } = readData<{ cases: readonly Case[] }>('nn.json')
const byFunction = new Map<string, Case[]>()
for (const one of cases) byFunction.set(one.fn, [...(byFunction.get(one.fn) ?? []), one])

const label = ({ fn, operands, args, options, optionTensors }: Case): string =>
  `${fn}(${operands.map(({ dtype, shape }) => `${dtype} [${shape}]`).join(', ')}; ${JSON.stringify([args, options, Object.keys(optionTensors)])})`

describe.each(devices)('on %s', (device) => {
  it.each([...byFunction])('%s agrees with PyTorch', (_, group) => {
    for (const one of group) {
      const check = (): void => {
        const results = call(one, tensorsOf(one, device))
        expect(results.length).toBe(one.outputs.length)
        for (const [i, result] of results.entries()) expectClose(result, one.outputs[i]!, one.tolerance)
      }
      expect(check, label(one)).not.toThrow()
    }
  })

  const differentiable = [...byFunction].map(([fn, group]) => [fn, group.filter((one) => one.gradients !== undefined)] as const)
  it.each(differentiable.filter(([, group]) => group.length > 0))('the gradient of %s agrees with PyTorch', (_, group) => {
    for (const one of group) {
      const check = (): void => {
        const tensors = tensorsOf(one, device)
        const argnums = tensors.flatMap((x, i) => (x.dtype === 'float32' && one.gradients![i] != null ? [i] : []))
        const loss = (...inputs: sinter.Tensor[]) => call(one, inputs)[0]!.mul(load(one.cotangent!, device)).sum()
        const gradients = sinter.grad(loss, { argnums })(...tensors) as sinter.Tensor[]
        for (const [i, gradient] of gradients.entries()) expectClose(gradient, one.gradients![argnums[i]!]!, one.tolerance * 4)
      }
      expect(check, label(one)).not.toThrow()
    }
  })
})

describe('float16 and bfloat16', () => {
  it.each(['float16', 'bfloat16'] as const)('%s is computed in float32 and rounded once', (dtype) => {
    for (const [fn, group] of byFunction) {
      const one = group[0]!
      if (one.gradients === undefined || one.operands[0]!.dtype !== 'float32') continue
      const halves = tensorsOf(one, 'cpu').map((x) => (x.dtype === 'float32' ? x.astype(dtype) : x))
      const wide = halves.map((x) => (x.dtype === dtype ? x.astype('float32') : x))
      const [got, wanted] = [call(one, halves)[0]!, call(one, wide)[0]!]
      expect(got.dtype, fn).toBe(dtype)
      const rounded = wanted.astype(dtype)
      const [a, b] = [valuesOf(got), valuesOf(rounded)].map((values) => [...values].map(Number)) as [number[], number[]]
      const step = dtype === 'float16' ? 2 ** -10 : 2 ** -7
      for (const [i, value] of a.entries())
        expect(Math.abs(value - b[i]!), fn).toBeLessThanOrEqual(step * Math.max(Math.abs(b[i]!), 2 ** -6))
    }
  })
})
