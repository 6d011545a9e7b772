// Padding and its gradient.
#import "elementwise.h"
#import "view.h"
#include <math.h>
#include <string.h>

typedef struct {
  MPSGraphPaddingMode mode;
  View from;
  Shape result;
  int64_t left[maxRank];
} Padding;

static Padding paddingFrom(Shape shape, MPSGraphPaddingMode mode, MPSShape *left, MPSShape *right, SEL selector) {
  if (mode == MPSGraphPaddingModePeriodic || mode == MPSGraphPaddingModeAntiPeriodic || mode < 0 || mode > MPSGraphPaddingModeAntiPeriodic) {
    refuse(selector, @"padding mode %ld", (long)mode);
  }
  if ((int)[left count] != shape.rank || (int)[right count] != shape.rank) {
    refuse(selector, @"%lu and %lu paddings for %@", (unsigned long)[left count], (unsigned long)[right count], textOfShape(shape));
  }
  Padding padding = {.mode = mode, .from = viewOf(shape), .result = shape};
  for (int axis = 0; axis < shape.rank; axis++) {
    const int64_t before = [[left objectAtIndex:(NSUInteger)axis] longLongValue], after = [[right objectAtIndex:(NSUInteger)axis] longLongValue];
    if (before < 0 || after < 0) refuse(selector, @"padding of %lld and %lld of axis %d is negative", (long long)before, (long long)after, axis);
    const int64_t most = mode == MPSGraphPaddingModeReflect ? shape.size[axis] - 1 : mode == MPSGraphPaddingModeSymmetric ? shape.size[axis] : INT64_MAX;
    if (before > most || after > most) {
      refuse(selector, @"padding of %lld and %lld of axis %d of %@ repeats more than there is", (long long)before, (long long)after, axis, textOfShape(shape));
    }
    padding.left[axis] = before;
    padding.result.size[axis] += before + after;
  }
  checkShape(padding.result, selector);
  return padding;
}

// The index of the operand's element, -1 for one of the constant.
static int64_t sourceOf(const Padding *padding, int64_t index) {
  int64_t source = 0;
  for (int axis = padding->result.rank - 1; axis >= 0; axis--) {
    const int64_t extent = padding->from.shape.size[axis];
    int64_t at = index % padding->result.size[axis] - padding->left[axis];
    index /= padding->result.size[axis];
    if (at < 0 || at >= extent) {
      switch (padding->mode) {
        case MPSGraphPaddingModeReflect: at = at < 0 ? -at : 2 * extent - 2 - at; break;
        case MPSGraphPaddingModeSymmetric: at = at < 0 ? -1 - at : 2 * extent - 1 - at; break;
        case MPSGraphPaddingModeClampToEdge: at = at < 0 ? 0 : extent - 1; break;
        default: return -1;
      }
    }
    source += at * padding->from.stride[axis];
  }
  return source;
}

@implementation MPSGraph (Pad)
- (MPSGraphTensor *)padTensor:(MPSGraphTensor *)tensor
              withPaddingMode:(MPSGraphPaddingMode)paddingMode
                  leftPadding:(MPSShape *)leftPadding
                 rightPadding:(MPSShape *)rightPadding
                constantValue:(double)constantValue
                         name:(NSString *)name {
  // No kernel for bool.
  checkOperand(self, tensor, KindNumber, _cmd);
  const Padding padding = paddingFrom(shapeOf(tensor), paddingMode, leftPadding, rightPadding, _cmd);
  const double value = paddingMode == MPSGraphPaddingModeZero ? 0 : constantValue;
  const MPSDataType type = tensor->_dataType;
  const bool isFloat = kindOf(type) == KindFloat;
  if (!isFloat) {
    const int bits = (int)sizeOfType(type) * 8 - (kindOf(type) == KindSigned);
    const double high = ldexp(1, bits), low = kindOf(type) == KindSigned ? -high : 0;
    if (value != trunc(value) || value < low || value >= high) refuse(_cmd, @"constant %g is no %@", value, nameOfType(type));
  }
  return makeNode(self, _cmd, name, @[ tensor ], type, padding.result, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) {
      const int64_t source = sourceOf(&padding, at);
      if (source >= 0) copyElement(&out[0], at, &in[0], source);
      else if (isFloat) storeDouble(&out[0], at, value);
      else storeInt(&out[0], at, value < 0 ? (int64_t)value : (int64_t)(uint64_t)value);
    }
  });
}

- (MPSGraphTensor *)padGradientWithIncomingGradientTensor:(MPSGraphTensor *)incomingGradientTensor
                                             sourceTensor:(MPSGraphTensor *)sourceTensor
                                              paddingMode:(MPSGraphPaddingMode)paddingMode
                                              leftPadding:(MPSShape *)leftPadding
                                             rightPadding:(MPSShape *)rightPadding
                                                     name:(NSString *)name {
  checkOperand(self, incomingGradientTensor, KindFloat, _cmd);
  checkOperand(self, sourceTensor, KindFloat, _cmd);
  checkSameType(incomingGradientTensor, sourceTensor, _cmd);
  const Padding padding = paddingFrom(shapeOf(sourceTensor), paddingMode, leftPadding, rightPadding, _cmd);
  if (!sameShape(padding.result, shapeOf(incomingGradientTensor))) {
    refuse(_cmd, @"a gradient of shape %@ for a result of shape %@", textOfShape(shapeOf(incomingGradientTensor)), textOfShape(padding.result));
  }
  return makeNode(self, _cmd, name, @[ incomingGradientTensor, sourceTensor ], sourceTensor->_dataType, shapeOf(sourceTensor),
                  ^(const Array *in, const Array *out) {
                    memset(out[0].data, 0, (size_t)out[0].count * sizeOfType(out[0].type));
                    for (int64_t at = 0; at < in[0].count; at++) {
                      const int64_t source = sourceOf(&padding, at);
                      if (source >= 0) storeComputed(&out[0], source, loadComputed(&out[0], source) + loadComputed(&in[0], at));
                    }
                  });
}
@end
