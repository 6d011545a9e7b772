// The system a program is made for. Known defects and newer methods depend on it.

import { assert } from '../../../ir/error.js'

export interface Target {
  /** '15.2' */
  readonly macOS: string
  /** Metal's name of the GPU family: 'Apple7' for M1, 'Apple8' for M2, 'Apple9' for M3 and M4. */
  readonly family: string
}

/** -1, 0 or 1 as version a is before, equal to or after b; missing parts are 0. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number))
  assert([...x!, ...y!].every(Number.isInteger), `'${a}' or '${b}' is not a version`)
  for (let i = 0; i < Math.max(x!.length, y!.length); i++) {
    const order = Math.sign((x![i] ?? 0) - (y![i] ?? 0))
    if (order !== 0) return order
  }
  return 0
}
