// Packing an emitted region into the words of a tile step.

import { dtypeInfo } from '../../../../ir/dtype.js'
import { classCode, instructionCode } from '../instructions.js'
import { nanoseconds, Words } from '../program.js'
import type { Emitter, RegisterKind } from './emitter.js'
import { type Block, collapse, mapBlock, padRank, rowsBlock, rowsPerBlock, type Space, tileElements } from './geometry.js'
import { allocateRegisters } from './registers.js'

export type TileMode = 'map' | 'rows' | 'reduce' | 'epilogue'

const modeCodes: Readonly<Record<TileMode, number>> = { map: 0, rows: 1, reduce: 2, epilogue: 0 }
const kindCodes: Readonly<Record<RegisterKind, number>> = { tile: 0, row: 1, splat: 2 }

/** What the instructions of a tile cost per element on one thread, roughly: enough to decide about threads and off-thread runs. */
const nanosecondsPerElement: Readonly<Record<string, number>> = {
  copy: 0.05,
  pow: 3,
  threefry: 4,
  sin: 1,
  cos: 1,
  exp: 0.5,
  log: 0.6,
  tanh: 0.7,
  erf: 0.8,
  gelu: 1,
  gelu_tanh: 1,
  sigmoid: 0.7,
}
const plainNanoseconds = 0.05
const nanosecondsPerByte = 0.04

/** The words of the step. `rowRank` trailing dimensions form the row (rows mode); `axes` are reduced (reduce mode). */
export function packTileStep(
  emitter: Emitter,
  mode: TileMode,
  rowRank: number,
  axes: readonly number[],
): { words: Words; nanoseconds: number } {
  const { space, block } = arrange(emitter, mode, rowRank, axes)
  const registers = allocateRegisters(emitter)
  const cost = estimate(emitter)
  const reduced = mode === 'reduce' ? space.tags.reduce((mask, tag, d) => mask | (tag === 1 ? 1 << d : 0), 0) : 0
  const words = new Words()
  words.push(1, 0, modeCodes[mode], space.sizes.length)
  words.push(emitter.loads.length, emitter.stores.length, registers.physical.length, emitter.instructions.length)
  words.push(block.rows, block.columns, nanoseconds(cost), reduced)
  words.long(...space.sizes)
  for (const register of registers.physical) words.push(classCode(register.class) | (kindCodes[register.kind] << 8))
  emitter.loads.forEach((load, i) => {
    words.push(load.buffer, dtypeInfo[load.dtype].code, registers.numberOf(load.register), 0)
    words.long(load.offset, ...space.strides[i]!)
  })
  emitter.stores.forEach((store, i) => {
    words.push(store.buffer, dtypeInfo[store.dtype].code, registers.numberOf(store.register), store.reduction)
    words.long(store.offset, ...space.strides[emitter.loads.length + i]!)
  })
  for (const { name, class: className, target, second, operands } of emitter.instructions) {
    const operand = (i: number): number => (operands[i] === undefined ? -1 : registers.numberOf(operands[i]))
    words.push(
      instructionCode(name),
      classCode(className),
      registers.numberOf(target),
      second === undefined ? -1 : registers.numberOf(second),
    )
    words.push(operand(0), operand(1), operand(2), operand(3))
  }
  words.set(1, words.length)
  return { words, nanoseconds: cost }
}

/** The iteration space in the form the mode wants, with the block of one tile. */
function arrange(emitter: Emitter, mode: TileMode, rowRank: number, axes: readonly number[]): { space: Space; block: Block } {
  const rank = emitter.shape.length
  const space: Space = {
    sizes: emitter.shape,
    strides: [...emitter.loads, ...emitter.stores].map((access) => access.strides),
    tags: emitter.shape.map((_, d) => (mode === 'rows' ? Number(d >= rank - rowRank) : Number(axes.includes(d)))),
  }
  switch (mode) {
    case 'epilogue':
      return { space, block: rowsBlock(space) }
    case 'map':
      return mapBlock(padRank(collapse(space), 1))
    case 'rows': {
      const collapsed = padRank(collapse(space), 2)
      const columns = collapsed.sizes.at(-1)!
      return { space: collapsed, block: { rows: rowsPerBlock(collapsed.sizes.at(-2)!, columns), columns } }
    }
    case 'reduce':
      return reduceBlock(byStride(padRank(collapse(space), 1), emitter.loads.length))
  }
}

/** Dimensions in the order in which the first full load walks memory, densest last. */
function byStride(space: Space, loads: number): Space {
  const main = space.strides.slice(0, loads).find((strides) => strides.some((stride) => stride !== 0))
  if (main === undefined) return space
  const weight = (d: number): number => (main[d] === 0 ? Number.POSITIVE_INFINITY : Math.abs(main[d]!))
  const order = [...space.sizes.keys()].sort((a, b) => (weight(a) === weight(b) ? a - b : weight(b) - weight(a)))
  return collapse({
    sizes: order.map((d) => space.sizes[d]!),
    strides: space.strides.map((strides) => order.map((d) => strides[d]!)),
    tags: order.map((d) => space.tags[d]!),
  })
}

function reduceBlock(space: Space): { space: Space; block: Block } {
  const padded = padRank(space, 1)
  const rank = padded.sizes.length
  // Reducing no elements still stores the identity: a block is never empty.
  const columns = Math.max(1, Math.min(tileElements, padded.sizes[rank - 1]!))
  const canStack = rank > 1 && padded.tags[rank - 2] === 1 && columns === padded.sizes[rank - 1]
  const rows = canStack ? Math.max(1, Math.min(padded.sizes[rank - 2]!, Math.floor(tileElements / columns))) : 1
  return { space: padded, block: { rows, columns } }
}

function estimate(emitter: Emitter): number {
  const elements = emitter.shape.reduce((a, b) => a * b, 1)
  let perElement = 0
  for (const { name, target } of emitter.instructions)
    if (target.kind === 'tile') perElement += nanosecondsPerElement[name] ?? plainNanoseconds
  for (const { dtype, register } of [...emitter.loads, ...emitter.stores]) {
    if (register.kind === 'tile') perElement += dtypeInfo[dtype].bytes * nanosecondsPerByte
  }
  return elements * perElement
}
