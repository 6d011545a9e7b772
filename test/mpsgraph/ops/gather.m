// Gathers.
#import "gather.h"
#include <math.h>

void checkIndices(MPSGraph *graph, MPSGraphTensor *indices, SEL selector) {
  checkOperand(graph, indices, KindAny, selector);
  if (indices->_dataType != MPSDataTypeInt32 && indices->_dataType != MPSDataTypeInt64) refuse(selector, @"indices of type %@", nameOfType(indices->_dataType));
}

int64_t indexAt(const Array *indices, int64_t at, int64_t extent, SEL selector) {
  const int64_t index = loadInt(indices, at);
  // Not documented, and the real one reads or writes elsewhere: nobody may rely on it.
  if (index < 0 || index >= extent) refuse(selector, @"index %lld of %lld is out of range", (long long)index, (long long)extent);
  return index;
}

int64_t throughFloat(MPSDataType type, int64_t value) {
  // u8 is taken for i8: what is above 127 comes back as the nearest u8, 0.
  if (type == MPSDataTypeUInt8) return value > 127 ? 0 : value;
  const bool isUnsigned = kindOf(type) == KindUnsigned;
  const float single = isUnsigned ? (float)(uint64_t)value : (float)value;
  const int bits = (int)sizeOfType(type) * 8 - !isUnsigned;
  const double high = ldexp(1, bits);
  if ((double)single >= high) return isUnsigned ? (bits == 64 ? -1 : (int64_t)high - 1) : (bits == 63 ? INT64_MAX : (int64_t)high - 1);
  return isUnsigned ? (int64_t)(uint64_t)single : (int64_t)single;
}

void gatherElement(const Array *to, int64_t toIndex, const Array *from, int64_t fromIndex) {
  if (kindOf(from->type) == KindFloat) copyElement(to, toIndex, from, fromIndex);
  else storeInt(to, toIndex, throughFloat(from->type, loadInt(from, fromIndex)));
}

static void checkBatch(Shape data, Shape indices, NSUInteger batch, SEL selector) {
  if (batch > (NSUInteger)data.rank || batch > (NSUInteger)indices.rank) refuse(selector, @"%lu batch dimensions", (unsigned long)batch);
  for (int axis = 0; axis < (int)batch; axis++) {
    if (data.size[axis] != indices.size[axis]) refuse(selector, @"batch dimensions of %@ and %@ differ", textOfShape(data), textOfShape(indices));
  }
}

Lookup lookupFrom(Shape data, Shape indices, NSUInteger batchDimensions, SEL selector) {
  checkBatch(data, indices, batchDimensions, selector);
  Lookup lookup = {.batch = (int)batchDimensions, .data = data, .lookups = 1, .inner = 1, .outer = 1};
  if (indices.rank <= lookup.batch) refuse(selector, @"indices %@ with %d batch dimensions", textOfShape(indices), lookup.batch);
  const int64_t depth = indices.size[indices.rank - 1];
  if (depth > data.rank - lookup.batch) {
    refuse(selector, @"index vectors of %lld for %@ with %d batch dimensions", (long long)depth, textOfShape(data), lookup.batch);
  }
  lookup.depth = (int)depth;
  for (int axis = 0; axis < indices.rank - 1; axis++) {
    lookup.result.size[lookup.result.rank++] = indices.size[axis];
    if (axis >= lookup.batch) lookup.lookups *= indices.size[axis];
  }
  for (int axis = lookup.batch; axis < data.rank; axis++) {
    lookup.outer *= data.size[axis];
    if (axis < lookup.batch + lookup.depth) continue;
    if (lookup.result.rank == maxRank) refuse(selector, @"a result of rank above 16");
    lookup.result.size[lookup.result.rank++] = data.size[axis];
    lookup.inner *= data.size[axis];
  }
  return lookup;
}

int64_t lookupStart(const Lookup *lookup, const Array *indices, int64_t vector, SEL selector) {
  int64_t slice = 0;
  for (int at = 0; at < lookup->depth; at++) {
    const int64_t extent = lookup->data.size[lookup->batch + at];
    slice = slice * extent + indexAt(indices, vector * lookup->depth + at, extent, selector);
  }
  return vector / lookup->lookups * lookup->outer + slice * lookup->inner;
}

