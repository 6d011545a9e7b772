// Mean, variance, normalization. Reduced dimensions stay, with size 1. Integers are refused: their means are said to be cut off, and nobody relies on that.
#import "elementwise.h"
#include <math.h>
#include <stdlib.h>

static Shape keptShape(Shape shape, Axes axes) {
  Shape kept = shape;
  for (int at = 0; at < axes.count; at++) kept.size[axes.axis[at]] = 1;
  return kept;
}

// The sum of the distances' squares (or of the values, without means) over the reduced dimensions, divided by how many there are. Sums are held in the
// tensor's type, as those of reductionSum are.
static void average(const Array *in, const Array *means, const Array *out) {
  double *totals = calloc((size_t)out->count, sizeof(double));
  const Broadcast place = broadcastTo(out->shape, in->shape);
  for (int64_t at = 0; at < in->count; at++) {
    const int64_t to = broadcastIndex(&place, at);
    const double value = loadComputed(in, at);
    const double distance = means == NULL ? 0 : rounded(in->type, value - loadComputed(means, to));
    totals[to] = rounded(in->type, totals[to] + (means == NULL ? value : rounded(in->type, distance * distance)));
  }
  const double count = (double)(in->count / out->count);
  for (int64_t at = 0; at < out->count; at++) storeComputed(out, at, totals[at] / count);
  free(totals);
}

// A statistic has the rank of the tensor that it is of: what happens to other ranks is not documented.
static void checkStatistic(MPSGraph *graph, MPSGraphTensor *statistic, MPSGraphTensor *tensor, const char *role, SEL selector) {
  checkOperand(graph, statistic, KindFloat, selector);
  checkSameType(statistic, tensor, selector);
  const Shape shape = shapeOf(tensor), own = shapeOf(statistic);
  if (own.rank != shape.rank || !sameShape(broadcastShapes(own, shape, selector), shape)) {
    refuse(selector, @"%s %@ for a tensor of shape %@", role, textOfShape(own), textOfShape(shape));
  }
}

@implementation MPSGraph (Normalization)
- (MPSGraphTensor *)meanOfTensor:(MPSGraphTensor *)tensor axes:(NSArray<NSNumber *> *)axes name:(NSString *)name {
  checkOperand(self, tensor, KindFloat, _cmd);
  const Shape shape = shapeOf(tensor);
  const Shape kept = keptShape(shape, axesFrom(axes, true, shape.rank, _cmd));
  return makeNode(self, _cmd, name, @[ tensor ], tensor->_dataType, kept, ^(const Array *in, const Array *out) {
    average(&in[0], NULL, &out[0]);
  });
}

- (MPSGraphTensor *)varianceOfTensor:(MPSGraphTensor *)tensor
                          meanTensor:(MPSGraphTensor *)mean
                                axes:(NSArray<NSNumber *> *)axes
                                name:(NSString *)name {
  checkOperand(self, tensor, KindFloat, _cmd);
  checkStatistic(self, mean, tensor, "a mean", _cmd);
  const Shape shape = shapeOf(tensor);
  const Shape kept = keptShape(shape, axesFrom(axes, true, shape.rank, _cmd));
  if (!sameShape(shapeOf(mean), kept)) refuse(_cmd, @"a mean %@ for a variance %@", textOfShape(shapeOf(mean)), textOfShape(kept));
  return makeNode(self, _cmd, name, (@[ tensor, mean ]), tensor->_dataType, kept, ^(const Array *in, const Array *out) {
    average(&in[0], &in[1], &out[0]);
  });
}

- (MPSGraphTensor *)varianceOfTensor:(MPSGraphTensor *)tensor axes:(NSArray<NSNumber *> *)axes name:(NSString *)name {
  return [self varianceOfTensor:tensor meanTensor:[self meanOfTensor:tensor axes:axes name:name] axes:axes name:name];
}

// Whether (x - mean) * gamma / sqrt(variance + epsilon) + beta is computed in this order is not documented. Here the factors of x come together first, which
// loses most.
- (MPSGraphTensor *)normalizationWithTensor:(MPSGraphTensor *)tensor
                                 meanTensor:(MPSGraphTensor *)mean
                             varianceTensor:(MPSGraphTensor *)variance
                                gammaTensor:(MPSGraphTensor *)gamma
                                 betaTensor:(MPSGraphTensor *)beta
                                    epsilon:(float)epsilon
                                       name:(NSString *)name {
  checkOperand(self, tensor, KindFloat, _cmd);
  checkStatistic(self, mean, tensor, "a mean", _cmd);
  checkStatistic(self, variance, tensor, "a variance", _cmd);
  if (gamma) checkStatistic(self, gamma, tensor, "a gamma", _cmd);
  if (beta) checkStatistic(self, beta, tensor, "a beta", _cmd);
  NSMutableArray *inputs = [NSMutableArray arrayWithObjects:tensor, mean, variance, nil];
  const int gammaAt = gamma ? (int)[inputs count] : 0;
  if (gamma) [inputs addObject:gamma];
  const int betaAt = beta ? (int)[inputs count] : 0;
  if (beta) [inputs addObject:beta];
  const Shape shape = shapeOf(tensor);
  return makeNode(self, _cmd, name, inputs, tensor->_dataType, shape, ^(const Array *in, const Array *out) {
    const MPSDataType type = out[0].type;
    const Broadcast toMean = broadcastTo(in[1].shape, shape), toVariance = broadcastTo(in[2].shape, shape);
    const Broadcast toGamma = broadcastTo(in[gammaAt].shape, shape), toBeta = broadcastTo(in[betaAt].shape, shape);
    for (int64_t at = 0; at < out[0].count; at++) {
      const double spread = rounded(type, loadComputed(&in[2], broadcastIndex(&toVariance, at)) + (double)epsilon);
      const double factor = gammaAt ? loadComputed(&in[gammaAt], broadcastIndex(&toGamma, at)) : 1;
      const double summand = betaAt ? loadComputed(&in[betaAt], broadcastIndex(&toBeta, at)) : 0;
      const double scale = rounded(type, rounded(type, 1 / sqrt(spread)) * factor);
      const double shift = rounded(type, summand - rounded(type, loadComputed(&in[1], broadcastIndex(&toMean, at)) * scale));
      storeComputed(&out[0], at, rounded(type, loadComputed(&in[0], at) * scale) + shift);
    }
  });
}
@end
