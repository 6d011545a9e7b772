// Resizing of the last dimensions, each by itself a sparse linear map. Leading dimensions are batches; a channel is one of them.

import { z } from 'zod'
import { SinterError } from '../error.js'
import { emptyValues, type HostTensor } from '../host.js'
import { type Attrs, defineFamily, type HasType } from '../op.js'
import { aroundAxis } from '../shape.js'
import { type TensorType, typeOf } from '../type.js'
import { checkFloats, floatDTypes } from './check.js'
import {
  type AxisMap,
  longestResized,
  type NearestRounding,
  nearestRoundings,
  type ResizeAttrs,
  type ResizeMode,
  resizeMaps,
  resizeModes,
  transposed,
} from './resampling.js'
import { arithmeticOf } from './values.js'

export interface ResizeGradientAttrs extends ResizeAttrs {
  /** The spatial dimensions of x. */
  readonly from: readonly number[]
}

const sizes = z.array(z.int().min(1)).min(1).max(3)
const numbers = z.array(z.number()).min(1).max(3)
const schema = { size: sizes, steps: numbers, starts: numbers, mode: z.enum(resizeModes), rounding: z.enum(nearestRoundings) }

const rule =
  "Element i of a resized dimension stands at start + step * i in x. 'nearest' takes the element whose index rounding makes of that, 'linear' blends the two around it, 'cubic' the four " +
  "(Keys' convolution with a = -3/4); indices outside are those of the border. 'area' averages the elements that element i covers when x is divided into equal parts. " +
  '(C1) size, steps and starts have one number for each of the last 1 to 3 dimensions, of which none is empty or longer than 2^24: what each element reads is part of the plan. '

function checkSizes(op: string, inputs: readonly HasType[], { size, steps, starts }: ResizeAttrs, from: readonly number[]): void {
  const n = size.length
  const listed =
    n >= 1 && n <= 3 && from.length === n && steps.length === n && starts.length === n && [...steps, ...starts].every(Number.isFinite)
  if (!listed || ![...size, ...from].every((length) => Number.isInteger(length) && length >= 1 && length <= longestResized)) {
    throw new SinterError('attribute', `sizes [${from}] to [${size}], steps [${steps}] and starts [${starts}] do not fit (C1)`, {
      op,
      operands: inputs,
    })
  }
}

/** x mapped along its last dimensions, in double, rounded once. */
function mapped(x: HostTensor, maps: readonly AxisMap[], type: TensorType): HostTensor {
  let values = Float64Array.from(x.values as Float64Array)
  const shape = [...x.type.shape]
  maps.forEach((map, d) => {
    const axis = shape.length - maps.length + d
    const { outer, inner } = aroundAxis(shape, axis)
    const next = new Float64Array(outer * map.out * inner)
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < map.out; i++) {
        for (let k = map.offsets[i]!; k < map.offsets[i + 1]!; k++) {
          const [from, to] = [(o * map.size + map.indices[k]!) * inner, (o * map.out + i) * inner]
          for (let j = 0; j < inner; j++) next[to + j]! += map.weights[k]! * values[from + j]!
        }
      }
    }
    values = next
    shape[axis] = map.out
  })
  const { round } = arithmeticOf(type.dtype)
  const result = emptyValues(type.dtype, type.size)
  for (let i = 0; i < type.size; i++) result[i] = round(values[i]!)
  return { type, values: result }
}