static MPSGraphTensor *gatherAlong(MPSGraph *graph, SEL selector, NSString *name, NSInteger given, MPSGraphTensor *updates, MPSGraphTensor *indices) {
  checkOperand(graph, updates, KindNumber, selector);
  checkIndices(graph, indices, selector);
  const Shape data = shapeOf(updates), result = shapeOf(indices);
  const int axis = axisOf(given, data.rank, selector);
  bool fits = data.rank == result.rank;
  for (int at = 0; fits && at < data.rank; at++) fits = at == axis || data.size[at] == result.size[at];
  if (!fits) refuse(selector, @"indices %@ for %@ along axis %d", textOfShape(result), textOfShape(data), axis);
  const Lines from = linesOf(data, axis), to = linesOf(result, axis);
  return makeNode(graph, selector, name, @[ updates, indices ], updates->_dataType, result, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) {
      const int64_t index = loadInt(&in[1], at), outer = at / (to.size * to.inner);
      if (index < 0) refuse(selector, @"index %lld is negative: not documented", (long long)index);
      if (index < from.size) gatherElement(&out[0], at, &in[0], (outer * from.size + index) * from.inner + at % from.inner);
      else if (kindOf(out[0].type) == KindFloat) storeDouble(&out[0], at, 0);
      else storeInt(&out[0], at, 0);
    }
  });
}

@implementation MPSGraph (Gather)
// updates[:axis] + indices[batch:] + updates[axis + 1:]. Bool has no kernel.
- (MPSGraphTensor *)gatherWithUpdatesTensor:(MPSGraphTensor *)updatesTensor
                              indicesTensor:(MPSGraphTensor *)indicesTensor
                                       axis:(NSUInteger)axis
                            batchDimensions:(NSUInteger)batchDimensions
                                       name:(NSString *)name {
  checkOperand(self, updatesTensor, KindNumber, _cmd);
  checkIndices(self, indicesTensor, _cmd);
  const Shape data = shapeOf(updatesTensor), indices = shapeOf(indicesTensor);
  if (axis >= (NSUInteger)data.rank) refuse(_cmd, @"invalid axis %ld for rank %d", (long)axis, data.rank);
  if (batchDimensions > axis) refuse(_cmd, @"%lu batch dimensions for axis %lu", (unsigned long)batchDimensions, (unsigned long)axis);
  checkBatch(data, indices, batchDimensions, _cmd);
  const int batch = (int)batchDimensions;
  if (data.rank - 1 + indices.rank - batch > maxRank) refuse(_cmd, @"a result of rank above 16");
  Shape result = {.rank = 0};
  int64_t batches = 1, lookups = 1;
  for (int at = 0; at < (int)axis; at++) result.size[result.rank++] = data.size[at];
  for (int at = 0; at < batch; at++) batches *= data.size[at];
  for (int at = batch; at < indices.rank; at++) lookups *= result.size[result.rank++] = indices.size[at];
  for (int at = (int)axis + 1; at < data.rank; at++) result.size[result.rank++] = data.size[at];
  const Lines lines = linesOf(data, (int)axis);
  const int64_t between = lines.outer / batches;
  return makeNode(self, _cmd, name, @[ updatesTensor, indicesTensor ], updatesTensor->_dataType, result, ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) {
      const int64_t outer = at / (lookups * lines.inner), lookup = at / lines.inner % lookups;
      const int64_t index = indexAt(&in[1], outer / between * lookups + lookup, lines.size, _cmd);
      gatherElement(&out[0], at, &in[0], (outer * lines.size + index) * lines.inner + at % lines.inner);
    }
  });
}

- (MPSGraphTensor *)gatherNDWithUpdatesTensor:(MPSGraphTensor *)updatesTensor
                                indicesTensor:(MPSGraphTensor *)indicesTensor
                              batchDimensions:(NSUInteger)batchDimensions
                                         name:(NSString *)name {
  checkOperand(self, updatesTensor, KindNumber, _cmd);
  checkIndices(self, indicesTensor, _cmd);
  const Lookup lookup = lookupFrom(shapeOf(updatesTensor), shapeOf(indicesTensor), batchDimensions, _cmd);
  return makeNode(self, _cmd, name, @[ updatesTensor, indicesTensor ], updatesTensor->_dataType, lookup.result, ^(const Array *in, const Array *out) {
    for (int64_t vector = 0; vector < out[0].count / lookup.inner; vector++) {
      const int64_t start = lookupStart(&lookup, &in[1], vector, _cmd);
      for (int64_t rest = 0; rest < lookup.inner; rest++) gatherElement(&out[0], vector * lookup.inner + rest, &in[0], start + rest);
    }
  });
}

- (MPSGraphTensor *)gatherAlongAxis:(NSInteger)axis
                  withUpdatesTensor:(MPSGraphTensor *)updatesTensor
                      indicesTensor:(MPSGraphTensor *)indicesTensor
                               name:(NSString *)name {
  return gatherAlong(self, _cmd, name, axis, updatesTensor, indicesTensor);
}

- (MPSGraphTensor *)gatherAlongAxisTensor:(MPSGraphTensor *)axisTensor
                        withUpdatesTensor:(MPSGraphTensor *)updatesTensor
                            indicesTensor:(MPSGraphTensor *)indicesTensor
                                     name:(NSString *)name {
  return gatherAlong(self, _cmd, name, constantAxis(axisTensor, _cmd), updatesTensor, indicesTensor);
}
@end
