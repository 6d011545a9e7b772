// The chart of docs/benchmarks.svg: times side by side on a logarithmic scale. Drawn here, without a library; readable on light and dark pages.

import { type Bars, type Role, showTime } from './figure.js'
import { busyNote, describeMachine, type MachineFacts } from './machine.js'

const layout = { width: 1100, left: 370, right: 110, top: 92, barHeight: 15, barGap: 3, groupGap: 16, foot: 74 } as const

const style = `
  .page { fill: #ffffff } .text { fill: #1f2328 } .quiet { fill: #59636e } .grid { stroke: #d8dee4 } .axis { stroke: #818b98 }
  .fused { fill: #0969da } .eager { fill: #bf8700 } .baseline { fill: #8c959f }
  text { font: 12px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif } .title { font-size: 17px; font-weight: 600 } .label { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .text { fill: #e6edf3 } .quiet { fill: #9198a1 } .grid { stroke: #2a313c } .axis { stroke: #656c76 }
    .fused { fill: #4493f8 } .eager { fill: #d29922 } .baseline { fill: #6e7681 }
  }`

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

const text = (x: number, y: number, className: string, content: string, anchor = 'start'): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" class="${className}" text-anchor="${anchor}">${escaped(content)}</text>`

const legend: readonly (readonly [Role, string])[] = [
  ['fused', 'Sinter, one plan'],
  ['eager', 'Sinter, op by op (eager)'],
  ['baseline', 'something else: a plain loop in C++, PyTorch, OpenBLAS'],
]

/** An SVG document with one group of bars per program. */
export function drawChart(groups: readonly Bars[], facts: MachineFacts): string {
  const times = groups.flatMap((group) => group.bars.map((bar) => bar.microseconds))
  const low = Math.floor(Math.log10(Math.min(...times, 10)))
  const high = Math.ceil(Math.log10(Math.max(...times, 100)))
  const plotWidth = layout.width - layout.left - layout.right
  const x = (microseconds: number): number => layout.left + ((Math.log10(microseconds) - low) / (high - low)) * plotWidth
  const parts: string[] = []
  let y: number = layout.top
  for (const { label, bars } of groups) {
    const height = bars.length * (layout.barHeight + layout.barGap) - layout.barGap
    parts.push(text(layout.left - 14, y + height / 2 + 4, 'text label', label, 'end'))
    for (const { name, role, microseconds } of bars) {
      const width = x(microseconds) - layout.left
      parts.push(
        `<rect x="${layout.left}" y="${y}" width="${width.toFixed(1)}" height="${layout.barHeight}" rx="2" class="${role}"/>`,
        `<text x="${(layout.left + width + 6).toFixed(1)}" y="${(y + layout.barHeight - 3.5).toFixed(1)}"><tspan class="text">${showTime(microseconds)}</tspan> ` +
          `<tspan class="quiet" dx="4">${escaped(name)}</tspan></text>`,
      )
      y += layout.barHeight + layout.barGap
    }
    y += layout.groupGap - layout.barGap
  }
  const bottom = y
  const grid: string[] = []
  for (let power = low; power <= high; power++) {
    const at = x(10 ** power)
    grid.push(
      `<line x1="${at.toFixed(1)}" y1="${layout.top - 10}" x2="${at.toFixed(1)}" y2="${bottom}" class="${power === low ? 'axis' : 'grid'}"/>`,
    )
    grid.push(text(at, bottom + 16, 'quiet', showPower(power), 'middle'))
  }
  const keys = legend.map(([role, name], i) => {
    const at = 24 + [0, 140, 330][i]!
    return `<rect x="${at}" y="53" width="12" height="12" rx="2" class="${role}"/>${text(at + 18, 63, 'quiet', name)}`
  })
  const height = bottom + layout.foot
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${layout.width}" height="${height}" viewBox="0 0 ${layout.width} ${height}" role="img" aria-label="Benchmark times">
<style>${style}
</style>
<rect width="${layout.width}" height="${height}" class="page"/>
${text(24, 34, 'text title', 'Time per call, shorter is better (logarithmic scale)')}
${keys.join('\n')}
${grid.join('\n')}
${parts.join('\n')}
${text(24, height - 32, 'quiet', `${describeMachine(facts)}, ${facts.date}`)}
${text(24, height - 14, 'quiet', busyNote(facts))}
</svg>
`
}

const showPower = (power: number): string =>
  power >= 6 ? `${10 ** (power - 6)} s` : power >= 3 ? `${10 ** (power - 3)} ms` : `${10 ** power} us`
