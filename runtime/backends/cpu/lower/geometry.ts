// Iteration spaces: dropping and merging dimensions, choosing their order and the block that one tile covers.

/** A dimension of an iteration space with the stride of every access along it. */
interface Dimension {
  readonly size: number
  readonly strides: readonly number[]
  /** Dimensions merge only within one class (kept or reduced, row or not). */
  readonly tag: number
}

export interface Space {
  readonly sizes: readonly number[]
  /** strides[access][dimension]. */
  readonly strides: readonly (readonly number[])[]
  readonly tags: readonly number[]
}

/** Drops dimensions of size 1 and merges neighbours that every access walks as one. `tags` keep dimensions of different kinds apart. */
export function collapse(space: Space): Space {
  const merged: Dimension[] = []
  space.sizes.forEach((size, d) => {
    if (size === 1) return
    const next: Dimension = { size, strides: space.strides.map((strides) => strides[d]!), tag: space.tags[d]! }
    const last = merged.at(-1)
    const joins = last !== undefined && last.tag === next.tag && last.strides.every((stride, a) => stride === next.strides[a]! * size)
    if (joins) merged[merged.length - 1] = { size: last.size * size, strides: next.strides, tag: next.tag }
    else merged.push(next)
  })
  return fromDimensions(merged, space.strides.length)
}

function fromDimensions(dimensions: readonly Dimension[], accesses: number): Space {
  return {
    sizes: dimensions.map((dimension) => dimension.size),
    strides: Array.from({ length: accesses }, (_, a) => dimensions.map((dimension) => dimension.strides[a]!)),
    tags: dimensions.map((dimension) => dimension.tag),
  }
}

/** The dimensions in another order. */
export function reorder(space: Space, order: readonly number[]): Space {
  return {
    sizes: order.map((d) => space.sizes[d]!),
    strides: space.strides.map((strides) => order.map((d) => strides[d]!)),
    tags: order.map((d) => space.tags[d]!),
  }
}

/** At least `rank` dimensions, by ones in front. */
export function padRank(space: Space, rank: number): Space {
  const missing = Math.max(0, rank - space.sizes.length)
  if (missing === 0) return space
  const pad = (fill: number): number[] => new Array<number>(missing).fill(fill)
  return {
    sizes: [...pad(1), ...space.sizes],
    strides: space.strides.map((strides) => [...pad(0), ...strides]),
    tags: [...pad(space.tags[0] ?? 0), ...space.tags],
  }
}

export interface Block {
  readonly rows: number
  readonly columns: number
}

/** Elements per tile that measured best: the registers of a chain stay in the first-level cache. */
export const tileElements = 1024
/**
 * Rows of whole vectors, of which a block takes several even when they are long: that shares the work per block and the latency of single row values.
 * Not for more elements in all than caches hold: then memory is what takes time, and reading one row while another is computed is worth more.
 */
const longRow = { least: 256, multipleOf: 16, perBlock: 4, elements: 4096, enough: 64, most: 2 ** 21 } as const

/** Rows per block in rows mode, for `rows` rows of `columns` elements. */
export function rowsPerBlock(rows: number, columns: number): number {
  const fitting = Math.max(1, Math.min(rows, Math.floor(tileElements / Math.max(1, columns))))
  const worthwhile = rows >= longRow.enough && rows * columns <= longRow.most
  const long = worthwhile && columns >= longRow.least && columns % longRow.multipleOf === 0
  return long ? Math.max(fitting, Math.min(longRow.perBlock, Math.floor(longRow.elements / columns))) : fitting
}

/** Side of the square block for transposed accesses: whole cache lines on both sides. */
const transposedSide = 32

/**
 * The block for map mode. An access that is dense along another dimension than the last makes that dimension the rows of square blocks,
 * so that it reads whole cache lines.
 */
export function mapBlock(space: Space): { space: Space; block: Block } {
  const rank = space.sizes.length
  if (rank < 2) return { space, block: { rows: 1, columns: Math.min(tileElements, space.sizes[0]!) } }
  const crossing = space.strides.find((strides) => Math.abs(strides[rank - 1]!) > 1 && strides.some((stride) => Math.abs(stride) === 1))
  if (crossing !== undefined) {
    const dense = crossing.findIndex((stride) => Math.abs(stride) === 1)
    const order = [...space.sizes.keys()].filter((d) => d !== dense)
    order.splice(rank - 2, 0, dense)
    const moved = reorder(space, order)
    return {
      space: moved,
      block: { rows: Math.min(transposedSide, moved.sizes[rank - 2]!), columns: Math.min(transposedSide, moved.sizes[rank - 1]!) },
    }
  }
  return { space, block: rowsBlock(space) }
}

/** A block of whole rows, as many as fit a tile, or a part of one row. */
export function rowsBlock(space: Space): Block {
  const rank = space.sizes.length
  const columns = Math.min(tileElements, space.sizes[rank - 1]!)
  const whole = columns === space.sizes[rank - 1]!
  const rows = rank > 1 && whole ? Math.max(1, Math.min(space.sizes[rank - 2]!, Math.floor(tileElements / columns))) : 1
  return { rows, columns }
}
