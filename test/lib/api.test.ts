// The public functions against NumPy, SciPy and JAX: test/data/api.json, made by make_api.py.

import { describe, expect, it } from 'vitest'
import * as sinter from '../../lib/index.js'
import { expectClose, load, readData, type Stored } from './support.js'

interface Case {
  readonly fn: string
  readonly inputs: readonly Stored[]
  readonly args: readonly unknown[]
  readonly out: Stored | readonly Stored[]
  readonly tolerance?: number
  /** The derivative of the sum of the result. */
  readonly grad?: Stored
}

const { Tensor } = sinter
type Call = (...args: unknown[]) => unknown
const functions = sinter as unknown as Record<string, Call>

/** Calls whose arguments JSON cannot hold as they are. */
const special: Record<string, Call> = {
  at: (x, ...index) => sinter.at(x as never, ...(index.map((entry) => (entry === 'newAxis' ? sinter.newAxis : entry)) as sinter.Index[])),
  atIndex: (x, indices, first) => sinter.at(x as never, first as sinter.Index, indices as sinter.Tensor),
  einsum: (...args) => sinter.einsum(args.at(-1) as string, ...(args.slice(0, -1) as sinter.Tensor[])),
  layerNormWith: (x, weight, bias, options) => sinter.layerNorm(x as never, { weight, bias, ...(options as object) } as never),
  rmsNormWith: (x, weight, options) => sinter.rmsNorm(x as never, { weight, ...(options as object) } as never),
}

/** Functions without operands get their device by option. */
function call({ fn, inputs, args }: Case, device: string): unknown {
  const run = special[fn] ?? functions[fn]!
  if (inputs.length > 0) return run(...inputs.map((input) => load(input, device)), ...args)
  const last = args.at(-1)
  const isOptions = typeof last === 'object' && last !== null
  return run(...(isOptions ? args.slice(0, -1) : args), { ...(isOptions ? last : {}), device })
}

const cases = readData<Case[]>('api.json')
const byFunction = new Map<string, Case[]>()
for (const one of cases) byFunction.set(one.fn, [...(byFunction.get(one.fn) ?? []), one])

// Eagerly every op is a plan of its own.
describe.each([
  ['reference', 'fused', 'reference'],
  ['cpu', 'fused', 'cpu'],
  ['cpu', 'eager', 'cpu'],
])('on %s, %s', (_device, mode, device) => {
  const running = <T>(fn: () => T): T => (mode === 'eager' ? sinter.eager(fn) : fn())

  it.each([...byFunction])('%s agrees with NumPy, SciPy and JAX', (_, group) => {
    for (const one of group) {
      const what = `${one.fn}(${one.inputs.map((x) => `${x.dtype} [${x.shape}]`).join(', ')}; ${JSON.stringify(one.args)})`
      const check = (): void => {
        const result = running(() => call(one, device))
        const results = result instanceof Tensor ? [result] : (result as sinter.Tensor[])
        const wanted = Array.isArray(one.out) ? one.out : [one.out]
        expect(results.length).toBe(wanted.length)
        for (const [i, x] of results.entries()) expectClose(x, wanted[i], one.tolerance ?? 1e-6)
      }
      expect(check, what).not.toThrow()
    }
  })

  it.each(cases.filter((one) => one.grad !== undefined).map((one) => [`${one.fn} ${JSON.stringify(one.args)}`, one] as const))(
    'the gradient of %s agrees with JAX',
    (_, one) => {
      const gradient = sinter.grad((x: sinter.Tensor) => (functions[one.fn]!(x, ...one.args) as sinter.Tensor).sum())
      expectClose(gradient(load(one.inputs[0]!, device)) as sinter.Tensor, one.grad!, 1e-12)
    },
  )
})
