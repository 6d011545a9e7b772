// Static memory planning: temporaries with lifetimes are laid out in one arena.

export interface Interval {
  readonly bytes: number
  /** First and last step that touch it, inclusive. */
  readonly first: number
  readonly last: number
}

export interface ArenaPlan {
  /** Byte offset of each interval, a multiple of the alignment. */
  readonly offsets: readonly number[]
  readonly bytes: number
  /** The most bytes alive at once: no plan can need less. */
  readonly lowerBound: number
}

/**
 * Greedy by size: large intervals first, each at the lowest offset where no interval alive at the same time lies
 * (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020, section 5.2).
 */
export function planArena(intervals: readonly Interval[], alignment = 64): ArenaPlan {
  const align = (bytes: number): number => Math.ceil(Math.max(bytes, 1) / alignment) * alignment
  const order = [...intervals.keys()].sort((a, b) => intervals[b]!.bytes - intervals[a]!.bytes || a - b)
  const offsets = new Array<number>(intervals.length).fill(0)
  /** Placed intervals by offset. */
  const placed: { offset: number; end: number; first: number; last: number }[] = []
  let total = 0
  for (const i of order) {
    const { bytes, first, last } = intervals[i]!
    const size = align(bytes)
    let offset = 0
    for (const other of placed) {
      if (other.last < first || other.first > last) continue
      if (offset + size <= other.offset) break
      offset = Math.max(offset, other.end)
    }
    offsets[i] = offset
    const entry = { offset, end: offset + size, first, last }
    const position = placed.findIndex((other) => other.offset > offset)
    placed.splice(position < 0 ? placed.length : position, 0, entry)
    total = Math.max(total, entry.end)
  }
  return { offsets, bytes: total, lowerBound: peak(intervals, align) }
}

function peak(intervals: readonly Interval[], align: (bytes: number) => number): number {
  const changes = intervals.flatMap(({ bytes, first, last }) => [
    { at: first, by: align(bytes) },
    { at: last + 1, by: -align(bytes) },
  ])
  changes.sort((a, b) => a.at - b.at || a.by - b.by)
  let now = 0
  let most = 0
  for (const { by } of changes) {
    now += by
    most = Math.max(most, now)
  }
  return most
}
