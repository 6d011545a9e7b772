// Damaged programs: what lowering makes of random graphs and of every kernel's samples, with a few words changed. The native library refuses each with an error or runs it without a bad
// access; the sanitizers (run.ts) see to the second part. Deterministic: the arguments are how many graphs and how many mutants of each.

import { emit, inputNode, resultNode } from '../../ir/build.js'
import { Graph } from '../../ir/graph.js'
import type { Op } from '../../ir/op.js'
import { ops } from '../../ir/ops/index.js'
import { parseGraph } from '../../ir/parse.js'
import { runPasses } from '../../ir/pass.js'
import { fuseGraph } from '../../ir/passes/fuse.js'
import { kernelLowerings } from '../../runtime/backends/cpu/kernels/index.js'
import { lowerGraph } from '../../runtime/backends/cpu/lower.js'
import { cpuPipeline } from '../../runtime/backends/cpu/pipeline.js'
import { library } from '../../runtime/native/library.js'
import { randomGraph } from '../fuzz/generate.js'
import { randomFrom, sampleType } from '../support/values.js'

const [graphs, mutants] = [Number(process.argv[2] ?? 100), Number(process.argv[3] ?? 200)]
const { call } = library()
const tempting = [0, 1, -1, 2, 3, 7, 8, 13, 16, 63, 64, 255, 256, 1024, 4096, 65536, 2 ** 31 - 1, -(2 ** 31)]
/** The largest number that a changed word may become for its program to be run: the validator bounds memory, not time. */
const largest = 2048

const headerWords = 12
const [bufferCount, argumentCount, arenaLow] = [3, 5, 6]
const [kindInput, kindOutput] = [0, 1]

/** Bytes per argument, as the buffer table of the undamaged program says. */
function argumentBytes(words: Int32Array): number[] {
  const bytes = new Array<number>(words[argumentCount]!).fill(8)
  for (let i = 0; i < words[bufferCount]!; i++) {
    const [kind, reference, low] = words.subarray(headerWords + 4 * i) as unknown as [number, number, number]
    if (kind === kindInput || kind === kindOutput) bytes[reference] = Math.max(bytes[reference]!, low)
  }
  return bytes
}

interface Buffers {
  readonly args: BigUint64Array
  readonly arena: number
}

function allocate(words: Int32Array): Buffers {
  const handles = argumentBytes(words).map((bytes) => Number(call['sinter_buffer_alloc']!(bytes)))
  return { args: BigUint64Array.from(handles, BigInt), arena: Number(call['sinter_buffer_alloc']!(Math.max(64, words[arenaLow]!))) }
}

function free({ args, arena }: Buffers): void {
  for (const handle of args) call['sinter_buffer_free']!(Number(handle))
  call['sinter_buffer_free']!(arena)
}

const outcomes = { refused: 0, ran: 0, refusedAtRun: 0, accepted: 0 }

function attempt(words: Int32Array, run: boolean, { args, arena }: Buffers): void {
  const plan = Number(call['sinter_plan_create']!(words, words.length))
  if (plan === 0) {
    const message = String(call['sinter_last_error']!())
    if (message.length < 16) throw new Error(`a program was refused with the message "${message}"`)
    outcomes.refused++
    return
  }
  outcomes.accepted++
  if (run) {
    const status = call['sinter_run']!(
      plan,
      args,
      Math.min(args.length, Math.max(0, words[argumentCount]!)),
      arena,
      Number(call['sinter_ticket']!()),
    )
    if (status === 0) outcomes.ran++
    else outcomes.refusedAtRun++
  }
  if (call['sinter_plan_release']!(plan) !== 0) throw new Error('a plan could not be released')
}

