// Fusion decisions: which ops end in which kernel, and why not more. Text in, groups out.

import { describe, expect, it } from 'vitest'
import { explainGraph } from '../../../ir/explain.js'
import { parseGraph } from '../../../ir/parse.js'
import { fuseGraph } from '../../../ir/passes/fuse.js'
import { verify } from '../../../ir/verify.js'

/** `kind: ops` of every kernel, in order. */
function kernels(text: string): string[] {
  const { graph } = fuseGraph(parseGraph(text))
  verify(graph)
  return explainGraph(graph).map((group) => `${group.kind}: ${group.ops.join(' ')}`)
}

const reasons = (text: string): string[] => {
  const { graph, reasons } = fuseGraph(parseGraph(text))
  return explainGraph(graph, reasons).map((group) => group.reason)
}

describe('fusion', () => {
  it('puts an elementwise chain with broadcast operands into one kernel', () => {
    expect(
      kernels(`graph (%0: f32[8,4], %1: f32[4], %2: f32[]) {
        %3: f32[8,4] = mul %0, %1
        %4: f32[8,4] = add %3, %2
        %5: f32[8,4] = exp %4
        return %5
      }`),
    ).toEqual(['map: mul add exp'])
  })

  it('puts softmax into one rows kernel that reads its input once', () => {
    const text = `graph (%0: f32[64,100]) {
        %1: f32[64,1] = max %0 {axes=[1], keepDims=true}
        %2: f32[64,100] = sub %0, %1
        %3: f32[64,100] = exp %2
        %4: f32[64,1] = sum %3 {axes=[1], keepDims=true}
        %5: f32[64,100] = div %3, %4
        return %5
      }`
    expect(kernels(text)).toEqual(['rows: max sub exp sum div'])
    const [group] = explainGraph(fuseGraph(parseGraph(text)).graph)
    expect(group!.bytesRead).toBe(64 * 100 * 4)
  })

  it('puts bias, activation and residual into the epilogue of a matrix product', () => {
    expect(
      kernels(`graph (%0: f32[8,16], %1: f32[16,4], %2: f32[4], %3: f32[8,4]) {
        %4: f32[8,4] = matmul %0, %1
        %5: f32[8,4] = add %4, %2
        %6: f32[8,4] = relu %5
        %7: f32[8,4] = add %6, %3
        return %7
      }`),
    ).toEqual(['matmul: matmul add relu add'])
  })

  it('reads transposed and sliced operands in place', () => {
    expect(
      kernels(`graph (%0: f32[8,16], %1: f32[8,4]) {
        %2: f32[16,8] = permute %0 {permutation=[1,0]}
        %3: f32[16,4] = matmul %2, %1
        return %3
      }`),
    ).toEqual(['matmul: permute matmul'])
    expect(
      kernels(`graph (%0: f32[8,16], %1: f32[16,8]) {
        %2: f32[16,8] = permute %0 {permutation=[1,0]}
        %3: f32[16,8] = add %2, %1
        return %3
      }`),
    ).toEqual(['map: permute add'])
  })

  it('lets a reduction absorb the chain before it when nobody else needs the chain', () => {
    expect(
      kernels(`graph (%0: f32[8,4]) {
        %1: f32[8,4] = square %0
        %2: f32[4] = sum %1 {axes=[0], keepDims=false}
        return %2
      }`),
    ).toEqual(['reduce: square sum'])
  })

  it('stores the chain when somebody else needs it, and says so', () => {
    const text = `graph (%0: f32[8,4]) {
        %1: f32[8,4] = square %0
        %2: f32[4] = sum %1 {axes=[0], keepDims=false}
        return %1, %2
      }`
    expect(kernels(text)).toEqual(['map: square', 'reduce: sum'])
    expect(reasons(text)).toEqual(['the reduced elements are needed elsewhere, so they are stored', ''])
  })

  it('stores a chain whose other reduction already has a kernel of its own', () => {
    const groups = kernels(`graph (%0: f32[8,4]) {
        %1: bool[8,4] = isNan %0
        %2: f32[8,4] = cast %1 {dtype="float32"}
        %3: f32[4] = sum %2 {axes=[0], keepDims=false}
        %4: bool[8,4] = logicalNot %1
        %5: f32[8,4] = cast %4 {dtype="float32"}
        %6: f32[4] = sum %5 {axes=[0], keepDims=false}
        %7: f32[4] = add %3, %6
        return %7
      }`)
    expect(groups.filter((group) => group.startsWith('reduce') && !group.endsWith('sum'))).toEqual([])
  })

  it('joins chains that meet', () => {
    expect(
      kernels(`graph (%0: f32[8,4], %1: f32[8,4]) {
        %2: f32[8,4] = exp %0
        %3: f32[8,4] = log %1
        %4: f32[8,4] = mul %2, %3
        return %4
      }`),
    ).toEqual(['map: exp log mul'])
  })

  it('does not join chains when one needs the other in memory', () => {
    expect(
      kernels(`graph (%0: f32[4,4]) {
        %1: f32[4,4] = exp %0
        %2: f32[4,4] = permute %1 {permutation=[1,0]}
        %3: f32[4,4] = neg %2
        %4: f32[4,4] = add %1, %3
        return %4
      }`),
    ).toEqual(['map: exp', 'map: permute neg add'])
  })

  it('computes scalar expressions again inside the kernels that use them', () => {
    expect(
      kernels(`graph (%0: f32[100], %1: f32[], %2: f32[]) {
        %3: f32[] = mul %1, %2
        %4: f32[100] = mul %0, %3
        return %4
      }`),
    ).toEqual(['map: mul mul'])
  })

  it('keeps groups free of cycles: x - sum(x) over another axis is two kernels', () => {
    expect(
      kernels(`graph (%0: f32[8,4]) {
        %1: f32[8,4] = exp %0
        %2: f32[1,4] = sum %1 {axes=[0], keepDims=true}
        %3: f32[8,4] = sub %1, %2
        return %3
      }`),
    ).toEqual(['map: exp', 'reduce: sum', 'map: sub'])
  })

  it('does not fuse rows that are longer than the cache holds', () => {
    expect(
      kernels(`graph (%0: f32[2,100000]) {
        %1: f32[2,1] = max %0 {axes=[1], keepDims=true}
        %2: f32[2,100000] = sub %0, %1
        return %2
      }`),
    ).toEqual(['reduce: max', 'map: sub'])
  })

  it('is linear and bounded: a chain of 20,000 ops becomes groups of limited size', () => {
    const lines = [
      'graph (%0: f32[4]) {',
      ...Array.from({ length: 20_000 }, (_, i) => `%${i + 1}: f32[4] = neg %${i}`),
      'return %20000',
      '}',
    ]
    const groups = explainGraph(fuseGraph(parseGraph(lines.join('\n'))).graph)
    expect(groups.reduce((sum, group) => sum + group.ops.length, 0)).toBe(20_000)
    expect(Math.max(...groups.map((group) => group.ops.length))).toBeLessThanOrEqual(96)
  })
})
