// Copies through views, and what the shape operations share.
#import "view.h"
#include <string.h>

View viewOf(Shape operand) {
  View view = {.shape = operand, .offset = 0};
  stridesOf(operand, view.stride);
  return view;
}

int64_t viewIndex(const View *view, int64_t index) {
  int64_t source = view->offset;
  for (int axis = view->shape.rank - 1; axis >= 0; axis--) {
    source += index % view->shape.size[axis] * view->stride[axis];
    index /= view->shape.size[axis];
  }
  return source;
}

MPSGraphTensor *makeView(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, View view) {
  return makeNode(graph, selector, name, @[ tensor ], tensor->_dataType, view.shape, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) copyElement(&out[0], at, &in[0], viewIndex(&view, at));
  });
}

static NSString *const slices = @"slice";

MPSGraphTensor *makeSlice(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, View view, Shape result) {
  return makeNodeKeeping(slices, graph, selector, name, @[ tensor ], tensor->_dataType, result, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) copyElement(&out[0], at, &in[0], viewIndex(&view, at));
  });
}

MPSGraphTensor *makeReshape(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, Shape shape) {
  checkShape(shape, selector);
  if (countOf(shape) != countOf(shapeOf(tensor))) {
    refuse(selector, @"New volume should match old volume: %@ to %@", textOfShape(shapeOf(tensor)), textOfShape(shape));
  }
  MPSGraphOperation *maker = tensor->_operation;
  MPSGraphTensor *source = maker->_attributes == slices ? [maker->_inputTensors objectAtIndex:0] : tensor;
  return makeNode(graph, selector, name, @[ source ], tensor->_dataType, shape, ^(const Array *in, const Array *out) {
    memcpy(out[0].data, in[0].data, (size_t)out[0].count * sizeOfType(out[0].type));
  });
}

NSInteger constantAxis(MPSGraphTensor *tensor, SEL selector) {
  if (tensor == nil) refuse(selector, @"the tensor of the axis is nil");
  int64_t value = 0;
  if (constantIntegers(tensor, &value, 1, selector) != 1) refuse(selector, @"the tensor of the axis has no value");
  return (NSInteger)value;
}

NSArray<NSNumber *> *constantArray(MPSGraphTensor *tensor, SEL selector) {
  if (tensor == nil) refuse(selector, @"a tensor of axes or sizes is nil");
  int64_t values[2 * maxRank];
  const int count = constantIntegers(tensor, values, 2 * maxRank, selector);
  NSMutableArray *result = [NSMutableArray array];
  for (int at = 0; at < count; at++) [result addObject:[NSNumber numberWithLongLong:values[at]]];
  return result;
}

Lines linesOf(Shape shape, int axis) {
  Lines lines = {.outer = 1, .size = shape.size[axis], .inner = 1};
  for (int at = 0; at < axis; at++) lines.outer *= shape.size[at];
  for (int at = axis + 1; at < shape.rank; at++) lines.inner *= shape.size[at];
  return lines;
}
