// The notation of rule cases. In every text `$` is the dtype's short name, and `c(1, 2; 2)` a constant of the dtype: values, then shape.

import { type DType, dtypeInfo, isFloat, isInteger, realDTypes } from '../../../../ir/dtype.js'
import type { Graph } from '../../../../ir/graph.js'
import { constant, graphOf } from '../support.js'

export interface RuleCase {
  /** The rule that must fire, by its whole name. */
  readonly rule: string
  /** dtypes to try in turn; default float32. */
  readonly dtypes?: readonly DType[]
  readonly inputs: string
  readonly lines: readonly string[]
  /** The graph after canonicalizing, as `summary` prints it. */
  readonly after: string | RegExp
}

export const floats: readonly DType[] = realDTypes.filter(isFloat)
export const integers: readonly DType[] = realDTypes.filter(isInteger)
export const signed: readonly DType[] = integers.filter((dtype) => dtypeInfo[dtype].kind === 'int')
export const unsigned: readonly DType[] = integers.filter((dtype) => dtypeInfo[dtype].kind === 'uint')
export const numbers: readonly DType[] = [...floats, ...integers]

const expand = (text: string, dtype: DType): string =>
  text
    .replace(/\bc\((.*?)(?:; (.*?))?\)/, (_, values: string, shape?: string) => constant(dtype, values, shape))
    .replaceAll('$', dtypeInfo[dtype].short)

export const graphOfCase = (one: RuleCase, dtype: DType): Graph =>
  graphOf(expand(one.inputs, dtype), ...one.lines.map((line) => expand(line, dtype)))

export const afterOfCase = (one: RuleCase, dtype: DType): string | RegExp =>
  typeof one.after === 'string' ? one.after.replaceAll('$', dtypeInfo[dtype].short) : one.after

/** A case in one line: the lines are separated by semicolons and the last value is returned. */
export function ruleCase(rule: string, dtypes: readonly DType[], inputs: string, lines: string, after: string | RegExp): RuleCase {
  const list = lines.split(/;(?![^(]*\))/).map((line) => line.trim())
  return { rule, dtypes, inputs, lines: [...list, `return ${/^%\w+/.exec(list.at(-1)!)![0]}`], after }
}
