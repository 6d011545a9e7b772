// Slices.
#import "slice.h"

static void checkMask(uint32_t mask, int rank, SEL selector) {
  if (rank < 32 && mask >> rank) refuse(selector, @"mask 0x%x has bits beyond rank %d", mask, rank);
}

// Sets the size, offset and stride of one axis.
static void sliceAxis(View *view, int axis, int64_t start, int64_t end, int64_t stride, bool fromStart, bool toEnd, SEL selector) {
  const int64_t extent = view->shape.size[axis];
  if (stride == 0) refuse(selector, @"'mps.slice' op failed: stride 0 of axis %d", axis);
  // The mask says index 0, whichever way the slice goes.
  if (fromStart) start = 0;
  else if (start < 0) start += extent;
  if (start < 0 || start >= extent) refuse(selector, @"'mps.slice' op failed: start %lld of axis %d of %lld", (long long)start, axis, (long long)extent);
  if (toEnd) {
    end = stride > 0 ? extent : -1; // -1: before index 0, which no end says
  } else {
    if (end < 0) end += extent;
    if (end < 0) refuse(selector, @"'mps.slice' op failed: end %lld of axis %d of %lld", (long long)(end - extent), axis, (long long)extent);
    if (end > extent) end = extent;
  }
  const int64_t length = stride > 0 ? (end - start + stride - 1) / stride : (start - end - stride - 1) / -stride;
  if ((stride > 0 ? end <= start : end >= start) || length < 1) refuse(selector, @"'mps.slice' op failed: the result is empty along axis %d", axis);
  view->offset += start * view->stride[axis];
  view->stride[axis] *= stride;
  view->shape.size[axis] = length;
}

View sliceView(Shape shape, NSArray<NSNumber *> *starts, NSArray<NSNumber *> *ends, NSArray<NSNumber *> *strides, SliceMasks masks, SEL selector) {
  const NSUInteger rank = (NSUInteger)shape.rank;
  if ([starts count] != rank || [ends count] != rank || [strides count] != rank) {
    refuse(selector, @"'mps.slice' op failed: %lu starts, %lu ends and %lu strides for %@", (unsigned long)[starts count], (unsigned long)[ends count],
           (unsigned long)[strides count], textOfShape(shape));
  }
  checkMask(masks.start | masks.end | masks.squeeze, shape.rank, selector);
  View view = viewOf(shape);
  for (int axis = 0; axis < shape.rank; axis++) {
    const NSUInteger at = (NSUInteger)axis;
    sliceAxis(&view, axis, [[starts objectAtIndex:at] longLongValue], [[ends objectAtIndex:at] longLongValue], [[strides objectAtIndex:at] longLongValue],
              masks.start >> axis & 1, masks.end >> axis & 1, selector);
  }
  return view;
}

NSArray<NSNumber *> *endsOf(Shape shape, NSArray<NSNumber *> *starts, NSArray<NSNumber *> *sizes, SEL selector) {
  if ((int)[starts count] != shape.rank || (int)[sizes count] != shape.rank) {
    refuse(selector, @"'mps.slice' op failed: %lu starts and %lu sizes for %@", (unsigned long)[starts count], (unsigned long)[sizes count], textOfShape(shape));
  }
  NSMutableArray *ends = [NSMutableArray array];
  for (int axis = 0; axis < shape.rank; axis++) {
    const int64_t start = [[starts objectAtIndex:(NSUInteger)axis] longLongValue], size = [[sizes objectAtIndex:(NSUInteger)axis] longLongValue];
    const int64_t end = start < 0 ? start + shape.size[axis] + size : start + size;
    if (size < 1 || end > shape.size[axis]) refuse(selector, @"'mps.slice' op failed: start %lld, size %lld of axis %d", (long long)start, (long long)size, axis);
    [ends addObject:[NSNumber numberWithLongLong:end]];
  }
  return ends;
}

NSArray<NSNumber *> *onesLike(NSArray<NSNumber *> *list) {
  NSMutableArray *ones = [NSMutableArray array];
  for (NSUInteger at = 0; at < [list count]; at++) [ones addObject:@1];
  return ones;
}

