// One-hot encodings and band matrices.
#import "view.h"
#include <math.h>

static MPSGraphTensor *oneHot(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *indices, NSUInteger depth, NSInteger given, MPSDataType type,
                              double onValue, double offValue) {
  checkOperand(graph, indices, KindInteger, selector);
  if ((kindOf(type) & KindNumber) == 0) refuse(selector, @"no kernel for %@", nameOfType(type));
  const bool isFloat = kindOf(type) == KindFloat;
  if (!isFloat && (onValue != trunc(onValue) || offValue != trunc(offValue) || fabs(onValue) > 127 || fabs(offValue) > 127)) {
    refuse(selector, @"values %g and %g of a one-hot %@", onValue, offValue, nameOfType(type));
  }
  const Shape shape = shapeOf(indices);
  // -1 is the minor axis of the result; other negative axes are not documented.
  if (given < -1 || given > shape.rank) refuse(selector, @"invalid axis %ld for rank %d", (long)given, shape.rank + 1);
  const int axis = given == -1 ? shape.rank : (int)given;
  Shape result = {.rank = shape.rank + 1};
  for (int at = 0; at < result.rank; at++) result.size[at] = at == axis ? (int64_t)depth : shape.size[at < axis ? at : at - 1];
  checkShape(result, selector);
  const Lines lines = linesOf(result, axis);
  return makeNode(graph, selector, name, @[ indices ], type, result, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) {
      const int64_t wanted = loadInt(&in[0], at / (lines.size * lines.inner) * lines.inner + at % lines.inner);
      if (wanted < 0 || wanted >= lines.size) refuse(selector, @"index %lld for depth %lld: not documented", (long long)wanted, (long long)lines.size);
      const double value = at / lines.inner % lines.size == wanted ? onValue : offValue;
      if (isFloat) storeDouble(&out[0], at, value);
      else storeInt(&out[0], at, (int64_t)value);
    }
  });
}

static MPSGraphTensor *bandPart(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, NSInteger lower, NSInteger upper) {
  checkOperand(graph, tensor, KindNumber, selector);
  const Shape shape = shapeOf(tensor);
  if (shape.rank < 2) refuse(selector, @"a band of %@", textOfShape(shape));
  // Other bands have differed between systems.
  const bool lowerTriangle = lower == -1 && upper == 0, upperTriangle = lower == 0 && upper == -1;
  if (!lowerTriangle && !upperTriangle) refuse(selector, @"a band of %ld and %ld: only the two triangles are the same everywhere", (long)lower, (long)upper);
  const int64_t rows = shape.size[shape.rank - 2], columns = shape.size[shape.rank - 1];
  return makeNode(graph, selector, name, @[ tensor ], tensor->_dataType, shape, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) {
      const int64_t row = at / columns % rows, column = at % columns;
      if (lowerTriangle ? column <= row : column >= row) copyElement(&out[0], at, &in[0], at);
      else if (kindOf(out[0].type) == KindFloat) storeDouble(&out[0], at, 0);
      else storeInt(&out[0], at, 0);
    }
  });
}

@implementation MPSGraph (OneHot)
- (MPSGraphTensor *)oneHotWithIndicesTensor:(MPSGraphTensor *)indicesTensor
                                      depth:(NSUInteger)depth
                                       axis:(NSUInteger)axis
                                   dataType:(MPSDataType)dataType
                                    onValue:(double)onValue
                                   offValue:(double)offValue
                                       name:(NSString *)name {
  return oneHot(self, _cmd, name, indicesTensor, depth, (NSInteger)axis, dataType, onValue, offValue);
}

- (MPSGraphTensor *)oneHotWithIndicesTensor:(MPSGraphTensor *)indicesTensor
                                      depth:(NSUInteger)depth
                                   dataType:(MPSDataType)dataType
                                    onValue:(double)onValue
                                   offValue:(double)offValue
                                       name:(NSString *)name {
  return oneHot(self, _cmd, name, indicesTensor, depth, -1, dataType, onValue, offValue);
}

- (MPSGraphTensor *)oneHotWithIndicesTensor:(MPSGraphTensor *)indicesTensor
                                      depth:(NSUInteger)depth
                                       axis:(NSUInteger)axis
                                   dataType:(MPSDataType)dataType
                                       name:(NSString *)name {
  return oneHot(self, _cmd, name, indicesTensor, depth, (NSInteger)axis, dataType, 1, 0);
}

- (MPSGraphTensor *)oneHotWithIndicesTensor:(MPSGraphTensor *)indicesTensor depth:(NSUInteger)depth axis:(NSUInteger)axis name:(NSString *)name {
  return oneHot(self, _cmd, name, indicesTensor, depth, (NSInteger)axis, MPSDataTypeFloat32, 1, 0);
}

- (MPSGraphTensor *)oneHotWithIndicesTensor:(MPSGraphTensor *)indicesTensor depth:(NSUInteger)depth dataType:(MPSDataType)dataType name:(NSString *)name {
  return oneHot(self, _cmd, name, indicesTensor, depth, -1, dataType, 1, 0);
}

- (MPSGraphTensor *)oneHotWithIndicesTensor:(MPSGraphTensor *)indicesTensor depth:(NSUInteger)depth name:(NSString *)name {
  return oneHot(self, _cmd, name, indicesTensor, depth, -1, MPSDataTypeFloat32, 1, 0);
}

- (MPSGraphTensor *)bandPartWithTensor:(MPSGraphTensor *)inputTensor numLower:(NSInteger)numLower numUpper:(NSInteger)numUpper name:(NSString *)name {
  return bandPart(self, _cmd, name, inputTensor, numLower, numUpper);
}

- (MPSGraphTensor *)bandPartWithTensor:(MPSGraphTensor *)inputTensor
                        numLowerTensor:(MPSGraphTensor *)numLowerTensor
                        numUpperTensor:(MPSGraphTensor *)numUpperTensor
                                  name:(NSString *)name {
  return bandPart(self, _cmd, name, inputTensor, constantAxis(numLowerTensor, _cmd), constantAxis(numUpperTensor, _cmd));
}
@end
