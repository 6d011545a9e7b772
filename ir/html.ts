// A self-contained page about a graph: drawings of its stages, details on hover, and what fusion made of it. Nothing is loaded from elsewhere.

import { explainGraph, type GroupInfo } from './explain.js'
import type { Graph } from './graph.js'
import { detailsOf, docsOf } from './page/details.js'
import { escapeHtml, scriptJson } from './page/escape.js'
import { matchGroups } from './page/match.js'
import { groupRows, groupTable, tiles } from './page/report.js'
import { script } from './page/script.js'
import { style } from './page/style.js'
import { drawView, groupColours } from './page/svg.js'
import { type View, type ViewNode, viewOf } from './page/view.js'
import { printGraph } from './print.js'

export interface Stage {
  readonly name: string
  readonly graph: Graph
}

export interface Page {
  readonly title: string
  /** From first to last, such as recorded, simplified, fused. The last one is what runs. */
  readonly stages: readonly Stage[]
  /** The kernels of the last stage; computed when left out, then without reasons. */
  readonly groups?: readonly GroupInfo[]
  /** Shown below the title. */
  readonly notes?: readonly string[]
}

// Beyond this a drawing helps nobody, and the page shows the text form only.
const mostDrawn = 4000
const mostText = 2_000_000

/** The page as one HTML document. Every text is escaped, scripts and styles are inline, and its policy forbids the network. */
export function graphsToHtml(page: Page): string {
  const { title, stages, notes = [] } = page
  const last = stages.at(-1)?.graph
  const groups = page.groups ?? (last === undefined ? [] : explainGraph(last))
  const graphs = stages.map((stage) => stage.graph)
  const views = graphs.map((graph) => viewOf(graph))
  // Colours mean fused groups: kernels of a single op stay plain.
  const fused = new Set(groups.filter((group) => group.kind !== 'single').map((group) => group.id))
  const members = last === undefined ? undefined : matchGroups(last, groups, graphs)
  const data = {
    stages: views.map((view) => (countOf(view) > mostDrawn ? {} : detailsOf(view))),
    docs: docsOf(graphs),
    groups: Object.fromEntries(groups.map((group) => [group.id, groupRows(group)])),
    colours: groupColours,
    hint: 'Hover a node to read about it, click to keep it. Drag or scroll to move, Ctrl + wheel to zoom, / to search.',
  }
  const sections = stages.map(({ graph }, i) => {
    const drawing = drawingOf(
      views[i]!,
      (node) => {
        const group = members?.get(node)
        return group !== undefined && (fused.has(group) || i === stages.length - 1) ? group : undefined
      },
      fused,
    )
    const text = printGraph(graph, { maxValues: 16, origins: true })
    const shown = text.length > mostText ? `${text.slice(0, mostText)}\n... ${text.length - mostText} more characters` : text
    return `<section class="stage"${i === stages.length - 1 ? '' : ' hidden'}><div class="draw">${drawing}</div><pre class="text" hidden>${escapeHtml(shown)}</pre></section>`
  })
  return document(title, [
    `<h1>${escapeHtml(title)}</h1>`,
    ...notes.map((note) => `<p class="notes">${escapeHtml(note)}</p>`),
    tiles(stages, groups.length),
    tools(stages, views),
    `<div class="work"><div>${sections.join('\n')}${legend}</div><aside aria-live="polite"></aside></div>`,
    groups.length === 0 ? '' : `<h2>Kernels of the last stage</h2>${groupTable(groups)}`,
    `<script type="application/json" id="data">${scriptJson(data)}</script>`,
  ])
}

const countOf = (view: View): number => view.nodes.reduce((sum, node) => sum + (node.body === undefined ? 1 : countOf(node.body)), 0)

function drawingOf(view: View, groupOf: (node: ViewNode['node']) => number | undefined, coloured: ReadonlySet<number>): string {
  const count = countOf(view)
  if (count > mostDrawn) return `<p class="canvas notes">${count} nodes are too many to draw (the limit is ${mostDrawn}); see the text.</p>`
  return `<div class="canvas">${drawView(view, { groupOf, coloured }).svg}</div>`
}

function tools(stages: readonly Stage[], views: readonly View[]): string {
  const tabs = stages.map(({ name }, i) => {
    return `<button role="tab" aria-selected="false">${escapeHtml(name)}<small>${views[i]!.nodes.length} nodes</small></button>`
  })
  return `<div class="tools"><div class="switch" id="stages" role="tablist" aria-label="stage">${tabs.join('')}</div>
<div class="switch" id="modes"><button data-mode="drawing">drawing</button><button data-mode="text">text</button></div>
<div class="switch"><button id="out" aria-label="zoom out">−</button><button id="fit" title="fit the width">fit</button><button id="in" aria-label="zoom in">+</button></div><span id="zoom" class="dim"></span>
<input type="search" id="search" placeholder="search op, type, file …" aria-label="search nodes"><span id="found" role="status"></span></div>`
}

const legend = `<div class="legend"><span><i class="leaf"></i>input, constant, output</span><span><i></i>op that runs alone (in earlier stages also: one that a pass rewrote)</span><span><i class="grouped"></i>op in a fused group</span><span><i class="region"></i>fused group: one kernel, colours tell groups apart</span></div>`

function document(title: string, parts: readonly string[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main>${parts.join('\n')}</main><script>${script}</script></body></html>
`
}
