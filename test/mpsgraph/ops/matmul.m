// Matrix products and pairwise Hamming distances.
#import "elementwise.h"
#import "matmul.h"

Shape productShape(Shape one, Shape other, SEL selector) {
  // Rank 1 crashes, and so do batches of more than two dimensions.
  if (one.rank < 2 || other.rank < 2) refuse(selector, @"%@ times %@: vectors are no matrices", textOfShape(one), textOfShape(other));
  if (one.rank > 4 || other.rank > 4) refuse(selector, @"%@ times %@: New volume should match old volume", textOfShape(one), textOfShape(other));
  if (one.size[one.rank - 1] != other.size[other.rank - 2]) refuse(selector, @"%@ times %@: incompatible dimensions", textOfShape(one), textOfShape(other));
  Shape rows = one, columns = other;
  rows.rank -= 2;
  columns.rank -= 2;
  Shape result = broadcastShapes(rows, columns, selector);
  result.size[result.rank++] = one.size[one.rank - 2];
  result.size[result.rank++] = other.size[other.rank - 1];
  checkShape(result, selector);
  return result;
}

Batches batchesOf(Shape one, Shape other, Shape result) {
  Batches batches = {.rows = one.size[one.rank - 2], .inner = one.size[one.rank - 1], .columns = result.size[result.rank - 1]};
  one.rank -= 2;
  other.rank -= 2;
  result.rank -= 2;
  batches.count = countOf(result);
  batches.one = broadcastTo(one, result);
  batches.other = broadcastTo(other, result);
  return batches;
}

@implementation MPSGraph (MatrixMultiplication)
- (MPSGraphTensor *)matrixMultiplicationWithPrimaryTensor:(MPSGraphTensor *)primaryTensor
                                          secondaryTensor:(MPSGraphTensor *)secondaryTensor
                                                     name:(NSString *)name {
  // Integers abort.
  checkOperand(self, primaryTensor, KindFloat, _cmd);
  checkOperand(self, secondaryTensor, KindFloat, _cmd);
  checkSameType(primaryTensor, secondaryTensor, _cmd);
  const Shape one = shapeOf(primaryTensor), other = shapeOf(secondaryTensor), result = productShape(one, other, _cmd);
  const Batches batches = batchesOf(one, other, result);
  return makeNode(self, _cmd, name, @[ primaryTensor, secondaryTensor ], primaryTensor->_dataType, result, ^(const Array *in, const Array *out) {
    const int64_t rows = batches.rows, inner = batches.inner, columns = batches.columns;
    for (int64_t at = 0; at < out[0].count; at++) {
      const int64_t batch = at / (rows * columns), row = at / columns % rows, column = at % columns;
      const int64_t a = (broadcastIndex(&batches.one, batch) * rows + row) * inner, b = broadcastIndex(&batches.other, batch) * inner * columns + column;
      // Accumulates in f32 whatever the type. Users who checked found this for f16; it is not promised, and others cast to f32 to be sure.
      float sum = 0;
      for (int64_t k = 0; k < inner; k++) {
        sum += (float)loadComputed(&in[0], a + k) * (float)loadComputed(&in[1], b + k * columns);
      }
      storeComputed(&out[0], at, (double)sum);
    }
  });
}

// The number of bits that differ, for each pair of a row of [..., M, K] and one of [..., N, K]: [..., M, N].
- (MPSGraphTensor *)HammingDistanceWithPrimaryTensor:(MPSGraphTensor *)primaryTensor
                                     secondaryTensor:(MPSGraphTensor *)secondaryTensor
                                      resultDataType:(MPSDataType)resultDataType
                                                name:(NSString *)name {
  checkOperand(self, primaryTensor, KindInteger, _cmd);
  checkOperand(self, secondaryTensor, KindInteger, _cmd);
  checkSameType(primaryTensor, secondaryTensor, _cmd);
  if (resultDataType != MPSDataTypeUInt32 && resultDataType != MPSDataTypeUInt16) refuse(_cmd, @"a result of type %@", nameOfType(resultDataType));
  const Shape one = shapeOf(primaryTensor);
  Shape other = shapeOf(secondaryTensor);
  if (other.rank >= 2) {
    const int64_t rows = other.size[other.rank - 2];
    other.size[other.rank - 2] = other.size[other.rank - 1];
    other.size[other.rank - 1] = rows;
  }
  const Shape result = productShape(one, other, _cmd);
  const Batches batches = batchesOf(one, other, result);
  const uint64_t mask = UINT64_MAX >> (64 - 8 * sizeOfType(primaryTensor->_dataType));
  return makeNode(self, _cmd, name, @[ primaryTensor, secondaryTensor ], resultDataType, result, ^(const Array *in, const Array *out) {
    const int64_t rows = batches.rows, inner = batches.inner, columns = batches.columns;
    for (int64_t at = 0; at < out[0].count; at++) {
      const int64_t batch = at / (rows * columns), row = at / columns % rows, column = at % columns;
      const int64_t a = (broadcastIndex(&batches.one, batch) * rows + row) * inner, b = (broadcastIndex(&batches.other, batch) * columns + column) * inner;
      int64_t bits = 0;
      for (int64_t k = 0; k < inner; k++) bits += __builtin_popcountll((uint64_t)(loadInt(&in[0], a + k) ^ loadInt(&in[1], b + k)) & mask);
      storeInt(&out[0], at, bits);
    }
  });
}
@end
