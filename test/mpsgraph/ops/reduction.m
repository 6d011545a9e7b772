// Reductions. They keep the reduced dimensions, with size 1.
#import "elementwise.h"
#include <math.h>
#include <stdlib.h>

// Folds the elements at base + offsets[0..count-1] of `in` into element `at` of `out`.
typedef void (*Fold)(const Array *in, int64_t base, const int64_t *offsets, int64_t count, const Array *out, int64_t at);

static int64_t *offsetsOf(Shape shape, Axes axes, int64_t *count) {
  int64_t strides[maxRank];
  stridesOf(shape, strides);
  *count = 1;
  for (int at = 0; at < axes.count; at++) *count *= shape.size[axes.axis[at]];
  int64_t *offsets = calloc((size_t)*count, sizeof(int64_t));
  for (int64_t number = 0; number < *count; number++) {
    int64_t rest = number;
    for (int at = axes.count - 1; at >= 0; at--) {
      const int axis = axes.axis[at];
      offsets[number] += rest % shape.size[axis] * strides[axis];
      rest /= shape.size[axis];
    }
  }
  return offsets;
}

// `axes` nil means all.
static MPSGraphTensor *reduce(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, NSArray *axes, MPSDataType type, Fold fold) {
  const Shape shape = shapeOf(tensor);
  const Axes reduced = axesFrom(axes, true, shape.rank, selector);
  Shape result = shape;
  for (int at = 0; at < reduced.count; at++) result.size[reduced.axis[at]] = 1;
  return makeNode(graph, selector, name, @[ tensor ], type, result, ^(const Array *in, const Array *out) {
    int64_t count;
    int64_t *offsets = offsetsOf(shape, reduced, &count);
    int64_t strides[maxRank], outStrides[maxRank];
    stridesOf(shape, strides);
    stridesOf(result, outStrides);
    for (int64_t at = 0; at < out[0].count; at++) {
      int64_t base = 0, rest = at;
      for (int axis = 0; axis < shape.rank; axis++) {
        base += rest / outStrides[axis] * strides[axis];
        rest %= outStrides[axis];
      }
      fold(&in[0], base, offsets, count, &out[0], at);
    }
    free(offsets);
  });
}

// Arithmetic kernels are known to exist for f32, f16, bf16, i32 and i64 only.
static void checkReducible(MPSGraph *graph, MPSGraphTensor *tensor, SEL selector) {
  checkOperand(graph, tensor, KindFloat | KindSigned, selector);
  if (kindOf(tensor->_dataType) == KindSigned && sizeOfType(tensor->_dataType) < 4) refuse(selector, @"no kernel for %@", nameOfType(tensor->_dataType));
}

// Each partial sum is stored in the tensor's type: sums of f16 lose what f16 cannot hold.
static void sum(const Array *in, int64_t base, const int64_t *offsets, int64_t count, const Array *out, int64_t at) {
  if (kindOf(in->type) == KindFloat) {
    double total = 0;
    for (int64_t k = 0; k < count; k++) total = rounded(in->type, total + loadComputed(in, base + offsets[k]));
    storeComputed(out, at, total);
  } else {
    uint64_t total = 0;
    for (int64_t k = 0; k < count; k++) total += (uint64_t)loadInt(in, base + offsets[k]);
    storeInt(out, at, (int64_t)total);
  }
}

static void product(const Array *in, int64_t base, const int64_t *offsets, int64_t count, const Array *out, int64_t at) {
  if (kindOf(in->type) == KindFloat) {
    double total = 1;
    for (int64_t k = 0; k < count; k++) total = rounded(in->type, total * loadComputed(in, base + offsets[k]));
    storeComputed(out, at, total);
  } else {
    uint64_t total = 1;
    for (int64_t k = 0; k < count; k++) total *= (uint64_t)loadInt(in, base + offsets[k]);
    storeInt(out, at, (int64_t)total);
  }
}

static void extreme(const Array *in, int64_t base, const int64_t *offsets, int64_t count, const Array *out, int64_t at, bool largest, bool propagate) {
  if (kindOf(in->type) == KindFloat) {
    double best = largest ? -INFINITY : INFINITY;
    for (int64_t k = 0; k < count; k++) {
      const double value = loadDouble(in, base + offsets[k]);
      if (isnan(value) && propagate) {
        storeDouble(out, at, (double)NAN);
        return;
      }
      if (largest ? value > best : value < best) best = value;
    }
    storeDouble(out, at, best);
  } else {
    int64_t best = loadInt(in, base);
    for (int64_t k = 1; k < count; k++) {
      const int64_t value = loadInt(in, base + offsets[k]);
      if (largest ? value > best : value < best) best = value;
    }
    storeInt(out, at, best);
  }
}

#define EXTREME(name, largest, propagate)                                                                                                                      \
  static void name(const Array *in, int64_t base, const int64_t *offsets, int64_t count, const Array *out, int64_t at) {                                       \
    extreme(in, base, offsets, count, out, at, largest, propagate);                                                                                            \
  }
