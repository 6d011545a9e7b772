// `sinter/ir`: what people who write passes, tools or backends need.

export { gradients } from './autodiff.js'
export { type Builder, builderOver, constantNode, emit, inputNode, resultNode } from './build.js'
export { graphToDot } from './dot.js'
export {
  type DataArray,
  type DType,
  type DTypeInfo,
  type DTypeKind,
  dtypeInfo,
  dtypes,
  isBig,
  isBool,
  isDType,
  isFloat,
  isInteger,
} from './dtype.js'
export { type ErrorCode, type ErrorFacts, errorCodes, SinterError } from './error.js'
export { explainGraph, type GroupInfo, printGroups } from './explain.js'
export { Graph } from './graph.js'
export { decode, encode, type HostTensor, type HostValues, hostZeros } from './host.js'
export { graphsToHtml, type Page, type Stage } from './html.js'
export { evaluateNode, interpret } from './interpret.js'
export { type GraphJson, graphFromJson, graphSchema, graphToJson } from './json.js'
export { Node } from './node.js'
export {
  type Attrs,
  type AttrValue,
  type Gradient,
  type GradientContext,
  noAttrs,
  type Op,
  type OpSpec,
  type Sample,
  type Traits,
} from './op.js'
export { builder, type OpName, opByName, ops } from './ops/index.js'
export { originOf } from './origin.js'
export { parseGraph } from './parse.js'
export { type Pass, PassContext, PassError, type PassEvent, type PassObserver, runPasses } from './pass.js'
export { pipeline } from './pipeline.js'
export { type PrintOptions, printGraph, printNode } from './print.js'
export { type Rule, rewriteGraph, ruleTable } from './rewrite.js'
export { broadcastShapes, contiguousStrides, type Shape, sameShape, sizeOf } from './shape.js'
export { type Cost, graphCost, nodeCost } from './stats.js'
export { maxRank, maxSize, parseType, TensorType, typeOf } from './type.js'
export { type Invariant, invariants, verify } from './verify.js'
export { countUses, postorder } from './walk.js'
