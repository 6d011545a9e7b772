// The parser: what it accepts beyond canonical text, and clear errors for everything else.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SinterError } from '../../ir/error.js'
import { parseGraph } from '../../ir/parse.js'
import { printGraph } from '../../ir/print.js'
import { verify } from '../../ir/verify.js'
import { mutated, randomGraph } from './random-graph.js'

function failure(text: string): string {
  try {
    parseGraph(text)
  } catch (error) {
    if (error instanceof SinterError && error.code === 'parse') return error.message
    throw error
  }
  return 'no error'
}

describe('parseGraph accepts', () => {
  it('names of any kind, comments, no stated types, attributes in any order', () => {
    const graph = parseGraph(`// a comment
graph (%x: f32[2, 3]) {
  %total = sum %x {keepDims=true, axes=[1]} // another
  %y: f32[2,1] = exp %total
  return %y, %x
}`)
    expect(printGraph(graph)).toBe(`graph (%0: f32[2,3]) {
  %1: f32[2,1] = sum %0 {axes=[1], keepDims=true}
  %2: f32[2,1] = exp %1
  return %2, %0
}
`)
  })

  it('nodes that nothing uses, and drops them', () => {
    expect(printGraph(parseGraph('graph (%0: f32[]) { %1 = exp %0 return %0 }'))).toBe('graph (%0: f32[]) {\n  return %0\n}\n')
  })
})

describe('parseGraph refuses', () => {
  const body = (lines: string): string => `graph (%0: f32[2,3], %1: f32[3]) {\n${lines}\n}`
  it.each([
    ['nothing', '', "line 1, column 1: expected 'graph', found the end of the text"],
    ['a truncated head', 'graph (%0: f32[2', "line 1, column 17: expected ',', found the end of the text"],
    ['an unknown dtype', 'graph (%0: f33[2]) {', "line 1, column 12: expected a type such as 'f32[2,3]', found 'f33'"],
    ['a fractional size', 'graph (%0: f32[1.5]) {', 'line 1, column 16: a size is a non-negative integer, not 1.5'],
    ['a negative size', 'graph (%0: f32[-1]) {', 'line 1, column 16: a size is a non-negative integer, not -1'],
    ['too many elements', 'graph (%0: f32[1048576,1048577]) {', 'line 1, column 12: [1048576, 1048577] has more than 2^40 elements'],
    ['too many dimensions', `graph (%0: f32[${'1,'.repeat(16)}1]) {`, 'line 1, column 12: a tensor has at most 16 dimensions, not 17'],
    ['an unknown op', body('%2 = frobnicate %0'), "line 2, column 6: no op is called 'frobnicate'"],
    ['a method of objects as an op', body('%2 = toString %0'), "line 2, column 6: no op is called 'toString'"],
    ['an undefined operand', body('%2 = exp %7'), 'line 2, column 10: %7 is not defined above'],
    ['a node that uses itself', body('%2 = exp %2'), 'line 2, column 10: %2 is not defined above'],
    ['a duplicate name', body('%2 = exp %0\n%2 = exp %1'), 'line 3, column 1: %2 is defined twice'],
    ['a duplicate input', 'graph (%0: f32[], %0: f32[]) {', 'line 1, column 19: %0 is defined twice'],
    ['too few operands', body('%2 = add %0'), 'line 2, column 6: add takes 2 operands'],
    ['too many operands', body('%2 = exp %0, %1'), 'line 2, column 6: exp takes 1 operand'],
    ['a wrong type', body('%2: f32[3,2] = exp %0'), 'line 2, column 5: %2 is stated as f32[3,2], but exp gives f32[2,3]'],
    ['operands that do not fit', body('%2 = matmul %0, %0'), 'line 2, column 6: matmul: '],
    ['an input among the nodes', body('%2: f32[] = input'), 'line 2, column 13: inputs are listed at the head'],
    ['a missing attribute', body('%2 = sum %0 {axes=[0]}'), 'line 2, column 6: sum: keepDims: '],
    ['an unknown attribute', body('%2 = exp %0 {axis=0}'), 'line 2, column 6: exp: '],
    ['a repeated attribute', body('%2 = sum %0 {axes=[0], axes=[1]}'), 'line 2, column 24: attribute axes is given twice'],
    ['an attribute of the wrong kind', body('%2 = sum %0 {axes="0", keepDims=true}'), 'line 2, column 6: sum: axes: '],
    ['a dangerous attribute', body('%2 = exp %0 {__proto__=0}'), 'line 2, column 6: exp: '],
    ['an axis that is none', body('%2 = sum %0 {axes=[2], keepDims=true}'), 'line 2, column 6: sum: '],
    ['a number too large', body('%2 = sum %0 {axes=[1e999], keepDims=true}'), 'line 2, column 20: 1e999 is beyond the largest double'],
    ['a fractional 64-bit constant', body('%2 = constant {dtype="int64", shape=[], values=[1.5]}'), '(C2)'],
    ['a bad escape', body('%2 = constant {dtype="\\q"}'), 'line 2, column 22: a string with an escape that JSON does not have'],
    ['an open string', body('%2 = constant {dtype="float32\n}'), 'line 2, column 22: a string that does not end on its line'],
    ['an unpicked result', body('%2 = threefry2x32 %0, %0, %0, %0'), 'threefry2x32: '],
    ['a missing return', body('%2 = exp %0'), "line 3, column 1: expected a node such as '%2: f32[2] = ...' or 'return', found '}'"],
    ['text after the end', body('return %0').concat(' x'), "line 3, column 3: expected the end of the text, found 'x'"],
    [
      'a region in a region',
      body('%2 = fused %0 {kind="map"} (%0: f32[2,3]) { %1 = fused'),
      'line 2, column 50: fused inside the body of a region',
    ],
    [
      'a region of another type',
      body('%2 = fused %0 {kind="map"} (%0: f32[3]) { return %0 }'),
      'line 2, column 6: fused: operands do not match',
    ],
    ['a region without results', body('%2 = fused %0 {kind="map"} (%0: f32[2,3]) { return }'), 'line 2, column 6: fused has no results'],
    ['a region without a body', body('%2 = fused %0 {kind="map"}\nreturn %2'), "line 3, column 1: expected '('"],
    ['a strange character', 'graph (§', "found '§'"],
  ])('%s', (_, text, message) => {
    expect(failure(text)).toContain(message)
  })

  it('results used without picking one, and picks that are none', () => {
    const head = 'graph (%0: u32[4]) {\n%1 = threefry2x32 %0, %0, %0, %0\n'
    expect(failure(`${head}%2 = popcount %1`)).toContain(
      "line 3, column 6: operand 0 of popcount has several results; pick one with 'result'",
    )
    expect(failure(`${head}return %1 }`)).toContain('line 3, column 8: a node with several results cannot be returned')
    expect(failure(`${head}%2 = result %1 {index=2}`)).toContain('the operand has 2 results, index 2 is not one (C1)')
    expect(failure(`${head}%2 = result %0 {index=0}`)).toContain('operand 0 of result has one result only')
    expect(failure(`graph (%0: u32[4]) {\n%1: u32[4] = threefry2x32 %0, %0, %0, %0`)).toContain(
      '%1 is stated as u32[4], but threefry2x32 gives (u32[4], u32[4])',
    )
  })

  it('shows the line it could not read', () => {
    expect(failure(body('%2 = frobnicate %0'))).toBe("line 2, column 6: no op is called 'frobnicate'\n  in: %2 = frobnicate %0")
  })

  it('values that are no text', () => {
    expect(() => parseGraph(undefined as unknown as string)).toThrow(SinterError)
  })
})

