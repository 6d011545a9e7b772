// Concatenation, stacking, splitting, tiling.
#import "view.h"
#include <stdlib.h>

static void checkList(MPSGraph *graph, NSArray<MPSGraphTensor *> *tensors, SEL selector) {
  // The real method answers an empty list with a tensor that is never written.
  if ([tensors count] == 0) refuse(selector, @"no tensors");
  MPSGraphTensor *first = [tensors objectAtIndex:0];
  for (MPSGraphTensor *tensor in tensors) {
    checkOperand(graph, tensor, KindAny, selector);
    checkSameType(first, tensor, selector);
  }
}

// Operands one after the other along an axis on which their sizes may differ. With `stacked` the sizes are those of shape and each operand counts as one.
static MPSGraphTensor *join(MPSGraph *graph, SEL selector, NSString *name, NSArray<MPSGraphTensor *> *tensors, Shape result, Lines lines) {
  const int count = (int)[tensors count];
  return makeNode(graph, selector, name, tensors, ((MPSGraphTensor *)[tensors objectAtIndex:0])->_dataType, result, ^(const Array *in, const Array *out) {
    int64_t at = 0;
    for (int64_t outer = 0; outer < lines.outer; outer++) {
      for (int operand = 0; operand < count; operand++) {
        const int64_t run = in[operand].count / lines.outer;
        for (int64_t rest = 0; rest < run; rest++) copyElement(&out[0], at++, &in[operand], outer * run + rest);
      }
    }
  });
}

static MPSGraphTensor *concat(MPSGraph *graph, SEL selector, NSString *name, NSArray<MPSGraphTensor *> *tensors, NSInteger given, bool interleave) {
  checkList(graph, tensors, selector);
  Shape result = shapeOf([tensors objectAtIndex:0]);
  const int axis = axisOf(given, result.rank, selector);
  result.size[axis] = 0;
  for (MPSGraphTensor *tensor in tensors) {
    const Shape shape = shapeOf(tensor);
    // No operand is broadcast, whatever the documentation says.
    bool fits = shape.rank == result.rank;
    for (int at = 0; fits && at < shape.rank; at++) fits = at == axis || shape.size[at] == result.size[at];
    if (fits && interleave) fits = sameShape(shape, shapeOf([tensors objectAtIndex:0]));
    if (!fits) refuse(selector, @"%@ does not join %@ along axis %d", textOfShape(shape), textOfShape(shapeOf([tensors objectAtIndex:0])), axis);
    result.size[axis] += shape.size[axis];
  }
  checkShape(result, selector);
  Lines lines = linesOf(result, axis);
  // Interleaved: index 0 of every operand, then index 1 and so on, as if stacked behind the axis.
  if (interleave) lines.outer *= result.size[axis] / (int64_t)[tensors count];
  return join(graph, selector, name, tensors, result, lines);
}

static NSArray<MPSGraphTensor *> *split(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, NSArray<NSNumber *> *sizes, NSInteger given) {
  const Shape shape = shapeOf(tensor);
  const int axis = axisOf(given, shape.rank, selector), count = (int)[sizes count];
  if (count == 0) refuse(selector, @"no sizes");
  MPSDataType *types = malloc((size_t)count * sizeof *types);
  Shape *shapes = malloc((size_t)count * sizeof *shapes);
  @try {
    int64_t sum = 0;
    for (int at = 0; at < count; at++) {
      types[at] = tensor->_dataType;
      shapes[at] = shape;
      shapes[at].size[axis] = [[sizes objectAtIndex:(NSUInteger)at] longLongValue];
      // A section without elements aborts even when nothing uses it.
      checkShape(shapes[at], selector);
      sum += shapes[at].size[axis];
    }
    if (sum != shape.size[axis]) refuse(selector, @"sections of %lld in all for axis %d of %@", (long long)sum, axis, textOfShape(shape));
    const Lines lines = linesOf(shape, axis);
    return makeNodes(graph, selector, name, @[ tensor ], count, types, shapes, ^(const Array *in, const Array *out) {
      int64_t start = 0;
      for (int section = 0; section < count; section++) {
        const int64_t run = out[section].count / lines.outer;
        for (int64_t at = 0; at < out[section].count; at++) {
          copyElement(&out[section], at, &in[0], at / run * lines.size * lines.inner + start + at % run);
        }
        start += run;
      }
    });
  } @finally {
    free(types);
    free(shapes);
  }
}

@implementation MPSGraph (Join)
- (MPSGraphTensor *)concatTensor:(MPSGraphTensor *)tensor withTensor:(MPSGraphTensor *)tensor2 dimension:(NSInteger)dimensionIndex name:(NSString *)name {
  if (tensor == nil || tensor2 == nil) refuse(_cmd, @"a tensor is nil");
  return concat(self, _cmd, name, @[ tensor, tensor2 ], dimensionIndex, false);
}

