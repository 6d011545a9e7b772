// Results whose elements each come from one place of an operand: transposes, slices, broadcasts and the like.
#ifndef EMULATED_VIEW_H
#define EMULATED_VIEW_H
#import "../core.h"

// Element [i, j, ...] of the result is element offset + i * stride[0] + j * stride[1] + ... of the operand.
typedef struct {
  Shape shape;
  int64_t offset, stride[maxRank];
} View;

View viewOf(Shape operand);
int64_t viewIndex(const View *view, int64_t index);
// An operation that copies through the view; the operand was checked.
MPSGraphTensor *makeView(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, View view);
// A view that is a slice: a reshape of it goes wrong, see makeReshape.
MPSGraphTensor *makeSlice(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, View view, Shape result);
// An operation that keeps the order of the elements; refuses a shape of another volume. The reshape of a slice has been taken for one of what the slice was
// cut from, without its offset; here it always is. An identity between the two helps.
MPSGraphTensor *makeReshape(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, Shape shape);

// The single value of a constant axis tensor.
NSInteger constantAxis(MPSGraphTensor *tensor, SEL selector);
// Constant values as the array that the form without a tensor takes.
NSArray<NSNumber *> *constantArray(MPSGraphTensor *tensor, SEL selector);

// Sizes around one axis: an element of that axis is at (outer * size + at) * inner + rest.
typedef struct {
  int64_t outer, size, inner;
} Lines;
Lines linesOf(Shape shape, int axis);

#endif
