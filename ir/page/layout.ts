// Layered drawing of a directed acyclic graph (after Sugiyama, Tagawa and Toda 1981): layers by longest path, crossings reduced by
// barycentre sweeps, coordinates by least squares per layer. Small and deterministic; meant for up to some thousands of boxes.

export interface Box {
  readonly width: number
  readonly height: number
  /** Ports of a region's body: pinned to the first or last layer. */
  readonly pin?: 'first' | 'last'
}

/** Boxes by position; `fromX` and `toX` say where the edge touches, relative to the middle of the box. */
export interface Link {
  readonly from: number
  readonly to: number
  readonly fromX: number
  readonly toX: number
  /** Not worth a long line: left out when it crosses more than a few layers. */
  readonly weak?: boolean
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Layout {
  /** Middle of the top edge of each box. */
  readonly at: readonly Point[]
  /** Points from the bottom of one box to the top of another; empty for links that are too long to be drawn. */
  readonly routes: readonly (readonly Point[])[]
  readonly width: number
  readonly height: number
}

export interface Gaps {
  readonly x: number
  readonly y: number
}

/** A box, or a place where a link crosses a layer. */
interface Item {
  readonly width: number
  readonly height: number
  readonly layer: number
  readonly up: { item: Item; here: number; there: number }[]
  readonly down: { item: Item; here: number; there: number }[]
  readonly bend: boolean
  /** The bends of the same link, for a bend. */
  chain: readonly Item[]
  order: number
  x: number
}

const bendWidth = 6
const mostBends = 20_000
const sweeps = 12
const longestWeak = 3

/** Places boxes, which must be listed in dependency order, so that links point downwards. */
export function layOut(boxes: readonly Box[], links: readonly Link[], gaps: Gaps): Layout {
  const layerOf = assignLayers(boxes, links)
  const items: Item[] = boxes.map((box, i) => newItem(box.width, box.height, layerOf[i]!, false))
  const longest = longestLink(layerOf, links)
  const chains = links.map((link) => {
    const span = layerOf[link.to]! - layerOf[link.from]!
    return span > (link.weak ? longestWeak : longest) ? undefined : connect(items, link)
  })
  const layers = orderLayers(items)
  placeAcross(layers, gaps.x)
  const left = Math.min(0, ...items.map((item) => item.x - item.width / 2))
  for (const item of items) item.x -= left
  const tops = placeDown(layers, gaps.y)
  const bottoms = layers.map((layer, l) => tops[l]! + layer.reduce((most, item) => Math.max(most, item.height), 0))
  return {
    at: boxes.map((_, i) => ({ x: items[i]!.x, y: tops[layerOf[i]!]! })),
    routes: links.map((link, i) => {
      const chain = chains[i]
      if (chain === undefined) return []
      const from = items[link.from]!
      const to = items[link.to]!
      const start = from.x + link.fromX
      // Down to the end of the layer first: a neighbour there may be taller, and a curve would run through it.
      const leave = [tops[from.layer]! + from.height, bottoms[from.layer]!].map((y) => ({ x: start, y }))
      const bends = chain.flatMap((item) => [tops[item.layer]!, bottoms[item.layer]!].map((y) => ({ x: item.x, y })))
      return [...leave, ...bends, { x: to.x + link.toX, y: tops[to.layer]! }]
    }),
    width: items.reduce((most, item) => Math.max(most, item.x + item.width / 2), 0),
    height: bottoms.at(-1) ?? 0,
  }
}

function newItem(width: number, height: number, layer: number, bend: boolean): Item {
  return { width, height, layer, up: [], down: [], bend, chain: [], order: 0, x: 0 }
}

/** Longest path from the sources; sources themselves (and what is made of one of them alone) sink to just above their first user. */
function assignLayers(boxes: readonly Box[], links: readonly Link[]): number[] {
  const layer: number[] = boxes.map((box) => (box.pin === 'first' ? 0 : -1))
  const incoming: number[][] = boxes.map(() => [])
  const outgoing: number[][] = boxes.map(() => [])
  for (const { from, to } of links) {
    incoming[to]!.push(from)
    outgoing[from]!.push(to)
  }
  const weak = new Set(links.flatMap((link) => (link.weak ? [link.from] : [])))
  const hasPorts = boxes.some((box) => box.pin === 'first')
  const light = boxes.map(() => false)
  boxes.forEach((box, i) => {
    if (box.pin === 'first') return
    layer[i] = incoming[i]!.reduce((deepest, from) => Math.max(deepest, layer[from]! + 1), hasPorts ? 1 : 0)
    const [source, ...others] = incoming[i]!
    light[i] = source === undefined || (others.length === 0 && light[source]! && (weak.has(source) || outgoing[source]!.length === 1))
  })
  const last = layer.reduce((deepest, value) => Math.max(deepest, value), 0)
  for (let i = boxes.length - 1; i >= 0; i--) {
    if (boxes[i]!.pin === 'last') layer[i] = last
    else if (light[i] && outgoing[i]!.length > 0) layer[i] = Math.max(layer[i]!, Math.min(...outgoing[i]!.map((to) => layer[to]!)) - 1)
  }
  return layer
}

/** How many layers a link may cross and still be drawn whole, so that the number of bends stays bounded. */
function longestLink(layerOf: readonly number[], links: readonly Link[]): number {
  let longest = layerOf.reduce((most, layer) => Math.max(most, layer), 1)
  const spans = links.map((link) => layerOf[link.to]! - layerOf[link.from]!)
  while (longest > 2 && spans.reduce((sum, span) => sum + (span <= longest ? span - 1 : 0), 0) > mostBends) longest = Math.ceil(longest / 2)
  return longest
}

/** Adds the bends of a link, and returns them. */
function connect(items: Item[], link: Link): Item[] {
  const chain: Item[] = []
  const end = items[link.to]!
  let previous = items[link.from]!
  let there = link.fromX
  for (let layer = previous.layer + 1; layer < end.layer; layer++) {
    const bend = newItem(bendWidth, 0, layer, true)
    join(previous, there, bend, 0)
    items.push(bend)
    chain.push(bend)
    previous = bend
    there = 0
  }
  join(previous, there, end, link.toX)
  for (const bend of chain) bend.chain = chain
  return chain
}

function join(from: Item, fromX: number, to: Item, toX: number): void {
  from.down.push({ item: to, here: fromX, there: toX })
  to.up.push({ item: from, here: toX, there: fromX })
}

/** Items by layer, each layer in the best order that the sweeps found. */
function orderLayers(items: readonly Item[]): Item[][] {
  const layers: Item[][] = []
  for (const item of items) {
    while (layers.length <= item.layer) layers.push([])
    layers[item.layer]!.push(item)
  }
  for (const layer of layers) number(layer)
  let best = layers.map((layer) => layer.slice())
  let fewest = crossings(layers)
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep++) {
    const down = sweep % 2 === 0
    for (const layer of down ? layers : layers.slice().reverse()) sortByNeighbours(layer, down ? 'up' : 'down')
    const count = crossings(layers)
    if (count < fewest) {
      fewest = count
      best = layers.map((layer) => layer.slice())
    }
  }
  for (const layer of best) number(layer)
  return best
}

