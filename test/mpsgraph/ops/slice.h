// Which elements a slice names.
#ifndef EMULATED_SLICE_H
#define EMULATED_SLICE_H
#import "view.h"

typedef struct {
  uint32_t start, end, squeeze;
} SliceMasks;

// The view of an operand of shape `shape` that starts, ends and strides select, before any axis is squeezed.
View sliceView(Shape shape, NSArray<NSNumber *> *starts, NSArray<NSNumber *> *ends, NSArray<NSNumber *> *strides, SliceMasks masks, SEL selector);
// The ends of a slice that is given by its sizes.
NSArray<NSNumber *> *endsOf(Shape shape, NSArray<NSNumber *> *starts, NSArray<NSNumber *> *sizes, SEL selector);
NSArray<NSNumber *> *onesLike(NSArray<NSNumber *> *list);
// Drops the axes of the mask.
Shape squeezedShape(Shape shape, uint32_t mask, SEL selector);

#endif
