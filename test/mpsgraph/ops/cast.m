// Changes of element type.
#import "../core.h"
#include <math.h>
#include <string.h>

// Truncates and saturates; NaN becomes 0.
static int64_t integerOf(double value, MPSDataType type) {
  const int bits = (int)sizeOfType(type) * 8;
  if (isnan(value)) return 0;
  if (kindOf(type) == KindSigned) {
    const int64_t high = (int64_t)(UINT64_MAX >> (65 - bits));
    return value >= ldexp(1, bits - 1) ? high : value <= -ldexp(1, bits - 1) ? -high - 1 : (int64_t)value;
  }
  return value >= ldexp(1, bits) ? (int64_t)(UINT64_MAX >> (64 - bits)) : value <= 0 ? 0 : (int64_t)(uint64_t)value;
}

static void castElement(const Array *in, const Array *out, int64_t at, SEL selector) {
  const Kinds from = kindOf(in->type), to = kindOf(out->type);
  if (to == KindFloat && from == KindFloat) {
    storeDouble(out, at, loadDouble(in, at));
  } else if (to == KindFloat) {
    // One rounding to f32, also of 64-bit integers.
    const int64_t value = loadInt(in, at);
    storeDouble(out, at, from == KindUnsigned ? (double)(float)(uint64_t)value : (double)(float)value);
  } else if (to == KindBool) {
    // What becomes of other values is not documented: bits, saturation and truth are all possible.
    const double value = from == KindFloat ? loadDouble(in, at) : (double)loadInt(in, at);
    if (value != 0 && value != 1) refuse(selector, @"cast of %g to bool: only 0 and 1 have a defined result", value);
    storeInt(out, at, value != 0);
  } else if (from == KindFloat) {
    storeInt(out, at, integerOf(loadDouble(in, at), out->type));
  } else {
    storeInt(out, at, loadInt(in, at)); // keeps the low bits
  }
}

@implementation MPSGraph (Cast)
- (MPSGraphTensor *)castTensor:(MPSGraphTensor *)tensor toType:(MPSDataType)type name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  if ((kindOf(type) & KindAny) == 0) refuse(_cmd, @"a cast to %@ is not emulated", nameOfType(type));
  const SEL selector = _cmd;
  return makeNode(self, _cmd, name, @[ tensor ], type, shapeOf(tensor), ^(const Array *in, const Array *out) {
    if (in[0].type == out[0].type) memcpy(out[0].data, in[0].data, (size_t)in[0].count * sizeOfType(in[0].type));
    else for (int64_t at = 0; at < out[0].count; at++) castElement(&in[0], &out[0], at, selector);
  });
}

// The last dimension changes by the ratio of the sizes.
- (MPSGraphTensor *)reinterpretCastTensor:(MPSGraphTensor *)tensor toType:(MPSDataType)type name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  Shape shape = shapeOf(tensor);
  if ((kindOf(type) & KindAny) == 0) refuse(_cmd, @"%@ is not emulated", nameOfType(type));
  if (shape.rank == 0) refuse(_cmd, @"a tensor of rank 0: reshape it to [1] first");
  int64_t *last = &shape.size[shape.rank - 1];
  const int64_t bytes = *last * (int64_t)sizeOfType(tensor->_dataType), size = (int64_t)sizeOfType(type);
  if (bytes % size != 0) refuse(_cmd, @"rows of %lld bytes are no whole number of %@", (long long)bytes, nameOfType(type));
  *last = bytes / size;
  return makeNode(self, _cmd, name, @[ tensor ], type, shape, ^(const Array *in, const Array *out) {
    memcpy(out[0].data, in[0].data, (size_t)in[0].count * sizeOfType(in[0].type));
  });
}
@end
