// Writes into a slice, and gradients of slices: zeros around the incoming gradient.
#import "slice.h"
#include <string.h>

static MPSGraphTensor *update(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *data, MPSGraphTensor *values, NSArray *starts, NSArray *ends,
                              NSArray *strides, SliceMasks masks) {
  checkOperand(graph, data, KindAny, selector);
  checkOperand(graph, values, KindAny, selector);
  checkSameType(data, values, selector);
  // Only startMask works here.
  if (masks.end || masks.squeeze) refuse(selector, @"endMask 0x%x and squeezeMask 0x%x must be 0 in an update", masks.end, masks.squeeze);
  const View view = sliceView(shapeOf(data), starts, ends, strides, masks, selector);
  if (!sameShape(view.shape, shapeOf(values))) {
    refuse(selector, @"an update of shape %@ for a slice of shape %@", textOfShape(shapeOf(values)), textOfShape(view.shape));
  }
  return makeNode(graph, selector, name, @[ data, values ], data->_dataType, shapeOf(data), ^(const Array *in, const Array *out) {
    memcpy(out[0].data, in[0].data, (size_t)in[0].count * sizeOfType(in[0].type));
    for (int64_t at = 0; at < in[1].count; at++) copyElement(&out[0], viewIndex(&view, at), &in[1], at);
  });
}

static MPSGraphTensor *gradient(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *incoming, MPSGraphTensor *shapeTensor, NSArray *starts,
                                NSArray *ends, NSArray *strides, SliceMasks masks) {
  checkOperand(graph, incoming, KindFloat, selector);
  const Shape whole = shapeFrom(constantArray(shapeTensor, selector), selector);
  const View view = sliceView(whole, starts, ends, strides, masks, selector);
  if (!sameShape(squeezedShape(view.shape, masks.squeeze, selector), shapeOf(incoming))) {
    refuse(selector, @"a gradient of shape %@ for a slice of shape %@", textOfShape(shapeOf(incoming)), textOfShape(view.shape));
  }
  return makeNode(graph, selector, name, @[ incoming ], incoming->_dataType, whole, ^(const Array *in, const Array *out) {
    memset(out[0].data, 0, (size_t)out[0].count * sizeOfType(out[0].type));
    for (int64_t at = 0; at < in[0].count; at++) copyElement(&out[0], viewIndex(&view, at), &in[0], at);
  });
}

@implementation MPSGraph (SliceUpdate)
- (MPSGraphTensor *)sliceUpdateDataTensor:(MPSGraphTensor *)dataTensor
                             updateTensor:(MPSGraphTensor *)updateTensor
                                   starts:(NSArray<NSNumber *> *)starts
                                     ends:(NSArray<NSNumber *> *)ends
                                  strides:(NSArray<NSNumber *> *)strides
                                     name:(NSString *)name {
  return update(self, _cmd, name, dataTensor, updateTensor, starts, ends, strides, (SliceMasks){0, 0, 0});
}

- (MPSGraphTensor *)sliceUpdateDataTensor:(MPSGraphTensor *)dataTensor
                             updateTensor:(MPSGraphTensor *)updateTensor
                                   starts:(NSArray<NSNumber *> *)starts
                                     ends:(NSArray<NSNumber *> *)ends
                                  strides:(NSArray<NSNumber *> *)strides
                                startMask:(uint32_t)startMask
                                  endMask:(uint32_t)endMask
                              squeezeMask:(uint32_t)squeezeMask
                                     name:(NSString *)name {
  return update(self, _cmd, name, dataTensor, updateTensor, starts, ends, strides, (SliceMasks){startMask, endMask, squeezeMask});
}

// The real method takes computed tensors too, but reads them back to the CPU in the middle of encoding; here they have to be constants.
- (MPSGraphTensor *)sliceUpdateDataTensor:(MPSGraphTensor *)dataTensor
                             updateTensor:(MPSGraphTensor *)updateTensor
                             startsTensor:(MPSGraphTensor *)startsTensor
                               endsTensor:(MPSGraphTensor *)endsTensor
                            stridesTensor:(MPSGraphTensor *)stridesTensor
                                     name:(NSString *)name {
  return update(self, _cmd, name, dataTensor, updateTensor, constantArray(startsTensor, _cmd), constantArray(endsTensor, _cmd),
                constantArray(stridesTensor, _cmd), (SliceMasks){0, 0, 0});
}

