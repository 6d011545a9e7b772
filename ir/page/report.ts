// The figures of the page: tiles that compare the first stage with the last, and the table of groups.

import type { GroupInfo } from '../explain.js'
import type { Graph } from '../graph.js'
import { graphCost } from '../stats.js'
import { formatBytes, formatCount, summarizeList } from '../units.js'
import { escapeHtml } from './escape.js'
import { groupColours } from './svg.js'

/** Arithmetic intensity: operations per byte moved. */
function intensity(group: GroupInfo): string {
  const bytes = group.bytesRead + group.bytesWritten
  return bytes === 0 ? '-' : `${Number((group.flops / bytes).toPrecision(2))}`
}

/** What the first stage would cost with a kernel per op, against the last. */
export function tiles(stages: readonly { readonly graph: Graph }[], kernels: number): string {
  if (stages.length === 0) return ''
  const before = graphCost(stages[0]!.graph)
  const after = graphCost(stages.at(-1)!.graph)
  const compared = stages.length > 1
  const traffic = (cost: typeof before): number => cost.bytesRead + cost.bytesWritten
  const tile = (label: string, was: number, is: number, format: (value: number) => string): string => {
    const share = was === 0 ? 100 : Math.min(100, (100 * is) / was)
    const value = compared ? `<small>${escapeHtml(format(was))} →</small> ${escapeHtml(format(is))}` : escapeHtml(format(is))
    const bar = compared ? `<div class="bar"><i style="width:${share.toFixed(1)}%"></i></div>` : ''
    return `<div class="tile"><div class="label">${label}</div><div class="value">${value}</div>${bar}</div>`
  }
  return `<div class="tiles">${[
    tile(compared ? 'ops → kernels' : 'kernels', before.kernels, kernels, formatCount),
    tile('bytes moved between kernels', traffic(before), traffic(after), formatBytes),
    tile('arithmetic operations', before.flops, after.flops, formatCount),
  ].join('')}</div>`
}

/** Rows of the panel about one group. */
export function groupRows(group: GroupInfo): { head: string; rows: [string, string][] } {
  const rows: [string, string][] = [
    ['ops', summarizeList(group.ops)],
    ['in', summarizeList(group.inputs, ', ')],
    ['out', summarizeList(group.outputs, ', ')],
    ['reads', formatBytes(group.bytesRead)],
    ['writes', formatBytes(group.bytesWritten)],
    ['FLOP', formatCount(group.flops)],
    ['FLOP/byte', intensity(group)],
  ]
  if (group.reason !== '') rows.push(['not larger', group.reason])
  return { head: group.kind === 'single' ? 'runs alone' : `${group.kind} kernel, ${group.ops.length} ops`, rows }
}

/** The table of groups, one row each. */
export function groupTable(groups: readonly GroupInfo[]): string {
  const most = groups.reduce((largest, group) => Math.max(largest, group.bytesRead + group.bytesWritten), 1)
  const rows = groups.map((group) => {
    const colour = group.kind === 'single' ? '' : ` g g${group.id % groupColours}`
    const share = (60 * (group.bytesRead + group.bytesWritten)) / most
    const cells = [
      `<td><span class="chip${colour}">#${group.id}</span></td>`,
      `<td>${escapeHtml(group.kind)}</td>`,
      `<td class="ops mono">${escapeHtml(summarizeList(group.ops))}</td>`,
      `<td class="types mono">${escapeHtml(summarizeList(group.inputs, ', '))} → ${escapeHtml(summarizeList(group.outputs, ', '))}</td>`,
      `<td class="num">${formatBytes(group.bytesRead)}</td>`,
      `<td class="num">${formatBytes(group.bytesWritten)}<i class="bar${colour}" style="width:${share.toFixed(1)}px"></i></td>`,
      `<td class="num">${formatCount(group.flops)}</td>`,
      `<td class="num">${intensity(group)}</td>`,
      `<td class="reason">${group.reason === '' ? '<span class="dim">-</span>' : escapeHtml(group.reason)}</td>`,
    ]
    return `<tr tabindex="0" data-group="${group.id}">${cells.join('')}</tr>`
  })
  const head = ['group', 'kind', 'ops', 'operands → results', 'bytes in', 'bytes out', 'FLOP', 'FLOP/byte', 'why not larger']
  const cells = head.map((text, i) => `<th${i >= 4 && i <= 7 ? ' class="num"' : ''}>${text}</th>`).join('')
  return `<div class="tablewrap"><table><thead><tr>${cells}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`
}
