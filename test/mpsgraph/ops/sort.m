// Sorts and the largest or smallest elements.
#import "view.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Orders positions along one line of a tensor. Which of equal elements comes first is not promised: here it is always the last.
typedef struct {
  const Array *array;
  int64_t start, step;
  bool descending;
} Line;

static bool isNaN(const Line *line, int64_t position) {
  return kindOf(line->array->type) == KindFloat && isnan(loadDouble(line->array, line->start + position * line->step));
}

static int compareValues(const Line *line, int64_t one, int64_t other) {
  const Array *array = line->array;
  const int64_t a = line->start + one * line->step, b = line->start + other * line->step;
  switch (kindOf(array->type)) {
    case KindFloat: {
      const double x = loadDouble(array, a), y = loadDouble(array, b);
      if (isnan(x) || isnan(y)) return (int)isnan(x) - (int)isnan(y); // NaN last
      return (x > y) - (x < y);
    }
    case KindSigned: {
      const int64_t x = loadInt(array, a), y = loadInt(array, b);
      return (x > y) - (x < y);
    }
    default: {
      const uint64_t x = (uint64_t)loadInt(array, a), y = (uint64_t)loadInt(array, b);
      return (x > y) - (x < y);
    }
  }
}

static bool comesBefore(const Line *line, int64_t one, int64_t other) {
  const int order = compareValues(line, one, other);
  return order == 0 ? one > other : line->descending ? order > 0 : order < 0;
}

// A merge sort of positions[0..count-1].
static void sortPositions(const Line *line, int64_t *positions, int64_t *scratch, int64_t count) {
  if (count < 2) return;
  const int64_t half = count / 2;
  sortPositions(line, positions, scratch, half);
  sortPositions(line, positions + half, scratch, count - half);
  memcpy(scratch, positions, (size_t)count * sizeof *scratch);
  for (int64_t at = 0, left = 0, right = half; at < count; at++) {
    const bool fromRight = left == half || (right < count && comesBefore(line, scratch[right], scratch[left]));
    positions[at] = fromRight ? scratch[right++] : scratch[left++];
  }
}

// Sorts every line along the axis and hands over the first `keep` elements, as values, positions or both.
static void sortLines(const Array *in, Lines lines, bool descending, int64_t keep, const Array *values, const Array *indices, SEL selector) {
  int64_t *positions = malloc(2 * (size_t)lines.size * sizeof *positions);
  for (int64_t number = 0; number < lines.outer * lines.inner; number++) {
    const int64_t outer = number / lines.inner, rest = number % lines.inner;
    const Line line = {.array = in, .start = outer * lines.size * lines.inner + rest, .step = lines.inner, .descending = descending};
    for (int64_t at = 0; at < lines.size; at++) {
      positions[at] = at;
      if (descending && isNaN(&line, at)) {
        free(positions);
        refuse(selector, @"NaN in a descending order: its place is not documented");
      }
    }
    sortPositions(&line, positions, positions + lines.size, lines.size);
    for (int64_t at = 0; at < keep; at++) {
      const int64_t to = (outer * keep + at) * lines.inner + rest;
      if (values) copyElement(values, to, in, line.start + positions[at] * line.step);
      if (indices) storeInt(indices, to, positions[at]);
    }
  }
  free(positions);
}

// Ascending order puts NaN last. Where descending order puts it nobody says, so that a run with both is refused.
static MPSGraphTensor *sort(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, NSInteger axis, bool descending, bool positions) {
  checkOperand(graph, tensor, KindNumber, selector);
  const Shape shape = shapeOf(tensor);
  const Lines lines = linesOf(shape, axisOf(axis, shape.rank, selector));
  return makeNode(graph, selector, name, @[ tensor ], positions ? MPSDataTypeInt32 : tensor->_dataType, shape, ^(const Array *in, const Array *out) {
    sortLines(&in[0], lines, descending, lines.size, positions ? NULL : &out[0], positions ? &out[0] : NULL, selector);
  });
}

// More than this was refused when the limit was last reported, and nothing says that it is gone; a sort and a slice have none.
enum { largestK = 16 };

// The k largest in descending order, or the k smallest in ascending order, with their positions as i32.
static NSArray<MPSGraphTensor *> *extremes(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, NSInteger given, NSInteger k, bool largest) {
  checkOperand(graph, tensor, KindNumber, selector);
  Shape shape = shapeOf(tensor);
  const int axis = axisOf(given, shape.rank, selector);
  if (shape.rank - axis > 4) refuse(selector, @"axis %d of rank %d is not among the last four", axis, shape.rank);
  const Lines lines = linesOf(shape, axis);
  if (k < 1 || k > lines.size || k > largestK) refuse(selector, @"k = %ld of %lld elements (at most %d)", (long)k, (long long)lines.size, largestK);
  shape.size[axis] = k;
  const MPSDataType types[] = {tensor->_dataType, MPSDataTypeInt32};
  const Shape shapes[] = {shape, shape};
  return makeNodes(graph, selector, name, @[ tensor ], 2, types, shapes, ^(const Array *in, const Array *out) {
    sortLines(&in[0], lines, largest, k, &out[0], &out[1], selector);
  });
}

