// Values of the Objective-C enums that calls name. The catalogue check compares them with the headers' own.

import { SinterError } from '../../../ir/error.js'
import type { EnumCase } from './call.js'

export const enumValues: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  MPSDataType: {
    MPSDataTypeFloat32: 0x10000020,
    MPSDataTypeFloat16: 0x10000010,
    MPSDataTypeBFloat16: 0x90000010,
    MPSDataTypeInt8: 0x20000008,
    MPSDataTypeInt16: 0x20000010,
    MPSDataTypeInt32: 0x20000020,
    MPSDataTypeInt64: 0x20000040,
    MPSDataTypeUInt8: 0x8,
    MPSDataTypeUInt16: 0x10,
    MPSDataTypeUInt32: 0x20,
    MPSDataTypeUInt64: 0x40,
    MPSDataTypeBool: 0x80000008,
    MPSDataTypeComplexFloat32: 0x11000040,
  },
  MPSGraphFFTScalingMode: {
    MPSGraphFFTScalingModeNone: 0,
    MPSGraphFFTScalingModeSize: 1,
    MPSGraphFFTScalingModeUnitary: 2,
  },
  MPSGraphRNNActivation: {
    MPSGraphRNNActivationTanh: 2,
    MPSGraphRNNActivationSigmoid: 3,
  },
  MPSGraphPaddingMode: {
    MPSGraphPaddingModeConstant: 0,
    MPSGraphPaddingModeReflect: 1,
    MPSGraphPaddingModeSymmetric: 2,
    MPSGraphPaddingModeClampToEdge: 3,
    MPSGraphPaddingModeZero: 4,
  },
  MPSGraphPaddingStyle: {
    MPSGraphPaddingStyleExplicit: 0,
    MPSGraphPaddingStyleTF_VALID: 1,
    MPSGraphPaddingStyleTF_SAME: 2,
    MPSGraphPaddingStyleExplicitOffset: 3,
    MPSGraphPaddingStyleONNX_SAME_LOWER: 4,
  },
  MPSGraphPoolingReturnIndicesMode: {
    MPSGraphPoolingReturnIndicesNone: 0,
    MPSGraphPoolingReturnIndicesGlobalFlatten1D: 1,
    MPSGraphPoolingReturnIndicesGlobalFlatten2D: 2,
    MPSGraphPoolingReturnIndicesGlobalFlatten3D: 3,
    MPSGraphPoolingReturnIndicesGlobalFlatten4D: 4,
    MPSGraphPoolingReturnIndicesLocalFlatten1D: 5,
    MPSGraphPoolingReturnIndicesLocalFlatten2D: 6,
    MPSGraphPoolingReturnIndicesLocalFlatten3D: 7,
    MPSGraphPoolingReturnIndicesLocalFlatten4D: 8,
  },
  MPSGraphResizeMode: {
    MPSGraphResizeNearest: 0,
    MPSGraphResizeBilinear: 1,
  },
  MPSGraphResizeNearestRoundingMode: {
    MPSGraphResizeNearestRoundingModeRoundPreferCeil: 0,
    MPSGraphResizeNearestRoundingModeRoundPreferFloor: 1,
    MPSGraphResizeNearestRoundingModeCeil: 2,
    MPSGraphResizeNearestRoundingModeFloor: 3,
    MPSGraphResizeNearestRoundingModeRoundToEven: 4,
    MPSGraphResizeNearestRoundingModeRoundToOdd: 5,
  },
  MPSGraphScatterMode: {
    MPSGraphScatterModeAdd: 0,
    MPSGraphScatterModeSub: 1,
    MPSGraphScatterModeMul: 2,
    MPSGraphScatterModeDiv: 3,
    MPSGraphScatterModeMin: 4,
    MPSGraphScatterModeMax: 5,
    MPSGraphScatterModeSet: 6,
  },
  MPSGraphTensorNamedDataLayout: {
    MPSGraphTensorNamedDataLayoutNCHW: 0,
    MPSGraphTensorNamedDataLayoutOIHW: 2,
    MPSGraphTensorNamedDataLayoutNCDHW: 7,
    MPSGraphTensorNamedDataLayoutOIDHW: 9,
    MPSGraphTensorNamedDataLayoutNHWC: 1,
    MPSGraphTensorNamedDataLayoutHWIO: 3,
    MPSGraphTensorNamedDataLayoutCHW: 4,
    MPSGraphTensorNamedDataLayoutHWC: 5,
    MPSGraphTensorNamedDataLayoutHW: 6,
    MPSGraphTensorNamedDataLayoutNDHWC: 8,
    MPSGraphTensorNamedDataLayoutDHWIO: 10,
  },
}

/** The number of an enum case. */
export function enumValue({ enumeration, case: name }: EnumCase): number {
  const value = enumValues[enumeration]?.[name]
  if (value === undefined) throw new SinterError('internal', `enums.ts has no ${name} of ${enumeration}`)
  return value
}
