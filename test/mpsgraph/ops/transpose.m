// Transposes, reversals and broadcasts.
#import "view.h"

static MPSGraphTensor *reverse(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, NSArray<NSNumber *> *given) {
  View view = viewOf(shapeOf(tensor));
  // nil and an empty list both mean all axes.
  const Axes axes = axesFrom([given count] == 0 ? nil : given, true, view.shape.rank, selector);
  for (int at = 0; at < axes.count; at++) {
    const int axis = axes.axis[at];
    view.offset += (view.shape.size[axis] - 1) * view.stride[axis];
    view.stride[axis] = -view.stride[axis];
  }
  return makeView(graph, selector, name, tensor, view);
}

// The real method answers some bad targets with rows of zeros; they are refused here because nothing can want them.
static MPSGraphTensor *broadcast(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, Shape target) {
  const Shape shape = shapeOf(tensor);
  View view = {.shape = target, .offset = 0};
  int64_t strides[maxRank];
  stridesOf(shape, strides);
  const int missing = target.rank - shape.rank;
  if (missing < 0) refuse(selector, @"%@ does not broadcast to %@", textOfShape(shape), textOfShape(target));
  for (int axis = 0; axis < shape.rank; axis++) {
    const int64_t size = shape.size[axis];
    if (size != 1 && size != target.size[axis + missing]) refuse(selector, @"%@ does not broadcast to %@", textOfShape(shape), textOfShape(target));
    view.stride[axis + missing] = size == 1 ? 0 : strides[axis];
  }
  return makeView(graph, selector, name, tensor, view);
}

@implementation MPSGraph (Transpose)
- (MPSGraphTensor *)transposeTensor:(MPSGraphTensor *)tensor dimension:(NSUInteger)dimensionIndex withDimension:(NSUInteger)dimensionIndex2 name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  const View from = viewOf(shapeOf(tensor));
  // Negative dimensions count from the back. The real method answers one out of range with a tensor that is never written.
  const int one = axisOf((NSInteger)dimensionIndex, from.shape.rank, _cmd), other = axisOf((NSInteger)dimensionIndex2, from.shape.rank, _cmd);
  View view = from;
  view.shape.size[one] = from.shape.size[other];
  view.shape.size[other] = from.shape.size[one];
  view.stride[one] = from.stride[other];
  view.stride[other] = from.stride[one];
  return makeView(self, _cmd, name, tensor, view);
}

- (MPSGraphTensor *)transposeTensor:(MPSGraphTensor *)tensor permutation:(NSArray<NSNumber *> *)permutation name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  const View from = viewOf(shapeOf(tensor));
  View view = from;
  if ((int)[permutation count] != from.shape.rank) {
    refuse(_cmd, @"perm tensor length must equal the rank: %lu for %@", (unsigned long)[permutation count], textOfShape(from.shape));
  }
  bool seen[maxRank] = {false};
  int at = 0;
  for (NSNumber *entry in permutation) {
    const NSInteger axis = [entry integerValue];
    if (axis < 0 || axis >= from.shape.rank || seen[axis]) refuse(_cmd, @"no permutation of %d axes: %@", from.shape.rank, [permutation componentsJoinedByString:@", "]);
    seen[axis] = true;
    view.shape.size[at] = from.shape.size[axis];
    view.stride[at++] = from.stride[axis];
  }
  return makeView(self, _cmd, name, tensor, view);
}

- (MPSGraphTensor *)reverseTensor:(MPSGraphTensor *)tensor name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return reverse(self, _cmd, name, tensor, nil);
}

- (MPSGraphTensor *)reverseTensor:(MPSGraphTensor *)tensor axes:(NSArray<NSNumber *> *)axes name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return reverse(self, _cmd, name, tensor, axes);
}

- (MPSGraphTensor *)reverseTensor:(MPSGraphTensor *)tensor axesTensor:(MPSGraphTensor *)axesTensor name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return reverse(self, _cmd, name, tensor, constantArray(axesTensor, _cmd));
}

- (MPSGraphTensor *)broadcastTensor:(MPSGraphTensor *)tensor toShape:(MPSShape *)shape name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return broadcast(self, _cmd, name, tensor, shapeFrom(shape, _cmd));
}

- (MPSGraphTensor *)broadcastTensor:(MPSGraphTensor *)tensor toShapeTensor:(MPSGraphTensor *)shapeTensor name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  return broadcast(self, _cmd, name, tensor, shapeFrom(constantArray(shapeTensor, _cmd), _cmd));
}
@end
