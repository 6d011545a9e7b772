// docs/mpsgraph-coverage.md: every op-building selector of MPSGraph, by header: which ops emit it, or how else it is reached, or why it is not.

import { ops } from '../../ir/ops/index.js'
import { allCalls, emittedPatterns, emittedSamples } from '../../test/mps/emitted.js'
import { type Member, readCatalog } from '../../test/mpsgraph/catalog.js'
import { table } from './parts.js'

/** How a selector that no lowering emits is reached. */
type State = 'composite' | 'CPU only' | 'not needed' | 'not yet'

/** The first rule whose pattern matches the selector speaks for it. */
const rules: readonly (readonly [RegExp, State, string])[] = [
  [/^gradientFor/, 'not needed', 'gradients are made in the IR (`grad`): MPSGraph’s own builder aborts on comparisons and mixed dtypes'],
  [
    /axisTensor:|axesTensor:|AxisTensor:|ShapeTensor:|toShapeTensor:|splitSizesTensor:|kTensor:|startsTensor:|startTensor:|gatherAlongAxisTensor|scatterAlongAxisTensor|coordinateAlongAxisTensor|numLowerTensor|sizeTensor/,
    'not needed',
    'parameters are constants: shapes are static, and parameters fed at run time abort',
  ],
  [
    /^(reduction\w+|squeezeTensor|expandDimsOfTensor)With?\w*:axis:name:$|^(squeezeTensor|expandDimsOfTensor):axis:name:$/,
    'not needed',
    'the form with several axes is used, or a reshape',
  ],
  [/^(squeezeTensor|expandDimsOfTensor):/, 'composite', '`squeeze`, `expandDims`: a reshape'],
  [/^cumulative\w+:axis:name:$|^(sort|argSort)WithTensor:axis:name:$/, 'not needed', 'the form with all parameters is used'],
  [/^sortWithTensor/, 'composite', '`sort`'],
  [/^reLUWithTensor/, 'composite', '`relu`: a maximum that keeps NaN, which MPSGraph’s loses'],
  [/^(reLU|sigmoid|leakyReLU|softMax)Gradient/, 'composite', '`grad`: the gradients of the ops they are written with'],
  [/^leakyReLU/, 'composite', '`leakyRelu`'],
  [/^reverseSquareRoot/, 'not needed', 'deprecated; `rsqrt` emits its successor'],
  [/^signbit/, 'composite', '`signbit`, from the bits: MPSGraph has no kernel for every dtype'],
  [/^roundWith/, 'composite', '`round` rounds half to even, which is `rint`; this one rounds half away from zero'],
  [/^logicalNAND/, 'composite', '`logicalNand`'],
  [/^clampWith/, 'composite', '`clamp`: minimum and maximum that keep NaN, which this one loses'],
  [/^floorModulo/, 'composite', '`mod`'],
  [/^absoluteSquare/, 'composite', '`square` of `abs`: arithmetic on complex tensors is on their parts'],
  [/^conjugate/, 'composite', '`conj`: arithmetic on complex tensors is on their parts'],
  [/^planarTensor/, 'composite', '`real` and `imag`, by methods that older systems have too'],
  [/^constantWithRealPart/, 'composite', '`full` of `{ re, im }`, from two constants'],
  [/^controlDependency/, 'not needed', 'nothing here has effects whose order matters'],
  [/^forLoopWithLowerBound/, 'not needed', 'the form with a number of iterations is used'],
  [
    /^callSymbol/,
    'composite',
    '`subgraph`: the graph is recorded once and copied into the caller’s, where it fuses with its surroundings. The symbol of this method names an executable compiled apart, which cannot',
  ],
  [/^bandPart/, 'composite', '`bandPart`, `tril`, `triu`, by comparing positions'],
  [/^softMaxCrossEntropy/, 'composite', '`crossEntropy`: logSoftmax and a sum'],
  [/^inverseOf/, 'CPU only', '`linalg.inverse`: the result of this method is undefined for badly conditioned matrices'],
  [/^HammingDistance/, 'composite', '`hammingDistance`'],
  [
    /^scaledDotProductAttention/,
    'composite',
    'matmul, softmax, matmul: Apple’s own is wrong for several shapes (the defect `attention-fused`)',
  ],
  [/^placeholderWithShape:name:|^constantWithScalar:dataType:/, 'not needed', 'the form with shape and dtype is used'],
  [
    /^applyStochasticGradientDescent/,
    'not needed',
    '`optim.sgdUpdate` gives the new values: graphs are functional, and storage is the runtime’s',
  ],
  [
    /^(variable|readVariable|assignVariable)/,
    'composite',
    '`variable`, its `read` and `assign`: inputs and outputs of the graph, since storage is the runtime’s',
  ],
  [/^varianceOfTensor/, 'composite', '`variance`, from a mean that is computed anyway'],
  [/^(normalizationGradient|normalizationGamma|normalizationBeta)/, 'composite', '`grad`'],
  [/^oneHot/, 'composite', '`oneHot`: a comparison with positions'],
  [/^stochasticGradientDescent/, 'composite', '`optim.sgdUpdate`, and `optim.sgd` over trees of parameters: one kernel for each parameter'],
  [
    /^adamWith/,
    'composite',
    '`optim.adamUpdate`, and `optim.adam`, `optim.adamW` over trees of parameters: one kernel for each parameter, which float16 and bfloat16 pass in float32',
  ],
  [/^transposeTensor:dimension/, 'composite', '`transpose`, `permuteDims`'],
  [/^sliceGradient|^padGradient|^tileGradient/, 'composite', '`grad`: a pad, a slice, a sum'],
  [/^concatTensor:withTensor|interleave/, 'composite', '`concat`, `stack` and a reshape'],
  [/^tileTensor/, 'composite', '`tile`: a broadcast'],
  [
    /^(spaceToDepth|depthToSpace|spaceToBatch|batchToSpace)/,
    'composite',
    '`spaceToDepth`, `depthToSpace`, `spaceToBatch`, `batchToSpace`: reshapes and a permute',
  ],
  [/^reverseTensor/, 'composite', '`flip`: a slice with negative steps'],
  [/^flatten2D|^shapeOf/, 'composite', '`flatten`, `reshape`; shapes are known while recording'],
  [/^(stack|split)Tensor/, 'composite', '`stack`, `split`: reshapes, slices, `concat`'],
  [/^sliceUpdate/, 'composite', '`sliceUpdate`, `dynamicUpdateSlice`'],
  [/^gatherND|^scatterND|^scatterWith|^scatterAlong/, 'composite', '`gatherNd`, `scatterNd`, `scatter`, `scatterAlongAxis`'],
  [/^gatherWith|^gatherAlong/, 'composite', '`take`, `gather`'],
  [/^(imToCol|colToIm)/, 'composite', '`unfold`, `fold`'],
  [/^nonZero/, 'composite', '`nonZero`, which realizes: its size depends on the data'],
  [
    /^nonMaximumSuppression/,
    'CPU only',
    '`nonMaximumSuppression`, `nms`: this method is reported to end the process on Apple silicon, and its result is not documented',
  ],
  [/^topK|^bottomK/, 'composite', '`topK`, `bottomK`: a sort and a slice, since the order of ties and NaN is not promised; `grad`'],
  [/^dropout/, 'composite', '`dropout`, on Threefry: its bits equal JAX’s on every backend; `philox.dropout`: state in, state out'],
  [/^randomPhilox/, 'composite', '`philox.state`: a tensor with the layout that PyTorch feeds this state with'],
  [
    /^random\w+:descriptor:stateTensor|^randomUniform\w+:stateTensor/,
    'composite',
    '`philox.uniform`, `normal`, `truncatedNormal`, `randint`: state in, state out. Written with integer ops, so that every backend draws the same numbers, which are PyTorch’s for the CPU; whether Apple’s are the same is not known without a Mac',
  ],
  [
    /^random/,
    'composite',
    '`philox.*` from `philox.state(seed)`, and `random.*` on Threefry, whose bits equal JAX’s, each the same on every backend',
  ],
  [/onvolution/, 'composite', '`conv1d` ... `convTranspose3d` and `grad`, through other forms'],
  [/ooling/, 'composite', '`maxPool1d` ... `avgPool3d`, `lpPool2d`, `maxUnpool2d` and `grad`, through other forms or scatters by index'],
  [/^resize|Resize/, 'composite', '`interpolate`, `resize` and `grad`, through other forms or gathers with weights'],
  [/^sampleGrid/, 'composite', '`gridSample`, and `sampleGrid` through it'],
  [
    /^dequantizeTensor:LUT/,
    'composite',
    '`dequantizeLookup`: a `take` from one table, or from a table per group of neighbours, of numbers or (with an axis) of vectors; `unpackInt4` for 4 bits',
  ],
  [
    /uantize/,
    'composite',
    '`quantize`, `dequantize` by tensor, by axis and by groups of neighbours, `unpackInt4` for 4 bits, `quantizedMatmul`',
  ],
  [
    /LSTM/,
    'composite',
    '`lstm` with the options of the descriptor, through the form without an input weight; masks, peepholes, other activations and `grad` step by step: `grad` starts from gates that are computed again, since the layout of what this method keeps for its own is not documented',
  ],
  [
    /GRU|RNN|singleGate/,
    'composite',
    '`gru`, `singleGateRnn` with the options of the descriptors, steps recorded one by one; `grad`, which keeps what the training state is for',
  ],
  [
    /^sparse/,
    'composite',
    '`sparse.coo`, `csr`, `csc`, `toDense`, `matmul`: gathers and additions by index. Of this method’s result (float32 only) it is not documented how places that repeat add up, or what may use it',
  ],
  [
    /^stencil/,
    'composite',
    '`stencil`, `grad`: a convolution, or shifted slices in one kernel; what this method makes of offsets and arguments is not documented',
  ],
]