/** Changes one to three words; returns whether what comes out may be run. */
function damage(words: Int32Array, random: () => number): boolean {
  const below = (limit: number): number => Math.floor(random() * limit)
  let enlarged = 0
  for (let change = 1 + below(3); change > 0; change--) {
    // Half of the changes go to the header, the buffer table and the first step, where most is decided.
    const at = below(random() < 0.5 ? Math.min(words.length, 96) : words.length)
    const before = words[at]!
    const ways = [
      () => tempting[below(tempting.length)]!,
      () => before + below(5) - 2,
      () => before ^ (1 << below(32)),
      () => words[below(words.length)]!,
      () => below(2 ** 32),
    ]
    words[at] = ways[below(ways.length)]!()
    if (words[at]! > before) enlarged += words[at]! > largest ? 2 : 1
    if (words[at]! < -largest) enlarged += 2
  }
  return enlarged < 2
}

/** Runs the program of a graph, then damaged copies of it. */
function attack(name: string, graph: Graph, seed: number): void {
  const { words } = lowerGraph(
    graph,
    graph.inputs.map(() => false),
  )
  const buffers = allocate(words)
  const before = outcomes.ran
  attempt(words, true, buffers)
  if (outcomes.ran !== before + 1) throw new Error(`the undamaged program of ${name} does not run: ${String(call['sinter_last_error']!())}`)
  const random = randomFrom(seed)
  for (let i = 0; i < mutants; i++) {
    const copy = words.slice()
    const run = damage(copy, random)
    // Every tenth is also cut short, with its word count kept or corrected.
    const cut = i % 10 === 0 ? copy.slice(0, 1 + Math.floor(random() * copy.length)) : copy
    if (i % 20 === 0 && cut.length > 2) cut[2] = cut.length
    attempt(cut, run, buffers)
  }
  free(buffers)
}

let programs = 0
for (let seed = 1; seed <= graphs; seed++, programs++)
  attack(`graph ${seed}`, fuseGraph(runPasses(randomGraph(seed), cpuPipeline)).graph, seed)

// Every op that is a kernel of its own, on each of its samples.
for (const op of Object.values<Op>(ops).filter(({ name }) => name in kernelLowerings)) {
  const dtype = op.dtypes.includes('float32') ? 'float32' : op.dtypes[0]!
  for (const sample of op.samples) {
    const inputs = sample.inputs.map((text) => inputNode(sampleType(text, dtype)))
    const node = emit(op, inputs, sample.attrs)
    const outputs = node.results === undefined ? [node] : node.results.map((_, i) => resultNode(node, i))
    attack(`${op.name} ${JSON.stringify(sample)}`, fuseGraph(new Graph(inputs, outputs)).graph, ++programs)
  }
}

// Loops in loops: a branch in a counted loop in a scan.
const loops = parseGraph(`graph (%c: f32[3], %xs: f32[2,3], %s: f32[]) {
  %r = loop %c, %xs, %s {length=2, reverse=false, carried=1, scanned=1, conditional=false} (%c: f32[3], %x: f32[3], %s: f32[]) {
    %d = loop %c, %s, %x {length=3, reverse=false, carried=1, scanned=0, conditional=false} (%d: f32[3], %s: f32[], %x: f32[3]) {
      %sum = sum %d {axes=[0], keepDims=false}
      %less = less %sum, %s
      %e = loop %less, %d, %x {length=1, reverse=false, carried=1, scanned=0, conditional=true} (%d: f32[3], %x: f32[3]) {
        %no = logicalNot %d
        %never = all %no {axes=[0], keepDims=false}
        %next = add %d, %x
        return %never, %next
      }
      return %e
    }
    %sum = sum %d {axes=[0], keepDims=false}
    return %d, %sum
  }
  %last = result %r {index=0}
  %sums = result %r {index=1}
  return %last, %sums
}`)
attack('loops in loops', fuseGraph(runPasses(loops, cpuPipeline)).graph, ++programs)

const total = programs * (mutants + 1)
console.log(
  `${total} programs, ${programs} of them undamaged: ${outcomes.refused} refused, ${outcomes.accepted} accepted, ` +
    `of which ${outcomes.ran} ran and ${outcomes.refusedAtRun} were refused at run time`,
)
if (outcomes.accepted - programs < total / 50) throw new Error('too few damaged programs are valid: the test says little')
