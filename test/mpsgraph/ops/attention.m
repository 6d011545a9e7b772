// softmax(scale * Q K^T + mask) V.
#import "elementwise.h"
#import "matmul.h"
#include <math.h>
#include <stdlib.h>

static Shape transposed(Shape shape) {
  const int64_t rows = shape.size[shape.rank - 2];
  shape.size[shape.rank - 2] = shape.size[shape.rank - 1];
  shape.size[shape.rank - 1] = rows;
  return shape;
}

static MPSGraphTensor *attention(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *query, MPSGraphTensor *key, MPSGraphTensor *value,
                                 MPSGraphTensor *mask, float scale) {
  NSArray *operands = mask ? @[ query, key, value, mask ] : @[ query, key, value ];
  for (MPSGraphTensor *tensor in operands) {
    checkOperand(graph, tensor, KindFloat, selector);
    checkSameType(query, tensor, selector);
  }
  const Shape q = shapeOf(query), k = shapeOf(key), v = shapeOf(value);
  if (q.rank != 4 || k.rank != 4 || v.rank != 4) refuse(selector, @"query, key and value of ranks %d, %d and %d, not 4", q.rank, k.rank, v.rank);
  if (k.size[3] != v.size[3]) refuse(selector, @"'mps_spi.sdpa' op failed: query and value must have matching inner dimension");
  const Shape keys = transposed(k), scores = productShape(q, keys, selector), result = productShape(scores, v, selector);
  const Batches first = batchesOf(q, keys, scores), second = batchesOf(scores, v, result);
  Broadcast masks = {.rank = 0};
  if (mask) {
    if (!sameShape(broadcastShapes(shapeOf(mask), scores, selector), scores)) refuse(selector, @"a mask of shape %@ for %@", textOfShape(shapeOf(mask)), textOfShape(scores));
    masks = broadcastTo(shapeOf(mask), scores);
  }
  const bool masked = mask != nil;
  return makeNode(graph, selector, name, operands, query->_dataType, result, ^(const Array *in, const Array *out) {
    const int64_t queries = first.rows, width = first.inner, length = first.columns, depth = second.columns;
    float *weights = malloc((size_t)length * sizeof *weights);
    for (int64_t row = 0; row < out[0].count / depth; row++) {
      const int64_t batch = row / queries, scoreBatch = broadcastIndex(&second.one, batch);
      const int64_t a = (broadcastIndex(&first.one, scoreBatch) * queries + row % queries) * width;
      float most = -INFINITY, sum = 0;
      for (int64_t at = 0; at < length; at++) {
        const int64_t b = (broadcastIndex(&first.other, scoreBatch) * length + at) * width;
        float score = 0;
        for (int64_t i = 0; i < width; i++) score += (float)loadComputed(&in[0], a + i) * (float)loadComputed(&in[1], b + i);
        score *= scale;
        if (masked) score += (float)loadComputed(&in[3], broadcastIndex(&masks, (scoreBatch * queries + row % queries) * length + at));
        weights[at] = score;
        most = fmaxf(most, score);
      }
      // A row whose mask is -inf throughout comes out as NaN.
      for (int64_t at = 0; at < length; at++) sum += weights[at] = expf(weights[at] - most);
      for (int64_t i = 0; i < depth; i++) {
        float value = 0;
        for (int64_t at = 0; at < length; at++) value += weights[at] / sum * (float)loadComputed(&in[2], (broadcastIndex(&second.other, batch) * length + at) * depth + i);
        storeComputed(&out[0], row * depth + i, (double)value);
      }
    }
    free(weights);
  });
}

@implementation MPSGraph (Attention)
- (MPSGraphTensor *)scaledDotProductAttentionWithQueryTensor:(MPSGraphTensor *)queryTensor
                                                   keyTensor:(MPSGraphTensor *)keyTensor
                                                 valueTensor:(MPSGraphTensor *)valueTensor
                                                  maskTensor:(MPSGraphTensor *)maskTensor
                                                       scale:(float)scale
                                                        name:(NSString *)name {
  if (queryTensor == nil || keyTensor == nil || valueTensor == nil) refuse(_cmd, @"a tensor is nil");
  return attention(self, _cmd, name, queryTensor, keyTensor, valueTensor, maskTensor, scale);
}

- (MPSGraphTensor *)scaledDotProductAttentionWithQueryTensor:(MPSGraphTensor *)queryTensor
                                                   keyTensor:(MPSGraphTensor *)keyTensor
                                                 valueTensor:(MPSGraphTensor *)valueTensor
                                                       scale:(float)scale
                                                        name:(NSString *)name {
  if (queryTensor == nil || keyTensor == nil || valueTensor == nil) refuse(_cmd, @"a tensor is nil");
  return attention(self, _cmd, name, queryTensor, keyTensor, valueTensor, nil, scale);
}
@end
