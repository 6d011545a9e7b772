// Fourier transforms by their definition, in double and rounded once. Sizes that one axis has: any.
#import "view.h"
#include <math.h>
#include <stdlib.h>

static double scaleOf(MPSGraphFFTScalingMode mode, double count, SEL selector) {
  switch (mode) {
    case MPSGraphFFTScalingModeNone: return 1;
    case MPSGraphFFTScalingModeSize: return 1 / count;
    case MPSGraphFFTScalingModeUnitary: return 1 / sqrt(count);
    default: refuse(selector, @"a scaling mode of %lu", (unsigned long)mode);
  }
}

// Axes are given, each once. Apple's kernels take axes below rank 4 only as far as is known.
static Axes transformed(NSArray<NSNumber *> *axes, Shape shape, SEL selector) {
  if ([axes count] == 0) refuse(selector, @"no axes to transform");
  if (shape.rank > 4) refuse(selector, @"a transform of rank %d", shape.rank);
  return axesFrom(axes, false, shape.rank, selector);
}

// e^(i angle) of k of n parts of a turn, exact at quarters.
static void root(int64_t k, int64_t n, double value[2]) {
  const double angle = 2 * M_PI * (double)k / (double)n;
  const bool quarter = 4 * k % n == 0;
  value[0] = quarter ? (double)lround(cos(angle)) : cos(angle);
  value[1] = quarter ? (double)lround(sin(angle)) : sin(angle);
}

// Replaces every line along an axis by the sums of x_j e^(sign 2 pi i j k / n).
static void transformAlong(double *pairs, Shape shape, int axis, int sign) {
  const Lines lines = linesOf(shape, axis);
  double *line = malloc(2 * (size_t)lines.size * sizeof *line);
  for (int64_t number = 0; number < lines.outer * lines.inner; number++) {
    const int64_t start = number / lines.inner * lines.size * lines.inner + number % lines.inner;
    for (int64_t k = 0; k < lines.size; k++) {
      double re = 0, im = 0;
      for (int64_t j = 0; j < lines.size; j++) {
        const double *value = pairs + 2 * (start + j * lines.inner);
        double turn[2];
        root(j * k % lines.size, lines.size, turn);
        re += value[0] * turn[0] - value[1] * sign * turn[1];
        im += value[0] * sign * turn[1] + value[1] * turn[0];
      }
      line[2 * k] = re;
      line[2 * k + 1] = im;
    }
    for (int64_t k = 0; k < lines.size; k++) {
      pairs[2 * (start + k * lines.inner)] = line[2 * k];
      pairs[2 * (start + k * lines.inner) + 1] = line[2 * k + 1];
    }
  }
  free(line);
}

static double *pairsOf(const Array *in, Shape shape) {
  double *pairs = malloc(2 * (size_t)countOf(shape) * sizeof *pairs);
  const float *values = in->data;
  const bool complex = in->type == MPSDataTypeComplexFloat32;
  for (int64_t at = 0; at < countOf(shape); at++) {
    pairs[2 * at] = (double)(complex ? values[2 * at] : values[at]);
    pairs[2 * at + 1] = complex ? (double)values[2 * at + 1] : 0;
  }
  return pairs;
}

static MPSGraphTensor *only(MPSGraph *graph, MPSGraphTensor *tensor, Kinds kind, MPSGraphFFTDescriptor *descriptor, SEL selector) {
  checkOperand(graph, tensor, kind, selector);
  if (kind == KindFloat && tensor->_dataType != MPSDataTypeFloat32) refuse(selector, @"a transform of %@", nameOfType(tensor->_dataType));
  if (descriptor == nil) refuse(selector, @"descriptor may not be nil");
  return tensor;
}

@implementation MPSGraph (FourierTransform)
- (MPSGraphTensor *)fastFourierTransformWithTensor:(MPSGraphTensor *)tensor
                                              axes:(NSArray<NSNumber *> *)axes
                                        descriptor:(MPSGraphFFTDescriptor *)descriptor
                                              name:(NSString *)name {
  const Shape shape = shapeOf(only(self, tensor, KindComplex, descriptor, _cmd));
  const Axes along = transformed(axes, shape, _cmd);
  double count = 1;
  for (int at = 0; at < along.count; at++) count *= (double)shape.size[along.axis[at]];
  const double scale = scaleOf(descriptor.scalingMode, count, _cmd);
  const int sign = descriptor.inverse ? 1 : -1;
  return makeNode(self, _cmd, name, @[ tensor ], MPSDataTypeComplexFloat32, shape, ^(const Array *in, const Array *out) {
    double *pairs = pairsOf(&in[0], shape);
    for (int at = 0; at < along.count; at++) transformAlong(pairs, shape, along.axis[at], sign);
    for (int64_t at = 0; at < 2 * out[0].count; at++) ((float *)out[0].data)[at] = (float)(pairs[at] * scale);
    free(pairs);
  });
}