Shape squeezedShape(Shape shape, uint32_t mask, SEL selector) {
  Shape result = {.rank = 0};
  for (int axis = 0; axis < shape.rank; axis++) {
    if (!(mask >> axis & 1)) result.size[result.rank++] = shape.size[axis];
    // The real method drops the axis all the same, and some of the elements with it.
    else if (shape.size[axis] != 1) refuse(selector, @"squeezeMask names axis %d of size %lld: elements would be lost", axis, (long long)shape.size[axis]);
  }
  return result;
}

static MPSGraphTensor *slice(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, NSArray *starts, NSArray *ends, NSArray *strides,
                             SliceMasks masks) {
  checkOperand(graph, tensor, KindAny, selector);
  const View view = sliceView(shapeOf(tensor), starts, ends, strides, masks, selector);
  return makeSlice(graph, selector, name, tensor, view, squeezedShape(view.shape, masks.squeeze, selector));
}

@implementation MPSGraph (Slice)
- (MPSGraphTensor *)sliceTensor:(MPSGraphTensor *)tensor dimension:(NSUInteger)dimensionIndex start:(NSInteger)start length:(NSInteger)length name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  View view = viewOf(shapeOf(tensor));
  const int axis = axisOf((NSInteger)dimensionIndex, view.shape.rank, _cmd);
  const int64_t extent = view.shape.size[axis], first = start < 0 ? start + extent : start;
  // Unlike an end, a length is not clipped.
  if (first < 0 || length < 1 || first + length > extent) {
    refuse(_cmd, @"'mps.slice' op failed: start %ld, length %ld of axis %d of %@", (long)start, (long)length, axis, textOfShape(view.shape));
  }
  view.offset = first * view.stride[axis];
  view.shape.size[axis] = length;
  return makeSlice(self, _cmd, name, tensor, view, view.shape);
}

- (MPSGraphTensor *)sliceTensor:(MPSGraphTensor *)tensor
                         starts:(NSArray<NSNumber *> *)starts
                           ends:(NSArray<NSNumber *> *)ends
                        strides:(NSArray<NSNumber *> *)strides
                           name:(NSString *)name {
  return slice(self, _cmd, name, tensor, starts, ends, strides, (SliceMasks){0, 0, 0});
}

- (MPSGraphTensor *)sliceTensor:(MPSGraphTensor *)tensor
                         starts:(NSArray<NSNumber *> *)starts
                           ends:(NSArray<NSNumber *> *)ends
                        strides:(NSArray<NSNumber *> *)strides
                      startMask:(uint32_t)startMask
                        endMask:(uint32_t)endMask
                    squeezeMask:(uint32_t)squeezeMask
                           name:(NSString *)name {
  return slice(self, _cmd, name, tensor, starts, ends, strides, (SliceMasks){startMask, endMask, squeezeMask});
}

- (MPSGraphTensor *)sliceTensor:(MPSGraphTensor *)tensor
                    startTensor:(MPSGraphTensor *)startTensor
                      endTensor:(MPSGraphTensor *)endTensor
                   strideTensor:(MPSGraphTensor *)strideTensor
                      startMask:(uint32_t)startMask
                        endMask:(uint32_t)endMask
                    squeezeMask:(uint32_t)squeezeMask
                           name:(NSString *)name {
  return slice(self, _cmd, name, tensor, constantArray(startTensor, _cmd), constantArray(endTensor, _cmd), constantArray(strideTensor, _cmd),
               (SliceMasks){startMask, endMask, squeezeMask});
}

- (MPSGraphTensor *)sliceTensor:(MPSGraphTensor *)tensor
                    startTensor:(MPSGraphTensor *)startTensor
                     sizeTensor:(MPSGraphTensor *)sizeTensor
                    squeezeMask:(uint32_t)squeezeMask
                           name:(NSString *)name {
  checkOperand(self, tensor, KindAny, _cmd);
  NSArray *starts = constantArray(startTensor, _cmd), *ends = endsOf(shapeOf(tensor), starts, constantArray(sizeTensor, _cmd), _cmd);
  return slice(self, _cmd, name, tensor, starts, ends, onesLike(starts), (SliceMasks){0, 0, squeezeMask});
}
@end
