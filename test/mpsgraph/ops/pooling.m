// Pooling: windows over two or over four dimensions.
#import "elementwise.h"
#include <math.h>
#include <string.h>

enum { windowRank = 4 };

// Windows over the four dimensions of the operand; those that are not pooled have windows of one element.
typedef struct {
  Shape source, result;
  int64_t kernel[windowRank], stride[windowRank], dilation[windowRank], low[windowRank], high[windowRank];
  bool countsPadding;
} Windows;

static int64_t spanOf(const Windows *windows, int axis) { return windows->dilation[axis] * (windows->kernel[axis] - 1) + 1; }

// The dimensions of the result.
static void finish(Windows *windows, bool ceilMode, SEL selector) {
  // With ceilMode, averages that include the padding are wrong, and what becomes of windows that start in the padding is not documented.
  if (ceilMode) refuse(selector, @"ceilMode is known to be wrong; pad explicitly");
  windows->result = windows->source;
  for (int axis = 0; axis < windowRank; axis++) {
    if (windows->kernel[axis] < 1 || windows->stride[axis] < 1 || windows->dilation[axis] < 1) {
      refuse(selector, @"axis %d: kernel %lld, stride %lld, dilation %lld", axis, (long long)windows->kernel[axis], (long long)windows->stride[axis],
             (long long)windows->dilation[axis]);
    }
    if (windows->low[axis] < 0 || windows->high[axis] < 0) refuse(selector, @"axis %d: negative padding", axis);
    const int64_t room = windows->source.size[axis] + windows->low[axis] + windows->high[axis] - spanOf(windows, axis);
    if (room < 0) refuse(selector, @"axis %d: the dilated kernel is larger than the padded %@", axis, textOfShape(windows->source));
    windows->result.size[axis] = room / windows->stride[axis] + 1;
    for (int64_t out = 0; out < windows->result.size[axis]; out++) {
      bool reaches = false;
      for (int64_t k = 0; k < windows->kernel[axis]; k++) {
        const int64_t at = out * windows->stride[axis] - windows->low[axis] + k * windows->dilation[axis];
        reaches = reaches || (at >= 0 && at < windows->source.size[axis]);
      }
      if (!reaches) refuse(selector, @"axis %d: a window in the padding only is not documented", axis);
    }
  }
  checkShape(windows->result, selector);
}

static void checkStyle(MPSGraphPaddingStyle style, SEL selector) {
  if (style != MPSGraphPaddingStyleExplicit) refuse(selector, @"padding style %lu is not emulated", (unsigned long)style);
}

static Windows windows2D(MPSGraphPooling2DOpDescriptor *descriptor, Shape source, SEL selector) {
  if (descriptor == nil) refuse(selector, @"no descriptor");
  if (source.rank != 4) refuse(selector, @"rank %d, not 4", source.rank);
  if (descriptor.dataLayout != MPSGraphTensorNamedDataLayoutNCHW && descriptor.dataLayout != MPSGraphTensorNamedDataLayoutNHWC) {
    refuse(selector, @"layout %lu", (unsigned long)descriptor.dataLayout);
  }
  checkStyle(descriptor.paddingStyle, selector);
  Windows windows = {.source = source, .countsPadding = descriptor.includeZeroPadToAverage};
  for (int axis = 0; axis < windowRank; axis++) windows.kernel[axis] = windows.stride[axis] = windows.dilation[axis] = 1;
  const int y = descriptor.dataLayout == MPSGraphTensorNamedDataLayoutNCHW ? 2 : 1, x = y + 1;
  windows.kernel[y] = (int64_t)descriptor.kernelHeight;
  windows.kernel[x] = (int64_t)descriptor.kernelWidth;
  windows.stride[y] = (int64_t)descriptor.strideInY;
  windows.stride[x] = (int64_t)descriptor.strideInX;
  windows.dilation[y] = (int64_t)descriptor.dilationRateInY;
  windows.dilation[x] = (int64_t)descriptor.dilationRateInX;
  windows.low[y] = (int64_t)descriptor.paddingTop;
  windows.high[y] = (int64_t)descriptor.paddingBottom;
  windows.low[x] = (int64_t)descriptor.paddingLeft;
  windows.high[x] = (int64_t)descriptor.paddingRight;
  finish(&windows, descriptor.ceilMode, selector);
  return windows;
}

static int64_t numberAt(NSArray<NSNumber *> *numbers, int at) { return [[numbers objectAtIndex:(NSUInteger)at] longLongValue]; }

