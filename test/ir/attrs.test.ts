import fc from 'fast-check'
import { expect, test } from 'vitest'
import { attrsEqual, encodeAttrs, hashAttrs } from '../../ir/attrs.js'
import type { Attrs } from '../../ir/op.js'
import { parseGraph } from '../../ir/parse.js'

const wordsOf = (attrs: Attrs): number[] => {
  const words: number[] = []
  encodeAttrs(attrs, (word) => words.push(word))
  return words
}

const body = (text: string) => parseGraph(`graph (%a: f32[2], %b: f32[2]) {\n${text}\n}`)

const distinct: Attrs[] = [
  {},
  { a: 0 },
  { a: -0 },
  { a: 1 },
  { a: Number.NaN },
  { a: Number.POSITIVE_INFINITY },
  { b: 0 },
  { a: 0n },
  { a: 1n },
  { a: -1n },
  { a: 2n ** 64n - 1n },
  { a: 2n ** 63n },
  { a: -(2n ** 63n) },
  { a: 2n ** 70n },
  { a: 2n ** 70n + 1n },
  { a: false },
  { a: true },
  { a: '' },
  { a: '0' },
  { a: 'float32' },
  { a: [] },
  { a: [0] },
  { a: [-0] },
  { a: [0n] },
  { a: [0, 0] },
  { a: [0], b: 0 },
  { a: [0, 0], b: [] },
  { a: [], b: [0, 0] },
  { a: [Number.NaN] },
  { a: [1, 1n] },
  { a: body('return %a') },
  { a: body('return %b') },
  { a: body('%c = add %a, %b\nreturn %c') },
  { a: body('%c = add %b, %a\nreturn %c') },
  { a: body('%c = sub %a, %b\nreturn %c') },
  { a: body('%c = sub %a, %b\nreturn %c, %c') },
  { a: body('%c = reshape %a {shape=[2, 1]}\nreturn %c') },
  { a: body('%c = reshape %a {shape=[1, 2]}\nreturn %c') },
]

test('different attributes have different words and are not equal', () => {
  const texts = distinct.map((attrs) => wordsOf(attrs).join())
  expect(new Set(texts).size).toBe(distinct.length)
  for (const a of distinct) for (const b of distinct) expect(attrsEqual(a, b)).toBe(a === b)
})

test('equal attributes made apart have the same words and the same hash', () => {
  const pairs: [Attrs, Attrs][] = [
    [
      { shape: [2, 3], x: -0, s: 'float32' },
      { shape: [2, 3], x: -0, s: 'float32' },
    ],
    [{ a: body('%c = add %a, %b\nreturn %c') }, { a: body('%d = add %a, %b\nreturn %d') }],
    [{ a: 12345678901234567890n }, { a: 12345678901234567890n }],
    [{ a: Number.NaN }, { a: new Float64Array(new BigUint64Array([0xfff8000000000123n]).buffer)[0]! }],
  ]
  for (const [a, b] of pairs) {
    expect(wordsOf(a)).toEqual(wordsOf(b))
    expect(hashAttrs(a)).toBe(hashAttrs(b))
    expect(attrsEqual(a, b)).toBe(true)
  }
})

test('numbers are the two halves of their float64', () => {
  expect(wordsOf({ a: 1 }).slice(-2)).toEqual([0, 0x3ff00000])
  expect(wordsOf({ a: -0 }).slice(-2)).toEqual([0, -0x80000000])
  expect(wordsOf({ a: [1, -1] }).slice(-5)).toEqual([2, 0, 0x3ff00000, 0, -0x40100000])
})

test('words, hashes and equality agree on arbitrary attributes', () => {
  const element = fc.oneof(fc.double(), fc.integer({ min: -2, max: 2 }), fc.bigInt({ min: -2n, max: 2n }))
  const value = fc.oneof(element, fc.boolean(), fc.string({ maxLength: 2 }), fc.array(element, { maxLength: 3 }))
  const attrs = fc
    .array(fc.tuple(fc.constantFrom('x', 'y', 'z'), value), { maxLength: 3 })
    .map((entries) => Object.fromEntries(entries) as Attrs)
  fc.assert(
    fc.property(attrs, attrs, (a, b) => {
      // The order of attributes is the schema's, so it is part of the value.
      const sameOrder = Object.keys(a).join() === Object.keys(b).join()
      const equal = attrsEqual(a, b) && sameOrder
      expect(wordsOf(a).join() === wordsOf(b).join()).toBe(equal)
      if (equal) expect(hashAttrs(a)).toBe(hashAttrs(b))
      expect(attrsEqual(a, structuredClone(a))).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
