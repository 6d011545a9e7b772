// Known defects of MPSGraph: where it returns wrong numbers or ends the process, on which systems, who reported it, and what is done about it here.

import { compareVersions, type Target } from './target.js'

export interface Defect {
  readonly id: string
  /** What goes wrong, and for which types and shapes. */
  readonly summary: string
  /** macOS versions that have it: from the first (inclusive) to the second (exclusive); without a version there is no bound. */
  readonly macOS: { readonly from?: string; readonly before?: string }
  /** GPU families that have it; all when absent. */
  readonly families?: readonly string[]
  readonly citation: string
  /**
   * `rewrite`: other calls are emitted on systems that have it. `refuse`: such nodes run on the CPU there. `avoid`: the construct is never emitted, on any
   * system. `none`: nothing is done, the note says why.
   */
  readonly response: 'rewrite' | 'refuse' | 'avoid' | 'none'
  /** What is done instead, and where. */
  readonly note: string
  /** A graph that would show the defect on a Mac, as IR text. Inputs are counted up from 0 (floats: in steps of 0.25), unless the note says otherwise. */
  readonly probe: string
}

const table = [
  {
    id: 'matmul-over-32768',
    summary: 'a matrix product with a dimension over 2^15 is silently wrong',
    macOS: { before: '14.4' },
    citation: 'pytorch#116769',
    response: 'refuse',
    note: 'ops/linalg.ts',
    probe: 'graph(%a: f32[2,40000], %b: f32[40000,2]) { %0 = matmul %a, %b return %0 }',
  },
  {
    id: 'matmul-k-over-32768',
    summary: 'a matrix product that sums over more than 32768 products is wrong on M1 and M2',
    macOS: {},
    families: ['Apple7', 'Apple8'],
    citation: 'pytorch#177116',
    response: 'rewrite',
    note: 'ops/linalg.ts adds products of parts of at most 32768',
    probe: 'graph(%a: f32[2,40000], %b: f32[40000,2]) { %0 = matmul %a, %b return %0 }',
  },
  {
    id: 'matmul-integers',
    summary: 'a matrix product of integers ends the process',
    macOS: {},
    citation: 'Apple documents floating-point and complex operands only; lucid and apple-mpsgraph report the abort',
    response: 'avoid',
    note: 'ops/linalg.ts: int8 through exact float32 sums, small products of other integers as sums of elementwise products, else refused',
    probe: 'graph(%a: i32[8,8], %b: i32[8,8]) { %0 = matmul %a, %b return %0 }',
  },
  {
    id: 'matmul-rank-5',
    summary: 'matrix products of rank 5 and more end the process ("New volume should match old volume")',
    macOS: {},
    citation: 'pytorch#114942',
    response: 'avoid',
    note: 'ops/linalg.ts: batch dimensions become one',
    probe: 'graph(%a: f32[2,2,2,2,3], %b: f32[2,2,2,3,2]) { %0 = matmul %a, %b return %0 }',
  },
  {
    id: 'gather-integers-as-floats',
    summary: 'gathers and scatters pass 32- and 64-bit integers through float32: values above 2^24 lose bits',
    macOS: {},
    citation: 'jax-mps commit 4bd3958; pytorch#195595',
    response: 'avoid',
    note: 'ops/indexing.ts gathers 16-bit parts and adds 8-bit parts, which float32 holds exactly',
    probe:
      'graph(%x: i32[4], %i: i32[4]) { %c = constant {dtype="int32", shape=[], values=[16777217]} %y = add %x, %c %0 = take %y, %i {axis=0} return %0 }',
  },
  {
    id: 'gather-small-integers',
    summary: 'gathers of uint8 read it as int8; scatters of 8- and 16-bit integers and of float16 are wrong',
    macOS: {},
    citation: 'PyTorch ScatterGather.mm; Apple feedback 105486100',
    response: 'avoid',
    note: 'ops/indexing.ts gathers and scatters them as float32',
    probe:
      'graph(%x: u8[200], %i: i32[4]) { %c = constant {dtype="int32", shape=[], values=[190]} %j = add %i, %c %0 = take %x, %j {axis=0} return %0 }',
  },
  {
    id: 'gather-along-squeezed',
    summary: 'gatherAlongAxis is wrong where a tensor of several dimensions has only one that is not 1',
    macOS: { before: '15.2' },
    citation: 'pytorch#135240',
    response: 'rewrite',
    note: 'ops/indexing.ts gathers from a flat tensor by computed positions instead',
    probe: 'graph(%x: f32[4,1], %i: i32[4,1]) { %0 = takeAlongAxis %x, %i {axis=0} return %0 }',
  },
  {
    id: 'reshape-of-slice',
    summary: 'the reshape of a slice has been folded onto what the slice was cut from, without its offset',
    macOS: {},
    citation: 'rlx, rlx-metal/src/mps_graph.rs: such slices are lowered as gathers',
    response: 'rewrite',
    note: 'emitter.ts puts an identity between the two, which other backends use as a barrier against fusions',
    probe:
      'graph(%x: f32[4,6]) { %e = exp %x %s = slice %e {starts=[1,2], sizes=[2,3], steps=[1,1]} %r = reshape %s {shape=[6]} %0 = neg %r return %0 }',
  },
  {
    id: 'strided-slice-of-computed',
    summary: 'strided slices of computed values are lowered as gathers by others, who give no failing case',
    macOS: {},
    citation: 'lucid, lucid/_C/compile',
    response: 'none',
    note: 'slices with steps, negative ones included, have been measured to work on macOS 27; the probe tells whether they do elsewhere',
    probe: 'graph(%x: f32[9]) { %e = exp %x %0 = slice %e {starts=[8], sizes=[5], steps=[-2]} return %0 }',
  },
  {
    id: 'reduce-beyond-four',
    summary: 'reductions, any / all above all, and cumulative operations end the process on an axis outside the last four dimensions',
    macOS: {},
    citation: 'pytorch#95538, pytorch#123364',
    response: 'avoid',
    note: 'ops/reduce.ts and ops/scan.ts merge dimensions',
    probe: 'graph(%x: f32[2,2,2,2,2]) { %0 = sum %x {axes=[0], keepDims=false} return %0 }',
  },
  {
    id: 'reduce-strided-slow',
    summary: 'products, variances and positions of extremes over an axis that is not the last are up to 60 times slower',
    macOS: {},
    citation: 'pytorch#182255',
    response: 'avoid',
    note: 'ops/reduce.ts and ops/arg.ts move the axes to the end first',
    probe: 'graph(%x: f32[8,64,64]) { %0 = argmax %x {axis=0, keepDims=false} return %0 }',
  },
  {
    id: 'scan-small-integers',
    summary: 'cumulative operations on int8 and int16 are wrong; float16 sums accumulate in float16',
    macOS: {},
    citation: 'PyTorch UnaryOps.mm (cumulative operations)',
    response: 'avoid',
    note: 'ops/scan.ts: int32 and float32',
    probe: 'graph(%x: i8[40]) { %0 = cumsum %x {axis=0, exclusive=false, reverse=false} return %0 }',
  },
  {
    id: 'scan-extreme-seed',
    summary: 'cumulative maxima and minima ignore NaN, and start from the largest finite float, not from an infinity',
    macOS: {},
    citation: 'charon, facts/MetalPerformanceShadersGraph/Core.md (measured on macOS 27)',
    response: 'avoid',
    note: 'ops/scan.ts scans int32 keys that order as the floats do, NaN outermost',
    probe: 'graph(%x: f32[4]) { %n = log %x %0 = cummax %n {axis=0, exclusive=true, reverse=false} return %0 }',
  },
  {
    id: 'nan-propagation-integers',
    summary: 'the forms of minimum and maximum that propagate NaN raise an exception for integers',
    macOS: {},
    citation: 'charon, facts/MetalPerformanceShadersGraph/Core.md (measured on macOS 27)',
    response: 'avoid',
    note: 'ops/reduce.ts uses them for floats only',
    probe: 'graph(%x: i32[2,3]) { %0 = max %x {axes=[1], keepDims=false} return %0 }',
  },
  {
    id: 'pooling-ceil',
    summary: 'averages of pooling in ceil mode that count the padding are wrong',
    macOS: {},
    citation: 'PyTorch Pooling.mm (Apple feedback 103039644)',
    response: 'avoid',
    note: 'ops/pooling.ts pads explicitly, and corrects the averages of windows that reach beyond the padding',
    probe:
      'graph(%a: f32[1,1,5,5]) { %0 = avgPool %a {kernel=[2, 2], strides=[2, 2], dilations=[1, 1], low=[1, 1], high=[1, 1], ceil=true, count="padded"} return %0 }',
  },
  {
    id: 'pooling-indices-nhwc',
    summary: 'the indices of maxima are wrong for channels behind the spatial dimensions',
    macOS: {},
    citation: 'PyTorch Pooling.mm',
    response: 'avoid',
    note: 'ops/pooling.ts has channels in front',
    probe:
      'graph(%a: f32[1,2,4,4]) { %0 = maxPoolWithIndices %a {kernel=[2, 2], strides=[2, 2], dilations=[1, 1], low=[0, 0], high=[0, 0], ceil=false} %1 = result %0 {index=1} return %1 }',
  },
  {
    id: 'pooling-nan',
    summary: 'what pooling makes of NaN among the elements of a maximum is not documented',
    macOS: {},
    citation: 'Apple documents no rule',
    response: 'avoid',
    note: 'ops/pooling.ts replaces NaN, and pools a second time to find the windows that have one',
    probe:
      'graph(%a: f32[1,1,4,4]) { %0 = sqrt %a %1 = neg %0 %2 = log %1 %3 = maxPool %2 {kernel=[2, 2], strides=[2, 2], dilations=[1, 1], low=[0, 0], high=[0, 0], ceil=false} return %3 }',
  },
  {
    id: 'sort-unstable',
    summary: 'whether argSort is stable is not documented, and others use it only where it need not be',
    macOS: {},
    citation: 'Metal.jl sortperm',
    response: 'avoid',
    note: 'ops/order.ts sorts keys that hold the position, so that no two are equal',
    probe:
      'graph(%x: f32[64]) { %z = constant {dtype="float32", shape=[], values=[0]} %t = mul %x, %z %0 = argsort %t {descending=true} return %0 }',
  },
  {
    id: 'attention-fused',
    summary:
      'softmax(q k^T) v is fused to a kernel that is wrong on some shapes (sequence 17 to 24, batch 3, head 64 on M1 Pro), as is the attention method itself; on macOS 27 the Neural Engine ignores its mask',
    macOS: {},
    citation: 'lucid (macOS 26, M1 Pro); rlx; PyTorch Attention.mm, which breaks the pattern with an identity',
    response: 'rewrite',
    note: 'patterns/attention.ts emits the composed form with an identity between scores and softmax; where the entry does not apply, the method',
    probe:
      'graph(%q: f32[3,20,64], %k: f32[3,64,20], %v: f32[3,20,64]) { %s = matmul %q, %k %m = max %s {axes=[2], keepDims=true} %d = sub %s, %m %e = exp %d %t = sum %e {axes=[2], keepDims=true} %w = div %e, %t %0 = matmul %w, %v return %0 }',
  },
  {
    id: 'variance-large',
    summary: 'the variance of a large reduction is now and then wrong under load by several processes',
    macOS: { from: '27.0' },
    citation: 'pytorch#197235',
    response: 'rewrite',
    note: 'patterns/statistics.ts leaves variances composed there',
    probe:
      'graph(%x: f32[4,65536]) { %n = constant {dtype="float32", shape=[], values=[65536]} %s = sum %x {axes=[1], keepDims=true} %m = div %s, %n %d = sub %x, %m %q = square %d %t = sum %q {axes=[1], keepDims=false} %0 = div %t, %n return %0 }',
  },
  {
    id: 'elements-over-2-31',
    summary: 'tensors of 2^31 elements and more read as zeros or write out of bounds, without an error',
    macOS: {},
    citation: 'pytorch#188756, pytorch#189960',
    response: 'avoid',
    note: 'support.ts refuses them',
    probe: 'graph(%x: i8[2147483648]) { %0 = neg %x return %0 }',
  },
  {
    id: 'empty-tensors',
    summary: 'tensors without elements end the process at several places',
    macOS: {},
    citation: 'Metal.jl short-circuits them; charon',
    response: 'avoid',
    note: 'legalize/empty.ts answers them; what is left runs on the CPU',
    probe: 'graph(%x: f32[0,3]) { %0 = sum %x {axes=[0], keepDims=false} return %0 }',
  },
  {
    id: 'fourier-beyond-four',
    summary: 'Fourier transforms along an axis outside the last four dimensions are wrong or end the process',
    macOS: {},
    citation: 'pytorch#186885, pytorch#188864',
    response: 'avoid',
    note: 'ops/fourier.ts merges dimensions, and transforms tensors of more than four along one axis after the other',
    probe: 'graph(%a: c64[2,3,2,2,2]) { %0 = fft %a {axes=[0], inverse=false, scaling="none"} return %0 }',
  },
  {
    id: 'fourier-accuracy',
    summary: 'PyTorch notes numerical discrepancies of transforms of real values',
    macOS: {},
    citation: 'pytorch#120237',
    response: 'none',
    note: 'by how much is not known here: the probe measures it',
    probe: 'graph(%a: f32[1000]) { %0 = rfft %a {axis=0, scaling="none"} return %0 }',
  },
  {
    id: 'loop-literal-zeros',
    summary: 'a program of several loops whose carried floats begin as literal zeros does not compile (MLIR pass manager failed)',
    macOS: {},
    citation: 'coreai-onnx, an LSTM exported from ONNX',
    response: 'avoid',
    note: 'ops/control.ts lets carried values depend on a feed',
    probe:
      'graph(%x: f32[4]) { %0 = constant {dtype="float32", shape=[4], values=[0]} %1 = loop %0, %x {length=3, reverse=false, carried=1, scanned=0, conditional=false} (%c: f32[4], %x: f32[4]) { %n = add %c, %x return %n } %2 = loop %0, %1 {length=3, reverse=false, carried=1, scanned=0, conditional=false} (%c: f32[4], %x: f32[4]) { %n = mul %c, %x return %n } return %2 }',
  },
  {
    id: 'complex-matmul-over-2048',
    summary: 'a product of complex matrices that sums over more than 2048 products is wrong',
    macOS: {},
    citation: 'pytorch#167727',
    response: 'avoid',
    note: 'complex products are products of the parts',
    probe: 'graph(%a: c64[2,4096], %b: f32[4096,2]) { %r = real %a %0 = matmul %r, %b return %0 }',
  },
  {
    id: 'recurrent-peephole',
    summary: 'an LSTM in both directions with a peephole ends the process',
    macOS: {},
    citation: 'apple-mpsgraph (rnn.rs), whose note names produceCell too; PyTorch has that on in every LSTM it runs',
    response: 'avoid',
    note: 'ops/recurrent.ts: one direction, no peephole, produceCell together with training as in PyTorch',
    probe:
      'graph(%g: f32[3,2,12], %r: f32[12,3], %h: f32[2,3], %c: f32[2,3]) { %0 = lstm %g, %r, %h, %c {reverse=false} %1 = result %0 {index=1} return %1 }',
  },
  {
    id: 'cast-saturates',
    summary: 'casts of floats to integers saturate (other backends wrap or leave it undefined); the IR demands that they do',
    macOS: {},
    citation: 'pytorch#169058',
    response: 'none',
    note: 'nothing to do: it is what cast means here',
    probe:
      'graph(%x: f32[2]) { %c = constant {dtype="float32", shape=[], values=[128]} %y = add %x, %c %0 = cast %y {dtype="int8"} return %0 }',
  },
] as const satisfies readonly Defect[]

export type DefectId = (typeof table)[number]['id']

export const defects: readonly Defect[] = table

const byId = new Map<string, Defect>(table.map((defect) => [defect.id, defect]))

/** Whether the system has the defect; without a system every defect counts. */
export function applies(id: DefectId, target: Target | undefined): boolean {
  const { macOS, families } = byId.get(id)!
  if (target === undefined) return true
  if (macOS.from !== undefined && compareVersions(target.macOS, macOS.from) < 0) return false
  if (macOS.before !== undefined && compareVersions(target.macOS, macOS.before) >= 0) return false
  return families === undefined || families.includes(target.family)
}