static Windows windows4D(MPSGraphPooling4DOpDescriptor *descriptor, Shape source, SEL selector) {
  if (descriptor == nil) refuse(selector, @"no descriptor");
  if (source.rank != 4) refuse(selector, @"rank %d, not 4", source.rank);
  checkStyle(descriptor.paddingStyle, selector);
  if ([descriptor.kernelSizes count] != windowRank || [descriptor.strides count] != windowRank || [descriptor.dilationRates count] != windowRank ||
      [descriptor.paddingValues count] != 2 * windowRank) {
    refuse(selector, @"4 kernel sizes, strides and dilation rates and 8 padding values are needed");
  }
  Windows windows = {.source = source, .countsPadding = descriptor.includeZeroPadToAverage};
  for (int axis = 0; axis < windowRank; axis++) {
    windows.kernel[axis] = numberAt(descriptor.kernelSizes, axis);
    windows.stride[axis] = numberAt(descriptor.strides, axis);
    windows.dilation[axis] = numberAt(descriptor.dilationRates, axis);
    // The values of an axis stand side by side: before, after.
    windows.low[axis] = numberAt(descriptor.paddingValues, 2 * axis);
    windows.high[axis] = numberAt(descriptor.paddingValues, 2 * axis + 1);
  }
  finish(&windows, descriptor.ceilMode, selector);
  return windows;
}

// The elements of a window that lie in the operand, in row-major order, and how many elements it has in all.
typedef void (^Visit)(int64_t element, const int64_t position[windowRank]);
static int64_t visitWindow(const Windows *windows, int64_t number, Visit visit) {
  int64_t start[windowRank], taps = 1, strides[maxRank];
  stridesOf(windows->source, strides);
  for (int axis = windowRank - 1; axis >= 0; axis--) {
    start[axis] = number % windows->result.size[axis] * windows->stride[axis] - windows->low[axis];
    number /= windows->result.size[axis];
    taps *= windows->kernel[axis];
  }
  for (int64_t tap = 0; tap < taps; tap++) {
    int64_t rest = tap, element = 0, position[windowRank];
    bool inside = true;
    for (int axis = windowRank - 1; axis >= 0; axis--) {
      position[axis] = start[axis] + rest % windows->kernel[axis] * windows->dilation[axis];
      rest /= windows->kernel[axis];
      inside = inside && position[axis] >= 0 && position[axis] < windows->source.size[axis];
      element += position[axis] * strides[axis];
    }
    if (inside) visit(element, position);
  }
  return taps;
}

// bf16 is not known to have kernels.
static void checkPooled(MPSGraph *graph, MPSGraphTensor *tensor, SEL selector) {
  checkOperand(graph, tensor, KindFloat, selector);
  if (tensor->_dataType == MPSDataTypeBFloat16) refuse(selector, @"no kernel for bf16");
}

// NaN is skipped, as comparing does that no one promises more of; the first of equals is the maximum. `indexAxes`: how many of the last dimensions the index flattens.
static void poolMaxima(const Windows *windows, const Array *in, const Array *out, int indexAxes) {
  for (int64_t number = 0; number < countOf(windows->result); number++) {
    __block double best = -INFINITY;
    __block int64_t index = -1;
    visitWindow(windows, number, ^(int64_t element, const int64_t position[windowRank]) {
      const double value = loadComputed(&in[0], element);
      if (index >= 0 && !(value > best)) return;
      if (!isnan(value)) best = value;
      index = 0;
      for (int axis = windowRank - indexAxes; axis < windowRank; axis++) index = index * windows->source.size[axis] + position[axis];
    });
    storeComputed(&out[0], number, best);
    if (indexAxes > 0) storeInt(&out[1], number, index);
  }
}

static MPSGraphTensor *maxima(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *source, Windows windows) {
  return makeNode(graph, selector, name, @[ source ], source->_dataType, windows.result, ^(const Array *in, const Array *out) {
    poolMaxima(&windows, in, out, 0);
  });
}

static NSArray *maximaAndIndices(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *source, Windows windows, MPSGraphPoolingReturnIndicesMode mode,
                                 MPSDataType type) {
  if (mode == MPSGraphPoolingReturnIndicesNone) refuse(selector, @"returnIndicesMode is None");
  if (mode > MPSGraphPoolingReturnIndicesGlobalFlatten4D) refuse(selector, @"local indices are not emulated");
  if (type != MPSDataTypeInt32) refuse(selector, @"indices of type %@", nameOfType(type));
  const int axes = (int)mode - (int)MPSGraphPoolingReturnIndicesGlobalFlatten1D + 1;
  const MPSDataType types[] = {source->_dataType, type};
  const Shape shapes[] = {windows.result, windows.result};
  return makeNodes(graph, selector, name, @[ source ], 2, types, shapes, ^(const Array *in, const Array *out) {
    poolMaxima(&windows, in, out, axes);
  });
}

// What the sum of a window is divided by.
static double divisorOf(const Windows *windows, int64_t number) {
  __block int64_t inside = 0;
  const int64_t taps = visitWindow(windows, number, ^(int64_t element, const int64_t position[windowRank]) {
    (void)element;
    (void)position;
    inside++;
  });
  return (double)(windows->countsPadding ? taps : inside);
}

static MPSGraphTensor *averages(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *source, Windows windows) {
  return makeNode(graph, selector, name, @[ source ], source->_dataType, windows.result, ^(const Array *in, const Array *out) {
    for (int64_t number = 0; number < out[0].count; number++) {
      __block double sum = 0;
      visitWindow(&windows, number, ^(int64_t element, const int64_t position[windowRank]) {
        (void)position;
        sum = rounded(in[0].type, sum + loadComputed(&in[0], element));
      });
      storeComputed(&out[0], number, sum / divisorOf(&windows, number));
    }
  });
}

