import { expect, test } from 'vitest'
import { inputNode } from '../../../ir/build.js'
import { SinterError } from '../../../ir/error.js'
import { Graph } from '../../../ir/graph.js'
import { builder } from '../../../ir/ops/index.js'
import { parseGraph } from '../../../ir/parse.js'
import { type Pass, PassContext, PassError, type PassEvent, runPasses } from '../../../ir/pass.js'
import { canonicalize } from '../../../ir/passes/canonicalize.js'
import { cse } from '../../../ir/passes/cse.js'
import { printGraph } from '../../../ir/print.js'
import { type Rule, rewriteGraph, ruleTable } from '../../../ir/rewrite.js'
import { typeOf } from '../../../ir/type.js'
import { graphOf, summary } from './support.js'

const twice = graphOf('%a: f32[2]', '%b = neg %a', '%c = neg %b', '%d = exp %c', '%e = exp %c', '%f = add %d, %e', 'return %f')

test('observers see each pass with the graphs around it, its time and its rules', () => {
  const events: PassEvent[] = []
  const after = runPasses(twice, [canonicalize, cse, cse], (event) => events.push(event))
  expect(events.map(({ pass }) => pass.name)).toEqual(['canonicalize', 'cse', 'cse'])
  expect(events.map(({ fired }) => [...fired])).toEqual([[['neg(neg(x)) -> x', 1]], [['merge exp', 1]], []])
  expect(events[0]!.before === twice).toBe(true)
  expect(events[1]!.before === events[0]!.after).toBe(true)
  expect(events[2]!.after === events[2]!.before).toBe(true)
  expect(after === events[2]!.after).toBe(true)
  for (const { milliseconds } of events) expect(milliseconds).toBeGreaterThanOrEqual(0)
  expect(summary(twice)).toBe('%1 = neg %0; %2 = neg %1; %3 = exp %2; %4 = exp %2; %5 = add %3, %4; return %5')
})

test('a pass that throws is reported with its name and the graph it was given, which parses back', () => {
  const cause = new TypeError('x is undefined')
  const broken: Pass = {
    name: 'broken',
    doc: 'Throws.',
    run: () => {
      throw cause
    },
  }
  let thrown: unknown
  try {
    runPasses(twice, [canonicalize, broken])
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(SinterError)
  const error = thrown as PassError
  expect(error).toBeInstanceOf(PassError)
  expect(error.code).toBe('internal')
  expect(error.pass).toBe('broken')
  expect(error.cause).toBe(cause)
  expect(error.message).toContain("the pass 'broken' failed: x is undefined")
  expect(error.message).toContain(error.graph)
  expect(printGraph(parseGraph(error.graph))).toBe(error.graph)
  expect(summary(parseGraph(error.graph))).toBe('%1 = exp %0; %2 = exp %0; %3 = add %1, %2; return %3')
})

test('errors of an observer go through unchanged', () => {
  const failure = new Error('disk full')
  expect(() =>
    runPasses(twice, [cse], () => {
      throw failure
    }),
  ).toThrow(failure)
})

const rewrite = (graph: Graph, rules: readonly Rule[], context = new PassContext()) => rewriteGraph(graph, ruleTable(rules), context)
const x = inputNode(typeOf('float32', [2]))

test('a rule that changes a type is refused by name', () => {
  const rule: Rule = { name: 'exp(x) -> isNan(x)', op: 'exp', rewrite: (node, b) => b.isNan(node.inputs[0]!) }
  expect(() => rewrite(new Graph([x], [builder.exp(x)]), [rule])).toThrow("exp: the rule 'exp(x) -> isNan(x)' turned f32[2] into bool[2]")
})

test('rules that undo each other stop', () => {
  const there: Rule = { name: 'sin -> cos', op: 'sin', rewrite: (node, b) => b.cos(node.inputs[0]!) }
  const back: Rule = { name: 'cos -> sin', op: 'cos', rewrite: (node, b) => b.sin(node.inputs[0]!) }
  const context = new PassContext()
  rewrite(new Graph([x], [builder.sin(x)]), [there, back], context)
  expect(context.fired.get('sin -> cos')).toBeLessThan(10_000)
})

test('a rule that grows its node for ever stops', () => {
  const grow: Rule = { name: 'sin(x) -> sin(sin(x))', op: 'sin', rewrite: (node, b) => b.sin(b.sin(node.inputs[0]!)) }
  const after = rewrite(new Graph([x], [builder.sin(x)]), [grow])
  expect(after.nodes.length).toBeLessThan(100_000)
})

test('nodes that rules make inherit the origin of the node they replace', () => {
  const node = builder.div(x, builder.constant(4, x))
  node.origin = { stack: 'Error\n    at user code' }
  const after = runPasses(new Graph([x], [node]), [canonicalize])
  expect(summary(after)).toBe('%1 = f32[](0.25); %2 = mul %0, %1; return %2')
  expect(after.outputs[0]!.origin).toBe(node.origin)
})

test('facts count uses, outputs included', () => {
  const seen: number[] = []
  const look: Rule = {
    name: 'look',
    op: 'exp',
    rewrite: (node, _, facts) => {
      seen.push(facts.uses(node), facts.uses(node.inputs[0]!))
      return undefined
    },
  }
  const s = builder.sin(x)
  const e = builder.exp(s)
  rewrite(new Graph([x], [builder.add(e, e), e, s]), [look])
  expect(seen).toEqual([3, 2])
})
