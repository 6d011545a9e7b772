// Means, variances, normalization and its gradients, the gradient of softmax.
#import "elementwise.h"
#include <math.h>
#include <stdlib.h>

// The elements that a reduction over some axes makes one.
typedef struct {
  Shape shape, result;
  Broadcast group; // the number of the group of each element
  int64_t members;
} Groups;

static Groups groupsOf(Shape shape, NSArray<NSNumber *> *given, SEL selector) {
  const Axes axes = axesFrom(given, true, shape.rank, selector);
  Groups groups = {.shape = shape, .result = shape, .members = 1};
  for (int at = 0; at < axes.count; at++) {
    groups.members *= shape.size[axes.axis[at]];
    groups.result.size[axes.axis[at]] = 1;
  }
  groups.group = broadcastTo(groups.result, shape);
  return groups;
}

// As for reductions: kernels are known for f32, f16, bf16, i32 and i64 only.
static void checkReducible(MPSGraph *graph, MPSGraphTensor *tensor, SEL selector) {
  checkOperand(graph, tensor, KindFloat | KindSigned, selector);
  if (kindOf(tensor->_dataType) == KindSigned && sizeOfType(tensor->_dataType) < 4) refuse(selector, @"no kernel for %@", nameOfType(tensor->_dataType));
}

static double load(const Array *array, int64_t at) {
  return kindOf(array->type) == KindFloat ? loadComputed(array, at) : loadDouble(array, at);
}

// A quotient of integers is truncated.
static void store(const Array *array, int64_t at, double value) {
  if (kindOf(array->type) == KindFloat) storeComputed(array, at, value);
  else storeInt(array, at, (int64_t)trunc(value));
}

// Sums term(element) by group, each partial sum in the tensor's type: f16 loses what f16 cannot hold. The caller frees the sums.
typedef double (^Term)(int64_t element, int64_t group);
static double *sums(const Groups *groups, MPSDataType type, Term term) {
  double *result = calloc((size_t)countOf(groups->result), sizeof *result);
  for (int64_t at = 0; at < countOf(groups->shape); at++) {
    const int64_t group = broadcastIndex(&groups->group, at);
    const double sum = result[group] + term(at, group);
    result[group] = kindOf(type) == KindFloat ? rounded(type, sum) : sum;
  }
  return result;
}

// The population variance: divided by the number of elements. `meanTensor` may be nil.
static MPSGraphTensor *variance(MPSGraph *graph, SEL selector, NSString *name, MPSGraphTensor *tensor, MPSGraphTensor *meanTensor, NSArray<NSNumber *> *axes) {
  checkReducible(graph, tensor, selector);
  const Groups groups = groupsOf(shapeOf(tensor), axes, selector);
  const MPSDataType type = tensor->_dataType;
  Broadcast means = {.rank = 0};
  if (meanTensor) {
    checkReducible(graph, meanTensor, selector);
    checkSameType(tensor, meanTensor, selector);
    if (!sameShape(shapeOf(meanTensor), groups.result)) refuse(selector, @"a mean of shape %@ for %@", textOfShape(shapeOf(meanTensor)), textOfShape(groups.result));
    means = broadcastTo(groups.result, groups.result);
  }
  const bool hasMean = meanTensor != nil;
  return makeNode(graph, selector, name, hasMean ? @[ tensor, meanTensor ] : @[ tensor ], type, groups.result, ^(const Array *in, const Array *out) {
    double *mean = hasMean ? NULL : sums(&groups, type, ^double(int64_t at, int64_t group) {
      (void)group;
      return load(&in[0], at);
    });
    double *squares = sums(&groups, type, ^double(int64_t at, int64_t group) {
      const double center = hasMean ? load(&in[1], broadcastIndex(&means, group)) : mean[group] / (double)groups.members;
      const double distance = load(&in[0], at) - (kindOf(type) == KindFloat ? rounded(type, center) : trunc(center));
      return kindOf(type) == KindFloat ? rounded(type, distance * distance) : distance * distance;
    });
    for (int64_t at = 0; at < out[0].count; at++) store(&out[0], at, squares[at] / (double)groups.members);
    free(mean);
    free(squares);
  });
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

@implementation MPSGraph (Normalization)
- (MPSGraphTensor *)meanOfTensor:(MPSGraphTensor *)tensor axes:(NSArray<NSNumber *> *)axes name:(NSString *)name {
  checkReducible(self, tensor, _cmd);
  const Groups groups = groupsOf(shapeOf(tensor), axes, _cmd);
  return makeNode(self, _cmd, name, @[ tensor ], tensor->_dataType, groups.result, ^(const Array *in, const Array *out) {
    double *sum = sums(&groups, in[0].type, ^double(int64_t at, int64_t group) {
      (void)group;
      return load(&in[0], at);
    });
    for (int64_t at = 0; at < out[0].count; at++) store(&out[0], at, sum[at] / (double)groups.members);
    free(sum);
  });
}

- (MPSGraphTensor *)varianceOfTensor:(MPSGraphTensor *)tensor meanTensor:(MPSGraphTensor *)meanTensor axes:(NSArray<NSNumber *> *)axes name:(NSString *)name {
  if (meanTensor == nil) refuse(_cmd, @"the mean is nil");
  return variance(self, _cmd, name, tensor, meanTensor, axes);
}

- (MPSGraphTensor *)varianceOfTensor:(MPSGraphTensor *)tensor axes:(NSArray<NSNumber *> *)axes name:(NSString *)name {
  return variance(self, _cmd, name, tensor, nil, axes);
}

// gamma * (x - mean) / sqrt(variance + epsilon) + beta, in f32 inside.
- (MPSGraphTensor *)normalizationWithTensor:(MPSGraphTensor *)tensor
                                 meanTensor:(MPSGraphTensor *)mean
                             varianceTensor:(MPSGraphTensor *)variance
                                gammaTensor:(MPSGraphTensor *)gamma
                                 betaTensor:(MPSGraphTensor *)beta
                                    epsilon:(float)epsilon
                                       name:(NSString *)name {
  checkOperand(self, tensor, KindFloat, _cmd);
  NSMutableArray *operands = [NSMutableArray arrayWithObject:tensor];
  const Broadcast means = operand(self, mean, tensor, @"mean", _cmd), variances = operand(self, variance, tensor, @"variance", _cmd);
  [operands addObject:mean];
  [operands addObject:variance];
  Broadcast gammas = {.rank = 0}, betas = {.rank = 0};
  if (gamma) {
    gammas = operand(self, gamma, tensor, @"gamma", _cmd);
    [operands addObject:gamma];
  }
  if (beta) {
    betas = operand(self, beta, tensor, @"beta", _cmd);
    [operands addObject:beta];
  }
  const int gammaAt = gamma ? 3 : 0, betaAt = beta ? (gamma ? 4 : 3) : 0;
  return makeNode(self, _cmd, name, operands, tensor->_dataType, shapeOf(tensor), ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) {
      float value = ((float)loadComputed(&in[0], at) - (float)loadComputed(&in[1], broadcastIndex(&means, at))) /
                    deviation(&in[2], broadcastIndex(&variances, at), epsilon);
      if (gammaAt) value *= (float)loadComputed(&in[gammaAt], broadcastIndex(&gammas, at));
      if (betaAt) value += (float)loadComputed(&in[betaAt], broadcastIndex(&betas, at));
      storeComputed(&out[0], at, (double)value);
    }
  });
}

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
