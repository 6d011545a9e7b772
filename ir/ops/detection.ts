// Choosing among overlapping boxes.

import { z } from 'zod'
import { SinterError } from '../error.js'
import type { HostTensor } from '../host.js'
import { defineFamily, type HasType, type Sample } from '../op.js'
import { typeOf } from '../type.js'
import { checkCountable, checkSameDType, floatDTypes } from './check.js'

/** What the four numbers of a box are. Height comes before width or after it; boxes are two corners, or a centre and sizes. */
export const coordinateModes = ['cornersHeightFirst', 'cornersWidthFirst', 'centersHeightFirst', 'centersWidthFirst'] as const
export type CoordinateMode = (typeof coordinateModes)[number]

export interface SuppressionAttrs {
  /** From 0 to 1. */
  readonly iouThreshold: number
  readonly scoreThreshold: number
  readonly perClass: boolean
  readonly coordinates: CoordinateMode
}

const op = 'nonMaximumSuppression'

function checkShapes(inputs: readonly HasType[]): void {
  const [boxes, scores, classes] = inputs.map(({ type }) => type)
  const same = (shape: readonly number[]): boolean => shape[0] === boxes!.shape[0] && shape[1] === boxes!.shape[1]
  const wrong = (problem: string, constraint: string): never => {
    throw new SinterError('shape', `${problem} (${constraint})`, { op, operands: inputs })
  }
  if (inputs.length > 3)
    throw new SinterError('argument', `takes boxes, scores and classes, got ${inputs.length} operands`, { op, operands: inputs })
  if (boxes!.rank !== 3 || boxes!.shape[2] !== 4) wrong('boxes are [batch, N, 4]', 'C1')
  if (scores!.rank !== 3 || !same(scores!.shape))
    wrong(`scores are [batch, N, K] for boxes [${boxes!.shape.slice(0, 2).join(', ')}, 4]`, 'C2')
  if (scores!.shape[2]! < 1) wrong('there are no scores', 'C2')
  if (classes === undefined) return
  if (classes.dtype !== 'int32') throw new SinterError('dtype', `classes are int32, not ${classes.dtype} (C3)`, { op, operands: inputs })
  if (classes.rank !== 2 || !same(classes.shape)) wrong('classes are [batch, N]', 'C3')
  if (scores!.shape[2] !== 1) wrong(`${scores!.shape[2]} scores of a box say its class, and so do the classes`, 'C3')
}

interface Box {
  readonly index: number
  readonly score: number
  readonly class: number
  /** First and last height, first and last width (or the other way round, which makes no difference to overlaps). */
  readonly sides: readonly [number, number, number, number]
  readonly area: number
}

const larger = (a: number, b: number): number => (a > b ? a : b)
const smaller = (a: number, b: number): number => (a < b ? a : b)

/** How much of the union of two boxes both have. */
function overlap(a: Box, b: Box, round: (value: number) => number): number {
  const along = (first: 0 | 1): number =>
    larger(round(smaller(a.sides[first + 2]!, b.sides[first + 2]!) - larger(a.sides[first]!, b.sides[first]!)), 0)
  const common = round(along(0) * along(1))
  return round(common / round(round(a.area + b.area) - common))
}

/** The boxes of one batch that are kept. */
function kept(
  boxes: readonly Box[],
  { iouThreshold, scoreThreshold, perClass }: SuppressionAttrs,
  round: (value: number) => number,
): Box[] {
  const result: Box[] = []
  const candidates = boxes
    .filter(({ score }) => score >= scoreThreshold)
    .sort((a, b) => (a.score > b.score ? -1 : a.score < b.score ? 1 : 0))
  for (const box of candidates) {
    const suppresses = (other: Box): boolean => (!perClass || other.class === box.class) && overlap(other, box, round) > iouThreshold
    if (!result.some(suppresses)) result.push(box)
  }
  return result
}

