// Functions of two numbers.
#import "elementwise.h"
#include <math.h>

static double add(double a, double b) { return a + b; }
static double subtract(double a, double b) { return a - b; }
static double multiply(double a, double b) { return a * b; }
static double divide(double a, double b) { return a / b; }
// 0 for every numerator when the divisor is 0; NaN if it is NaN.
static double divideNoNaN(double a, double b) { return b == 0 ? 0 : a / b; }
// The sign of the divisor.
static double floorModulo(double a, double b) {
  const double rest = fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
static double minimumOrNaN(double a, double b) { return isnan(a) || isnan(b) ? (double)NAN : fmin(a, b); }
static double maximumOrNaN(double a, double b) { return isnan(a) || isnan(b) ? (double)NAN : fmax(a, b); }

// Unsigned arithmetic wraps.
static int64_t addSigned(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }
static uint64_t addUnsigned(uint64_t a, uint64_t b) { return a + b; }
static int64_t subtractSigned(int64_t a, int64_t b) { return (int64_t)((uint64_t)a - (uint64_t)b); }
static uint64_t subtractUnsigned(uint64_t a, uint64_t b) { return a - b; }
static int64_t multiplySigned(int64_t a, int64_t b) { return (int64_t)((uint64_t)a * (uint64_t)b); }
static uint64_t multiplyUnsigned(uint64_t a, uint64_t b) { return a * b; }

// Division by zero is not documented: all ones, which no caller can want.
static int64_t divideSigned(int64_t a, int64_t b) { return b == 0 ? -1 : b == -1 ? (int64_t)-(uint64_t)a : a / b; }
static uint64_t divideUnsigned(uint64_t a, uint64_t b) { return b == 0 ? UINT64_MAX : a / b; }
static int64_t moduloSigned(int64_t a, int64_t b) { return b == 0 ? -1 : b == -1 ? 0 : a % b; }
static uint64_t moduloUnsigned(uint64_t a, uint64_t b) { return b == 0 ? UINT64_MAX : a % b; }
static int64_t floorModuloSigned(int64_t a, int64_t b) {
  const int64_t rest = moduloSigned(a, b);
  return b != 0 && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

static uint64_t powerUnsigned(uint64_t base, uint64_t exponent) {
  uint64_t result = 1;
  for (; exponent > 0; exponent >>= 1, base *= base) {
    if (exponent & 1) result *= base;
  }
  return result;
}
// Of a negative exponent: truncated, with the poison of division by zero.
static int64_t powerSigned(int64_t base, int64_t exponent) {
  if (exponent >= 0) return (int64_t)powerUnsigned((uint64_t)base, (uint64_t)exponent);
  return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : base == 0 ? -1 : 0;
}

static int64_t minimumSigned(int64_t a, int64_t b) { return a < b ? a : b; }
static uint64_t minimumUnsigned(uint64_t a, uint64_t b) { return a < b ? a : b; }
static int64_t maximumSigned(int64_t a, int64_t b) { return a > b ? a : b; }
static uint64_t maximumUnsigned(uint64_t a, uint64_t b) { return a > b ? a : b; }

static int64_t andSigned(int64_t a, int64_t b) { return a & b; }
static uint64_t andUnsigned(uint64_t a, uint64_t b) { return a & b; }
static int64_t orSigned(int64_t a, int64_t b) { return a | b; }
static uint64_t orUnsigned(uint64_t a, uint64_t b) { return a | b; }
static int64_t xorSigned(int64_t a, int64_t b) { return a ^ b; }
static uint64_t xorUnsigned(uint64_t a, uint64_t b) { return a ^ b; }

#define BINARY(method, ...)                                                                                                                                    \
  -(MPSGraphTensor *)method##WithPrimaryTensor : (MPSGraphTensor *)primaryTensor secondaryTensor : (MPSGraphTensor *)secondaryTensor name : (NSString *)name { \
    return binary(self, _cmd, name, primaryTensor, secondaryTensor, (Binary){__VA_ARGS__});                                                                    \
  }

@implementation MPSGraph (ArithmeticBinary)
BINARY(addition, .onFloat = add, .onSigned = addSigned, .onUnsigned = addUnsigned)
BINARY(subtraction, .onFloat = subtract, .onSigned = subtractSigned, .onUnsigned = subtractUnsigned)
BINARY(multiplication, .onFloat = multiply, .onSigned = multiplySigned, .onUnsigned = multiplyUnsigned)
BINARY(division, .onFloat = divide, .onSigned = divideSigned, .onUnsigned = divideUnsigned)
BINARY(divisionNoNaN, .onFloat = divideNoNaN)
// Sign of the dividend.
BINARY(modulo, .onFloat = fmod, .onSigned = moduloSigned, .onUnsigned = moduloUnsigned, .keepsDenormals = true)
BINARY(floorModulo, .onFloat = floorModulo, .onSigned = floorModuloSigned, .onUnsigned = moduloUnsigned, .keepsDenormals = true)
BINARY(power, .onFloat = pow, .onSigned = powerSigned, .onUnsigned = powerUnsigned)
// NaN loses.
BINARY(minimum, .onFloat = fmin, .onSigned = minimumSigned, .onUnsigned = minimumUnsigned, .keepsDenormals = true)
BINARY(maximum, .onFloat = fmax, .onSigned = maximumSigned, .onUnsigned = maximumUnsigned, .keepsDenormals = true)
BINARY(atan2, .onFloat = atan2)
BINARY(bitwiseAND, .onSigned = andSigned, .onUnsigned = andUnsigned)
BINARY(bitwiseOR, .onSigned = orSigned, .onUnsigned = orUnsigned)
BINARY(bitwiseXOR, .onSigned = xorSigned, .onUnsigned = xorUnsigned)

// Integers have no kernel; that is one of the few errors that can be caught.
static MPSGraphTensor *propagating(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *a, MPSGraphTensor *b, double (*function)(double, double)) {
  checkOperand(graph, a, KindAny, selector);
  if (kindOf(a->_dataType) != KindFloat) invalidArgument(selector, @"no kernel for %@", nameOfType(a->_dataType));
  return binary(graph, selector, name, a, b, (Binary){.onFloat = function, .keepsDenormals = true});
}

- (MPSGraphTensor *)minimumWithNaNPropagationWithPrimaryTensor:(MPSGraphTensor *)primaryTensor
                                               secondaryTensor:(MPSGraphTensor *)secondaryTensor
                                                          name:(NSString *)name {
  return propagating(self, _cmd, name, primaryTensor, secondaryTensor, minimumOrNaN);
}

- (MPSGraphTensor *)maximumWithNaNPropagationWithPrimaryTensor:(MPSGraphTensor *)primaryTensor
                                               secondaryTensor:(MPSGraphTensor *)secondaryTensor
                                                          name:(NSString *)name {
  return propagating(self, _cmd, name, primaryTensor, secondaryTensor, maximumOrNaN);
}

// The count is taken modulo the width. A right shift copies the sign of signed types.
static MPSGraphTensor *shift(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *a, MPSGraphTensor *b, bool left) {
  checkOperand(graph, a, KindInteger, selector);
  checkOperand(graph, b, KindInteger, selector);
  checkSameType(a, b, selector);
  const Shape shape = broadcastShapes(shapeOf(a), shapeOf(b), selector);
  const Broadcast first = broadcastTo(shapeOf(a), shape), second = broadcastTo(shapeOf(b), shape);
  const int64_t mask = (int64_t)sizeOfType(a->_dataType) * 8 - 1;
  const bool isSigned = kindOf(a->_dataType) == KindSigned;
  return makeNode(graph, selector, name, @[ a, b ], a->_dataType, shape, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) {
      const int64_t value = loadInt(&in[0], broadcastIndex(&first, at)), count = loadInt(&in[1], broadcastIndex(&second, at)) & mask;
      int64_t result;
      if (left) result = (int64_t)((uint64_t)value << count);
      else result = isSigned ? value >> count : (int64_t)((uint64_t)value >> count);
      storeInt(&out[0], at, result);
    }
  });
}

- (MPSGraphTensor *)bitwiseLeftShiftWithPrimaryTensor:(MPSGraphTensor *)primaryTensor
                                      secondaryTensor:(MPSGraphTensor *)secondaryTensor
                                                 name:(NSString *)name {
  return shift(self, _cmd, name, primaryTensor, secondaryTensor, true);
}

- (MPSGraphTensor *)bitwiseRightShiftWithPrimaryTensor:(MPSGraphTensor *)primaryTensor
                                       secondaryTensor:(MPSGraphTensor *)secondaryTensor
                                                  name:(NSString *)name {
  return shift(self, _cmd, name, primaryTensor, secondaryTensor, false);
}
@end
