// The table of figures, for a terminal and for Markdown files.

import { readFileSync, writeFileSync } from 'node:fs'
import { type Figure, showTarget, showValue } from './figure.js'
import { busyNote, describeMachine, type MachineFacts } from './machine.js'

const columns = ['benchmark', 'figure', 'measured', 'target', 'verdict', 'detail'] as const

const rowOf = (figure: Figure): readonly string[] => [
  figure.benchmark,
  figure.what,
  showValue(figure.value, figure.unit),
  showTarget(figure.target, figure.unit),
  figure.verdict === 'info' ? '' : figure.verdict,
  figure.detail,
]

/** A table of aligned columns; with colours where the terminal has them. */
export function textTable(figures: readonly Figure[], colours: boolean): string {
  const rows = figures.map(rowOf)
  const widths = columns.map((title, c) => Math.max(title.length, ...rows.map((row) => row[c]!.length)))
  const line = (cells: readonly string[]): string =>
    cells.map((cell, c) => (c === 2 ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!))).join('  ')
  const paint = (figure: Figure, text: string): string => {
    if (!colours || figure.verdict === 'info') return text
    return text.replace(/ (pass|miss) /, ` \x1b[${figure.verdict === 'pass' ? 32 : 31};1m$1\x1b[0m `)
  }
  const lines = figures.map((figure, i) => paint(figure, line(rows[i]!).trimEnd()))
  return [line(columns).trimEnd(), widths.map((width) => '-'.repeat(width)).join('  '), ...lines].join('\n')
}

const markers = { begin: '<!-- bench:begin -->', end: '<!-- bench:end -->' } as const

/** The figures that have targets, as Markdown, with the machine. */
export function markdownTable(figures: readonly Figure[], facts: MachineFacts): string {
  const judged = figures.filter((figure) => figure.target !== undefined)
  const rows = judged.map((figure) => `| ${rowOf(figure).slice(1).join(' | ')} |`)
  const head = ['| figure | measured | target | verdict | detail |', '|---|---:|---:|---|---|']
  return [`Measured ${facts.date} on ${describeMachine(facts)}. ${busyNote(facts)}`.trimEnd(), '', ...head, ...rows].join('\n')
}

/** Replaces what stands between the markers of a file. */
export function replaceBetweenMarkers(path: string, content: string): void {
  const text = readFileSync(path, 'utf8')
  const begin = text.indexOf(markers.begin)
  const end = text.indexOf(markers.end)
  if (begin < 0 || end < begin) throw new Error(`${path} lacks the markers ${markers.begin} and ${markers.end}`)
  writeFileSync(path, `${text.slice(0, begin + markers.begin.length)}\n${content}\n${text.slice(end)}`)
}
