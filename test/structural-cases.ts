// Cases of the ops that are not elementwise, from NumPy and JAX (test/data/make_structural.py).

import { readFileSync } from 'node:fs'
import type { Case, StoredTensor } from './elementwise-cases.js'

/** Words of structural.json for what JSON has no number for. */
const words: Readonly<Record<string, string>> = { nan: 'NaN', inf: 'Infinity', '-inf': '-Infinity' }

const plain = (tensor: StoredTensor): StoredTensor => ({
  ...tensor,
  data: tensor.data.map((value) => (typeof value === 'string' ? (words[value] ?? value) : value)),
})

const { cases } = JSON.parse(readFileSync(new URL('data/structural.json', import.meta.url), 'utf8')) as { cases: readonly Case[] }

export const structuralCases: readonly Case[] = cases.map((one) => ({
  ...one,
  inputs: one.inputs.map(plain),
  outputs: one.outputs.map(plain),
}))
