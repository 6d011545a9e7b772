// Scatters.
#import "elementwise.h"
#import "gather.h"
#include <math.h>
#include <string.h>

static void checkValues(MPSGraph *graph, MPSGraphTensor *updates, MPSGraphTensor *data, MPSGraphScatterMode mode, SEL selector) {
  // i64 and bool have no kernel; u8, i8, i16 come out wrong, and with modes other than Set have no kernel either. So nothing of 8 or 16 bits but f16.
  checkOperand(graph, updates, KindNumber, selector);
  const MPSDataType type = updates->_dataType;
  if (kindOf(type) != KindFloat && sizeOfType(type) == 8) refuse(selector, @"no kernel for %@", nameOfType(type));
  if (kindOf(type) != KindFloat && sizeOfType(type) < 4) refuse(selector, @"scatters of %@ are wrong", nameOfType(type));
  if (data) {
    checkOperand(graph, data, KindNumber, selector);
    checkSameType(updates, data, selector);
  }
  if (mode < MPSGraphScatterModeAdd || mode > MPSGraphScatterModeSet) refuse(selector, @"mode %ld", (long)mode);
}

static double combine(MPSGraphScatterMode mode, double old, double update) {
  switch (mode) {
    case MPSGraphScatterModeAdd: return old + update;
    case MPSGraphScatterModeSub: return old - update;
    case MPSGraphScatterModeMul: return old * update;
    case MPSGraphScatterModeDiv: return old / update;
    case MPSGraphScatterModeMin: return fmin(old, update);
    default: return fmax(old, update);
  }
}

// Updates one element. All integers go through float32, floats that are set keep their bits.
static void updateElement(MPSGraphScatterMode mode, const Array *to, int64_t toIndex, const Array *updates, int64_t at) {
  const bool isFloat = kindOf(to->type) == KindFloat;
  if (mode == MPSGraphScatterModeSet) {
    gatherElement(to, toIndex, updates, at);
  } else if (isFloat) {
    storeComputed(to, toIndex, combine(mode, loadComputed(to, toIndex), loadComputed(updates, at)));
  } else {
    const double old = (double)throughFloat(to->type, loadInt(to, toIndex)), update = (double)throughFloat(to->type, loadInt(updates, at));
    const double value = trunc((double)(float)combine(mode, old, update));
    const double high = ldexp(1, kindOf(to->type) == KindSigned ? 31 : 32), low = kindOf(to->type) == KindSigned ? -high : 0;
    storeInt(to, toIndex, isnan(value) ? 0 : value < low ? (int64_t)low : value >= high ? (int64_t)high - 1 : (int64_t)value);
  }
}

// The data before any update: what is given, or zeros.
static void fill(const Array *out, const Array *data) {
  for (int64_t at = 0; data && at < out->count; at++) gatherElement(out, at, data, at);
  if (data == NULL) memset(out->data, 0, (size_t)out->count * sizeOfType(out->type));
}

static NSArray *operandsOf(MPSGraphTensor *updates, MPSGraphTensor *indices, MPSGraphTensor *data) {
  return data ? @[ updates, indices, data ] : @[ updates, indices ];
}

