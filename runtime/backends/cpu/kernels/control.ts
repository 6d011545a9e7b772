// Loops: the body is a program in the words of the step.

import type { controlOps, LoopAttrs } from '../../../../ir/ops/control.js'
import { stackedOf } from '../../../../ir/ops/control.js'
import type { KernelLowering } from './kernel.js'

/** What a turn costs beside its steps. */
const nanosecondsPerTurn = 100

export const controlKernels: { readonly [Name in keyof typeof controlOps]: KernelLowering } = {
  loop: ({ node, operand, target, temporary, program, kernel }) => {
    const attrs = node.attrs as unknown as LoopAttrs
    const { length, reverse, carried, scanned, conditional, body } = attrs
    const first = Number(conditional)
    const inner = program(body)
    const stacked = stackedOf(attrs)
    const temporaries: number[] = []
    const own = (bytes: number): number => {
      const buffer = temporary(bytes)
      temporaries.push(buffer)
      return buffer
    }
    const ports = body.inputs.map(({ type }, i) =>
      i < carried
        ? [operand(first + i), target(i), own(type.bytes)]
        : i < carried + scanned
          ? [operand(first + i), own(type.bytes)]
          : [operand(first + i)],
    )
    const stacks = stacked.map(({ type }, i) => [target(carried + i), own(type.bytes)])
    const flag = conditional ? own(1) : -1
    const arena = own(inner.arenaBytes)
    kernel(
      'loop',
      length * (nanosecondsPerTurn + inner.estimatedNanoseconds),
      (words) => {
        words.long(length)
        words.push(Number(reverse), first, carried, scanned, body.inputs.length - carried - scanned, stacked.length)
        if (conditional) words.push(operand(0), flag)
        ;[...body.inputs, ...stacked].forEach(({ type }, i) => {
          words.long(type.bytes)
          words.push(...[...ports, ...stacks][i]!)
        })
        words.long(inner.arenaBytes)
        words.push(arena)
        words.append(inner.words)
      },
      temporaries,
    )
  },
}