function number(layer: readonly Item[]): void {
  layer.forEach((item, i) => {
    item.order = i
  })
}

function sortByNeighbours(layer: Item[], side: 'up' | 'down'): void {
  const key = new Map<Item, number>()
  for (const item of layer) {
    const near = item[side]
    // The offset of the port breaks ties between links that share a wide box.
    const sum = near.reduce((total, { item: other, there }) => total + other.order + there / (other.width + 1), 0)
    key.set(item, near.length === 0 ? item.order : sum / near.length)
  }
  layer.sort((a, b) => key.get(a)! - key.get(b)! || a.order - b.order)
  number(layer)
}

/** Pairs of crossing links, counted layer by layer as inversions with a Fenwick tree. */
function crossings(layers: readonly (readonly Item[])[]): number {
  let count = 0
  for (let l = 0; l + 1 < layers.length; l++) {
    const size = layers[l + 1]!.length
    const tree = new Int32Array(size + 1)
    let total = 0
    for (const item of layers[l]!) {
      const targets = item.down.map((link) => link.item.order).sort((a, b) => a - b)
      for (const target of targets) {
        let atMost = 0
        for (let i = target + 1; i > 0; i -= i & -i) atMost += tree[i]!
        count += total - atMost
      }
      for (const target of targets) {
        total++
        for (let i = target + 1; i <= size; i += i & -i) tree[i]!++
      }
    }
  }
  return count
}

