// The training curve as SVG: two panels over the epochs, the loss (logarithmic) and the accuracy on the test part.

export interface EpochPoint {
  readonly epoch: number
  /** Mean training loss over the epoch. */
  readonly loss: number
  /** From 0 to 1. */
  readonly accuracy: number
}

interface Panel {
  readonly title: string
  readonly top: number
  readonly color: string
  readonly value: (point: EpochPoint) => number
  /** Where a value lies, from 0 (bottom) to 1 (top), and the values to draw lines at. */
  readonly place: (value: number) => number
  readonly ticks: readonly number[]
  readonly label: (value: number) => string
}

const width = 720
const height = 520
const left = 64
const right = 696
const panelHeight = 180

/** The chart. `caption` goes under the title. */
export function trainingChart(points: readonly EpochPoint[], caption: string): string {
  const last = points.at(-1)!
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#333">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${left}" y="28" font-size="17" font-weight="600">Handwritten digits: training</text>`,
    `<text x="${left}" y="46" fill="#777">${caption}</text>`,
    ...panel(lossPanel(points), points),
    ...panel(accuracyPanel(points), points),
    `<text x="${(left + right) / 2}" y="${height - 14}" text-anchor="middle" fill="#777">epoch (1 to ${last.epoch})</text>`,
    '</svg>',
  ]
  return `${lines.join('\n')}\n`
}

function lossPanel(points: readonly EpochPoint[]): Panel {
  const losses = points.map(({ loss }) => Math.log10(loss))
  const low = Math.floor(Math.min(...losses))
  const high = Math.max(low + 1, Math.ceil(Math.max(...losses)))
  return {
    title: `training loss, at the end ${points.at(-1)!.loss.toPrecision(3)}`,
    top: 78,
    color: '#c2410c',
    value: ({ loss }) => loss,
    place: (value) => (Math.log10(value) - low) / (high - low),
    ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
    label: (value) => String(Number(value.toPrecision(1))),
  }
}

function accuracyPanel(points: readonly EpochPoint[]): Panel {
  const low = Math.min(0.9, Math.floor(Math.min(...points.map(({ accuracy }) => accuracy)) * 10) / 10)
  const steps = Math.round((1 - low) * 10)
  return {
    title: `accuracy on the test part, at the end ${(points.at(-1)!.accuracy * 100).toFixed(2)} %`,
    top: 296,
    color: '#1d4ed8',
    value: ({ accuracy }) => accuracy,
    place: (value) => (value - low) / (1 - low),
    ticks: Array.from({ length: steps + 1 }, (_, i) => low + i / 10),
    label: (value) => `${Math.round(value * 100)} %`,
  }
}

function panel({ title, top, color, value, place, ticks, label }: Panel, points: readonly EpochPoint[]): string[] {
  const bottom = top + panelHeight
  const y = (at: number): string => (bottom - place(at) * panelHeight).toFixed(1)
  const x = (index: number): string => (left + ((right - left) * index) / Math.max(1, points.length - 1)).toFixed(1)
  const path = points.map((point, i) => `${i === 0 ? 'M' : 'L'}${x(i)} ${y(value(point))}`).join(' ')
  return [
    `<text x="${left}" y="${top - 8}" fill="${color}" font-weight="600">${title}</text>`,
    ...ticks.flatMap((tick) => [
      `<line x1="${left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}" stroke="#e5e5e5"/>`,
      `<text x="${left - 8}" y="${Number(y(tick)) + 4}" text-anchor="end" fill="#777">${label(tick)}</text>`,
    ]),
    `<path d="${path}" fill="none" stroke="${color}" stroke-width="2" stroke-linejoin="round"/>`,
  ]
}
