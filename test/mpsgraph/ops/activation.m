// Activations and their gradients. Gradients take the activation's input, not its result.
#import "elementwise.h"
#include <math.h>
#include <stdlib.h>

static double reLU(double x) { return x > 0 ? x : 0; } // of NaN: 0
static double reLUGradient(double gradient, double x) { return x > 0 ? gradient : 0; }
static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double sigmoidGradient(double gradient, double x) { return gradient * sigmoid(x) * sigmoid(-x); }
static double leaky(double x, double alpha) { return x > 0 ? x : alpha * x; }
static double leakySlope(double x, double alpha) { return x > 0 ? 1 : alpha; }

@implementation MPSGraph (Activation)
- (MPSGraphTensor *)reLUWithTensor:(MPSGraphTensor *)tensor name:(NSString *)name {
  return unary(self, _cmd, name, tensor, (Unary){.onFloat = reLU});
}

- (MPSGraphTensor *)reLUGradientWithIncomingGradient:(MPSGraphTensor *)gradient sourceTensor:(MPSGraphTensor *)source name:(NSString *)name {
  return binary(self, _cmd, name, gradient, source, (Binary){.onFloat = reLUGradient});
}

- (MPSGraphTensor *)sigmoidWithTensor:(MPSGraphTensor *)tensor name:(NSString *)name {
  return unary(self, _cmd, name, tensor, (Unary){.onFloat = sigmoid});
}

- (MPSGraphTensor *)sigmoidGradientWithIncomingGradient:(MPSGraphTensor *)gradient sourceTensor:(MPSGraphTensor *)source name:(NSString *)name {
  return binary(self, _cmd, name, gradient, source, (Binary){.onFloat = sigmoidGradient});
}

- (MPSGraphTensor *)leakyReLUWithTensor:(MPSGraphTensor *)tensor alpha:(double)alpha name:(NSString *)name {
  checkOperand(self, tensor, KindFloat, _cmd);
  const double rate = rounded(tensor->_dataType, alpha);
  return makeNode(self, _cmd, name, @[ tensor ], tensor->_dataType, shapeOf(tensor), ^(const Array *in, const Array *out) {
    for (int64_t at = 0; at < out[0].count; at++) storeComputed(&out[0], at, leaky(loadComputed(&in[0], at), rate));
  });
}

- (MPSGraphTensor *)leakyReLUWithTensor:(MPSGraphTensor *)tensor alphaTensor:(MPSGraphTensor *)alphaTensor name:(NSString *)name {
  return binary(self, _cmd, name, tensor, alphaTensor, (Binary){.onFloat = leaky});
}

- (MPSGraphTensor *)leakyReLUGradientWithIncomingGradient:(MPSGraphTensor *)gradient
                                             sourceTensor:(MPSGraphTensor *)source
                                              alphaTensor:(MPSGraphTensor *)alphaTensor
                                                     name:(NSString *)name {
  MPSGraphTensor *slope = binary(self, _cmd, name, source, alphaTensor, (Binary){.onFloat = leakySlope});
  return [self multiplicationWithPrimaryTensor:gradient secondaryTensor:slope name:name];
}

// In f32 for every type; the largest value is subtracted first.
- (MPSGraphTensor *)softMaxWithTensor:(MPSGraphTensor *)tensor axis:(NSInteger)axis name:(NSString *)name {
  checkOperand(self, tensor, KindFloat, _cmd);
  const Shape shape = shapeOf(tensor);
  const int at = axisOf(axis, shape.rank, _cmd);
  const int64_t length = shape.size[at];
  int64_t strides[maxRank];
  stridesOf(shape, strides);
  const int64_t stride = strides[at];
  return makeNode(self, _cmd, name, @[ tensor ], tensor->_dataType, shape, ^(const Array *in, const Array *out) {
    for (int64_t row = 0; row < out[0].count / length; row++) {
      const int64_t base = row / stride * stride * length + row % stride;
      double largest = -INFINITY, sum = 0;
      bool anyNaN = false;
      for (int64_t k = 0; k < length; k++) {
        const double value = loadComputed(&in[0], base + k * stride);
        anyNaN = anyNaN || isnan(value);
        largest = fmax(largest, value);
      }
      for (int64_t k = 0; k < length; k++) sum = (double)(float)(sum + (double)expf((float)(loadComputed(&in[0], base + k * stride) - largest)));
      for (int64_t k = 0; k < length; k++) {
        const double value = (double)expf((float)(loadComputed(&in[0], base + k * stride) - largest)) / sum;
        storeComputed(&out[0], base + k * stride, anyNaN ? (double)NAN : value);
      }
    }
  });
}
@end
