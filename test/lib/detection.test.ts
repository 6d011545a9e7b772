// Non-maximum suppression against torchvision and NumPy: test/data/detection.json, made by make_detection.py.

import { describe, expect, it } from 'vitest'
import { nms, nmsSync, nonMaximumSuppression, ones, type Tensor, tensor, zeros } from '../../lib/index.js'
import { devices, expectClose, load, readData, type Stored } from './support.js'

interface Case {
  readonly fn: 'nonMaximumSuppression' | 'nmsSync'
  readonly inputs: readonly [Stored, Stored, Stored?]
  readonly args: readonly [unknown]
  readonly out: readonly [Stored]
}

function run({ fn, inputs, args }: Case, device: string): Tensor {
  const [boxes, scores, kinds] = inputs.map((one) => load(one!, device)) as [Tensor, Tensor, Tensor?]
  const classes = kinds === undefined ? {} : { classes: kinds }
  if (fn === 'nmsSync') return nmsSync(boxes, scores, args[0] as number, classes)
  return nonMaximumSuppression(boxes, scores, { ...(args[0] as object), ...classes })
}

describe.each(devices)('on %s', (device) => {
  const cases = readData<Case[]>('detection.json')
  it.each(['nonMaximumSuppression', 'nmsSync'])('%s', (name) => {
    for (const one of cases.filter(({ fn }) => fn === name)) {
      const what = `${name}(${one.inputs.map((x) => `${x!.dtype} [${x!.shape}]`).join(', ')}; ${JSON.stringify(one.args)})`
      expect(() => expectClose(run(one, device), one.out[0], 0), what).not.toThrow()
    }
  })

  const boxes = tensor(
    [
      [0, 0, 2, 2],
      [0, 0, 2, 1.5],
      [5, 5, 6, 6],
      [0, 0, 2, 2],
    ],
    { device },
  )

  it('leaves boxes with NaN as score out, and an infinite threshold nothing', () => {
    const scores = tensor([Number.NaN, 0.5, Number.NEGATIVE_INFINITY, 0.25], { device })
    expect(nonMaximumSuppression(boxes, scores).jsSync()).toEqual([false, true, true, false])
    expect(nonMaximumSuppression(boxes, scores, { scoreThreshold: Number.POSITIVE_INFINITY }).jsSync()).toEqual([
      false,
      false,
      false,
      false,
    ])
    expect(nmsSync(boxes, tensor([Number.NaN, Number.NaN, Number.NaN, Number.NaN], { device }), 0.5).shape).toEqual([0])
  })

  it('never takes out boxes that have no area in common, or none at all', () => {
    const points = zeros([3, 4], { device })
    expect(nonMaximumSuppression(points, ones([3], { device }), { iouThreshold: 0 }).jsSync()).toEqual([true, true, true])
    const touching = tensor([[0, 0, 1, 1], [1, 0, 2, 1]], { device }) // biome-ignore format: side by side
    expect(nonMaximumSuppression(touching, ones([2], { device }), { iouThreshold: 0 }).jsSync()).toEqual([true, true])
  })

  it('takes halves, and more dimensions of batches', () => {
    const scores = tensor([0.5, 0.75, 0.25, 0.5], { device })
    const wanted = [false, true, true, false]
    for (const dtype of ['float16', 'bfloat16'] as const) {
      expect(nonMaximumSuppression(boxes.astype(dtype), scores.astype(dtype)).jsSync()).toEqual(wanted)
    }
    const stacked = nonMaximumSuppression(boxes.reshape([1, 1, 4, 4]), scores.reshape([1, 1, 4]))
    expect(stacked.jsSync()).toEqual([[wanted]])
  })
})

describe('nms', () => {
  it('comes as a promise', async () => {
    const boxes = tensor([[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3]]) // biome-ignore format: side by side
    const found = await nms(boxes, tensor([0.25, 0.5, 0.75]), 0.5)
    expect([found.dtype, found.jsSync()]).toEqual(['int32', [2, 1]])
  })
})

describe('what is wrong is explained', () => {
  const boxes = zeros([2, 4])
  const scores = zeros([2])
  it('names shapes', () => {
    expect(() => nonMaximumSuppression(zeros([2, 3]), scores)).toThrow(/do not belong to boxes/)
    expect(() => nonMaximumSuppression(boxes, zeros([3]))).toThrow(/scores f32\[3\] do not belong to boxes f32\[2,4\]/)
    expect(() => nonMaximumSuppression(boxes, scores, { classes: zeros([3], { dtype: 'int32' }) })).toThrow(/one for each of the boxes/)
    expect(() => nonMaximumSuppression(boxes, zeros([2, 3]), { classes: zeros([2], { dtype: 'int32' }) })).toThrow(/\(C3\)/)
    expect(() => nonMaximumSuppression(boxes, zeros([2, 0]))).toThrow(/there are no scores \(C2\)/)
    expect(() => nmsSync(zeros([1, 2, 4]), zeros([1, 2]), 0.5)).toThrow(/boxes are \[N, 4\] and scores \[N\]/)
  })
  it('names options', () => {
    expect(() => nonMaximumSuppression(boxes, scores, { iouThreshold: 1.5 })).toThrow(/iouThreshold is 0 to 1, got 1.5 \(C4\)/)
    expect(() => nonMaximumSuppression(boxes, scores, { scoreThreshold: Number.NaN })).toThrow(/scoreThreshold is a number/)
    expect(() => nonMaximumSuppression(boxes, scores, { coordinates: 'corners' as never })).toThrow(/there are no coordinates "corners"/)
    expect(() => nonMaximumSuppression(boxes, scores, { classes: scores })).toThrow(/indices are integers/)
  })
})
