// The few parts of vitest's interface that the operation suite uses, in one plain Node process: under an emulator vitest's own machinery (a bundler, worker
// processes) costs more than the tests. Test files import this module by the name vitest; suite.ts runs what they registered.

import { deepStrictEqual, strictEqual } from 'node:assert'
import { format } from 'node:util'

type Body = (...args: never[]) => unknown

export interface RegisteredTest {
  readonly name: string
  readonly run: () => unknown
}

/** In the order in which the imported files registered them. */
export const registered: RegisteredTest[] = []
const path: string[] = []

export function it(name: string, ...rest: readonly unknown[]): void {
  const body = rest.find((part) => typeof part === 'function') as () => unknown
  registered.push({ name: [...path, name].join(' > '), run: body })
}

export function describe(name: string, body: () => void): void {
  path.push(name)
  body()
  path.pop()
}

/** `$key` and printf-style placeholders, as vitest fills them in. */
function title(name: string, row: unknown): string {
  const named = name.replace(/\$(\w+)/g, (_, key: string) => format('%s', (row as Record<string, unknown>)[key]))
  return /%[sdifjo]/.test(named) ? format(named, ...(Array.isArray(row) ? row : [row])) : named
}

const argumentsOf = (row: unknown): unknown[] => (Array.isArray(row) ? row : [row])

it.each =
  (rows: readonly unknown[]) =>
  (name: string, ...rest: readonly unknown[]): void => {
    const body = rest.find((part) => typeof part === 'function') as Body
    for (const row of rows) it(title(name, row), () => body(...(argumentsOf(row) as never[])))
  }

describe.each =
  (rows: readonly unknown[]) =>
  (name: string, body: Body): void => {
    for (const row of rows) describe(title(name, row), () => body(...(argumentsOf(row) as never[])))
  }

/** The part of `actual` that `expected` speaks of. */
function selected(actual: unknown, expected: unknown): unknown {
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null) return actual
  return Object.fromEntries(
    Object.entries(expected).map(([key, value]) => [key, selected((actual as Record<string, unknown>)[key], value)]),
  )
}

export function expect(actual: unknown) {
  return {
    toBe: (expected: unknown) => strictEqual(actual, expected),
    toEqual: (expected: unknown) => deepStrictEqual(actual, expected),
    toMatchObject: (expected: unknown) => deepStrictEqual(selected(actual, expected), expected),
    toBeUndefined: () => strictEqual(actual, undefined),
  }
}