describe('hostile text', () => {
  const region = '%1 = fused %0 {kind="map"} (%0: f32[2]) { '
  it.each([
    ['deep brackets', `graph ${'('.repeat(1_000_000)}`],
    ['deep regions', `graph (%0: f32[2]) { ${region.repeat(20_000)}`],
    ['a number of a million digits', `graph (%0: f32[${'9'.repeat(1_000_000)}]) {`],
    ['a bigint of a million digits', `graph () { %0 = constant {dtype="int64", shape=[], values=[${'9'.repeat(1_000_000)}n]}`],
    ['a name of a million letters', `graph (%${'x'.repeat(1_000_000)}: f32[]) {`],
    ['a word of a million letters', `graph () { %0 = ${'x'.repeat(1_000_000)}`],
    ['a string of a million letters', `graph () { %0 = constant {dtype="${'x'.repeat(1_000_000)}"}`],
    ['a million backslashes', `graph () { %0 = constant {dtype="${'\\'.repeat(1_000_000)}`],
    ['a million comments', '//\n'.repeat(1_000_000)],
    ['a million attributes', `graph () { %0 = constant {${Array.from({ length: 200_000 }, (_, i) => `a${i}=1`).join()}}`],
    ['a million elements', `graph (%0: f32[2]) { %1 = sum %0 {axes=[${'0,'.repeat(999_999)}0], keepDims=true} return %1 }`],
    [
      'a constant that would not fit in memory',
      'graph () { %0 = constant {dtype="float64", shape=[1099511627776], values=[0, 1]} return %0 }',
    ],
    ['a shape of a million sizes', `graph (%0: f32[${'1,'.repeat(999_999)}1]) {`],
  ])('%s ends in an error', (_, text) => {
    expect(failure(text)).toMatch(/^line \d+, column \d+: /)
  })

  it('edited text gives a parse error or a valid graph, and nothing else', () => {
    const valid = randomGraph.map((graph) => printGraph(graph))
    fc.assert(
      fc.property(mutated(valid), (text) => {
        if (failure(text) !== 'no error') return
        const graph = verify(parseGraph(text))
        const printed = printGraph(graph)
        expect(printGraph(parseGraph(printed))).toBe(printed)
      }),
      { numRuns: 1000 },
    )
  })

  it('arbitrary strings give a parse error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(failure(text)).not.toBe('no error')
      }),
    )
  })
})
