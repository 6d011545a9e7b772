// Damaged programs for the MPSGraph library: well-formed ones with a few words changed. Each is refused with a message, or performed without a bad access; the
// sanitizers (run.ts) see to the second part. Deterministic. Arguments: the library, how many mutants of each program.

import { randomFrom } from '../../support/values.js'
import { cellsOf, NativeMps } from '../support/native.js'
import {
  asBytes,
  assemble,
  binary,
  block,
  bytes,
  call,
  descriptor,
  feed,
  float32,
  identity,
  integer,
  list,
  nil,
  type Parts,
  placeholder,
  real,
  target,
  text,
  unsigned,
  value,
} from '../support/words.js'

const native = new NativeMps(process.argv[2]!)
const mutants = Number(process.argv[3] ?? 20_000)
const device = native.number('sinter_mps_device_open', 0)
const common = { feeds: [feed(0, [2]), feed(1, [1], true)], data: new Uint8Array(Float32Array.of(5, 6).buffer) }

// Only read: that a block is of the kind that its method takes is for whoever makes programs, no type encoding says it.
const withBlocks: Parts = {
  ...common,
  calls: [
    placeholder(2),
    placeholder(1),
    call('initWithShape:dataType:', [list(integer(2)), integer(float32)], { receiver: [1, 'MPSGraphShapedType'] }),
    call('placeholderTensors', [], { result: [2, 2] }),
    call('controlDependencyWithOperations:dependentBlock:name:', [list(), block(0, 0, [identity(3), identity(4)], [5, 6]), nil], {
      result: [2, 2],
    }),
    call('whileWithInitialInputs:before:after:name:', [
      list(value(3)),
      block(3, 1, [identity(9)], [10, 9]),
      block(1, 1, [identity(11)], [12]),
      nil,
    ]),
    call('identityWithTensor:name:', [
      descriptor('MPSGraphConvolution2DOpDescriptor', { strideInX: integer(1), paddingStyle: integer(0), dataLayout: integer(1) }),
      nil,
    ]),
  ],
  values: 15,
  targets: [target(14, [2])],
}
const programs: readonly Parts[] = [
  {
    ...common,
    calls: [placeholder(2), placeholder(1), binary('multiplication', 0, 1), binary('addition', 2, 1), identity(3)],
    values: 5,
    targets: [target(4, [2]), target(2, [2])],
  },
  {
    ...common,
    calls: [
      placeholder(2),
      placeholder(1),
      call('constantWithData:shape:dataType:', [bytes(0, 8), list(integer(2)), integer(float32)]),
      call('constantWithScalar:dataType:', [real(1.5), unsigned(BigInt(float32))]),
      binary('addition', 2, 3),
      call('reductionSumWithTensor:axis:name:', [value(4), integer(-1), text('sum')]),
      call('reductionSumWithTensor:axes:name:', [value(0), list(integer(0)), nil]),
      binary('addition', 5, 6),
      binary('addition', 7, 1),
    ],
    values: 9,
    targets: [target(8, [1])],
  },
  withBlocks,
]

const tempting = [
  0,
  1,
  2,
  3,
  4,
  5,
  6,
  7,
  8,
  9,
  10,
  13,
  16,
  31,
  32,
  33,
  64,
  255,
  4096,
  65536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 4,
  2 ** 32 - 1,
]
/** A program is run if no word has become larger than this: the library bounds what is accessed, not how much is computed. */
const largest = 64
const outcomes = { refused: 0, ran: 0, refusedAtRun: 0 }

function attempt(words: Uint32Array, run: boolean, onlyRead: boolean): void {
  const program = asBytes(words)
  const executable = Number(
    onlyRead
      ? native.call['sinter_mps_load']!(device, program, program.length, 0, '/nowhere.mpsgraphpackage')
      : native.call['sinter_mps_compile']!(device, program, program.length, words.length % 2),
  )
  if (executable === 0) {
    if (native.error().length < 16) throw new Error(`a program was refused with the message "${native.error()}"`)
    outcomes.refused++
    return
  }
  if (run) {
    const memory = Array.from({ length: Math.max(2, words[8]! + words[10]!) }, () => native.memory(device, [1, 2, 3, 4]))
    const cells = cellsOf(memory.map((one, i) => (i === 1 ? 2 : one)))
    const ticket = Number(native.call['sinter_mps_submit']!(executable, cells, words[8]! + words[10]!))
    if (ticket === 0 || Number(native.call['sinter_mps_wait']!(ticket)) !== 0) outcomes.refusedAtRun++
    else outcomes.ran++
    for (const { handle } of memory) native.number('sinter_mps_buffer_free', handle)
  }
  native.number('sinter_mps_release', executable)
}

/** Changes one to three words; returns whether what comes out may be run. */
function damage(words: Uint32Array, random: () => number): boolean {
  const below = (limit: number): number => Math.floor(random() * limit)
  let small = true
  for (let change = 1 + below(3); change > 0; change--) {
    const at = below(random() < 0.2 ? 14 : words.length)
    const ways = [
      () => tempting[below(tempting.length)]!,
      () => words[at]! + below(5) - 2,
      () => words[at]! ^ (1 << below(32)),
      () => words[below(words.length)]!,
      () => below(2 ** 32),
    ]
    words[at] = ways[below(ways.length)]!()
    if (words[at]! > largest) small = false
  }
  return small
}

const before = native.counters()
programs.forEach((parts, seed) => {
  const words = assemble(parts)
  const onlyRead = parts === withBlocks
  attempt(words, true, onlyRead)
  if (onlyRead && !native.error().endsWith('does not exist')) throw new Error(`the undamaged program is refused: ${native.error()}`)
  const random = randomFrom(seed + 1)
  for (let i = 0; i < mutants; i++) {
    const copy = words.slice()
    const run = damage(copy, random)
    // Every tenth is cut short too, with its length kept or corrected.
    const cut = i % 10 === 0 ? copy.slice(0, 1 + Math.floor(random() * copy.length)) : copy
    if (i % 20 === 0 && cut.length > 2) cut[2] = cut.byteLength
    attempt(cut, run && cut.length > 14, onlyRead)
  }
})
const after = native.counters()
if (JSON.stringify({ ...after, runs: 0 }) !== JSON.stringify({ ...before, runs: 0 })) {
  throw new Error(`something was left behind: ${JSON.stringify(before)} before, ${JSON.stringify(after)} after`)
}
console.log(
  `${programs.length * (mutants + 1)} programs: ${outcomes.refused} refused, ${outcomes.ran} ran, ${outcomes.refusedAtRun} were refused at run time`,
)
if (outcomes.ran < (programs.length * mutants) / 200) throw new Error('too few damaged programs are valid: the test says little')