static MPSGraphTensor *averageGradient(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *gradient, MPSGraphTensor *source, Windows windows) {
  if (!sameShape(shapeOf(gradient), windows.result)) {
    refuse(selector, @"a gradient of shape %@ for a result of shape %@", textOfShape(shapeOf(gradient)), textOfShape(windows.result));
  }
  return makeNode(graph, selector, name, @[ gradient, source ], source->_dataType, windows.source, ^(const Array *in, const Array *out) {
    memset(out[0].data, 0, (size_t)out[0].count * sizeOfType(out[0].type));
    for (int64_t number = 0; number < in[0].count; number++) {
      const double part = loadComputed(&in[0], number) / divisorOf(&windows, number);
      visitWindow(&windows, number, ^(int64_t element, const int64_t position[windowRank]) {
        (void)position;
        storeComputed(&out[0], element, loadDouble(&out[0], element) + part);
      });
    }
  });
}

static void checkGradient(MPSGraph *graph, MPSGraphTensor *gradient, MPSGraphTensor *source, SEL selector) {
  checkPooled(graph, gradient, selector);
  checkPooled(graph, source, selector);
  checkSameType(gradient, source, selector);
}

@implementation MPSGraph (Pooling)
- (MPSGraphTensor *)maxPooling2DWithSourceTensor:(MPSGraphTensor *)source descriptor:(MPSGraphPooling2DOpDescriptor *)descriptor name:(NSString *)name {
  checkPooled(self, source, _cmd);
  return maxima(self, _cmd, name, source, windows2D(descriptor, shapeOf(source), _cmd));
}

- (NSArray<MPSGraphTensor *> *)maxPooling2DReturnIndicesWithSourceTensor:(MPSGraphTensor *)source
                                                              descriptor:(MPSGraphPooling2DOpDescriptor *)descriptor
                                                                    name:(NSString *)name {
  checkPooled(self, source, _cmd);
  const Windows windows = windows2D(descriptor, shapeOf(source), _cmd);
  // PyTorch found the indices of NHWC wrong.
  if (descriptor.dataLayout != MPSGraphTensorNamedDataLayoutNCHW) refuse(_cmd, @"indices of NHWC are wrong");
  return maximaAndIndices(self, _cmd, name, source, windows, descriptor.returnIndicesMode, descriptor.returnIndicesDataType);
}

- (MPSGraphTensor *)avgPooling2DWithSourceTensor:(MPSGraphTensor *)source descriptor:(MPSGraphPooling2DOpDescriptor *)descriptor name:(NSString *)name {
  checkPooled(self, source, _cmd);
  return averages(self, _cmd, name, source, windows2D(descriptor, shapeOf(source), _cmd));
}

- (MPSGraphTensor *)avgPooling2DGradientWithGradientTensor:(MPSGraphTensor *)gradient
                                              sourceTensor:(MPSGraphTensor *)source
                                                descriptor:(MPSGraphPooling2DOpDescriptor *)descriptor
                                                      name:(NSString *)name {
  checkGradient(self, gradient, source, _cmd);
  return averageGradient(self, _cmd, name, gradient, source, windows2D(descriptor, shapeOf(source), _cmd));
}

- (MPSGraphTensor *)maxPooling4DWithSourceTensor:(MPSGraphTensor *)source descriptor:(MPSGraphPooling4DOpDescriptor *)descriptor name:(NSString *)name {
  checkPooled(self, source, _cmd);
  return maxima(self, _cmd, name, source, windows4D(descriptor, shapeOf(source), _cmd));
}

- (NSArray<MPSGraphTensor *> *)maxPooling4DReturnIndicesWithSourceTensor:(MPSGraphTensor *)source
                                                              descriptor:(MPSGraphPooling4DOpDescriptor *)descriptor
                                                                    name:(NSString *)name {
  checkPooled(self, source, _cmd);
  const Windows windows = windows4D(descriptor, shapeOf(source), _cmd);
  return maximaAndIndices(self, _cmd, name, source, windows, descriptor.returnIndicesMode, descriptor.returnIndicesDataType);
}

- (MPSGraphTensor *)avgPooling4DWithSourceTensor:(MPSGraphTensor *)source descriptor:(MPSGraphPooling4DOpDescriptor *)descriptor name:(NSString *)name {
  checkPooled(self, source, _cmd);
  return averages(self, _cmd, name, source, windows4D(descriptor, shapeOf(source), _cmd));
}

- (MPSGraphTensor *)avgPooling4DGradientWithGradientTensor:(MPSGraphTensor *)gradient
                                              sourceTensor:(MPSGraphTensor *)source
                                                descriptor:(MPSGraphPooling4DOpDescriptor *)descriptor
                                                      name:(NSString *)name {
  checkGradient(self, gradient, source, _cmd);
  return averageGradient(self, _cmd, name, gradient, source, windows4D(descriptor, shapeOf(source), _cmd));
}
@end
