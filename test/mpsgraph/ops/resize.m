// Resizing of images, and its gradient. Positions are worked out in f32.
#import "elementwise.h"
#include <math.h>
#include <string.h>

typedef struct {
  Shape source, result;
  bool bilinear;
  MPSGraphResizeNearestRoundingMode rounding;
  BOOL centerResult, alignCorners;
} Resize;

static Resize resizeFrom(Shape source, int64_t height, int64_t width, BOOL centerResult, BOOL alignCorners, MPSGraphTensorNamedDataLayout layout, SEL selector) {
  if (source.rank != 4) refuse(selector, @"rank %d, not 4", source.rank);
  // The gradient of bilinear NHWC was wrong before macOS 14.
  if (layout != MPSGraphTensorNamedDataLayoutNCHW) refuse(selector, @"layout %lu is not emulated", (unsigned long)layout);
  if (height < 1 || width < 1) refuse(selector, @"size %lld x %lld", (long long)height, (long long)width);
  if (centerResult && alignCorners) refuse(selector, @"centerResult with alignCorners is not documented");
  // A single element has no corners to align.
  if (alignCorners && ((height == 1 && source.size[2] != 1) || (width == 1 && source.size[3] != 1))) refuse(selector, @"alignCorners of one element is not documented");
  Resize resize = {.source = source, .result = source, .centerResult = centerResult, .alignCorners = alignCorners};
  resize.result.size[2] = height;
  resize.result.size[3] = width;
  checkShape(resize.result, selector);
  return resize;
}

static void checkSampled(MPSGraph *graph, MPSGraphTensor *tensor, SEL selector) {
  checkOperand(graph, tensor, KindFloat, selector);
  if (tensor->_dataType == MPSDataTypeBFloat16) refuse(selector, @"no kernel for bf16");
}

static double nearest(double position, MPSGraphResizeNearestRoundingMode mode) {
  const double up = floor(position + 0.5), down = ceil(position - 0.5);
  switch (mode) {
    case MPSGraphResizeNearestRoundingModeRoundPreferCeil: return up;
    case MPSGraphResizeNearestRoundingModeRoundPreferFloor: return down;
    case MPSGraphResizeNearestRoundingModeCeil: return ceil(position);
    case MPSGraphResizeNearestRoundingModeFloor: return floor(position);
    case MPSGraphResizeNearestRoundingModeRoundToEven: return fmod(up, 2) == 0 ? up : down;
    default: return fmod(up, 2) == 0 ? down : up;
  }
}

typedef struct {
  int64_t index[2];
  double weight[2];
} Taps;

static Taps tapsOf(const Resize *resize, int axis, int64_t at) {
  const int64_t from = resize->source.size[axis], to = resize->result.size[axis];
  float position;
  if (resize->alignCorners) position = to == 1 ? 0 : (float)at * ((float)(from - 1) / (float)(to - 1));
  else if (resize->centerResult) position = ((float)at + 0.5f) * ((float)from / (float)to) - 0.5f;
  else position = (float)at * ((float)from / (float)to);
  const double last = (double)(from - 1);
  if (!resize->bilinear) return (Taps){{(int64_t)fmin(fmax(nearest((double)position, resize->rounding), 0), last), 0}, {1, 0}};
  const double inside = fmin(fmax((double)position, 0), last), low = floor(inside);
  return (Taps){{(int64_t)low, (int64_t)fmin(low + 1, last)}, {1 - (inside - low), inside - low}};
}

// Calls visit(element of the source, weight) for element `at` of the result.
typedef void (^Visit)(int64_t element, double weight);
static void visitTaps(const Resize *resize, int64_t at, Visit visit) {
  const int64_t width = resize->result.size[3], height = resize->result.size[2];
  const Taps x = tapsOf(resize, 3, at % width), y = tapsOf(resize, 2, at / width % height);
  const int64_t image = at / (width * height) * resize->source.size[2] * resize->source.size[3];
  const int taps = resize->bilinear ? 2 : 1;
  for (int row = 0; row < taps; row++) {
    for (int column = 0; column < taps; column++) visit(image + y.index[row] * resize->source.size[3] + x.index[column], y.weight[row] * x.weight[column]);
  }
}

static MPSGraphTensor *resized(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *images, Resize resize) {
  return makeNode(graph, selector, name, @[ images ], images->_dataType, resize.result, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) {
      __block double sum = 0;
      visitTaps(&resize, at, ^(int64_t element, double weight) {
        sum += weight * loadComputed(&in[0], element);
      });
      storeComputed(&out[0], at, sum);
    }
  });
}