// The last of the given axes is cut to n / 2 + 1. Of several axes the order in which they are given decides which; only one is known to be used.
- (MPSGraphTensor *)realToHermiteanFFTWithTensor:(MPSGraphTensor *)tensor
                                            axes:(NSArray<NSNumber *> *)axes
                                      descriptor:(MPSGraphFFTDescriptor *)descriptor
                                            name:(NSString *)name {
  const Shape shape = shapeOf(only(self, tensor, KindFloat, descriptor, _cmd));
  const Axes along = transformed(axes, shape, _cmd);
  if (along.count != 1) refuse(_cmd, @"%d axes: which of them is halved is not documented", along.count);
  if (descriptor.inverse) refuse(_cmd, @"an inverse transform of real values");
  const int axis = along.axis[0];
  const double scale = scaleOf(descriptor.scalingMode, (double)shape.size[axis], _cmd);
  Shape half = shape;
  half.size[axis] = shape.size[axis] / 2 + 1;
  return makeNode(self, _cmd, name, @[ tensor ], MPSDataTypeComplexFloat32, half, ^(const Array *in, const Array *out) {
    double *pairs = pairsOf(&in[0], shape);
    transformAlong(pairs, shape, axis, -1);
    const Lines to = linesOf(half, axis);
    for (int64_t at = 0; at < out[0].count; at++) {
      const int64_t k = at / to.inner % to.size, line = at / (to.inner * to.size), from = (line * shape.size[axis] + k) * to.inner + at % to.inner;
      for (int which = 0; which < 2; which++) ((float *)out[0].data)[2 * at + which] = (float)(pairs[2 * from + which] * scale);
    }
    free(pairs);
  });
}

// What imaginary parts of element 0 (and n / 2) do is not documented: here they spoil the result.
- (MPSGraphTensor *)HermiteanToRealFFTWithTensor:(MPSGraphTensor *)tensor
                                            axes:(NSArray<NSNumber *> *)axes
                                      descriptor:(MPSGraphFFTDescriptor *)descriptor
                                            name:(NSString *)name {
  const Shape half = shapeOf(only(self, tensor, KindComplex, descriptor, _cmd));
  const Axes along = transformed(axes, half, _cmd);
  if (along.count != 1) refuse(_cmd, @"%d axes: which of them is doubled is not documented", along.count);
  if (!descriptor.inverse) refuse(_cmd, @"a forward transform to real values");
  const int axis = along.axis[0];
  Shape shape = half;
  shape.size[axis] = 2 * (half.size[axis] - 1) + (descriptor.roundToOddHermitean ? 1 : 0);
  checkShape(shape, _cmd);
  const double scale = scaleOf(descriptor.scalingMode, (double)shape.size[axis], _cmd);
  return makeNode(self, _cmd, name, @[ tensor ], MPSDataTypeFloat32, shape, ^(const Array *in, const Array *out) {
    const float *given = in[0].data;
    const Lines to = linesOf(shape, axis);
    double *pairs = malloc(2 * (size_t)out[0].count * sizeof *pairs);
    for (int64_t at = 0; at < out[0].count; at++) {
      const int64_t k = at / to.inner % to.size, line = at / (to.inner * to.size), mirrored = 2 * k > to.size ? to.size - k : k;
      const int64_t from = (line * half.size[axis] + mirrored) * to.inner + at % to.inner;
      const double im = (double)given[2 * from + 1];
      pairs[2 * at] = (double)given[2 * from] + ((k == 0 || 2 * k == to.size) && im != 0 ? NAN : 0);
      pairs[2 * at + 1] = mirrored == k ? im : -im;
    }
    transformAlong(pairs, shape, axis, 1);
    for (int64_t at = 0; at < out[0].count; at++) ((float *)out[0].data)[at] = (float)(pairs[2 * at] * scale);
    free(pairs);
  });
}
@end
