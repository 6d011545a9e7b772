// Shapes, axes and broadcasting.
#import "core.h"
#include <limits.h>

void checkShape(Shape shape, SEL selector) {
  if (shape.rank > maxRank) refuse(selector, @"rank %d; MPSNDArray has at most 16 dimensions", shape.rank);
  int64_t count = 1;
  for (int axis = 0; axis < shape.rank; axis++) {
    const int64_t size = shape.size[axis];
    if (size < 1) refuse(selector, @"size %lld of axis %d of %@; tensors without elements and sizes of -1 are not supported", (long long)size, axis, textOfShape(shape));
    if (size > INT_MAX) refuse(selector, @"NDArray dimension length > INT_MAX: %@", textOfShape(shape));
    count *= size;
    if (count > INT_MAX) refuse(selector, @"more than 2^31 - 1 elements: %@", textOfShape(shape));
  }
}

Shape shapeFrom(MPSShape *shape, SEL selector) {
  if (shape == nil) refuse(selector, @"the shape is nil");
  if ([shape count] > maxRank) refuse(selector, @"rank %lu; MPSNDArray has at most 16 dimensions", (unsigned long)[shape count]);
  Shape result = {.rank = 0};
  for (NSNumber *size in shape) result.size[result.rank++] = [size longLongValue];
  checkShape(result, selector);
  return result;
}

Shape shapeOf(MPSGraphTensor *tensor) {
  Shape result = {.rank = 0};
  for (NSNumber *size in tensor->_shape) result.size[result.rank++] = [size longLongValue];
  return result;
}

MPSShape *arrayOfShape(Shape shape) {
  NSMutableArray *sizes = [NSMutableArray array];
  for (int axis = 0; axis < shape.rank; axis++) [sizes addObject:[NSNumber numberWithLongLong:shape.size[axis]]];
  return sizes;
}

NSString *textOfShape(Shape shape) {
  return [NSString stringWithFormat:@"[%@]", [arrayOfShape(shape) componentsJoinedByString:@", "]];
}

int64_t countOf(Shape shape) {
  int64_t count = 1;
  for (int axis = 0; axis < shape.rank; axis++) count *= shape.size[axis];
  return count;
}

bool sameShape(Shape a, Shape b) {
  if (a.rank != b.rank) return false;
  for (int axis = 0; axis < a.rank; axis++) {
    if (a.size[axis] != b.size[axis]) return false;
  }
  return true;
}

int axisOf(NSInteger axis, int rank, SEL selector) {
  if (axis < -rank || axis >= rank) refuse(selector, @"invalid axis %ld for rank %d", (long)axis, rank);
  return (int)(axis < 0 ? axis + rank : axis);
}

Axes axesFrom(NSArray<NSNumber *> *axes, bool allIfNil, int rank, SEL selector) {
  Axes result = {.count = 0};
  for (NSNumber *axis in axes) result.has[axisOf([axis integerValue], rank, selector)] = true;
  for (int axis = 0; axis < rank; axis++) {
    if (axes == nil && allIfNil) result.has[axis] = true;
    if (result.has[axis]) result.axis[result.count++] = axis;
  }
  return result;
}

Shape broadcastShapes(Shape a, Shape b, SEL selector) {
  Shape result = a.rank >= b.rank ? a : b;
  for (int back = 1; back <= result.rank; back++) {
    const int64_t one = back <= a.rank ? a.size[a.rank - back] : 1, other = back <= b.rank ? b.size[b.rank - back] : 1;
    if (one != other && one != 1 && other != 1) refuse(selector, @"%@ and %@ do not broadcast", textOfShape(a), textOfShape(b));
    result.size[result.rank - back] = one == 1 ? other : one;
  }
  return result;
}

void stridesOf(Shape shape, int64_t strides[maxRank]) {
  int64_t stride = 1;
  for (int axis = shape.rank - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape.size[axis];
  }
}

Broadcast broadcastTo(Shape operand, Shape result) {
  Broadcast made = {.rank = result.rank, .dense = sameShape(operand, result)};
  int64_t strides[maxRank];
  stridesOf(operand, strides);
  for (int axis = 0; axis < result.rank; axis++) {
    const int own = axis - (result.rank - operand.rank);
    made.size[axis] = result.size[axis];
    made.stride[axis] = own < 0 || operand.size[own] == 1 ? 0 : strides[own];
  }
  return made;
}

int64_t broadcastIndex(const Broadcast *broadcast, int64_t index) {
  if (broadcast->dense) return index;
  int64_t result = 0;
  for (int axis = broadcast->rank - 1; axis >= 0; axis--) {
    result += index % broadcast->size[axis] * broadcast->stride[axis];
    index /= broadcast->size[axis];
  }
  return result;
}
