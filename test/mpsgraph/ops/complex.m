// Complex tensors: put together, taken apart, conjugated. Everything else that has a complex kernel (arithmetic, matrix products) is refused here.
#import "../core.h"

static MPSGraphTensor *part(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, int which) {
  checkOperand(graph, tensor, KindComplex, selector);
  return makeNode(graph, selector, name, @[ tensor ], MPSDataTypeFloat32, shapeOf(tensor), ^(const Array *in, const Array *out) {
    const float *pairs = in[0].data;
    for (int64_t at = 0; at < out[0].count; at++) ((float *)out[0].data)[at] = pairs[2 * at + which];
  });
}

@implementation MPSGraph (Complex)
// The parts have one type and one shape: whether they broadcast is not documented.
- (MPSGraphTensor *)complexTensorWithRealTensor:(MPSGraphTensor *)realTensor imaginaryTensor:(MPSGraphTensor *)imaginaryTensor name:(NSString *)name {
  checkOperand(self, realTensor, KindFloat, _cmd);
  checkOperand(self, imaginaryTensor, KindFloat, _cmd);
  checkSameType(realTensor, imaginaryTensor, _cmd);
  if (realTensor->_dataType != MPSDataTypeFloat32) refuse(_cmd, @"parts of type %@", nameOfType(realTensor->_dataType));
  const Shape shape = shapeOf(realTensor);
  if (!sameShape(shape, shapeOf(imaginaryTensor))) {
    refuse(_cmd, @"parts of shapes %@ and %@", textOfShape(shape), textOfShape(shapeOf(imaginaryTensor)));
  }
  return makeNode(self, _cmd, name, @[ realTensor, imaginaryTensor ], MPSDataTypeComplexFloat32, shape, ^(const Array *in, const Array *out) {
    float *pairs = out[0].data;
    for (int64_t at = 0; at < out[0].count; at++) {
      pairs[2 * at] = ((const float *)in[0].data)[at];
      pairs[2 * at + 1] = ((const float *)in[1].data)[at];
    }
  });
}

- (MPSGraphTensor *)realPartOfTensor:(MPSGraphTensor *)tensor name:(NSString *)name {
  return part(self, _cmd, name, tensor, 0);
}

- (MPSGraphTensor *)imaginaryPartOfTensor:(MPSGraphTensor *)tensor name:(NSString *)name {
  return part(self, _cmd, name, tensor, 1);
}

- (MPSGraphTensor *)conjugateWithTensor:(MPSGraphTensor *)tensor name:(NSString *)name {
  checkOperand(self, tensor, KindComplex, _cmd);
  return makeNode(self, _cmd, name, @[ tensor ], tensor->_dataType, shapeOf(tensor), ^(const Array *in, const Array *out) {
    const float *from = in[0].data;
    float *to = out[0].data;
    for (int64_t at = 0; at < 2 * out[0].count; at++) to[at] = at % 2 ? -from[at] : from[at];
  });
}
@end
