// Pooling: windows over the last dimensions.

import { dtypeInfo } from '../../../../ir/dtype.js'
import type { AverageAttrs, AverageGradientAttrs, poolingOps } from '../../../../ir/ops/pooling.js'
import { sourceSize, type WindowAttrs, type WindowAxis, type WindowCount, windowAxes, windowTotal } from '../../../../ir/ops/windows.js'
import { sizeOf } from '../../../../ir/shape.js'
import type { Words } from '../program.js'
import { codeOf, type KernelContext, type KernelLowering } from './kernel.js'

const maximum = 0
const maximumAndIndices = 1
const average = 2
const counts: readonly WindowCount[] = ['inside', 'padded', 'kernel']

function pushWindows(words: Words, rows: number, axes: readonly WindowAxis[]): void {
  words.long(rows)
  words.push(axes.length)
  for (const { size, out, kernel, stride, dilation, low, high } of axes) words.long(size, out, kernel, stride, dilation, low, high)
}

const pool = (operation: number, { node, operand, target, kernel }: KernelContext): void => {
  const attrs = node.attrs as unknown as WindowAttrs
  const { dtype, shape, size } = node.inputs[0]!.type
  const axes = windowAxes(attrs, shape)
  const count = operation === average ? counts.indexOf((attrs as AverageAttrs).count) : 0
  kernel('pool', size + node.type.size * sizeOf(attrs.kernel), (words) => {
    words.push(codeOf(dtype), operation, count)
    pushWindows(words, size / sourceSize(axes), axes)
    words.push(operand(0), target(0), operation === maximumAndIndices ? target(1) : -1)
  })
}

const averageGradient: KernelLowering = ({ node, operand, target, kernel }) => {
  const attrs = node.attrs as unknown as AverageGradientAttrs
  const { dtype, size } = node.inputs[0]!.type
  const axes = windowAxes(attrs, attrs.size)
  kernel('pool_gradient', node.type.size + size * sizeOf(attrs.kernel), (words) => {
    words.push(codeOf(dtype), average, counts.indexOf(attrs.count))
    pushWindows(words, size / windowTotal(axes), axes)
    words.push(operand(0), target())
  })
}

const unpool: KernelLowering = ({ node, operand, target, kernel }) => {
  const [x, indices] = node.inputs.map(({ type }) => type)
  const size = sizeOf(node.attrs['size'] as readonly number[])
  const rows = sizeOf(node.type.shape.slice(0, node.type.rank - (node.attrs['size'] as readonly number[]).length))
  kernel('unpool', node.type.size + 2 * x!.size, (words) => {
    words.push(dtypeInfo[x!.dtype].bytes, codeOf(indices!.dtype))
    words.long(rows, rows === 0 ? 0 : x!.size / rows, size)
    words.push(operand(0), operand(1), target())
  })
}

export const poolingKernels: { readonly [Name in keyof typeof poolingOps]: KernelLowering } = {
  maxPool: (context) => pool(maximum, context),
  maxPoolWithIndices: (context) => pool(maximumAndIndices, context),
  avgPool: (context) => pool(average, context),
  avgPoolGradient: averageGradient,
  maxUnpool: unpool,
}
