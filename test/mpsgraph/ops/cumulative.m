// Cumulative sums, products, maxima and minima.
#import "elementwise.h"
#import "view.h"
#include <float.h>
#include <math.h>

typedef enum { ScanSum, ScanProduct, ScanMaximum, ScanMinimum } Scan;

// Where an exclusive scan starts: for extremes the largest finite number, not infinity.
static double floatSeed(Scan scan, MPSDataType type) {
  if (scan == ScanSum || scan == ScanProduct) return scan == ScanProduct;
  const double most = type == MPSDataTypeFloat16 ? 65504 : type == MPSDataTypeBFloat16 ? 0x1.fep127 : (double)FLT_MAX;
  return scan == ScanMaximum ? -most : most;
}

static int64_t integerSeed(Scan scan, MPSDataType type) {
  if (scan == ScanSum || scan == ScanProduct) return scan == ScanProduct;
  const int64_t most = sizeOfType(type) == 8 ? INT64_MAX : INT32_MAX;
  return scan == ScanMaximum ? -most - 1 : most;
}

// NaN loses against any other value in extremes.
static double combineFloats(Scan scan, double so_far, double value) {
  switch (scan) {
    case ScanSum: return so_far + value;
    case ScanProduct: return so_far * value;
    case ScanMaximum: return fmax(so_far, value);
    default: return fmin(so_far, value);
  }
}

static int64_t combineIntegers(Scan scan, int64_t so_far, int64_t value) {
  switch (scan) {
    case ScanSum: return (int64_t)((uint64_t)so_far + (uint64_t)value);
    case ScanProduct: return (int64_t)((uint64_t)so_far * (uint64_t)value);
    case ScanMaximum: return so_far > value ? so_far : value;
    default: return so_far < value ? so_far : value;
  }
}

static void scanFloats(Scan scan, const Array *in, const Array *out, int64_t start, int64_t step, int64_t length, bool exclusive) {
  double so_far = exclusive ? floatSeed(scan, in->type) : loadComputed(in, start);
  for (int64_t at = 0; at < length; at++) {
    // Partial results have the tensor's type: sums of f16 lose what f16 cannot hold.
    if (!exclusive && at > 0) so_far = rounded(in->type, combineFloats(scan, so_far, loadComputed(in, start + at * step)));
    storeComputed(out, start + at * step, so_far);
    if (exclusive) so_far = rounded(in->type, combineFloats(scan, so_far, loadComputed(in, start + at * step)));
  }
}

static void scanIntegers(Scan scan, const Array *in, const Array *out, int64_t start, int64_t step, int64_t length, bool exclusive) {
  int64_t so_far = exclusive ? integerSeed(scan, in->type) : loadInt(in, start);
  for (int64_t at = 0; at < length; at++) {
    if (!exclusive && at > 0) so_far = combineIntegers(scan, so_far, loadInt(in, start + at * step));
    storeInt(out, start + at * step, so_far);
    if (exclusive) so_far = combineIntegers(scan, so_far, loadInt(in, start + at * step));
  }
}

static MPSGraphTensor *cumulate(MPSGraph *graph, SEL selector, NSString *name, Scan scan, MPSGraphTensor *tensor, NSInteger given, bool exclusive,
                                bool reverse) {
  checkOperand(graph, tensor, KindNumber, selector);
  const MPSDataType type = tensor->_dataType;
  // Of 8 and 16 bits they have come out wrong; unsigned ones are not known to work.
  if (kindOf(type) != KindFloat && sizeOfType(type) < 4) refuse(selector, @"cumulative operations of %@ are wrong", nameOfType(type));
  if (kindOf(type) == KindUnsigned) refuse(selector, @"no kernel for %@", nameOfType(type));
  const Shape shape = shapeOf(tensor);
  const int axis = axisOf(given, shape.rank, selector);
  if (axis < shape.rank - 4) refuse(selector, @"MPSGraphNDArrayScan only supports axis = 0,1,2,3 from the last, not axis %d of rank %d", axis, shape.rank);
  const Lines lines = linesOf(shape, axis);
  return makeNode(graph, selector, name, @[ tensor ], type, shape, ^(const Array *in, const Array *out) {
    for (int64_t line = 0; line < lines.outer * lines.inner; line++) {
      const int64_t first = line / lines.inner * lines.size * lines.inner + line % lines.inner;
      const int64_t start = reverse ? first + (lines.size - 1) * lines.inner : first, step = reverse ? -lines.inner : lines.inner;
      (kindOf(type) == KindFloat ? scanFloats : scanIntegers)(scan, &in[0], &out[0], start, step, lines.size, exclusive);
    }
  });
}

#define SCAN(Name)                                                                                                                                             \
  -(MPSGraphTensor *)cumulative##Name##WithTensor : (MPSGraphTensor *)tensor axis : (NSInteger)axis exclusive : (BOOL)exclusive reverse : (BOOL)reverse        \
                                                                                                                   name : (NSString *)name {                   \
    return cumulate(self, _cmd, name, Scan##Name, tensor, axis, exclusive, reverse);                                                                           \
  }                                                                                                                                                            \
  -(MPSGraphTensor *)cumulative##Name##WithTensor : (MPSGraphTensor *)tensor axisTensor : (MPSGraphTensor *)axisTensor exclusive : (BOOL)exclusive             \
                                                                                              reverse : (BOOL)reverse name : (NSString *)name {                \
    return cumulate(self, _cmd, name, Scan##Name, tensor, constantAxis(axisTensor, _cmd), exclusive, reverse);                                                 \
  }                                                                                                                                                            \
  -(MPSGraphTensor *)cumulative##Name##WithTensor : (MPSGraphTensor *)tensor axis : (NSInteger)axis name : (NSString *)name {                                  \
    return cumulate(self, _cmd, name, Scan##Name, tensor, axis, false, false);                                                                                 \
  }                                                                                                                                                            \
  -(MPSGraphTensor *)cumulative##Name##WithTensor : (MPSGraphTensor *)tensor axisTensor : (MPSGraphTensor *)axisTensor name : (NSString *)name {               \
    return cumulate(self, _cmd, name, Scan##Name, tensor, constantAxis(axisTensor, _cmd), false, false);                                                       \
  }

@implementation MPSGraph (Cumulative)
SCAN(Sum)
SCAN(Product)
SCAN(Maximum)
SCAN(Minimum)
@end