@implementation MPSGraph (Sort)
- (MPSGraphTensor *)sortWithTensor:(MPSGraphTensor *)tensor axis:(NSInteger)axis descending:(BOOL)descending name:(NSString *)name {
  return sort(self, _cmd, name, tensor, axis, descending, false);
}

- (MPSGraphTensor *)sortWithTensor:(MPSGraphTensor *)tensor axisTensor:(MPSGraphTensor *)axisTensor descending:(BOOL)descending name:(NSString *)name {
  return sort(self, _cmd, name, tensor, constantAxis(axisTensor, _cmd), descending, false);
}

- (MPSGraphTensor *)sortWithTensor:(MPSGraphTensor *)tensor axis:(NSInteger)axis name:(NSString *)name {
  return sort(self, _cmd, name, tensor, axis, false, false);
}

- (MPSGraphTensor *)sortWithTensor:(MPSGraphTensor *)tensor axisTensor:(MPSGraphTensor *)axisTensor name:(NSString *)name {
  return sort(self, _cmd, name, tensor, constantAxis(axisTensor, _cmd), false, false);
}

- (MPSGraphTensor *)argSortWithTensor:(MPSGraphTensor *)tensor axis:(NSInteger)axis descending:(BOOL)descending name:(NSString *)name {
  return sort(self, _cmd, name, tensor, axis, descending, true);
}

- (MPSGraphTensor *)argSortWithTensor:(MPSGraphTensor *)tensor axisTensor:(MPSGraphTensor *)axisTensor descending:(BOOL)descending name:(NSString *)name {
  return sort(self, _cmd, name, tensor, constantAxis(axisTensor, _cmd), descending, true);
}

- (MPSGraphTensor *)argSortWithTensor:(MPSGraphTensor *)tensor axis:(NSInteger)axis name:(NSString *)name {
  return sort(self, _cmd, name, tensor, axis, false, true);
}

- (MPSGraphTensor *)argSortWithTensor:(MPSGraphTensor *)tensor axisTensor:(MPSGraphTensor *)axisTensor name:(NSString *)name {
  return sort(self, _cmd, name, tensor, constantAxis(axisTensor, _cmd), false, true);
}

- (NSArray<MPSGraphTensor *> *)topKWithSourceTensor:(MPSGraphTensor *)source k:(NSUInteger)k name:(NSString *)name {
  return extremes(self, _cmd, name, source, -1, (NSInteger)k, true);
}

- (NSArray<MPSGraphTensor *> *)topKWithSourceTensor:(MPSGraphTensor *)source kTensor:(MPSGraphTensor *)kTensor name:(NSString *)name {
  return extremes(self, _cmd, name, source, -1, constantAxis(kTensor, _cmd), true);
}

- (NSArray<MPSGraphTensor *> *)topKWithSourceTensor:(MPSGraphTensor *)source axis:(NSInteger)axis k:(NSUInteger)k name:(NSString *)name {
  return extremes(self, _cmd, name, source, axis, (NSInteger)k, true);
}

- (NSArray<MPSGraphTensor *> *)topKWithSourceTensor:(MPSGraphTensor *)source
                                         axisTensor:(MPSGraphTensor *)axisTensor
                                            kTensor:(MPSGraphTensor *)kTensor
                                               name:(NSString *)name {
  return extremes(self, _cmd, name, source, constantAxis(axisTensor, _cmd), constantAxis(kTensor, _cmd), true);
}

- (NSArray<MPSGraphTensor *> *)bottomKWithSourceTensor:(MPSGraphTensor *)source axis:(NSInteger)axis k:(NSUInteger)k name:(NSString *)name {
  return extremes(self, _cmd, name, source, axis, (NSInteger)k, false);
}

- (NSArray<MPSGraphTensor *> *)bottomKWithSourceTensor:(MPSGraphTensor *)source
                                            axisTensor:(MPSGraphTensor *)axisTensor
                                               kTensor:(MPSGraphTensor *)kTensor
                                                  name:(NSString *)name {
  return extremes(self, _cmd, name, source, constantAxis(axisTensor, _cmd), constantAxis(kTensor, _cmd), false);
}
@end
