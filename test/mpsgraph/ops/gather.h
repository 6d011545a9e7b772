// What gathers and scatters share: indices, and values on their way through float32.
#ifndef EMULATED_GATHER_H
#define EMULATED_GATHER_H
#import "view.h"

// Refuses anything but i32 and i64.
void checkIndices(MPSGraph *graph, MPSGraphTensor *indices, SEL selector);
// An index of a run; refuses one that is out of range.
int64_t indexAt(const Array *indices, int64_t at, int64_t extent, SEL selector);

// Whether an integer survives the way through float32, or what becomes of it.
int64_t throughFloat(MPSDataType type, int64_t value);
// One element of a gather: floats keep their bits, integers go through float32.
void gatherElement(const Array *to, int64_t toIndex, const Array *from, int64_t fromIndex);

// How gatherND and scatterND find a slice: by the last axis of the indices, within leading batch dimensions.
typedef struct {
  int batch, depth;
  int64_t lookups;   // index vectors per batch
  int64_t inner;     // elements of a slice
  int64_t outer;     // elements of one batch of the data
  Shape data, result; // result: of a gather; the updates of a scatter
} Lookup;
Lookup lookupFrom(Shape data, Shape indices, NSUInteger batchDimensions, SEL selector);
// Where the slice of one index vector starts in the data.
int64_t lookupStart(const Lookup *lookup, const Array *indices, int64_t vector, SEL selector);

#endif
