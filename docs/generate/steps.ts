// A native program as text, for reading; docs/cpu-program.md is the format.

import { dtypeInfo, dtypes } from '../../ir/dtype.js'
import { library } from '../../runtime/native/library.js'

const bufferKinds = ['input', 'output', 'arena', 'constant', 'inline scalar']
const modes = ['map', 'rows', 'reduce']
/** Buffers, then one paragraph per step. */
export function describeProgram(words: Int32Array): string {
  const long = (at: number): number => (words[at]! >>> 0) + words[at + 1]! * 2 ** 32
  const [buffers, steps] = [words[3]!, words[4]!]
  const lines = [`arena: ${long(6)} bytes`]
  for (let i = 0; i < buffers; i++) {
    const at = 12 + i * 4
    const kind = bufferKinds[words[at]!]!
    const place =
      kind === 'arena'
        ? `at byte ${words[at + 1]! * 64}`
        : kind === 'constant'
          ? `at byte ${words[at + 1]} of the pool`
          : `argument ${words[at + 1]}`
    lines.push(`b${i}: ${kind}, ${place}, ${long(at + 2)} bytes`)
  }
  let at = 12 + buffers * 4
  for (let i = 0; i < steps; i++) {
    lines.push(...describeStep(words, at, `step ${i}`))
    at += words[at + 1]!
  }
  return lines.join('\n')
}

function describeStep(words: Int32Array, at: number, title: string): string[] {
  const kind = words[at]!
  if (kind === 1) return describeTiles(words, at, title)
  if (kind === 2) return describeGemm(words, at, title)
  return [`${title}: ${String(library().call.sinter_kernels!()).split(',')[words[at + 2]!]}`]
}

function describeGemm(words: Int32Array, at: number, title: string): string[] {
  const word = (offset: number): number => words[at + offset]!
  const side = (offset: number): string => `b${word(offset)} (row stride ${word(offset + 3)}, column stride ${word(offset + 5)})`
  const lines = [`${title}: gemm ${dtypes[word(2)]}, m ${word(4)}, n ${word(6)}, k ${word(8)}: b${word(24)} = ${side(10)} x ${side(17)}`]
  const epilogue = word(29)
  if (epilogue > 0) lines.push(...describeTiles(words, at + word(1) - epilogue, '  epilogue on each finished block'))
  return lines
}

function describeTiles(words: Int32Array, at: number, title: string): string[] {
  const word = (offset: number): number => words[at + offset]!
  const rank = word(3)
  const [loads, stores, registers, instructions] = [word(4), word(5), word(6), word(7)] as [number, number, number, number]
  const sizes = Array.from({ length: rank }, (_, i) => word(12 + i * 2))
  const names = String(library().call.sinter_instructions!()).split(',')
  const access = 6 + 2 * rank
  const firstLoad = 12 + rank * 2 + registers
  const firstStore = firstLoad + loads * access
  const firstInstruction = firstStore + stores * access
  const dtypeOf = (code: number): string => dtypeInfo[dtypes[code]!].short
  const lines = [`${title}: ${modes[word(2)]} over [${sizes.join(', ')}], blocks of ${word(8)} x ${word(9)}`]
  for (let i = 0; i < loads; i++) {
    const from = firstLoad + i * access
    lines.push(`    r${word(from + 2)} = ${word(from) < 0 ? 'index' : `load b${word(from)}`} ${dtypeOf(word(from + 1))}`)
  }
  for (let i = 0; i < instructions; i++) {
    const from = firstInstruction + i * 8
    const operands = [4, 5, 6, 7].map((offset) => word(from + offset)).filter((register) => register >= 0)
    const targets = [word(from + 2), word(from + 3)].filter((register) => register >= 0)
    lines.push(
      `    ${targets.map((register) => `r${register}`).join(', ')} = ${names[word(from)]} ${operands.map((register) => `r${register}`).join(', ')}`,
    )
  }
  for (let i = 0; i < stores; i++) {
    const from = firstStore + i * access
    lines.push(`    store r${word(from + 2)} to b${word(from)} ${dtypeOf(word(from + 1))}`)
  }
  return lines
}
