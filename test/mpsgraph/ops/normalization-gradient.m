// Gradients of normalization and of softmax.
#import "elementwise.h"
#include <math.h>
#include <stdlib.h>

// The elements that a reduction over some axes makes one.
typedef struct {
  Shape shape, result;
  Broadcast group; // the number of the group of each element
} Groups;

static Groups groupsOf(Shape shape, NSArray<NSNumber *> *given, SEL selector) {
  const Axes axes = axesFrom(given, true, shape.rank, selector);
  Groups groups = {.shape = shape, .result = shape};
  for (int at = 0; at < axes.count; at++) groups.result.size[axes.axis[at]] = 1;
  groups.group = broadcastTo(groups.result, shape);
  return groups;
}

// Sums term(element) by group, each partial sum in the tensor's type: f16 loses what f16 cannot hold. The caller frees the sums.
typedef double (^Term)(int64_t element, int64_t group);
static double *sums(const Groups *groups, MPSDataType type, Term term) {
  double *result = calloc((size_t)countOf(groups->result), sizeof *result);
  for (int64_t at = 0; at < countOf(groups->shape); at++) {
    const int64_t group = broadcastIndex(&groups->group, at);
    const double sum = result[group] + term(at, group);
    result[group] = rounded(type, sum);
  }
  return result;
}

// Operands of a normalization broadcast to the tensor; ranks that differ are not to be relied on.
static Broadcast operand(MPSGraph *graph, MPSGraphTensor *tensor, MPSGraphTensor *source, NSString *what, SEL selector) {
  checkOperand(graph, tensor, KindFloat, selector);
  checkSameType(source, tensor, selector);
  const Shape shape = shapeOf(tensor), whole = shapeOf(source);
  if (shape.rank != whole.rank || !sameShape(broadcastShapes(shape, whole, selector), whole)) {
    refuse(selector, @"%@ of shape %@ for %@", what, textOfShape(shape), textOfShape(whole));
  }
  return broadcastTo(shape, whole);
}

static float deviation(const Array *variance, int64_t at, float epsilon) {
  return sqrtf((float)loadComputed(variance, at) + epsilon);
}

@implementation MPSGraph (NormalizationGradient)
// The sum of gradient * (x - mean) / sqrt(variance + epsilon).
- (MPSGraphTensor *)normalizationGammaGradientWithIncomingGradientTensor:(MPSGraphTensor *)incomingGradientTensor
                                                            sourceTensor:(MPSGraphTensor *)sourceTensor
                                                              meanTensor:(MPSGraphTensor *)meanTensor
                                                          varianceTensor:(MPSGraphTensor *)varianceTensor
                                                           reductionAxes:(NSArray<NSNumber *> *)axes
                                                                 epsilon:(float)epsilon
                                                                    name:(NSString *)name {
  checkOperand(self, sourceTensor, KindFloat, _cmd);
  const Broadcast gradients = operand(self, incomingGradientTensor, sourceTensor, @"gradient", _cmd);
  const Broadcast means = operand(self, meanTensor, sourceTensor, @"mean", _cmd), variances = operand(self, varianceTensor, sourceTensor, @"variance", _cmd);
  const Groups groups = groupsOf(shapeOf(sourceTensor), axes, _cmd);
  return makeNode(self, _cmd, name, @[ incomingGradientTensor, sourceTensor, meanTensor, varianceTensor ], sourceTensor->_dataType, groups.result,
                  ^(const Array *in, const Array *out) {
                    double *sum = sums(&groups, in[1].type, ^double(int64_t at, int64_t group) {
                      (void)group;
                      return loadComputed(&in[0], broadcastIndex(&gradients, at)) * (loadComputed(&in[1], at) - loadComputed(&in[2], broadcastIndex(&means, at))) /
                             (double)deviation(&in[3], broadcastIndex(&variances, at), epsilon);
                    });
                    for (int64_t at = 0; at < out[0].count; at++) storeComputed(&out[0], at, sum[at]);
                    free(sum);
                  });
}

- (MPSGraphTensor *)normalizationBetaGradientWithIncomingGradientTensor:(MPSGraphTensor *)incomingGradientTensor
                                                           sourceTensor:(MPSGraphTensor *)sourceTensor
                                                          reductionAxes:(NSArray<NSNumber *> *)axes
                                                                   name:(NSString *)name {
  checkOperand(self, sourceTensor, KindFloat, _cmd);
  const Broadcast gradients = operand(self, incomingGradientTensor, sourceTensor, @"gradient", _cmd);
  const Groups groups = groupsOf(shapeOf(sourceTensor), axes, _cmd);
  return makeNode(self, _cmd, name, @[ incomingGradientTensor, sourceTensor ], sourceTensor->_dataType, groups.result, ^(const Array *in, const Array *out) {
    double *sum = sums(&groups, in[1].type, ^double(int64_t at, int64_t group) {
      (void)group;
      return loadComputed(&in[0], broadcastIndex(&gradients, at));
    });
    for (int64_t at = 0; at < out[0].count; at++) storeComputed(&out[0], at, sum[at]);
    free(sum);
  });
}

// y * (g - sum(g * y)) with y = softmax(x), in f32.
- (MPSGraphTensor *)softMaxGradientWithIncomingGradient:(MPSGraphTensor *)gradient
                                           sourceTensor:(MPSGraphTensor *)source
                                                   axis:(NSInteger)axis
                                                   name:(NSString *)name {
  checkOperand(self, source, KindFloat, _cmd);
  checkOperand(self, gradient, KindFloat, _cmd);
  checkSameType(source, gradient, _cmd);
  if (!sameShape(shapeOf(source), shapeOf(gradient))) refuse(_cmd, @"a gradient of shape %@ for %@", textOfShape(shapeOf(gradient)), textOfShape(shapeOf(source)));
  const Groups groups = groupsOf(shapeOf(source), @[ [NSNumber numberWithInteger:axis] ], _cmd);
  return makeNode(self, _cmd, name, @[ gradient, source ], source->_dataType, shapeOf(source), ^(const Array *in, const Array *out) {
    double *largest = malloc((size_t)countOf(groups.result) * sizeof *largest);
    for (int64_t at = 0; at < countOf(groups.result); at++) largest[at] = -INFINITY;
    for (int64_t at = 0; at < in[1].count; at++) {
      double *most = &largest[broadcastIndex(&groups.group, at)];
      *most = fmax(*most, loadComputed(&in[1], at));
    }
    double *total = sums(&groups, MPSDataTypeFloat32, ^double(int64_t at, int64_t group) { return exp(loadComputed(&in[1], at) - largest[group]); });
    double *weighted = sums(&groups, MPSDataTypeFloat32, ^double(int64_t at, int64_t group) {
      return loadComputed(&in[0], at) * exp(loadComputed(&in[1], at) - largest[group]) / total[group];
    });
    for (int64_t at = 0; at < out[0].count; at++) {
      const int64_t group = broadcastIndex(&groups.group, at);
      storeComputed(&out[0], at, exp(loadComputed(&in[1], at) - largest[group]) / total[group] * (loadComputed(&in[0], at) - weighted[group]));
    }
    free(largest);
    free(total);
    free(weighted);
  });
}
@end