const headerOf = ({ header }: Member): string => header.replace(/^MPSGraph|\.h$/g, '')

/** The whole page. Throws when a selector has neither an op that emits it nor a rule. */
export function coveragePage(): string {
  const emitters = new Map<string, Set<string>>()
  const emitted = [
    ...emittedSamples().map(({ name, programs }) => ({ by: name.split(' ')[0]!, programs })),
    ...emittedPatterns().map(({ programs }) => ({ by: 'recognised patterns', programs })),
  ]
  for (const { by, programs } of emitted) {
    for (const { selector } of programs.flatMap(allCalls)) emitters.set(selector, (emitters.get(selector) ?? new Set()).add(by))
  }
  const members = readCatalog().members.filter((member) => member.class === 'MPSGraph' && member.header !== 'MPSGraph.h')
  const counts: Record<string, number> = {}
  const sections = new Map<string, string[][]>()
  for (const member of members) {
    const [state, how] = stateOf(member.selector, emitters.get(member.selector))
    counts[state] = (counts[state] ?? 0) + 1
    const rows = sections.get(headerOf(member)) ?? []
    rows.push([`\`${member.selector}\``, member.macos, state, how])
    sections.set(headerOf(member), rows)
  }
  const summary = ['emitted', 'composite', 'CPU only', 'not needed', 'not yet'].map((state) => `${counts[state] ?? 0} ${state}`).join(', ')
  const pages = [...sections].map(([header, rows]) => `## ${header}\n\n${table(['selector', 'macOS', 'state', 'how'], rows)}`)
  return `# MPSGraph, selector by selector

<!-- Generated by docs/generate.ts from the lowering and docs/generate/coverage.ts. -->

Every method of \`MPSGraph\` that adds to a graph, by header: ${members.length} selectors, ${summary}.

- **emitted**: the ops named lower to it, alone or with others (every op, dtype and sample was lowered to make this table).
- **composite**: Sinter has it, written with other ops, on both backends.
- **CPU only**: Sinter has it; in a graph for MPSGraph it is a stage on the CPU, for the reason that is given.
- **not needed**: another form of the same method, or something that Sinter does in another way.
- **not yet**: Sinter does not have it.

${pages.join('\n\n')}
`
}

const mostNamed = 8

function stateOf(selector: string, emitters: ReadonlySet<string> | undefined): [string, string] {
  if (emitters !== undefined) {
    const names = [...emitters].map((name) => (Object.hasOwn(ops, name) ? `\`${name}\`` : name))
    const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ''
    return ['emitted', `${names.slice(0, mostNamed).join(' ')}${more}`]
  }
  const rule = rules.find(([pattern]) => pattern.test(selector))
  if (rule === undefined) throw new Error(`docs/generate/coverage.ts has no rule for ${selector}`)
  return [rule[1], rule[2]]
}
