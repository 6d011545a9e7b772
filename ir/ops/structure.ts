// Ops without arithmetic of their own: gradient markers, results of multi-result ops, fused regions.

import { z } from 'zod'
import { dtypes } from '../dtype.js'
import { SinterError } from '../error.js'
import { Graph } from '../graph.js'
import { interpret } from '../interpret.js'
import { defineFamily, type HasType } from '../op.js'
import { noAttrsSchema } from './schema.js'

const same = (inputs: readonly HasType[]) => inputs[0]!.type

export const structureOps = defineFamily('structure', {
  identity: {
    doc: 'The operand itself, as a node of its own.',
    operands: ['x'],
    dtypes,
    attrs: noAttrsSchema,
    traits: { transparent: true, complex: true },
    infer: same,
    gradient: ({ grad }) => [grad],
    evaluate: ([x]) => [x!],
    samples: [{ inputs: ['$[2,3]'] }],
  },
  stopGradient: {
    doc: 'The operand itself; no gradient flows back through it.',
    operands: ['x'],
    dtypes,
    attrs: noAttrsSchema,
    traits: { transparent: true, complex: true },
    infer: same,
    gradient: 'zero',
    evaluate: ([x]) => [x!],
    samples: [{ inputs: ['$[2,3]'], noGradientCheck: 'its gradient is defined to be zero' }],
  },
  customGradient: {
    doc: 'Operand 0 itself; its cotangent goes to the remaining operands through a user function registered with the node.',
    operands: ['y', '...xs'],
    dtypes,
    attrs: noAttrsSchema,
    traits: { transparent: true, complex: true },
    infer: same,
    gradient: () => {
      throw new SinterError('gradient', 'this custom gradient was read from text or transformed, its function is gone', {
        op: 'customGrad',
      })
    },
    evaluate: ([y]) => [y!],
    samples: [{ inputs: ['$[2]', '$[3]'], noGradientCheck: 'the function belongs to a recorded node' }],
  },
  result: {
    doc: 'One result of a node that has several. (C1) index is one of them.',
    operands: ['node'],
    dtypes,
    attrs: z.strictObject({ index: z.int().min(0) }),
    traits: { complex: true },
    infer: (inputs, attrs) => {
      const types = (inputs[0] as { results?: readonly HasType['type'][] }).results
      const type = types?.[attrs.index]
      if (type === undefined) {
        throw new SinterError('attribute', `the operand has ${types?.length ?? 1} results, index ${attrs.index} is not one (C1)`, {
          op: 'result',
        })
      }
      return type
    },
    gradient: () => {
      throw new SinterError('internal', 'the differentiation driver routes cotangents of results itself')
    },
    evaluate: () => {
      throw new SinterError('internal', 'the interpreter picks results itself')
    },
    samples: [],
  },
  fused: {
    doc: 'A group of ops which the backend runs as one kernel; operands and results by position are those of `body`. `kind` says which kernel.',
    operands: ['...xs'],
    dtypes,
    attrs: z.strictObject({ kind: z.enum(['map', 'rows', 'reduce', 'matmul']), body: z.instanceof(Graph) }),
    traits: { region: true, complex: true },
    infer: (inputs, { body }: { body: Graph }) => {
      const wrong = body.inputs.findIndex((input, i) => inputs[i] === undefined || !input.type.equals(inputs[i].type))
      if (wrong >= 0 || inputs.length !== body.inputs.length) {
        throw new SinterError('shape', `operands do not match the ${body.inputs.length} inputs of its body`, {
          op: 'fused',
          operands: inputs,
        })
      }
      return body.outputs.length === 1 ? body.outputs[0]!.type : body.outputs.map((node) => node.type)
    },
    gradient: () => {
      throw new SinterError('gradient', 'gradients are taken before fusion, not after', { op: 'fused' })
    },
    evaluate: (inputs, { body }: { body: Graph }) => interpret(body, inputs),
    samples: [],
  },
})