- (MPSGraphTensor *)concatTensors:(NSArray<MPSGraphTensor *> *)tensors dimension:(NSInteger)dimensionIndex name:(NSString *)name {
  return concat(self, _cmd, name, tensors, dimensionIndex, false);
}

- (MPSGraphTensor *)concatTensors:(NSArray<MPSGraphTensor *> *)tensors dimension:(NSInteger)dimensionIndex interleave:(BOOL)interleave name:(NSString *)name {
  return concat(self, _cmd, name, tensors, dimensionIndex, interleave);
}

- (MPSGraphTensor *)stackTensors:(NSArray<MPSGraphTensor *> *)inputTensors axis:(NSInteger)given name:(NSString *)name {
  checkList(self, inputTensors, _cmd);
  const Shape shape = shapeOf([inputTensors objectAtIndex:0]);
  for (MPSGraphTensor *tensor in inputTensors) {
    if (!sameShape(shape, shapeOf(tensor))) refuse(_cmd, @"%@ does not stack on %@", textOfShape(shapeOf(tensor)), textOfShape(shape));
  }
  // Counted in the result.
  const int axis = axisOf(given, shape.rank + 1, _cmd);
  Shape result = {.rank = shape.rank + 1};
  for (int at = 0; at < result.rank; at++) result.size[at] = at == axis ? (int64_t)[inputTensors count] : shape.size[at < axis ? at : at - 1];
  checkShape(result, _cmd);
  return join(self, _cmd, name, inputTensors, result, linesOf(result, axis));
}

- (NSArray<MPSGraphTensor *> *)splitTensor:(MPSGraphTensor *)tensor splitSizes:(NSArray<NSNumber *> *)splitSizes axis:(NSInteger)axis name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return split(self, _cmd, name, tensor, splitSizes, axis);
}

- (NSArray<MPSGraphTensor *> *)splitTensor:(MPSGraphTensor *)tensor splitSizesTensor:(MPSGraphTensor *)splitSizesTensor axis:(NSInteger)axis name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return split(self, _cmd, name, tensor, constantArray(splitSizesTensor, _cmd), axis);
}

- (NSArray<MPSGraphTensor *> *)splitTensor:(MPSGraphTensor *)tensor numSplits:(NSUInteger)numSplits axis:(NSInteger)axis name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  const Shape shape = shapeOf(tensor);
  const int64_t size = shape.size[axisOf(axis, shape.rank, _cmd)];
  if (numSplits == 0 || size % (int64_t)numSplits != 0) refuse(_cmd, @"%lu equal sections of %lld", (unsigned long)numSplits, (long long)size);
  NSMutableArray *sizes = [NSMutableArray array];
  for (NSUInteger at = 0; at < numSplits; at++) [sizes addObject:[NSNumber numberWithLongLong:size / (int64_t)numSplits]];
  return split(self, _cmd, name, tensor, sizes, axis);
}

- (MPSGraphTensor *)tileTensor:(MPSGraphTensor *)tensor withMultiplier:(MPSShape *)multiplier name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  const View from = viewOf(shapeOf(tensor));
  if ((int)[multiplier count] != from.shape.rank) refuse(_cmd, @"%lu multipliers for %@", (unsigned long)[multiplier count], textOfShape(from.shape));
  Shape result = from.shape;
  for (int axis = 0; axis < result.rank; axis++) {
    const int64_t factor = [[multiplier objectAtIndex:(NSUInteger)axis] longLongValue];
    if (factor < 1) refuse(_cmd, @"multiplier %lld", (long long)factor);
    result.size[axis] *= factor;
    checkShape(result, _cmd);
  }
  return makeNode(self, _cmd, name, @[ tensor ], tensor->_dataType, result, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) {
      int64_t index = at, source = 0;
      for (int axis = result.rank - 1; axis >= 0; axis--) {
        source += index % result.size[axis] % from.shape.size[axis] * from.stride[axis];
        index /= result.size[axis];
      }
      copyElement(&out[0], at, &in[0], source);
    }
  });
}

- (MPSGraphTensor *)tileGradientWithIncomingGradientTensor:(MPSGraphTensor *)incomingGradientTensor
                                              sourceTensor:(MPSGraphTensor *)sourceTensor
                                            withMultiplier:(MPSShape *)multiplier
                                                      name:(NSString *)name {
  (void)incomingGradientTensor, (void)sourceTensor, (void)multiplier, (void)name;
  refuse(_cmd, @"the gradient of a tile reads past its buffer");
}
@end
