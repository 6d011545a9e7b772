// A view laid out and drawn as SVG. Colours come from the page's style sheet, by class.

import type { Node } from '../node.js'
import { escapeHtml } from './escape.js'
import { type Box, type Gaps, type Layout, type Link, layOut, type Point } from './layout.js'
import type { View, ViewNode } from './view.js'

export interface Drawing {
  readonly svg: string
  readonly width: number
  readonly height: number
}

export interface Colouring {
  /** The group a node belongs to, if any. */
  readonly groupOf: (node: Node) => number | undefined
  /** Groups that have a colour; members of others are drawn plain. */
  readonly coloured: ReadonlySet<number>
}

/** How many colours the style sheet has for groups. */
export const groupColours = 8

const outerGaps: Gaps = { x: 26, y: 30 }
const innerGaps: Gaps = { x: 16, y: 24 }
const margin = 24
const regionPad = 14
const regionTitle = 24
const titleWidth = 7.3
const subtitleWidth = 6.2
const nodeHeight = 40
const slimHeight = 26
const portSize = 10

interface Placed {
  readonly layout: Layout
  readonly bodies: readonly (Placed | undefined)[]
  readonly boxes: readonly Box[]
}

/** The whole drawing of a view. */
export function drawView(view: View, colouring: Colouring): Drawing {
  const placed = place(view, outerGaps)
  const width = Math.ceil(placed.layout.width + 2 * margin)
  const height = Math.ceil(placed.layout.height + 2 * margin)
  const parts: string[] = []
  draw(view, placed, { x: margin, y: margin }, colouring, parts)
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="graph drawing">${parts.join('\n')}</svg>`
  return { svg, width, height }
}

function place(view: View, gaps: Gaps): Placed {
  const bodies = view.nodes.map((node) => (node.body === undefined ? undefined : place(node.body, innerGaps)))
  const boxes = view.nodes.map((node, i) => boxOf(node, bodies[i]))
  const links: Link[] = view.edges.map((edge) => ({
    from: edge.from,
    to: edge.to,
    fromX: portX(view.nodes[edge.from]!, bodies[edge.from], 'out', edge.fromPort),
    toX: portX(view.nodes[edge.to]!, bodies[edge.to], 'in', edge.toPort),
    weak: ['input', 'constant'].includes(view.nodes[edge.from]!.kind),
  }))
  return { layout: layOut(boxes, links, gaps), bodies, boxes }
}

function boxOf(node: ViewNode, body: Placed | undefined): Box {
  if (body !== undefined) {
    const title = 60 + titleWidth * node.title.length
    const height = body.layout.height + bodyTop(node.body!) - portSize / 2
    return { width: Math.max(title, body.layout.width + 2 * regionPad), height }
  }
  if (node.kind === 'in') return { width: portSize, height: portSize, pin: 'first' }
  if (node.kind === 'out') return { width: portSize, height: portSize, pin: 'last' }
  const text = Math.max(titleWidth * node.title.length, subtitleWidth * node.subtitle.length)
  if (node.kind === 'op') return { width: Math.ceil(text) + 22, height: nodeHeight }
  return { width: Math.ceil(titleWidth * node.title.length + subtitleWidth * node.subtitle.length) + 34, height: slimHeight }
}

/** Where the body starts below the top of its region: ports sit on the border, and the title has the gap below them. */
function bodyTop(body: View): number {
  return body.nodes.some((node) => node.kind === 'in') ? -portSize / 2 : regionTitle
}

/** Where a link touches a box, from its middle: at the body's port for regions, side by side for operands of an op. */
function portX(node: ViewNode, body: Placed | undefined, side: 'in' | 'out', port: number): number {
  if (body !== undefined && node.body !== undefined) {
    const ports = node.body.nodes.flatMap((inner, i) => (inner.kind === side ? [i] : []))
    return body.layout.at[ports[port]!]!.x - body.layout.width / 2
  }
  const count = node.node.inputs.length
  return side === 'out' || node.kind !== 'op' || count < 2 ? 0 : (port - (count - 1) / 2) * Math.min(16, 48 / count)
}

function draw(view: View, placed: Placed, origin: Point, colouring: Colouring, parts: string[], owner?: number): void {
  const { layout } = placed
  const move = (point: Point): Point => ({ x: origin.x + point.x, y: origin.y + point.y })
  for (const [i, node] of view.nodes.entries()) drawNode(node, placed, i, move(layout.at[i]!), colouring, parts, owner)
  for (const [i, edge] of view.edges.entries()) {
    const from = view.nodes[edge.from]!
    const to = view.nodes[edge.to]!
    const ends = `data-from="${from.key}" data-to="${to.key}"`
    const route = layout.routes[i]!.map(move)
    if (route.length > 0) {
      parts.push(`<path class="edge" ${ends} d="${pathOf(route)}"/>`)
      continue
    }
    // Too long to draw: a stub that names where it comes from, and leads there when clicked.
    const at = move(layout.at[edge.to]!)
    const x = round(at.x + portX(to, placed.bodies[edge.to], 'in', edge.toPort))
    const label = from.kind === 'op' || from.kind === 'region' ? from.name : from.title
    parts.push(`<path class="edge" ${ends} d="M${x} ${round(at.y - 10)}V${round(at.y)}"/>`)
    parts.push(`<text class="far" data-go="${from.key}" x="${x}" y="${round(at.y - 12)}" text-anchor="middle">${escapeHtml(label)}</text>`)
  }
}

function drawNode(
  node: ViewNode,
  placed: Placed,
  i: number,
  at: Point,
  colouring: Colouring,
  parts: string[],
  owner: number | undefined,
): void {
  const { width, height } = placed.boxes[i]!
  const port = node.kind === 'in' || node.kind === 'out'
  const group = port ? owner : node.kind === 'output' ? undefined : colouring.groupOf(node.node)
  const colour = group === undefined || !colouring.coloured.has(group) ? '' : ` g g${group % groupColours}`
  const x = at.x - width / 2
  const open = `<g class="node ${node.kind}${colour}" data-key="${node.key}"${group === undefined ? '' : ` data-group="${group}"`} transform="translate(${round(x)} ${round(at.y)})">`
  if (port) {
    parts.push(`${open}<circle cx="5" cy="5" r="4.5"/></g>`)
    return
  }
  const middle = round(width / 2)
  const radius = node.kind === 'op' ? 7 : node.kind === 'region' ? 12 : slimHeight / 2
  const rect = `<rect width="${round(width)}" height="${round(height)}" rx="${radius}"/>`
  const body = placed.bodies[i]
  if (body !== undefined && node.body !== undefined) {
    const label = group === undefined ? node.title : `#${group} ${node.title}`
    parts.push(`${open}${rect}</g>`)
    draw(node.body, body, { x: at.x - body.layout.width / 2, y: at.y + bodyTop(node.body) }, colouring, parts, group)
    // After the edges, so that its halo keeps it readable where they cross it.
    parts.push(`<text class="title region${colour}" x="${round(x + regionPad)}" y="${round(at.y + 18)}">${escapeHtml(label)}</text>`)
    return
  }
  const title = escapeHtml(node.title)
  const subtitle = escapeHtml(node.subtitle)
  if (node.kind === 'op') {
    parts.push(
      `${open}${rect}<text class="title" x="${middle}" y="17" text-anchor="middle">${title}</text><text class="type" x="${middle}" y="32" text-anchor="middle">${subtitle}</text></g>`,
    )
  } else {
    parts.push(
      `${open}${rect}<text x="${middle}" y="17" text-anchor="middle"><tspan class="title">${title}</tspan> <tspan class="type" dx="4">${subtitle}</tspan></text></g>`,
    )
  }
}

/** Vertical at both ends, curved between layers, straight along them. */
function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points
  let path = `M${round(first!.x)} ${round(first!.y)}`
  let from = first!
  for (const to of rest) {
    const middle = round((from.y + to.y) / 2)
    if (Math.abs(from.x - to.x) < 0.5) path += `V${round(to.y)}`
    else path += `C${round(from.x)} ${middle} ${round(to.x)} ${middle} ${round(to.x)} ${round(to.y)}`
    from = to
  }
  return path
}

/** One digit after the point. */
const round = (value: number): number => Math.round(value * 10) / 10