// Updates go from the last to the first, for atomics promise no order: sums of floats that collide depend on it, and which of several values is set.
static MPSGraphTensor *scatterND(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *data, Shape shape, MPSGraphTensor *updates,
                                 MPSGraphTensor *indices, NSUInteger batchDimensions, MPSGraphScatterMode mode) {
  checkValues(graph, updates, data, mode, selector);
  checkIndices(graph, indices, selector);
  // Half floats come out wrong.
  if (sizeOfType(updates->_dataType) == 2) refuse(selector, @"scatterND of %@ is wrong", nameOfType(updates->_dataType));
  // Batched scatters have crashed; a batch index in front does the same.
  if (batchDimensions != 0) refuse(selector, @"%lu batch dimensions: batched scatters crash", (unsigned long)batchDimensions);
  const Lookup lookup = lookupFrom(shape, shapeOf(indices), batchDimensions, selector);
  const Shape given = shapeOf(updates);
  if (given.rank == 0 || given.rank > shape.rank) refuse(selector, @"updates of rank %d for data of rank %d", given.rank, shape.rank);
  if (!sameShape(given, lookup.result)) refuse(selector, @"updates %@ where indices and data make %@", textOfShape(given), textOfShape(lookup.result));
  const bool hasData = data != nil;
  return makeNode(graph, selector, name, operandsOf(updates, indices, data), updates->_dataType, shape, ^(const Array *in, const Array *out) {
    fill(&out[0], hasData ? &in[2] : NULL);
    for (int64_t vector = in[0].count / lookup.inner - 1; vector >= 0; vector--) {
      const int64_t start = lookupStart(&lookup, &in[1], vector, selector);
      for (int64_t rest = 0; rest < lookup.inner; rest++) updateElement(mode, &out[0], start + rest, &in[0], vector * lookup.inner + rest);
    }
  });
}

// `along`: indices have the shape of the updates, and those out of range are skipped. Otherwise they are a vector, one for each position along the axis.
static MPSGraphTensor *scatterAxis(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *data, Shape shape, MPSGraphTensor *updates,
                                   MPSGraphTensor *indices, NSInteger given, MPSGraphScatterMode mode, bool along) {
  checkValues(graph, updates, data, mode, selector);
  checkIndices(graph, indices, selector);
  const int axis = axisOf(given, shape.rank, selector);
  const Shape from = shapeOf(updates), lookups = shapeOf(indices);
  bool fits = from.rank == shape.rank;
  for (int at = 0; fits && at < shape.rank; at++) fits = at == axis || from.size[at] == shape.size[at];
  if (!fits) refuse(selector, @"updates %@ for %@ along axis %d", textOfShape(from), textOfShape(shape), axis);
  if (along ? !sameShape(lookups, from) : lookups.rank != 1 || lookups.size[0] != from.size[axis]) {
    refuse(selector, @"indices %@ for updates %@", textOfShape(lookups), textOfShape(from));
  }
  const Lines source = linesOf(from, axis), target = linesOf(shape, axis);
  const bool hasData = data != nil;
  return makeNode(graph, selector, name, operandsOf(updates, indices, data), updates->_dataType, shape, ^(const Array *in, const Array *out) {
    fill(&out[0], hasData ? &in[2] : NULL);
    for (int64_t at = in[0].count - 1; at >= 0; at--) {
      const int64_t outer = at / (source.size * source.inner), rest = at % source.inner;
      int64_t index;
      if (along) {
        index = loadInt(&in[1], at);
        if (index < 0) refuse(selector, @"index %lld is negative: not documented", (long long)index);
        if (index >= target.size) continue;
      } else {
        index = indexAt(&in[1], at / source.inner % source.size, target.size, selector);
      }
      updateElement(mode, &out[0], (outer * target.size + index) * target.inner + rest, &in[0], at);
    }
  });
}

static Shape dataShape(MPSGraph *graph, MPSGraphTensor *data, SEL selector) {
  checkOperand(graph, data, KindNumber, selector);
  return shapeOf(data);
}

@implementation MPSGraph (Scatter)
- (MPSGraphTensor *)scatterNDWithUpdatesTensor:(MPSGraphTensor *)updatesTensor
                                 indicesTensor:(MPSGraphTensor *)indicesTensor
                                         shape:(MPSShape *)shape
                               batchDimensions:(NSUInteger)batchDimensions
                                          mode:(MPSGraphScatterMode)mode
                                          name:(NSString *)name {
  return scatterND(self, _cmd, name, nil, shapeFrom(shape, _cmd), updatesTensor, indicesTensor, batchDimensions, mode);
}

- (MPSGraphTensor *)scatterNDWithUpdatesTensor:(MPSGraphTensor *)updatesTensor
                                 indicesTensor:(MPSGraphTensor *)indicesTensor
                                         shape:(MPSShape *)shape
                               batchDimensions:(NSUInteger)batchDimensions
                                          name:(NSString *)name {
  return scatterND(self, _cmd, name, nil, shapeFrom(shape, _cmd), updatesTensor, indicesTensor, batchDimensions, MPSGraphScatterModeAdd);
}

