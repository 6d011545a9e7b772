// The HTML page: complete, self-contained, escaped; its drawing without overlaps; its figures those of the groups.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explainGraph, printGroups } from '../../ir/explain.js'
import { graphsToHtml } from '../../ir/html.js'
import { escapeHtml, scriptJson } from '../../ir/page/escape.js'
import { type Box, type Link, layOut } from '../../ir/page/layout.js'
import { matchGroups } from '../../ir/page/match.js'
import { script } from '../../ir/page/script.js'
import { viewOf } from '../../ir/page/view.js'
import { parseGraph } from '../../ir/parse.js'
import { graphCost, nodeCost } from '../../ir/stats.js'
import { formatBytes, formatCount, summarizeList } from '../../ir/units.js'
import { randomGraph } from './random-graph.js'

const before = parseGraph(`graph (%x: f32[8,16], %w: f32[16,4], %b: f32[4]) {
  %p = matmul %x, %w
  %q = add %p, %b
  %r = relu %q
  %one = constant {dtype="float32", shape=[], values=[0.5]}
  %h = mul %r, %one
  %t = permute %h {permutation=[1, 0]}
  %s = sum %t {axes=[1], keepDims=false}
  return %s, %r
}`)

const after = parseGraph(`graph (%x: f32[8,16], %w: f32[16,4], %b: f32[4]) {
  %f = fused %x, %w, %b {kind="matmul"} (%x: f32[8,16], %w: f32[16,4], %b: f32[4]) {
    %p = matmul %x, %w
    %q = add %p, %b
    %r = relu %q
    %one = constant {dtype="float32", shape=[], values=[0.5]}
    %h = mul %r, %one
    return %h, %r
  }
  %h = result %f {index=0}
  %r = result %f {index=1}
  %t = permute %h {permutation=[1, 0]}
  %s = sum %t {axes=[1], keepDims=false}
  return %s, %r
}`)

const [fusedNode] = after.nodes.filter((node) => node.op.name === 'fused')
const groups = explainGraph(after, new Map([[fusedNode!, 'the sum reads it <transposed>']]))
const page = graphsToHtml({
  title: 'a <title>',
  stages: [
    { name: 'recorded', graph: before },
    { name: 'fused & done', graph: after },
  ],
  groups,
  notes: ['note </script><script>alert(1)</script>'],
})

describe('nodeCost', () => {
  const cost = (name: string) => nodeCost(before.nodes.find((node) => node.op.name === name)!)

  it('counts 2 K operations per element of a matrix product, and each distinct operand once', () => {
    expect(cost('matmul')).toEqual({ flops: 2 * 16 * 8 * 4, bytesRead: 4 * (8 * 16 + 16 * 4), bytesWritten: 4 * 8 * 4 })
  })

  it('counts one operation per element of elementwise ops', () => {
    expect(cost('add')).toEqual({ flops: 32, bytesRead: 4 * (32 + 4), bytesWritten: 128 })
  })

  it('takes moves for views', () => {
    expect(cost('permute')).toEqual({ flops: 0, bytesRead: 0, bytesWritten: 0 })
    const wide = parseGraph('graph (%0: f32[4]) { %1 = broadcast %0 {shape=[1000,4]} %2 = exp %1 return %2 }')
    expect(nodeCost(wide.nodes[2]!)).toMatchObject({ bytesRead: 16, bytesWritten: 16_000 })
  })

  it('charges a region the arithmetic of its body and the traffic of its ends', () => {
    expect(nodeCost(fusedNode!)).toEqual({ flops: 1024 + 32 + 32 + 32, bytesRead: 4 * (128 + 64 + 4), bytesWritten: 2 * 128 })
  })

  it('adds up over a graph', () => {
    expect(graphCost(before)).toMatchObject({ kernels: 5, flops: graphCost(after).flops })
    expect(graphCost(after).kernels).toBe(2)
  })
})

