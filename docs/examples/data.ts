// The digits data set: 8 x 8 images of handwritten digits, split into a training and a test part. See digits.LICENSE.md for its authors.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { random, type Tensor, tensor } from 'sinter'

export const pixels = 64
export const classes = 10

export interface Examples {
  /** float32 [count, 64], from 0 (white) to 1 (black). */
  readonly images: Tensor
  /** int32 [count]. */
  readonly labels: Tensor
  readonly count: number
}

/** A path below the package's own folder, wherever this file was compiled to. */
export const inPackage = (path: string): string => fileURLToPath(new URL(path, import.meta.resolve('sinter/package.json')))

/** Four fifths of the rows to train on and the rest to test with. The seed alone decides which. */
export function loadDigits(seed: number): { train: Examples; test: Examples } {
  const text = gunzipSync(readFileSync(inPackage('docs/examples/digits.csv.gz'))).toString('utf8')
  const rows = text
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number))
  const order = random.permutation(random.key(seed), rows.length).dataSync() as Int32Array
  const shuffled = Array.from(order, (row) => rows[row]!)
  const split = Math.floor(rows.length * 0.8)
  return { train: examplesOf(shuffled.slice(0, split)), test: examplesOf(shuffled.slice(split)) }
}

function examplesOf(rows: readonly number[][]): Examples {
  const images = new Float32Array(rows.length * pixels)
  for (const [i, row] of rows.entries()) for (let p = 0; p < pixels; p++) images[i * pixels + p] = row[p]! / 16
  return {
    images: tensor(images, { shape: [rows.length, pixels] }),
    labels: tensor(Int32Array.from(rows, (row) => row[pixels]!)),
    count: rows.length,
  }
}

/** The row numbers of an epoch's batches, shuffled; rows that do not fill a batch wait for another epoch. */
export function batches(key: Tensor, count: number, size: number): Tensor[] {
  const order = random.permutation(key, count).dataSync() as Int32Array
  return Array.from({ length: Math.floor(count / size) }, (_, i) => tensor(order.slice(i * size, (i + 1) * size)))
}