static MPSGraphTensor *resizedGradient(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *gradient, MPSGraphTensor *input, Resize resize) {
  checkSameType(gradient, input, selector);
  return makeNode(graph, selector, name, @[ gradient, input ], input->_dataType, resize.source, ^(const Array *in, const Array *out) {
    memset(out[0].data, 0, (size_t)out[0].count * sizeOfType(out[0].type));
    for (int64_t at = 0; at < in[0].count; at++) {
      const double part = loadComputed(&in[0], at);
      visitTaps(&resize, at, ^(int64_t element, double weight) {
        storeComputed(&out[0], element, loadDouble(&out[0], element) + weight * part);
      });
    }
  });
}

static Resize gradientFrom(MPSGraph *graph, MPSGraphTensor *gradient, MPSGraphTensor *input, BOOL centerResult, BOOL alignCorners,
                           MPSGraphTensorNamedDataLayout layout, SEL selector) {
  checkSampled(graph, gradient, selector);
  checkSampled(graph, input, selector);
  const Shape source = shapeOf(input), result = shapeOf(gradient);
  if (result.rank != 4) refuse(selector, @"a gradient of rank %d, not 4", result.rank);
  if (source.rank == 4 && (source.size[0] != result.size[0] || source.size[1] != result.size[1])) {
    refuse(selector, @"a gradient of shape %@ for an input of shape %@", textOfShape(result), textOfShape(source));
  }
  return resizeFrom(source, result.size[2], result.size[3], centerResult, alignCorners, layout, selector);
}

@implementation MPSGraph (Resize)
- (MPSGraphTensor *)resizeTensor:(MPSGraphTensor *)imagesTensor
                            size:(MPSShape *)size
                            mode:(MPSGraphResizeMode)mode
                    centerResult:(BOOL)centerResult
                    alignCorners:(BOOL)alignCorners
                          layout:(MPSGraphTensorNamedDataLayout)layout
                            name:(NSString *)name {
  checkSampled(self, imagesTensor, _cmd);
  if ([size count] != 2) refuse(_cmd, @"%lu sizes, not height and width", (unsigned long)[size count]);
  if (mode != MPSGraphResizeBilinear) refuse(_cmd, @"mode %lu is not emulated: the rounding of nearest is another method's", (unsigned long)mode);
  Resize resize = resizeFrom(shapeOf(imagesTensor), [[size objectAtIndex:0] longLongValue], [[size objectAtIndex:1] longLongValue], centerResult, alignCorners,
                             layout, _cmd);
  resize.bilinear = true;
  return resized(self, _cmd, name, imagesTensor, resize);
}

- (MPSGraphTensor *)resizeNearestWithTensor:(MPSGraphTensor *)imagesTensor
                                 sizeTensor:(MPSGraphTensor *)size
                        nearestRoundingMode:(MPSGraphResizeNearestRoundingMode)nearestRoundingMode
                               centerResult:(BOOL)centerResult
                               alignCorners:(BOOL)alignCorners
                                     layout:(MPSGraphTensorNamedDataLayout)layout
                                       name:(NSString *)name {
  checkSampled(self, imagesTensor, _cmd);
  int64_t sizes[2] = {0, 0};
  if (constantIntegers(size, sizes, 2, _cmd) != 2) refuse(_cmd, @"the size is not height and width");
  Resize resize = resizeFrom(shapeOf(imagesTensor), sizes[0], sizes[1], centerResult, alignCorners, layout, _cmd);
  resize.rounding = nearestRoundingMode;
  return resized(self, _cmd, name, imagesTensor, resize);
}

- (MPSGraphTensor *)resizeWithGradientTensor:(MPSGraphTensor *)gradient
                                       input:(MPSGraphTensor *)input
                                        mode:(MPSGraphResizeMode)mode
                                centerResult:(BOOL)centerResult
                                alignCorners:(BOOL)alignCorners
                                      layout:(MPSGraphTensorNamedDataLayout)layout
                                        name:(NSString *)name {
  if (mode != MPSGraphResizeBilinear) refuse(_cmd, @"mode %lu is not emulated: the rounding of nearest is another method's", (unsigned long)mode);
  Resize resize = gradientFrom(self, gradient, input, centerResult, alignCorners, layout, _cmd);
  resize.bilinear = true;
  return resizedGradient(self, _cmd, name, gradient, input, resize);
}

- (MPSGraphTensor *)resizeNearestWithGradientTensor:(MPSGraphTensor *)gradient
                                              input:(MPSGraphTensor *)input
                                nearestRoundingMode:(MPSGraphResizeNearestRoundingMode)nearestRoundingMode
                                       centerResult:(BOOL)centerResult
                                       alignCorners:(BOOL)alignCorners
                                             layout:(MPSGraphTensorNamedDataLayout)layout
                                               name:(NSString *)name {
  Resize resize = gradientFrom(self, gradient, input, centerResult, alignCorners, layout, _cmd);
  resize.rounding = nearestRoundingMode;
  return resizedGradient(self, _cmd, name, gradient, input, resize);
}
@end