describe('explainGraph', () => {
  it('lists kernels in order, with reasons', () => {
    expect(groups).toMatchObject([
      {
        id: 0,
        kind: 'matmul',
        node: 3,
        ops: ['matmul', 'add', 'relu', 'mul'],
        outputs: ['f32[8,4]', 'f32[8,4]'],
        reason: 'the sum reads it <transposed>',
      },
      { id: 1, kind: 'single', ops: ['sum'], inputs: ['f32[4,8]'], outputs: ['f32[4]'], reason: '' },
    ])
  })

  it('prints as text', () => {
    expect(printGroups(groups.slice(0, 1))).toBe(`#0 %3 matmul: matmul add relu mul
    f32[8,16], f32[16,4], f32[4] -> f32[8,4]×2; 784 B in, 256 B out, 1.12 k FLOP
    not larger: the sum reads it <transposed>`)
  })
})

describe('units', () => {
  it('read well', () => {
    expect([0, 512, 1024, 1536, 150 * 1024, 5 * 2 ** 30].map(formatBytes)).toEqual(['0 B', '512 B', '1 KiB', '1.5 KiB', '150 KiB', '5 GiB'])
    expect([0, 999, 1234, 2.5e6, 7e9, 1e16].map(formatCount)).toEqual(['0', '999', '1.23 k', '2.5 M', '7 G', '10 P'])
    expect(summarizeList(['mul', 'add', 'add', 'add', 'relu'])).toBe('mul add×3 relu')
  })
})

describe('graphsToHtml', () => {
  it('escapes every text', () => {
    expect(page).toContain('<title>a &lt;title&gt;</title>')
    expect(page).toContain('fused &amp; done')
    expect(page).toContain('the sum reads it &lt;transposed&gt;')
    expect(page).not.toContain('<transposed>')
    expect(page).not.toContain('alert(1)</script>')
    expect(escapeHtml(`<a href="x">&'`)).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&#39;')
    expect(scriptJson({ text: '</script>\u2028' })).toBe('{"text":"\\u003c/script\\u003e\\u2028"}')
  })

  it('loads nothing from elsewhere, and forbids it', () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"`)
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|@import|<link|<img|src=/)
  })

  it('has a script that parses', () => {
    expect(() => new Function(script)).not.toThrow()
  })

  it('knows the details of every node it draws, and nothing is drawn twice', () => {
    const data = JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)![1]!)
    const drawings = [...page.matchAll(/<section.*?<\/section>/gs)].map(([section]) => section)
    expect(drawings.length).toBe(2)
    drawings.forEach((drawing, i) => {
      const keys = [...drawing.matchAll(/data-key="([^"]+)"/g)].map((match) => match[1]!)
      expect(new Set(keys).size).toBe(keys.length)
      expect(Object.keys(data.stages[i]).sort()).toEqual(keys.sort())
      for (const [, end] of drawing.matchAll(/data-(?:from|to)="([^"]+)"/g)) expect(keys).toContain(end)
    })
    const matmul = Object.values(data.stages[0]).find((entry) => (entry as { op?: string }).op === 'matmul')
    expect(matmul).toMatchObject({
      head: '%3 matmul',
      rows: expect.arrayContaining([
        ['shape', '8 × 4'],
        ['FLOP', '1.02 k'],
      ]),
    })
    expect(Object.keys(data.docs)).toContain('matmul')
  })

  it('lists every group with its figures', () => {
    const rows = [...page.matchAll(/<tr tabindex="0" data-group="(\d+)">(.*?)<\/tr>/g)]
    expect(rows.map((row) => row[1])).toEqual(['0', '1'])
    expect(rows[0]![2]).toContain('784 B')
    expect(rows[0]![2]).toContain('matmul add relu mul')
  })

  it('colours the same ops in the stage before', () => {
    const members = matchGroups(after, groups, [before])
    const found = before.nodes.filter((node) => members.get(node) === 0).map((node) => node.op.name)
    expect(found).toEqual(['matmul', 'add', 'relu', 'mul'])
    expect(members.get(before.nodes.find((node) => node.op.name === 'sum')!)).toBe(1)
  })

  it('shows the text instead of a drawing when a graph is too large', () => {
    const ops = Array.from({ length: 5000 }, (_, i) => `%n${i} = neg %${i === 0 ? 'x' : `n${i - 1}`}`)
    const graph = parseGraph(`graph (%x: f32[2]) {\n${ops.join('\n')}\nreturn %n4999 }`)
    const html = graphsToHtml({ title: 'long', stages: [{ name: 'only', graph }] })
    expect(html).toContain('5002 nodes are too many to draw')
    expect(html).toContain('%5000: f32[2] = neg %4999')
  })

  it('draws random graphs with finite coordinates, without stages too', () => {
    expect(graphsToHtml({ title: 'none', stages: [] })).toContain('<h1>none</h1>')
    fc.assert(
      fc.property(randomGraph, (graph) => {
        const html = graphsToHtml({ title: 'random', stages: [{ name: 'one', graph }] })
        expect(html).not.toMatch(/="[^"]*(?:NaN|Infinity|undefined)[^"]*"/)
      }),
      { numRuns: 60 },
    )
  })
})

