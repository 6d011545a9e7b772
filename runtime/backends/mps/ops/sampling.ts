// Sampling images. Everything is computed in float32.

import type { GridSampleAttrs, SamplePadding, samplingOps } from '../../../../ir/ops/sampling.js'
import { typeOf } from '../../../../ir/type.js'
import type { CallArgument, EnumCase } from '../call.js'
import type { Table } from '../lowering.js'

/** Elements stand at whole positions, so that reflecting at the centers of the outermost ones repeats none, and reflecting at the borders repeats them. */
function paddingMode(padding: SamplePadding, alignCorners: boolean): EnumCase {
  const reflection = alignCorners ? 'Reflect' : 'Symmetric'
  const mode = { zeros: 'Zero', border: 'ClampToEdge', reflection }[padding]
  return { enumeration: 'MPSGraphPaddingMode', case: `MPSGraphPaddingMode${mode}` }
}

export const samplingLowerings: Table<typeof samplingOps> = {
  gridSample: {
    emit: (g, [x, grid], { attrs, type }) => {
      const { mode, padding, alignCorners } = attrs as GridSampleAttrs
      const nearest = mode === 'nearest'
      const how: EnumCase = nearest
        ? { enumeration: 'MPSGraphResizeNearestRoundingMode', case: 'MPSGraphResizeNearestRoundingModeRoundToEven' }
        : { enumeration: 'MPSGraphResizeMode', case: 'MPSGraphResizeBilinear' }
      const layout: EnumCase = { enumeration: 'MPSGraphTensorNamedDataLayout', case: 'MPSGraphTensorNamedDataLayoutNCHW' }
      const [source, coordinates] = [g.cast(x!, 'float32'), g.cast(grid!, 'float32')]
      // Coordinates go from -1 to 1 and are not relative to anything.
      const args: CallArgument[] = [source, coordinates, layout, 1, 0, Number(alignCorners), paddingMode(padding, alignCorners), how, 0]
      const selector =
        'sampleGridWithSourceTensor:coordinateTensor:layout:normalizeCoordinates:relativeCoordinates:alignCorners:paddingMode:' +
        `${nearest ? 'nearestRoundingMode' : 'samplingMode'}:constantValue:name:`
      return g.cast(g.call(selector, args, typeOf('float32', type.shape)), type.dtype)
    },
    refuse: ([x], { padding }: GridSampleAttrs) =>
      padding === 'reflection' && (x!.shape[2] === 1 || x!.shape[3] === 1)
        ? 'reflects at a single element, for which the GPU has no rule'
        : undefined,
  },
}