const geometries: readonly { readonly lead: string; readonly from: readonly number[]; readonly attrs: ResizeAttrs }[] = [
  ['2,', [5], [10], [0.5], [-0.25], 'linear', 'preferCeil'],
  ['', [7], [3], [3], [0], 'linear', 'preferCeil'],
  ['2,3,', [4, 6], [8, 12], [0.5, 0.5], [-0.25, -0.25], 'linear', 'preferCeil'],
  ['2,2,', [3, 5], [7, 4], [1 / 3, 4 / 3], [0, 0], 'linear', 'preferCeil'],
  ['1,2,', [5, 4], [3, 9], [5 / 3, 4 / 9], [0, 0], 'linear', 'preferCeil'],
  ['2,', [3, 4, 2], [5, 2, 4], [0.6, 2, 0.5], [-0.2, 0.5, -0.25], 'linear', 'preferCeil'],
  ['3,2,', [4, 3], [8, 6], [0.5, 0.5], [0, 0], 'nearest', 'floor'],
  ['2,', [5, 7], [10, 5], [0.5, 1.4], [0, 0], 'nearest', 'ceil'],
  ['1,2,', [4, 4], [8, 2], [0.5, 2], [-0.25, 0.5], 'nearest', 'preferCeil'],
  ['2,2,', [4, 4], [2, 8], [2, 0.5], [0.5, 0], 'nearest', 'preferFloor'],
  ['2,1,', [6, 4], [3, 2], [2, 2], [0.5, 0.5], 'nearest', 'even'],
  ['2,1,', [6, 4], [3, 2], [2, 2], [0.5, 0.5], 'nearest', 'odd'],
  ['2,', [2, 3, 3], [4, 3, 5], [0.5, 1, 0.6], [0, 0, 0], 'nearest', 'floor'],
  ['2,2,', [5, 6], [9, 4], [5 / 9, 1.5], [-2 / 9, 0.25], 'cubic', 'preferCeil'],
  ['3,', [4], [9], [3 / 8], [0], 'cubic', 'preferCeil'],
  ['2,', [5, 7], [3, 9], [1, 1], [0, 0], 'area', 'preferCeil'],
  ['0,', [3, 3], [2, 2], [1.5, 1.5], [0, 0], 'linear', 'preferCeil'],
].map(([lead, from, size, steps, starts, mode, rounding]) => ({
  lead: lead as string,
  from: from as number[],
  attrs: { size, steps, starts, mode: mode as ResizeMode, rounding: rounding as NearestRounding } as ResizeAttrs,
}))

export const resizeOps = defineFamily('resize', {
  resize: {
    doc:
      `x with its last dimensions resized. ${rule}` +
      'MPSGraph: resizeTensor:size:mode:centerResult:alignCorners:layout:, resizeNearestWithTensor:sizeTensor:nearestRoundingMode:centerResult:alignCorners:layout:.',
    operands: ['x'],
    dtypes: floatDTypes,
    attrs: z.strictObject(schema),
    traits: {},
    infer: (inputs, attrs: ResizeAttrs) => {
      checkFloats('resize', inputs)
      const { dtype, shape } = inputs[0]!.type
      const first = shape.length - attrs.size.length
      checkSizes('resize', inputs, attrs, first < 0 ? [] : shape.slice(first))
      return typeOf(dtype, [...shape.slice(0, first), ...attrs.size])
    },
    gradient: ({ b, inputs: [x], grad, attrs }) => [
      b.emit('resizeGradient', [grad], { ...attrs, from: x!.type.shape.slice(-attrs.size.length) }),
    ],
    evaluate: ([x], attrs: ResizeAttrs, [type]) => [mapped(x!, resizeMaps(attrs, x!.type.shape.slice(-attrs.size.length)), type!)],
    samples: geometries.map(({ lead, from, attrs }) => ({ inputs: [`$[${lead}${from}]`], attrs: attrs as unknown as Attrs })),
    flops: 4,
  },
  resizeGradient: {
    doc:
      `The transpose of resize: to each element of x (whose spatial dimensions are \`from\`) the sum of what was made of it, as it was weighted. ${rule}` +
      '(C2) The operand ends in size. MPSGraph: resizeWithGradientTensor:input:mode:centerResult:alignCorners:layout:, ' +
      'resizeNearestWithGradientTensor:input:nearestRoundingMode:centerResult:alignCorners:layout:.',
    operands: ['grad'],
    dtypes: floatDTypes,
    attrs: z.strictObject({ ...schema, from: sizes }),
    traits: {},
    infer: (inputs, attrs: ResizeGradientAttrs) => {
      checkFloats('resizeGradient', inputs)
      const { dtype, shape } = inputs[0]!.type
      const first = shape.length - attrs.size.length
      checkSizes('resizeGradient', inputs, attrs, attrs.from)
      if (first < 0 || attrs.size.some((size, d) => shape[first + d] !== size)) {
        throw new SinterError('shape', `the operand does not end in [${attrs.size}] (C2)`, { op: 'resizeGradient', operands: inputs })
      }
      return typeOf(dtype, [...shape.slice(0, first), ...attrs.from])
    },
    gradient: ({ b, grad, attrs: { from, ...attrs } }) => [b.emit('resize', [grad], attrs)],
    evaluate: ([grad], attrs: ResizeGradientAttrs, [type]) => [mapped(grad!, resizeMaps(attrs, attrs.from).map(transposed), type!)],
    samples: geometries.map(({ lead, from, attrs }) => ({
      inputs: [`$[${lead}${attrs.size}]`],
      attrs: { ...attrs, from } as unknown as Attrs,
    })),
    flops: 4,
  },
})