function evaluate([boxes, scores, classes]: readonly HostTensor[], attrs: SuppressionAttrs, values: Float64Array): void {
  const [batch, n, k] = scores!.type.shape as [number, number, number]
  const round = boxes!.type.dtype === 'float64' ? (value: number): number => value : Math.fround
  const centers = attrs.coordinates.startsWith('centers')
  for (let row = 0; row < batch; row++) {
    const own = Array.from({ length: n }, (_, index): Box => {
      const [p, q, r, s] = [0, 1, 2, 3].map((i) => Number(boxes!.values[(row * n + index) * 4 + i])) as [number, number, number, number]
      const [halfR, halfS] = [round(r * 0.5), round(s * 0.5)]
      const sides = centers
        ? ([p - halfR, q - halfS, p + halfR, q + halfS].map(round) as [number, number, number, number])
        : ([p, q, r, s] as const)
      let score = Number.NaN
      let best = 0
      for (let i = 0; i < k; i++) {
        const one = Number(scores!.values[(row * n + index) * k + i])
        if (Number.isNaN(one) || one <= score) continue
        score = one
        best = i
      }
      const area = round(round(sides[2] - sides[0]) * round(sides[3] - sides[1]))
      return { index, score, class: classes === undefined ? best : Number(classes.values[row * n + index]), sides, area }
    })
    for (const { index } of kept(own, attrs, round)) values[row * n + index] = 1
  }
}

const sample = (batch: number, n: number, k: number, coordinates: CoordinateMode, perClass: boolean, classes = false): Sample => ({
  inputs: [`$[${batch},${n},4]`, `$[${batch},${n},${k}]`, ...(classes ? [`i32[${batch},${n}]`] : [])],
  attrs: { iouThreshold: 0.25, scoreThreshold: 0.125, perClass, coordinates },
  range: [
    [-1, 3],
    [0, 1],
    [0, 2],
  ].slice(0, classes ? 3 : 2) as [number, number][],
})

export const detectionOps = defineFamily('detection', {
  nonMaximumSuppression: {
    doc:
      'Which boxes remain when those that overlap a better one are taken out: a mask [batch, N]. A box has the largest of its K scores (NaN left out, the first of equals), and the ' +
      'class is the place of that score, or given. Boxes whose score is below scoreThreshold, or NaN, are out; then, from the highest score down (the first of equals first), each box ' +
      'that is left takes out the lower ones whose intersection with it, divided by the union, is greater than iouThreshold; with perClass, only those of its own class. coordinates say what ' +
      'the four numbers are: both corners (the lower one first), or a center and sizes; height before width, or after it. Halves are computed with in float32. ' +
      '(C1) boxes are [batch, N, 4]. (C2) scores are [batch, N, K] with K from 1 on, of the dtype of the boxes. (C3) classes, when given, are int32 [batch, N], and K is 1. ' +
      '(C4) iouThreshold is 0 to 1, scoreThreshold a number. MPSGraph: nonMaximumSuppressionWithBoxesTensor, whose result is not documented.',
    operands: ['boxes', 'scores', '...classes'],
    dtypes: floatDTypes,
    attrs: z.strictObject({
      iouThreshold: z.number().min(0).max(1),
      scoreThreshold: z.union([z.number(), z.literal(Infinity), z.literal(-Infinity)]),
      perClass: z.boolean(),
      coordinates: z.enum(coordinateModes),
    }),
    traits: {},
    infer: (inputs, { iouThreshold, scoreThreshold }: SuppressionAttrs) => {
      const { type } = inputs[0]!
      if (!floatDTypes.includes(type.dtype)) throw new SinterError('dtype', `boxes are floats, not ${type.dtype}`, { op, operands: inputs })
      checkSameDType(op, inputs, 1)
      checkShapes(inputs)
      checkCountable(op, inputs, type.shape[1]!)
      if (!(iouThreshold >= 0 && iouThreshold <= 1)) {
        throw new SinterError('attribute', `iouThreshold is 0 to 1, got ${iouThreshold} (C4)`, { op, operands: inputs })
      }
      if (Number.isNaN(scoreThreshold))
        throw new SinterError('attribute', 'scoreThreshold is a number, got NaN (C4)', { op, operands: inputs })
      return typeOf('bool', type.shape.slice(0, 2))
    },
    gradient: 'zero',
    evaluate: (inputs, attrs: SuppressionAttrs, [type]) => {
      const values = new Float64Array(type!.size)
      evaluate(inputs, attrs, values)
      return [{ type: type!, values }]
    },
    samples: [
      sample(1, 9, 1, 'cornersHeightFirst', false),
      sample(2, 12, 1, 'cornersWidthFirst', false),
      sample(2, 12, 1, 'centersHeightFirst', true, true),
      sample(3, 20, 3, 'centersWidthFirst', true),
      sample(1, 40, 2, 'centersWidthFirst', false),
      sample(2, 70, 1, 'centersHeightFirst', false, true),
      sample(1, 1, 1, 'cornersHeightFirst', true),
      sample(0, 3, 1, 'cornersHeightFirst', false),
      sample(2, 0, 1, 'cornersHeightFirst', false),
    ],
    flops: ([boxes]) => 12 * boxes!.type.shape[1]!,
  },
})