// NaN loses; a row of nothing else gives -inf or +inf.
EXTREME(maximum, true, false)
EXTREME(minimum, false, false)
EXTREME(maximumOrNaN, true, true)
EXTREME(minimumOrNaN, false, true)

// The first of equals; NaN never wins; -1 for a row of NaN.
static void argExtreme(const Array *in, int64_t base, const int64_t *offsets, int64_t count, const Array *out, int64_t at, bool largest) {
  int64_t best = -1;
  for (int64_t k = 0; k < count; k++) {
    const int64_t here = base + offsets[k], there = best < 0 ? 0 : base + offsets[best];
    if (kindOf(in->type) == KindFloat) {
      const double value = loadDouble(in, here);
      if (isnan(value)) continue;
      if (best < 0 || (largest ? value > loadDouble(in, there) : value < loadDouble(in, there))) best = k;
    } else if (best < 0 || (largest ? loadInt(in, here) > loadInt(in, there) : loadInt(in, here) < loadInt(in, there))) {
      best = k;
    }
  }
  storeInt(out, at, best);
}

static void argMaximum(const Array *in, int64_t base, const int64_t *offsets, int64_t count, const Array *out, int64_t at) {
  argExtreme(in, base, offsets, count, out, at, true);
}

static void argMinimum(const Array *in, int64_t base, const int64_t *offsets, int64_t count, const Array *out, int64_t at) {
  argExtreme(in, base, offsets, count, out, at, false);
}

static void all(const Array *in, int64_t base, const int64_t *offsets, int64_t count, const Array *out, int64_t at) {
  bool truth = true;
  for (int64_t k = 0; k < count; k++) truth = truth && isTrue(in, base + offsets[k]);
  storeTruth(out, at, truth);
}

static void any(const Array *in, int64_t base, const int64_t *offsets, int64_t count, const Array *out, int64_t at) {
  bool truth = false;
  for (int64_t k = 0; k < count; k++) truth = truth || isTrue(in, base + offsets[k]);
  storeTruth(out, at, truth);
}

static MPSGraphTensor *arithmetic(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, NSArray *axes, Fold fold) {
  checkReducible(graph, tensor, selector);
  return reduce(graph, selector, name, tensor, axes, tensor->_dataType, fold);
}

// Only floats have NaN to propagate, and a kernel.
static MPSGraphTensor *propagating(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, NSArray *axes, Fold fold) {
  checkOperand(graph, tensor, KindAny, selector);
  if (kindOf(tensor->_dataType) != KindFloat) invalidArgument(selector, @"no kernel for %@", nameOfType(tensor->_dataType));
  return reduce(graph, selector, name, tensor, axes, tensor->_dataType, fold);
}

// The result has the operand's type, and the axes have to be among the last four.
static MPSGraphTensor *truth(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, NSArray *axes, Fold fold) {
  checkOperand(graph, tensor, KindAny, selector);
  if (shapeOf(tensor).rank > 4) refuse(selector, @"axis must be in the minor 4 dims; the rank is %d", shapeOf(tensor).rank);
  return reduce(graph, selector, name, tensor, axes, tensor->_dataType, fold);
}

#define REDUCTION(method, family, fold)                                                                                                                        \
  -(MPSGraphTensor *)method##WithTensor : (MPSGraphTensor *)tensor axis : (NSInteger)axis name : (NSString *)name {                                            \
    return family(self, _cmd, name, tensor, @[ [NSNumber numberWithInteger:axis] ], fold);                                                                     \
  }                                                                                                                                                            \
  -(MPSGraphTensor *)method##WithTensor : (MPSGraphTensor *)tensor axes : (NSArray<NSNumber *> *)axes name : (NSString *)name {                                \
    return family(self, _cmd, name, tensor, axes, fold);                                                                                                       \
  }

@implementation MPSGraph (Reduction)
REDUCTION(reductionSum, arithmetic, sum)
REDUCTION(reductionProduct, arithmetic, product)
REDUCTION(reductionMaximum, arithmetic, maximum)
REDUCTION(reductionMinimum, arithmetic, minimum)
REDUCTION(reductionMaximumPropagateNaN, propagating, maximumOrNaN)
REDUCTION(reductionMinimumPropagateNaN, propagating, minimumOrNaN)
REDUCTION(reductionAnd, truth, all)
REDUCTION(reductionOr, truth, any)

static MPSGraphTensor *argument(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, NSInteger axis, Fold fold) {
  checkReducible(graph, tensor, selector);
  return reduce(graph, selector, name, tensor, @[ [NSNumber numberWithInteger:axis] ], MPSDataTypeInt32, fold);
}

- (MPSGraphTensor *)reductionArgMaximumWithTensor:(MPSGraphTensor *)tensor axis:(NSInteger)axis name:(NSString *)name {
  return argument(self, _cmd, name, tensor, axis, argMaximum);
}

- (MPSGraphTensor *)reductionArgMinimumWithTensor:(MPSGraphTensor *)tensor axis:(NSInteger)axis name:(NSString *)name {
  return argument(self, _cmd, name, tensor, axis, argMinimum);
}
@end
