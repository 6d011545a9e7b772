// Comparisons (bool results), logical operations (results of the operands' type), select and clamp.
#import "elementwise.h"
#include <math.h>

#define RELATION(name, operator)                                                                                                                               \
  static bool name##Float(double a, double b) { return a operator b; }                                                                                         \
  static bool name##Signed(int64_t a, int64_t b) { return a operator b; }                                                                                      \
  static bool name##Unsigned(uint64_t a, uint64_t b) { return a operator b; }
RELATION(equal, ==)
RELATION(notEqual, !=)
RELATION(less, <)
RELATION(lessOrEqual, <=)
RELATION(greater, >)
RELATION(greaterOrEqual, >=)

#define COMPARISON(method, function, bools)                                                                                                                    \
  -(MPSGraphTensor *)method##WithPrimaryTensor : (MPSGraphTensor *)primaryTensor secondaryTensor : (MPSGraphTensor *)secondaryTensor name : (NSString *)name { \
    const Comparison operation = {.onFloat = function##Float, .onSigned = function##Signed, .onUnsigned = function##Unsigned, .onBool = bools};                \
    return comparison(self, _cmd, name, primaryTensor, secondaryTensor, operation);                                                                            \
  }

static bool both(bool a, bool b) { return a && b; }
static bool either(bool a, bool b) { return a || b; }
static bool notBoth(bool a, bool b) { return !(a && b); }
static bool neither(bool a, bool b) { return !(a || b); }
static bool different(bool a, bool b) { return a != b; }
static bool alike(bool a, bool b) { return a == b; }

static MPSGraphTensor *logical(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *a, MPSGraphTensor *b, bool (*function)(bool, bool)) {
  checkOperand(graph, a, KindAny, selector);
  checkOperand(graph, b, KindAny, selector);
  checkSameType(a, b, selector);
  const Shape shape = broadcastShapes(shapeOf(a), shapeOf(b), selector);
  const Broadcast first = broadcastTo(shapeOf(a), shape), second = broadcastTo(shapeOf(b), shape);
  return makeNode(graph, selector, name, @[ a, b ], a->_dataType, shape, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) {
      storeTruth(&out[0], at, function(isTrue(&in[0], broadcastIndex(&first, at)), isTrue(&in[1], broadcastIndex(&second, at))));
    }
  });
}

#define LOGICAL(method, function)                                                                                                                              \
  -(MPSGraphTensor *)method##WithPrimaryTensor : (MPSGraphTensor *)primaryTensor secondaryTensor : (MPSGraphTensor *)secondaryTensor name : (NSString *)name { \
    return logical(self, _cmd, name, primaryTensor, secondaryTensor, function);                                                                                \
  }

@implementation MPSGraph (ArithmeticLogic)
// An order of bools is not known to work.
COMPARISON(equal, equal, true)
COMPARISON(notEqual, notEqual, true)
COMPARISON(lessThan, less, false)
COMPARISON(lessThanOrEqualTo, lessOrEqual, false)
COMPARISON(greaterThan, greater, false)
COMPARISON(greaterThanOrEqualTo, greaterOrEqual, false)
LOGICAL(logicalAND, both)
LOGICAL(logicalOR, either)
LOGICAL(logicalNAND, notBoth)
LOGICAL(logicalNOR, neither)
LOGICAL(logicalXOR, different)
LOGICAL(logicalXNOR, alike)

- (MPSGraphTensor *)selectWithPredicateTensor:(MPSGraphTensor *)predicateTensor
                          truePredicateTensor:(MPSGraphTensor *)truePredicateTensor
                         falsePredicateTensor:(MPSGraphTensor *)falseSelectTensor
                                         name:(NSString *)name {
  checkOperand(self, predicateTensor, KindAny, _cmd);
  checkOperand(self, truePredicateTensor, KindAny, _cmd);
  checkOperand(self, falseSelectTensor, KindAny, _cmd);
  checkSameType(truePredicateTensor, falseSelectTensor, _cmd);
  const Shape values = broadcastShapes(shapeOf(truePredicateTensor), shapeOf(falseSelectTensor), _cmd);
  const Shape shape = broadcastShapes(shapeOf(predicateTensor), values, _cmd);
  const Broadcast which = broadcastTo(shapeOf(predicateTensor), shape);
  const Broadcast yes = broadcastTo(shapeOf(truePredicateTensor), shape), no = broadcastTo(shapeOf(falseSelectTensor), shape);
  NSArray *inputs = @[ predicateTensor, truePredicateTensor, falseSelectTensor ];
  return makeNode(self, _cmd, name, inputs, truePredicateTensor->_dataType, shape, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) {
      if (isTrue(&in[0], broadcastIndex(&which, at))) copyElement(&out[0], at, &in[1], broadcastIndex(&yes, at));
      else copyElement(&out[0], at, &in[2], broadcastIndex(&no, at));
    }
  });
}

// NaN becomes a bound.
- (MPSGraphTensor *)clampWithTensor:(MPSGraphTensor *)tensor
                     minValueTensor:(MPSGraphTensor *)minValueTensor
                     maxValueTensor:(MPSGraphTensor *)maxValueTensor
                               name:(NSString *)name {
  MPSGraphTensor *atLeast = [self maximumWithPrimaryTensor:tensor secondaryTensor:minValueTensor name:name];
  return [self minimumWithPrimaryTensor:atLeast secondaryTensor:maxValueTensor name:name];
}
@end