- (MPSGraphTensor *)scatterNDWithDataTensor:(MPSGraphTensor *)dataTensor
                              updatesTensor:(MPSGraphTensor *)updatesTensor
                              indicesTensor:(MPSGraphTensor *)indicesTensor
                            batchDimensions:(NSUInteger)batchDimensions
                                       mode:(MPSGraphScatterMode)mode
                                       name:(NSString *)name {
  return scatterND(self, _cmd, name, dataTensor, dataShape(self, dataTensor, _cmd), updatesTensor, indicesTensor, batchDimensions, mode);
}

- (MPSGraphTensor *)scatterWithUpdatesTensor:(MPSGraphTensor *)updatesTensor
                               indicesTensor:(MPSGraphTensor *)indicesTensor
                                       shape:(MPSShape *)shape
                                        axis:(NSInteger)axis
                                        mode:(MPSGraphScatterMode)mode
                                        name:(NSString *)name {
  return scatterAxis(self, _cmd, name, nil, shapeFrom(shape, _cmd), updatesTensor, indicesTensor, axis, mode, false);
}

- (MPSGraphTensor *)scatterWithDataTensor:(MPSGraphTensor *)dataTensor
                            updatesTensor:(MPSGraphTensor *)updatesTensor
                            indicesTensor:(MPSGraphTensor *)indicesTensor
                                     axis:(NSInteger)axis
                                     mode:(MPSGraphScatterMode)mode
                                     name:(NSString *)name {
  return scatterAxis(self, _cmd, name, dataTensor, dataShape(self, dataTensor, _cmd), updatesTensor, indicesTensor, axis, mode, false);
}

- (MPSGraphTensor *)scatterAlongAxis:(NSInteger)axis
                   withUpdatesTensor:(MPSGraphTensor *)updatesTensor
                       indicesTensor:(MPSGraphTensor *)indicesTensor
                               shape:(MPSShape *)shape
                                mode:(MPSGraphScatterMode)mode
                                name:(NSString *)name {
  return scatterAxis(self, _cmd, name, nil, shapeFrom(shape, _cmd), updatesTensor, indicesTensor, axis, mode, true);
}

- (MPSGraphTensor *)scatterAlongAxisTensor:(MPSGraphTensor *)axisTensor
                         withUpdatesTensor:(MPSGraphTensor *)updatesTensor
                             indicesTensor:(MPSGraphTensor *)indicesTensor
                                     shape:(MPSShape *)shape
                                      mode:(MPSGraphScatterMode)mode
                                      name:(NSString *)name {
  return scatterAxis(self, _cmd, name, nil, shapeFrom(shape, _cmd), updatesTensor, indicesTensor, constantAxis(axisTensor, _cmd), mode, true);
}

- (MPSGraphTensor *)scatterAlongAxis:(NSInteger)axis
                      withDataTensor:(MPSGraphTensor *)dataTensor
                       updatesTensor:(MPSGraphTensor *)updatesTensor
                       indicesTensor:(MPSGraphTensor *)indicesTensor
                                mode:(MPSGraphScatterMode)mode
                                name:(NSString *)name {
  return scatterAxis(self, _cmd, name, dataTensor, dataShape(self, dataTensor, _cmd), updatesTensor, indicesTensor, axis, mode, true);
}

- (MPSGraphTensor *)scatterAlongAxisTensor:(MPSGraphTensor *)axisTensor
                            withDataTensor:(MPSGraphTensor *)dataTensor
                             updatesTensor:(MPSGraphTensor *)updatesTensor
                             indicesTensor:(MPSGraphTensor *)indicesTensor
                                      mode:(MPSGraphScatterMode)mode
                                      name:(NSString *)name {
  return scatterAxis(self, _cmd, name, dataTensor, dataShape(self, dataTensor, _cmd), updatesTensor, indicesTensor, constantAxis(axisTensor, _cmd), mode, true);
}
@end