describe('viewOf', () => {
  it('puts one-value constants into titles and connects results of regions to their ports', () => {
    const view = viewOf(after)
    expect(view.nodes.map((node) => `${node.kind} ${node.title}`)).toEqual([
      'input input 0',
      'input input 1',
      'input input 2',
      'region matmul',
      'op permute [1, 0]',
      'op sum [1]',
      'output output 0',
      'output output 1',
    ])
    expect(view.nodes[3]!.body!.nodes.map((node) => node.title)).toContain('mul(·, 0.5)')
    expect(view.edges).toContainEqual({ from: 3, fromPort: 1, to: 7, toPort: 0 })
  })
})

describe('layOut', () => {
  const gaps = { x: 10, y: 20 }
  const graphs = fc.array(fc.tuple(fc.integer({ min: 10, max: 120 }), fc.array(fc.nat(30), { maxLength: 3 })), {
    minLength: 1,
    maxLength: 40,
  })

  it('draws links downwards, boxes apart, everything inside', () => {
    fc.assert(
      fc.property(graphs, (specs) => {
        const boxes: Box[] = specs.map(([width], i) => ({ width, height: 10 + (i % 5) * 12 }))
        const links: Link[] = specs.flatMap(([, targets], to) =>
          to === 0 ? [] : targets.map((target) => ({ from: target % to, to, fromX: 0, toX: 0, weak: target % 7 === 0 })),
        )
        const { at, routes, width, height } = layOut(boxes, links, gaps)
        links.forEach(({ from, to }, i) => {
          expect(at[from]!.y + boxes[from]!.height).toBeLessThan(at[to]!.y)
          const ys = routes[i]!.map((point) => point.y)
          expect(ys).toEqual([...ys].sort((a, b) => a - b))
        })
        for (let i = 0; i < boxes.length; i++) {
          expect(at[i]!.x - boxes[i]!.width / 2).toBeGreaterThanOrEqual(-1e-6)
          expect(at[i]!.x + boxes[i]!.width / 2).toBeLessThanOrEqual(width + 1e-6)
          expect(at[i]!.y + boxes[i]!.height).toBeLessThanOrEqual(height + 1e-6)
          for (let j = 0; j < i; j++) {
            const apartX = Math.abs(at[i]!.x - at[j]!.x) >= (boxes[i]!.width + boxes[j]!.width) / 2 + gaps.x - 1e-6
            expect(apartX || at[i]!.y !== at[j]!.y).toBe(true)
          }
        }
      }),
    )
  })

  it('finds the order without crossings where there is one', () => {
    const boxes = Array.from({ length: 8 }, () => ({ width: 20, height: 10 }))
    const links = [0, 1, 2, 3].map((i) => ({ from: i, to: 7 - i, fromX: 0, toX: 0 }))
    const { at } = layOut(boxes, links, gaps)
    for (const { from, to } of links) expect(at[from]!.x).toBeCloseTo(at[to]!.x, 1)
  })

  it('is the same every time', () => {
    const boxes = Array.from({ length: 30 }, (_, i) => ({ width: 20 + i, height: 10 }))
    const links = boxes.flatMap((_, i) => (i === 0 ? [] : [{ from: (i * 7) % i, to: i, fromX: 0, toX: 0 }]))
    expect(layOut(boxes, links, gaps)).toEqual(layOut(boxes, links, gaps))
  })
})
