import { expect, test } from 'vitest'
import { constantNode, emit, inputNode, resultNode } from '../../../ir/build.js'
import { type DType, dtypeByShort } from '../../../ir/dtype.js'
import { Graph } from '../../../ir/graph.js'
import type { Node } from '../../../ir/node.js'
import type { Op, Sample } from '../../../ir/op.js'
import { builder as b, ops } from '../../../ir/ops/index.js'
import { movement } from '../../../ir/passes/movement.js'
import { pipeline } from '../../../ir/pipeline.js'
import { printGraph } from '../../../ir/print.js'
import { rules } from '../../../ir/rules/index.js'
import { parseType, type TensorType, typeOf } from '../../../ir/type.js'
import { expectSameValues, optimize } from './support.js'

/** Mulberry32: a small generator of numbers in [0, 1) that a seed determines. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const shorts = new Map([...dtypeByShort].map(([short, dtype]) => [dtype, short]))
const useful = Object.values<Op>(ops).filter((op) => op.samples.length > 0 && op.name !== 'customGradient')
/** Ops that the rules and the movement pass know something about: drawn more often. */
const known = useful.filter((op) => rules.some((rule) => rule.op === op.name && !/broadcast|constants/.test(rule.name)))
const constants = [0, -0, 1, -1, 2, 0.5, 3, 4]

/** A graph of ops and samples drawn from the records: operands are earlier nodes of the type where there are any. */
function randomGraph(seed: number): Graph {
  const random = generator(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const inputs: Node[] = []
  const pool: Node[] = []
  // Few dtypes per graph, so that nodes find partners.
  const some: DType[] = [pick(['float32', 'float16', 'float64'] as const), pick(['int32', 'uint8', 'int64'] as const), 'bool', 'uint32']
  const operand = (type: TensorType): Node => {
    const fitting = pool.filter((node) => node.type === type)
    const choice = random()
    if (fitting.length > 0 && choice < 0.6) return pick(fitting.slice(-3))
    const node = choice > 0.8 ? constantNode(integral(pick(constants), type.dtype), type.dtype, type.shape) : inputNode(type)
    if (node.op === ops.input) inputs.push(node)
    pool.push(node)
    return node
  }
  for (let i = 0; i < 20; i++) {
    const op = pick(random() < 0.6 ? known : useful)
    const sample: Sample = pick(op.samples)
    const dtypes = op.dtypes.filter((dtype) => some.includes(dtype))
    if (dtypes.length === 0) continue
    const dtype = shorts.get(pick(dtypes))!
    const operands = sample.inputs.map((text) => operand(parseType(text.replace('$', dtype))!))
    const node = emit(op, operands, sample.attrs)
    if (node.results === undefined) pool.push(node)
    else pool.push(...node.results.map((_, index) => resultNode(node, index)))
  }
  const last = pool.slice(-4)
  return new Graph(inputs, [...last, pick(pool)])
}

const integral = (value: number, dtype: DType): number => (dtype.startsWith('float') ? value : Math.trunc(value))

const count = Number(process.env.SINTER_FUZZ ?? 400)

test(`${count} random graphs keep every bit through the pipeline, and many rules fire`, () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= count; seed++) {
    const before = randomGraph(seed)
    try {
      const { after, fired } = optimize(before, pipeline)
      for (const rule of fired.keys()) seen.add(rule)
      expectSameValues(before, after, 2)
    } catch (error) {
      throw new Error(`seed ${seed}:\n${printGraph(before)}`, { cause: error })
    }
  }
  expect(seen.size).toBeGreaterThan(Math.min(100, count / 4))
})

/** A graph of elementwise ops, moves, casts and reductions that follow each other closely. */
function randomMoves(seed: number): Graph {
  const random = generator(seed)
  const below = (n: number): number => Math.floor(random() * n)
  const shuffled = (n: number): number[] =>
    Array.from({ length: n }, (_, d) => [random(), d] as const)
      .sort(([a], [z]) => a - z)
      .map(([, d]) => d)
  const inputs: Node[] = []
  const input = (shape: readonly number[]): Node => {
    inputs.push(inputNode(typeOf('int32', shape)))
    return inputs.at(-1)!
  }
  const nodes = [input([2, 3, 4])]
  const steps: ((x: Node) => Node)[] = [
    (x) => b.neg(x),
    (x) => b.cast(b.cast(x, random() < 0.5 ? 'int64' : 'int16'), 'int32'),
    (x) => b.sub(x, input(x.type.shape)),
    (x) => b.mul(x, input(x.type.shape.slice(below(x.type.rank + 1)).map((n) => (random() < 0.4 ? 1 : n)))),
    (x) => b.maximum(b.constant(below(3), x), x),
    (x) => b.add(x, nodes.findLast((node) => node.type === x.type)!),
    (x) => b.emit('bitwiseXor', [x, nodes.find((node) => node.type === x.type)!]),
    (x) => b.permute(x, shuffled(x.type.rank)),
    (x) => b.permute(x, shuffled(x.type.rank)),
    (x) => b.reshape(x, random() < 0.5 ? [x.type.size] : x.type.shape.toReversed()),
    (x) =>
      b.reshape(
        x,
        x.type.size % 6 === 0
          ? [3, x.type.size / 6, 2]
          : [1, ...x.type.shape].slice(0, 5).concat(x.type.rank < 5 ? [] : x.type.shape.slice(4)),
      ),
    (x) => {
      const steps = x.type.shape.map((n) => (n === 1 || random() < 0.5 ? 1 : random() < 0.5 ? -1 : 2))
      const sizes = x.type.shape.map((n, d) =>
        steps[d] === 2 ? Math.ceil(n / 2) : random() < 0.05 ? 0 : Math.max(Math.min(n, 1), n - below(2)),
      )
      return b.slice(
        x,
        steps.map((step, d) => (step < 0 ? x.type.shape[d]! - 1 : 0)),
        sizes,
        steps,
      )
    },
    (x) => (x.type.size < 200 ? b.broadcast(x, [2, ...x.type.shape]) : x),
    (x) => (x.type.rank > 2 ? b.sum(x, [below(x.type.rank)], random() < 0.5) : x),
  ]
  let x = nodes[0]!
  for (let i = 0; i < 14 && x.type.rank < 8; i++) {
    x = steps[below(steps.length)]!(x)
    nodes.push(x)
  }
  return new Graph(inputs, random() < 0.3 ? [x, nodes[below(nodes.length)]!] : [x])
}

test(`${count} random chains of moves keep every bit`, () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= count; seed++) {
    const before = randomMoves(seed)
    try {
      const alone = optimize(before, [movement])
      for (const rule of alone.fired.keys()) seen.add(rule)
      expectSameValues(before, alone.after, 2)
      expectSameValues(before, optimize(before, pipeline).after, 2)
    } catch (error) {
      throw new Error(`seed ${seed}:\n${printGraph(before)}`, { cause: error })
    }
  }
  for (const move of ['reshape below', 'permute below', 'slice below']) expect([...seen].some((rule) => rule.startsWith(move))).toBe(true)
})
