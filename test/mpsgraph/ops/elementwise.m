// Loops over elements, by kind of type.
#import "elementwise.h"
#include <math.h>

bool isTrue(const Array *array, int64_t index) {
  return kindOf(array->type) == KindFloat ? loadDouble(array, index) != 0 : loadInt(array, index) != 0;
}

void storeTruth(const Array *array, int64_t index, bool truth) {
  if (kindOf(array->type) == KindFloat) storeDouble(array, index, truth);
  else storeInt(array, index, truth);
}

void storeComputed(const Array *array, int64_t index, double value) {
  storeDouble(array, index, isnan(value) ? (double)NAN : flushed(array->type, rounded(array->type, value)));
}

double loadComputed(const Array *array, int64_t index) {
  return flushed(array->type, loadDouble(array, index));
}

static Kinds kinds(const void *onFloat, const void *onSigned, const void *onUnsigned, bool onBool) {
  return (onFloat ? KindFloat : 0u) | (onSigned ? KindSigned : 0u) | (onUnsigned ? KindUnsigned : 0u) | (onBool ? KindBool : 0u);
}

MPSGraphTensor *unary(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, Unary operation) {
  checkOperand(graph, tensor, kinds((void *)operation.onFloat, (void *)operation.onSigned, (void *)operation.onUnsigned, false), selector);
  const MPSDataType type = tensor->_dataType;
  const Kinds kind = kindOf(type);
  if (operation.not64 && (kind & KindInteger) && sizeOfType(type) == 8) refuse(selector, @"no kernel for %@", nameOfType(type));
  return makeNode(graph, selector, name, @[ tensor ], type, shapeOf(tensor), ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) {
      if (kind == KindFloat && operation.keepsDenormals) storeDouble(&out[0], at, operation.onFloat(loadDouble(&in[0], at)));
      else if (kind == KindFloat) storeComputed(&out[0], at, operation.onFloat(loadComputed(&in[0], at)));
      else if (kind == KindSigned) storeInt(&out[0], at, operation.onSigned(loadInt(&in[0], at)));
      else storeInt(&out[0], at, (int64_t)operation.onUnsigned((uint64_t)loadInt(&in[0], at)));
    }
  });
}

static Shape checkPair(MPSGraph *graph, SEL selector, MPSGraphTensor *a, MPSGraphTensor *b, Kinds allowed) {
  checkOperand(graph, a, KindAny, selector);
  checkOperand(graph, b, KindAny, selector);
  checkSameType(a, b, selector);
  checkOperand(graph, a, allowed, selector);
  return broadcastShapes(shapeOf(a), shapeOf(b), selector);
}

MPSGraphTensor *binary(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *a, MPSGraphTensor *b, Binary operation) {
  const Kinds allowed = kinds((void *)operation.onFloat, (void *)operation.onSigned, (void *)operation.onUnsigned, operation.onBool);
  const Shape shape = checkPair(graph, selector, a, b, allowed);
  const Broadcast first = broadcastTo(shapeOf(a), shape), second = broadcastTo(shapeOf(b), shape);
  const Kinds kind = kindOf(a->_dataType);
  return makeNode(graph, selector, name, @[ a, b ], a->_dataType, shape, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) {
      const int64_t one = broadcastIndex(&first, at), other = broadcastIndex(&second, at);
      if (kind == KindFloat && operation.keepsDenormals) storeDouble(&out[0], at, operation.onFloat(loadDouble(&in[0], one), loadDouble(&in[1], other)));
      else if (kind == KindFloat) storeComputed(&out[0], at, operation.onFloat(loadComputed(&in[0], one), loadComputed(&in[1], other)));
      else if (kind == KindSigned) storeInt(&out[0], at, operation.onSigned(loadInt(&in[0], one), loadInt(&in[1], other)));
      else storeInt(&out[0], at, (int64_t)operation.onUnsigned((uint64_t)loadInt(&in[0], one), (uint64_t)loadInt(&in[1], other)));
    }
  });
}

MPSGraphTensor *comparison(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *a, MPSGraphTensor *b, Comparison operation) {
  const Kinds allowed = kinds((void *)operation.onFloat, (void *)operation.onSigned, (void *)operation.onUnsigned, operation.onBool);
  const Shape shape = checkPair(graph, selector, a, b, allowed);
  const Broadcast first = broadcastTo(shapeOf(a), shape), second = broadcastTo(shapeOf(b), shape);
  const Kinds kind = kindOf(a->_dataType);
  return makeNode(graph, selector, name, @[ a, b ], MPSDataTypeBool, shape, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) {
      const int64_t one = broadcastIndex(&first, at), other = broadcastIndex(&second, at);
      bool answer;
      if (kind == KindFloat) answer = operation.onFloat(loadComputed(&in[0], one), loadComputed(&in[1], other));
      else if (kind == KindSigned) answer = operation.onSigned(loadInt(&in[0], one), loadInt(&in[1], other));
      else answer = operation.onUnsigned((uint64_t)loadInt(&in[0], one), (uint64_t)loadInt(&in[1], other));
      storeInt(&out[0], at, answer);
    }
  });
}
