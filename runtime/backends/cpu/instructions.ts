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
  // The class of its parts, which is all that kernels see.
  complex64: 'float32',
  complex128: 'float64',
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

const lists = new Map<string, ReadonlyMap<string, number>>()

/** The position of a name in a list that the library gives. */
function codeIn(list: 'sinter_instructions' | 'sinter_kernels', name: string): number {
  let codes = lists.get(list)
  if (codes === undefined) {
    const names = String(library().call[list]!()).split(',')
    codes = new Map(names.map((text, code) => [text, code]))
    lists.set(list, codes)
  }
  const code = codes.get(name)
  if (code === undefined) throw new SinterError('internal', `the native library has no '${name}' among its ${list.replace('sinter_', '')}`)
  return code
}

/** The code of an instruction in programs. */
export const instructionCode = (name: string): number => codeIn('sinter_instructions', name)

/** The code of a kernel in programs. */
export const kernelCode = (name: string): number => codeIn('sinter_kernels', name)
