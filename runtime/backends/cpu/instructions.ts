// Instruction names and codes, as the loaded native library lists them, and the compute classes of dtypes.

import { type DType, dtypeInfo } from '../../../ir/dtype.js'
import { SinterError } from '../../../ir/error.js'
import { library } from '../../native/library.js'

/** The dtypes that registers hold. */
export type Class = 'float32' | 'float64' | 'int32' | 'int64' | 'uint32' | 'uint64'

const classes: Readonly<Record<DType, Class>> = {
  float32: 'float32',
  float64: 'float64',
  float16: 'float32',
  bfloat16: 'float32',
  int8: 'int32',
  int16: 'int32',
  int32: 'int32',
  int64: 'int64',
  uint8: 'int32',
  uint16: 'int32',
  uint32: 'uint32',
  uint64: 'uint64',
  bool: 'int32',
}

/** The class a dtype computes in. */
export const classOf = (dtype: DType): Class => classes[dtype]

export const classCode = (name: Class): number => dtypeInfo[name].code

/** The instruction that restores a narrow integer's range after arithmetic in int32; undefined when none is needed. */
export function wrapInstruction(dtype: DType): string | undefined {
  const { kind, bytes } = dtypeInfo[dtype]
  if (bytes > 2 || (kind !== 'int' && kind !== 'uint')) return undefined
  return `wrap_${kind === 'int' ? 'i' : 'u'}${bytes * 8}`
}

let codes: ReadonlyMap<string, number> | undefined

/** The code of an instruction in programs. */
export function instructionCode(name: string): number {
  codes ??= new Map(
    String(library().call['sinter_instructions']!())
      .split(',')
      .map((text, code) => [text, code]),
  )
  const code = codes.get(name)
  if (code === undefined) throw new SinterError('internal', `the native library has no instruction '${name}'`)
  return code
}
