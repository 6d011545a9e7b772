// What a benchmark reports: figures judged against their targets, and times to draw side by side.

export type Unit = 'us' | 'ms' | 's' | 'x' | '%' | 'MB' | ''

export interface Target {
  readonly most?: number
  readonly least?: number
}

export interface Figure {
  readonly benchmark: string
  readonly what: string
  readonly value: number
  readonly unit: Unit
  readonly target?: Target
  readonly verdict: 'pass' | 'miss' | 'info'
  /** Absolute times behind a ratio, or how the figure came about. */
  readonly detail: string
}

/** A contender's part in the picture: what it is, and so its colour. */
export type Role = 'fused' | 'eager' | 'baseline'

export interface Bars {
  readonly benchmark: string
  readonly label: string
  readonly bars: readonly { readonly name: string; readonly role: Role; readonly microseconds: number }[]
}

export interface Report {
  readonly figures: Figure[]
  readonly bars: Bars[]
  /** What could not be measured here, and why. */
  readonly notes: string[]
}

export interface Recorder {
  /** A figure without a target is information. */
  figure(what: string, value: number, unit: Unit, target?: Target, detail?: string): void
  bars(label: string, bars: Bars['bars']): void
  note(text: string): void
}

/** One question, answered by figures. */
export interface Benchmark {
  readonly name: string
  readonly question: string
  run(recorder: Recorder): Promise<void> | void
}

/** Runs a benchmark and collects what it reports. */
export async function measure({ name, run }: Benchmark): Promise<Report> {
  const report: Report = { figures: [], bars: [], notes: [] }
  await run({
    figure: (what, value, unit, target, detail = '') => {
      const figure = { benchmark: name, what, value, unit, verdict: verdictOf(value, target), detail } as const
      report.figures.push(target === undefined ? figure : { ...figure, target })
    },
    bars: (label, bars) => report.bars.push({ benchmark: name, label, bars }),
    note: (text) => report.notes.push(`${name}: ${text}`),
  })
  return report
}

function verdictOf(value: number, target: Target | undefined): Figure['verdict'] {
  if (target === undefined) return 'info'
  const { most = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY } = target
  return value <= most && value >= least ? 'pass' : 'miss'
}

/** The value with its unit. */
export function showValue(value: number, unit: Unit): string {
  const digits = Number.isInteger(value) || Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 100 ? 1 : Math.abs(value) >= 1 ? 2 : 3
  const text = value.toFixed(digits)
  return unit === 'x' || unit === '%' ? `${text}${unit === '%' ? ' %' : 'x'}` : unit === '' ? text : `${text} ${unit}`
}

/** The target as text. */
export function showTarget(target: Target | undefined, unit: Unit): string {
  if (target === undefined) return ''
  const { most, least } = target
  return [most === undefined ? '' : `<= ${showValue(most, unit)}`, least === undefined ? '' : `>= ${showValue(least, unit)}`]
    .filter((text) => text !== '')
    .join(', ')
}

/** Microseconds in the unit that reads best. */
export function showTime(microseconds: number): string {
  if (microseconds >= 1e6) return `${(microseconds / 1e6).toFixed(2)} s`
  if (microseconds >= 1000) return `${(microseconds / 1000).toFixed(microseconds >= 1e5 ? 0 : microseconds >= 1e4 ? 1 : 2)} ms`
  return `${microseconds.toFixed(microseconds >= 100 ? 0 : microseconds >= 10 ? 1 : 2)} us`
}
