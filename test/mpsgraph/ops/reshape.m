// Operations that change the shape and keep the order of the elements, and those that answer shapes and coordinates.
#import "view.h"

// One size may be -1: what remains.
static Shape targetShape(MPSGraphTensor *tensor, NSArray<NSNumber *> *sizes, SEL selector) {
  if (sizes == nil) refuse(selector, @"the shape is nil");
  if ([sizes count] > maxRank) refuse(selector, @"rank %lu; MPSNDArray has at most 16 dimensions", (unsigned long)[sizes count]);
  Shape shape = {.rank = 0};
  int inferred = -1;
  int64_t known = 1;
  for (NSNumber *entry in sizes) {
    const int64_t size = [entry longLongValue];
    if (size == -1) {
      if (inferred >= 0) refuse(selector, @"two sizes of -1");
      inferred = shape.rank;
    } else if (size < 1) {
      refuse(selector, @"a size of %lld", (long long)size);
    } else {
      known *= size;
    }
    shape.size[shape.rank++] = size;
  }
  const int64_t count = countOf(shapeOf(tensor));
  if (inferred >= 0) {
    if (count % known != 0) refuse(selector, @"New volume should match old volume: %lld elements do not divide by %lld", (long long)count, (long long)known);
    shape.size[inferred] = count / known;
  }
  return shape;
}

static MPSGraphTensor *squeeze(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, Axes axes) {
  const Shape shape = shapeOf(tensor);
  Shape result = {.rank = 0};
  for (int axis = 0; axis < shape.rank; axis++) {
    if (!axes.has[axis]) result.size[result.rank++] = shape.size[axis];
    else if (shape.size[axis] != 1) refuse(selector, @"squeezed axis must have length 1: axis %d of %@", axis, textOfShape(shape));
  }
  return makeReshape(graph, selector, name, tensor, result);
}

static MPSGraphTensor *expand(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, NSArray<NSNumber *> *axes) {
  if ([axes count] == 0) refuse(selector, @"no axes");
  const Shape shape = shapeOf(tensor);
  // Axes count in the result.
  const int rank = shape.rank + (int)[axes count];
  if (rank > maxRank) refuse(selector, @"rank %d; MPSNDArray has at most 16 dimensions", rank);
  const Axes ones = axesFrom(axes, false, rank, selector);
  if (ones.count != (int)[axes count]) refuse(selector, @"an axis occurs twice");
  Shape result = {.rank = rank};
  for (int axis = 0, from = 0; axis < rank; axis++) result.size[axis] = ones.has[axis] ? 1 : shape.size[from++];
  return makeReshape(graph, selector, name, tensor, result);
}

static MPSGraphTensor *flatten(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, NSInteger axis) {
  const Shape shape = shapeOf(tensor);
  // Not counted from the back: -1 aborts.
  if (axis < 0 || axis > shape.rank) refuse(selector, @"invalid axis %ld for rank %d", (long)axis, shape.rank);
  Shape result = {.rank = 2, .size = {1, 1}};
  for (int at = 0; at < shape.rank; at++) result.size[at < axis ? 0 : 1] *= shape.size[at];
  return makeReshape(graph, selector, name, tensor, result);
}

static MPSGraphTensor *coordinates(MPSGraph *graph, SEL selector, NSString *name, NSInteger given, Shape shape) {
  const Lines lines = linesOf(shape, axisOf(given, shape.rank, selector));
  return makeNode(graph, selector, name, @[], MPSDataTypeInt32, shape, ^(const Array *in, const Array *out) {
    (void)in;
    for (int64_t at = 0; at < out[0].count; at++) storeInt(&out[0], at, at / lines.inner % lines.size);
  });
}

@implementation MPSGraph (Reshape)
- (MPSGraphTensor *)reshapeTensor:(MPSGraphTensor *)tensor withShape:(MPSShape *)shape name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return makeReshape(self, _cmd, name, tensor, targetShape(tensor, shape, _cmd));
}

- (MPSGraphTensor *)reshapeTensor:(MPSGraphTensor *)tensor withShapeTensor:(MPSGraphTensor *)shapeTensor name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return makeReshape(self, _cmd, name, tensor, targetShape(tensor, constantArray(shapeTensor, _cmd), _cmd));
}

