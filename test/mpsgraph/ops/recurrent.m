// An LSTM whose inputs are projected already, from the first step to the last. The state for training has a documented shape; its values are NaN here, since
// no layout of the gates in it is promised.
#import "elementwise.h"
#include <math.h>
#include <stdlib.h>

static double activated(MPSGraphRNNActivation activation, double x) {
  switch (activation) {
    case MPSGraphRNNActivationRelu: return x > 0 ? x : 0;
    case MPSGraphRNNActivationTanh: return tanh(x);
    case MPSGraphRNNActivationSigmoid: return 1 / (1 + exp(-x));
    default: return x;
  }
}

static void checkActivation(MPSGraphRNNActivation activation, SEL selector) {
  if (activation > MPSGraphRNNActivationSigmoid) refuse(selector, @"the activation %lu is not emulated", (unsigned long)activation);
}

static void requireShape(MPSGraphTensor *tensor, Shape shape, NSString *what, SEL selector) {
  if (!sameShape(shapeOf(tensor), shape)) refuse(selector, @"%@ of shape %@, not %@", what, textOfShape(shapeOf(tensor)), textOfShape(shape));
}

@implementation MPSGraph (Recurrent)
- (NSArray<MPSGraphTensor *> *)LSTMWithSourceTensor:(MPSGraphTensor *)source
                                    recurrentWeight:(MPSGraphTensor *)recurrentWeight
                                          initState:(MPSGraphTensor *)initState
                                           initCell:(MPSGraphTensor *)initCell
                                         descriptor:(MPSGraphLSTMDescriptor *)descriptor
                                               name:(NSString *)name {
  if (descriptor == nil) refuse(_cmd, @"descriptor may not be nil");
  if (descriptor.bidirectional) refuse(_cmd, @"both directions are not emulated");
  if (descriptor.reverse) refuse(_cmd, @"reverse: where results go is not documented");
  if (descriptor.forgetGateLast) refuse(_cmd, @"forgetGateLast is not emulated");
  for (MPSGraphTensor *tensor in @[ source, recurrentWeight, initState, initCell ]) {
    checkOperand(self, tensor, KindFloat, _cmd);
    checkSameType(source, tensor, _cmd);
  }
  const Shape gates = shapeOf(source);
  if (gates.rank != 3 || gates.size[2] % 4 != 0) refuse(_cmd, @"a source of shape %@, not [T, N, 4H]", textOfShape(gates));
  const int64_t steps = gates.size[0], batch = gates.size[1], hidden = gates.size[2] / 4;
  requireShape(recurrentWeight, (Shape){.rank = 2, .size = {4 * hidden, hidden}}, @"a recurrent weight", _cmd);
  requireShape(initState, (Shape){.rank = 2, .size = {batch, hidden}}, @"an initial state", _cmd);
  requireShape(initCell, (Shape){.rank = 2, .size = {batch, hidden}}, @"an initial cell", _cmd);
  const MPSGraphRNNActivation i = descriptor.inputGateActivation, f = descriptor.forgetGateActivation, z = descriptor.cellGateActivation;
  const MPSGraphRNNActivation o = descriptor.outputGateActivation, last = descriptor.activation;
  for (NSNumber *activation in @[ @(i), @(f), @(z), @(o), @(last) ]) checkActivation([activation unsignedIntegerValue], _cmd);
  const Shape every = {.rank = 3, .size = {steps, batch, hidden}};
  const bool cells = descriptor.produceCell, training = descriptor.training;
  // A gradient needs both; training without cells is not known to be used.
  if (training && !cells) refuse(_cmd, @"training without cells");
  const MPSDataType type = source->_dataType;
  const MPSDataType types[] = {type, type, type};
  const Shape shapes[] = {every, every, gates};
  return makeNodes(self, _cmd, name, @[ source, recurrentWeight, initState, initCell ], training ? 3 : cells ? 2 : 1, types, shapes,
                   ^(const Array *in, const Array *out) {
    const MPSGraphRNNActivation functions[] = {i, f, z, o};
    double *carried = malloc((size_t)(batch * hidden) * sizeof *carried);
    for (int64_t at = 0; at < batch * hidden; at++) carried[at] = loadComputed(&in[3], at);
    for (int64_t at = 0; at < out[0].count; at++) {
      const int64_t line = at / hidden, j = at % hidden, own = at % (batch * hidden);
      double parts[4];
      for (int gate = 0; gate < 4; gate++) {
        double sum = loadComputed(&in[0], (line * 4 + gate) * hidden + j);
        for (int64_t k = 0; k < hidden; k++) {
          const double before = line < batch ? loadComputed(&in[2], line * hidden + k) : loadComputed(&out[0], (line - batch) * hidden + k);
          sum += before * loadComputed(&in[1], (gate * hidden + j) * hidden + k);
        }
        parts[gate] = activated(functions[gate], sum);
      }
      carried[own] = rounded(type, parts[1] * carried[own] + parts[0] * parts[2]);
      storeComputed(&out[0], at, parts[3] * activated(last, carried[own]));
      if (cells) storeComputed(&out[1], at, carried[own]);
    }
    for (int64_t at = 0; training && at < out[2].count; at++) storeDouble(&out[2], at, NAN);
    free(carried);
  });
}
@end