- (MPSGraphTensor *)sliceUpdateDataTensor:(MPSGraphTensor *)dataTensor
                             updateTensor:(MPSGraphTensor *)updateTensor
                             startsTensor:(MPSGraphTensor *)startsTensor
                               endsTensor:(MPSGraphTensor *)endsTensor
                            stridesTensor:(MPSGraphTensor *)stridesTensor
                                startMask:(uint32_t)startMask
                                  endMask:(uint32_t)endMask
                              squeezeMask:(uint32_t)squeezeMask
                                     name:(NSString *)name {
  return update(self, _cmd, name, dataTensor, updateTensor, constantArray(startsTensor, _cmd), constantArray(endsTensor, _cmd),
                constantArray(stridesTensor, _cmd), (SliceMasks){startMask, endMask, squeezeMask});
}

- (MPSGraphTensor *)sliceGradientTensor:(MPSGraphTensor *)inputGradientTensor
                       fwdInShapeTensor:(MPSGraphTensor *)fwdInShapeTensor
                                 starts:(NSArray<NSNumber *> *)starts
                                   ends:(NSArray<NSNumber *> *)ends
                                strides:(NSArray<NSNumber *> *)strides
                                   name:(NSString *)name {
  return gradient(self, _cmd, name, inputGradientTensor, fwdInShapeTensor, starts, ends, strides, (SliceMasks){0, 0, 0});
}

- (MPSGraphTensor *)sliceGradientTensor:(MPSGraphTensor *)inputGradientTensor
                       fwdInShapeTensor:(MPSGraphTensor *)fwdInShapeTensor
                                 starts:(NSArray<NSNumber *> *)starts
                                   ends:(NSArray<NSNumber *> *)ends
                                strides:(NSArray<NSNumber *> *)strides
                              startMask:(uint32_t)startMask
                                endMask:(uint32_t)endMask
                            squeezeMask:(uint32_t)squeezeMask
                                   name:(NSString *)name {
  return gradient(self, _cmd, name, inputGradientTensor, fwdInShapeTensor, starts, ends, strides, (SliceMasks){startMask, endMask, squeezeMask});
}

- (MPSGraphTensor *)sliceGradientTensor:(MPSGraphTensor *)inputGradientTensor
                       fwdInShapeTensor:(MPSGraphTensor *)fwdInShapeTensor
                            startTensor:(MPSGraphTensor *)startTensor
                              endTensor:(MPSGraphTensor *)endTensor
                           strideTensor:(MPSGraphTensor *)strideTensor
                              startMask:(uint32_t)startMask
                                endMask:(uint32_t)endMask
                            squeezeMask:(uint32_t)squeezeMask
                                   name:(NSString *)name {
  return gradient(self, _cmd, name, inputGradientTensor, fwdInShapeTensor, constantArray(startTensor, _cmd), constantArray(endTensor, _cmd),
                  constantArray(strideTensor, _cmd), (SliceMasks){startMask, endMask, squeezeMask});
}

- (MPSGraphTensor *)sliceGradientTensor:(MPSGraphTensor *)inputGradientTensor
                       fwdInShapeTensor:(MPSGraphTensor *)fwdInShapeTensor
                            startTensor:(MPSGraphTensor *)startTensor
                             sizeTensor:(MPSGraphTensor *)sizeTensor
                            squeezeMask:(uint32_t)squeezeMask
                                   name:(NSString *)name {
  const Shape whole = shapeFrom(constantArray(fwdInShapeTensor, _cmd), _cmd);
  NSArray *starts = constantArray(startTensor, _cmd), *ends = endsOf(whole, starts, constantArray(sizeTensor, _cmd), _cmd);
  return gradient(self, _cmd, name, inputGradientTensor, fwdInShapeTensor, starts, ends, onesLike(starts), (SliceMasks){0, 0, squeezeMask});
}
@end