// Without axes, all of size 1; an empty list or nil as axes drops nothing.
- (MPSGraphTensor *)squeezeTensor:(MPSGraphTensor *)tensor name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  const Shape shape = shapeOf(tensor);
  Axes axes = {.count = 0};
  for (int axis = 0; axis < shape.rank; axis++) axes.has[axis] = shape.size[axis] == 1;
  return squeeze(self, _cmd, name, tensor, axes);
}

- (MPSGraphTensor *)squeezeTensor:(MPSGraphTensor *)tensor axis:(NSInteger)axis name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return squeeze(self, _cmd, name, tensor, axesFrom(@[ [NSNumber numberWithInteger:axis] ], false, shapeOf(tensor).rank, _cmd));
}

- (MPSGraphTensor *)squeezeTensor:(MPSGraphTensor *)tensor axes:(NSArray<NSNumber *> *)axes name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return squeeze(self, _cmd, name, tensor, axesFrom(axes, false, shapeOf(tensor).rank, _cmd));
}

- (MPSGraphTensor *)squeezeTensor:(MPSGraphTensor *)tensor axesTensor:(MPSGraphTensor *)axesTensor name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return squeeze(self, _cmd, name, tensor, axesFrom(constantArray(axesTensor, _cmd), false, shapeOf(tensor).rank, _cmd));
}

- (MPSGraphTensor *)expandDimsOfTensor:(MPSGraphTensor *)tensor axis:(NSInteger)axis name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return expand(self, _cmd, name, tensor, @[ [NSNumber numberWithInteger:axis] ]);
}

- (MPSGraphTensor *)expandDimsOfTensor:(MPSGraphTensor *)tensor axes:(NSArray<NSNumber *> *)axes name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return expand(self, _cmd, name, tensor, axes);
}

- (MPSGraphTensor *)expandDimsOfTensor:(MPSGraphTensor *)tensor axesTensor:(MPSGraphTensor *)axesTensor name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return expand(self, _cmd, name, tensor, constantArray(axesTensor, _cmd));
}

- (MPSGraphTensor *)flatten2DTensor:(MPSGraphTensor *)tensor axis:(NSInteger)axis name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return flatten(self, _cmd, name, tensor, axis);
}

- (MPSGraphTensor *)flatten2DTensor:(MPSGraphTensor *)tensor axisTensor:(MPSGraphTensor *)axisTensor name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return flatten(self, _cmd, name, tensor, constantAxis(axisTensor, _cmd));
}

- (MPSGraphTensor *)shapeOfTensor:(MPSGraphTensor *)tensor name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  const Shape shape = shapeOf(tensor), result = {.rank = 1, .size = {shape.rank}};
  return makeNode(self, _cmd, name, @[ tensor ], MPSDataTypeInt32, result, ^(const Array *in, const Array *out) {
    (void)in;
    for (int axis = 0; axis < shape.rank; axis++) storeInt(&out[0], axis, shape.size[axis]);
  });
}

- (MPSGraphTensor *)coordinateAlongAxis:(NSInteger)axis withShape:(MPSShape *)shape name:(NSString *)name {
  return coordinates(self, _cmd, name, axis, shapeFrom(shape, _cmd));
}

- (MPSGraphTensor *)coordinateAlongAxisTensor:(MPSGraphTensor *)axisTensor withShape:(MPSShape *)shape name:(NSString *)name {
  return coordinates(self, _cmd, name, constantAxis(axisTensor, _cmd), shapeFrom(shape, _cmd));
}

- (MPSGraphTensor *)coordinateAlongAxis:(NSInteger)axis withShapeTensor:(MPSGraphTensor *)shapeTensor name:(NSString *)name {
  return coordinates(self, _cmd, name, axis, shapeFrom(constantArray(shapeTensor, _cmd), _cmd));
}

- (MPSGraphTensor *)coordinateAlongAxisTensor:(MPSGraphTensor *)axisTensor withShapeTensor:(MPSGraphTensor *)shapeTensor name:(NSString *)name {
  return coordinates(self, _cmd, name, constantAxis(axisTensor, _cmd), shapeFrom(constantArray(shapeTensor, _cmd), _cmd));
}
@end
