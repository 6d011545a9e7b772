// Sampling of images at coordinates. Positions are worked out in f32; each element around one is read through the padding.
#import "elementwise.h"
#include <math.h>

typedef struct {
  Shape source;
  MPSGraphPaddingMode padding;
  bool nearest, alignCorners;
} Sampling;

// The index of the element that stands at a place outside of `size` elements, -1 for zeros.
static int64_t padded(int64_t at, int64_t size, MPSGraphPaddingMode mode) {
  if (at >= 0 && at < size) return at;
  if (mode == MPSGraphPaddingModeZero) return -1;
  if (mode == MPSGraphPaddingModeClampToEdge) return at < 0 ? 0 : size - 1;
  // Mirrored again and again: around the outermost elements, or around the borders.
  const int64_t period = mode == MPSGraphPaddingModeReflect ? 2 * size - 2 : 2 * size;
  const int64_t phase = (at % period + period) % period;
  if (phase < size) return phase;
  return mode == MPSGraphPaddingModeReflect ? period - phase : period - 1 - phase;
}

static float positionOf(float coordinate, int64_t size, bool alignCorners) {
  return alignCorners ? (coordinate + 1) / 2 * (float)(size - 1) : ((coordinate + 1) * (float)size - 1) / 2;
}

static double sampled(const Sampling *sampling, const Array *source, int64_t image, float x, float y) {
  const int64_t height = sampling->source.size[2], width = sampling->source.size[3];
  const double left = sampling->nearest ? rint((double)x) : floor((double)x), top = sampling->nearest ? rint((double)y) : floor((double)y);
  double sum = 0;
  const int taps = sampling->nearest ? 1 : 2;
  for (int row = 0; row < taps; row++) {
    for (int column = 0; column < taps; column++) {
      const int64_t i = padded((int64_t)top + row, height, sampling->padding), j = padded((int64_t)left + column, width, sampling->padding);
      const double down = sampling->nearest ? 1 : row ? (double)y - top : 1 - ((double)y - top);
      const double across = sampling->nearest ? 1 : column ? (double)x - left : 1 - ((double)x - left);
      if (i >= 0 && j >= 0) sum += down * across * loadComputed(source, (image * height + i) * width + j);
    }
  }
  return sum;
}

static MPSGraphTensor *sampleGrid(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *source, MPSGraphTensor *coordinates,
                                  MPSGraphTensorNamedDataLayout layout, BOOL normalize, BOOL relative, double constantValue, Sampling sampling) {
  checkOperand(graph, source, KindFloat, selector);
  checkOperand(graph, coordinates, KindFloat, selector);
  checkSameType(source, coordinates, selector);
  if (source->_dataType == MPSDataTypeBFloat16) refuse(selector, @"no kernel for bf16");
  const Shape shape = shapeOf(source), grid = shapeOf(coordinates);
  if (shape.rank != 4 || grid.rank != 4) refuse(selector, @"ranks %d and %d, not 4", shape.rank, grid.rank);
  if (grid.size[0] != shape.size[0] || grid.size[3] != 2) refuse(selector, @"coordinates %@ for %@", textOfShape(grid), textOfShape(shape));
  if (layout != MPSGraphTensorNamedDataLayoutNCHW) refuse(selector, @"layout %lu is not emulated", (unsigned long)layout);
  if (!normalize || relative) refuse(selector, @"coordinates that are not normalized, or relative, are not emulated");
  if (constantValue != 0) refuse(selector, @"a constant value is for the constant padding mode, which is not emulated");
  const MPSGraphPaddingMode mode = sampling.padding;
  const bool mirrors = mode == MPSGraphPaddingModeReflect || mode == MPSGraphPaddingModeSymmetric;
  if (!mirrors && mode != MPSGraphPaddingModeZero && mode != MPSGraphPaddingModeClampToEdge) refuse(selector, @"padding mode %ld is not emulated", (long)mode);
  if (mode == MPSGraphPaddingModeReflect && (shape.size[2] == 1 || shape.size[3] == 1)) refuse(selector, @"reflection at a single element is not documented");
  sampling.source = shape;
  const Shape result = {.rank = 4, .size = {shape.size[0], shape.size[1], grid.size[1], grid.size[2]}};
  checkShape(result, selector);
  return makeNode(graph, selector, name, @[ source, coordinates ], source->_dataType, result, ^(const Array *in, const Array *out) {
    const int64_t points = grid.size[1] * grid.size[2];
    for (int64_t at = 0; at < out[0].count; at++) {
      const int64_t image = at / points, point = image / shape.size[1] * points + at % points;
      const double x = loadComputed(&in[1], 2 * point), y = loadComputed(&in[1], 2 * point + 1);
      if (!(fabs(x) < 1e6 && fabs(y) < 1e6)) refuse(selector, @"what becomes of the coordinates %g and %g is not documented", x, y);
      storeComputed(&out[0], at,
                    sampled(&sampling, &in[0], image, positionOf((float)x, shape.size[3], sampling.alignCorners),
                            positionOf((float)y, shape.size[2], sampling.alignCorners)));
    }
  });
}

@implementation MPSGraph (SampleGrid)
- (MPSGraphTensor *)sampleGridWithSourceTensor:(MPSGraphTensor *)source
                              coordinateTensor:(MPSGraphTensor *)coordinates
                                        layout:(MPSGraphTensorNamedDataLayout)layout
                          normalizeCoordinates:(BOOL)normalizeCoordinates
                           relativeCoordinates:(BOOL)relativeCoordinates
                                  alignCorners:(BOOL)alignCorners
                                   paddingMode:(MPSGraphPaddingMode)paddingMode
                                  samplingMode:(MPSGraphResizeMode)samplingMode
                                 constantValue:(double)constantValue
                                          name:(NSString *)name {
  if (samplingMode != MPSGraphResizeBilinear) refuse(_cmd, @"sampling mode %lu: the rounding of nearest is another method's", (unsigned long)samplingMode);
  return sampleGrid(self, _cmd, name, source, coordinates, layout, normalizeCoordinates, relativeCoordinates, constantValue,
                    (Sampling){.padding = paddingMode, .alignCorners = alignCorners});
}

- (MPSGraphTensor *)sampleGridWithSourceTensor:(MPSGraphTensor *)source
                              coordinateTensor:(MPSGraphTensor *)coordinates
                                        layout:(MPSGraphTensorNamedDataLayout)layout
                          normalizeCoordinates:(BOOL)normalizeCoordinates
                           relativeCoordinates:(BOOL)relativeCoordinates
                                  alignCorners:(BOOL)alignCorners
                                   paddingMode:(MPSGraphPaddingMode)paddingMode
                           nearestRoundingMode:(MPSGraphResizeNearestRoundingMode)nearestRoundingMode
                                 constantValue:(double)constantValue
                                          name:(NSString *)name {
  if (nearestRoundingMode != MPSGraphResizeNearestRoundingModeRoundToEven) refuse(_cmd, @"rounding mode %lu is not emulated", (unsigned long)nearestRoundingMode);
  return sampleGrid(self, _cmd, name, source, coordinates, layout, normalizeCoordinates, relativeCoordinates, constantValue,
                    (Sampling){.padding = paddingMode, .alignCorners = alignCorners, .nearest = true});
}
@end