const rounds = 20

/** Pulls every item towards its neighbours, keeping the order and the gaps: from above, from below, at last from both; links towards straight ones. */
function placeAcross(layers: readonly Item[][], gap: number): void {
  for (const layer of layers)
    spread(
      layer,
      layer.map((_, i) => i * 40),
      gap,
    )
  for (let round = 0; round < rounds; round++) {
    const down = round % 2 === 0
    const late = round >= rounds / 2
    for (const layer of down ? layers : layers.slice().reverse()) {
      const wanted = layer.map((item) => {
        if (late && item.bend) return item.chain.reduce((sum, bend) => sum + bend.x, 0) / item.chain.length
        const near = late ? [...item.up, ...item.down] : item[down ? 'up' : 'down']
        return average(near.length > 0 ? near : [...item.up, ...item.down], item)
      })
      spread(layer, wanted, gap)
    }
  }
}

/** Where an item's links pull it. Bends weigh more, since straight long links read best. */
function average(links: Item['up'], item: Item): number {
  let [sum, weight] = [0, 0]
  for (const link of links) {
    const pull = item.bend && link.item.bend ? 8 : 1
    sum += pull * (link.item.x + link.there - link.here)
    weight += pull
  }
  return weight === 0 ? item.x : sum / weight
}

/** The places nearest (least squares) to the wanted ones which keep order and gaps: isotonic regression, pooling adjacent violators. */
function spread(layer: readonly Item[], wanted: readonly number[], gap: number): void {
  const offsets: number[] = []
  let offset = 0
  layer.forEach((item, i) => {
    if (i > 0) {
      const before = layer[i - 1]!
      offset += (before.width + item.width) / 2 + (before.bend && item.bend ? gap / 2 : gap)
    }
    offsets.push(offset)
  })
  const blocks: { sum: number; weight: number; count: number }[] = []
  layer.forEach((item, i) => {
    const weight = item.bend ? 4 : 1
    let block = { sum: (wanted[i]! - offsets[i]!) * weight, weight, count: 1 }
    for (let last = blocks.at(-1); last !== undefined && last.sum / last.weight >= block.sum / block.weight; last = blocks.at(-1)) {
      block = { sum: block.sum + last.sum, weight: block.weight + last.weight, count: block.count + last.count }
      blocks.pop()
    }
    blocks.push(block)
  })
  let i = 0
  for (const block of blocks) for (let k = 0; k < block.count; k++, i++) layer[i]!.x = block.sum / block.weight + offsets[i]!
}

/** The top of each layer; layers whose links run far sideways get more room above them. */
function placeDown(layers: readonly Item[][], gap: number): number[] {
  const tops: number[] = []
  let y = 0
  layers.forEach((layer, l) => {
    if (l > 0) {
      const sideways = Math.max(
        0,
        ...layer.flatMap((item) => item.up.map((link) => Math.abs(link.item.x + link.there - item.x - link.here))),
      )
      y += gap + Math.min(gap * 1.5, sideways / 10)
    }
    tops.push(y)
    y += Math.max(0, ...layer.map((item) => item.height))
  })
  return tops
}
