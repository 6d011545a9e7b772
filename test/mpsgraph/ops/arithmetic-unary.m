// Functions of one number.
#import "elementwise.h"
#include <math.h>

static double exp10Of(double x) { return pow(10, x); }
static double squareOf(double x) { return x * x; }
static double rsqrtOf(double x) { return 1 / sqrt(x); }
static double reciprocalOf(double x) { return 1 / x; }

// Of bits; integers wrap.
static int64_t absoluteOfSigned(int64_t x) { return x < 0 ? (int64_t)-(uint64_t)x : x; }
static uint64_t sameUnsigned(uint64_t x) { return x; }
static double negativeOf(double x) { return -x; }
static int64_t negativeOfSigned(int64_t x) { return (int64_t)-(uint64_t)x; }

// Of NaN and of both zeros: +0.
static double signOf(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }
static int64_t signOfSigned(int64_t x) { return (x > 0) - (x < 0); }
static double signbitOf(double x) { return signbit(x) ? 1 : 0; }
static int64_t signbitOfSigned(int64_t x) { return x < 0; }

// Half away from zero; what lands on zero is +0.
static double roundOf(double x) { return round(x) + 0.0; }

// Their zero has no sign.
static double atanOf(double x) { return x == 0 ? 0 : atan(x); }
static double tanhOf(double x) { return x == 0 ? 0 : tanh(x); }

static int64_t complementOfSigned(int64_t x) { return ~x; }
static uint64_t complementOf(uint64_t x) { return ~x; }

#define UNARY(method, ...)                                                                                                                                     \
  -(MPSGraphTensor *)method##WithTensor : (MPSGraphTensor *)tensor name : (NSString *)name {                                                                   \
    return unary(self, _cmd, name, tensor, (Unary){__VA_ARGS__});                                                                                              \
  }

@implementation MPSGraph (ArithmeticUnary)
UNARY(exponent, .onFloat = exp)
UNARY(exponentBase2, .onFloat = exp2)
UNARY(exponentBase10, .onFloat = exp10Of)
UNARY(logarithm, .onFloat = log)
UNARY(logarithmBase2, .onFloat = log2)
UNARY(logarithmBase10, .onFloat = log10)
UNARY(square, .onFloat = squareOf)
UNARY(squareRoot, .onFloat = sqrt)
UNARY(reverseSquareRoot, .onFloat = rsqrtOf)
UNARY(reciprocalSquareRoot, .onFloat = rsqrtOf)
UNARY(reciprocal, .onFloat = reciprocalOf)
UNARY(absolute, .onFloat = fabs, .onSigned = absoluteOfSigned, .onUnsigned = sameUnsigned, .keepsDenormals = true)
UNARY(negative, .onFloat = negativeOf, .onSigned = negativeOfSigned, .keepsDenormals = true)
// There are no 64-bit kernels of these two, and no integer kernels of the roundings.
UNARY(sign, .onFloat = signOf, .onSigned = signOfSigned, .not64 = true)
UNARY(signbit, .onFloat = signbitOf, .onSigned = signbitOfSigned, .keepsDenormals = true, .not64 = true)
UNARY(ceil, .onFloat = ceil)
UNARY(floor, .onFloat = floor)
UNARY(round, .onFloat = roundOf, .keepsDenormals = true)
UNARY(rint, .onFloat = nearbyint)
UNARY(truncate, .onFloat = trunc)
UNARY(sin, .onFloat = sin, .keepsDenormals = true)
UNARY(cos, .onFloat = cos)
UNARY(tan, .onFloat = tan)
UNARY(sinh, .onFloat = sinh, .keepsDenormals = true)
UNARY(cosh, .onFloat = cosh)
UNARY(tanh, .onFloat = tanhOf)
UNARY(asin, .onFloat = asin, .keepsDenormals = true)
UNARY(acos, .onFloat = acos)
UNARY(atan, .onFloat = atanOf)
UNARY(asinh, .onFloat = asinh, .keepsDenormals = true)
UNARY(acosh, .onFloat = acosh)
UNARY(atanh, .onFloat = atanh, .keepsDenormals = true)
UNARY(erf, .onFloat = erf)
UNARY(bitwiseNOT, .onSigned = complementOfSigned, .onUnsigned = complementOf)

- (MPSGraphTensor *)bitwisePopulationCountWithTensor:(MPSGraphTensor *)tensor name:(NSString *)name {
  checkOperand(self, tensor, KindInteger, _cmd);
  const int bits = (int)sizeOfType(tensor->_dataType) * 8;
  return makeNode(self, _cmd, name, @[ tensor ], tensor->_dataType, shapeOf(tensor), ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) {
      const uint64_t value = (uint64_t)loadInt(&in[0], at) << (64 - bits);
      storeInt(&out[0], at, __builtin_popcountll(value));
    }
  });
}

// The result has the operand's own type.
- (MPSGraphTensor *)notWithTensor:(MPSGraphTensor *)tensor name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return makeNode(self, _cmd, name, @[ tensor ], tensor->_dataType, shapeOf(tensor), ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) storeTruth(&out[0], at, !isTrue(&in[0], at));
  });
}

static bool infinite(double x) { return isinf(x); }
static bool finite_(double x) { return isfinite(x); }
static bool notANumber(double x) { return isnan(x); }

// Integers have no kernel, which the real framework finds out with an exception: "object cannot be nil (key: isNaN_i_i8)".
static MPSGraphTensor *classify(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, bool (*question)(double)) {
  checkOperand(graph, tensor, KindAny, selector);
  if (kindOf(tensor->_dataType) != KindFloat) invalidArgument(selector, @"object cannot be nil: no kernel for %@", nameOfType(tensor->_dataType));
  return makeNode(graph, selector, name, @[ tensor ], MPSDataTypeBool, shapeOf(tensor), ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) storeInt(&out[0], at, question(loadDouble(&in[0], at)));
  });
}

- (MPSGraphTensor *)isInfiniteWithTensor:(MPSGraphTensor *)tensor name:(NSString *)name {
  return classify(self, _cmd, name, tensor, infinite);
}

- (MPSGraphTensor *)isFiniteWithTensor:(MPSGraphTensor *)tensor name:(NSString *)name {
  return classify(self, _cmd, name, tensor, finite_);
}

- (MPSGraphTensor *)isNaNWithTensor:(MPSGraphTensor *)tensor name:(NSString *)name {
  return classify(self, _cmd, name, tensor, notANumber);
}
@end
