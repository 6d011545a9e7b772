// LSTM layers: values are those of PyTorch.
#import "build.h"

static MPSGraphLSTMDescriptor *layer(void) {
  MPSGraphLSTMDescriptor *descriptor = [MPSGraphLSTMDescriptor descriptor];
  descriptor.inputGateActivation = descriptor.forgetGateActivation = descriptor.outputGateActivation = MPSGraphRNNActivationSigmoid;
  descriptor.cellGateActivation = descriptor.activation = MPSGraphRNNActivationTanh;
  descriptor.produceCell = YES;
  return descriptor;
}

#define LSTM(descriptor_) \
  [g LSTMWithSourceTensor:in[0] recurrentWeight:in[1] initState:in[2] initCell:in[3] descriptor:descriptor_ name:nil]

TEST(lstm) {
  NSArray *operands = @[ @"f32 2x1x4: 0.5 -0.25 1 0.75 -1 0.5 0.25 2", @"f32 4x1: 0.5 -1 0.25 2", @"f32 1x1: 0.5", @"f32 1x1: -0.25" ];
  MPSGraphLSTMDescriptor *training = layer();
  training.training = YES;
  NSArray *expected = @[ @"f32 2x1x1: 0.372949696 0.316990968", @"f32 2x1x1: 0.469454723 0.351086538" ];
  checkClose(BUILD(LSTM(layer())), operands, expected, 2);
  checkClose(BUILD(LSTM(training)), operands, [expected arrayByAddingObject:@"f32 2x1x4: nan nan nan nan nan nan nan nan"], 2);
  MPSGraphLSTMDescriptor *wrong = layer();
  wrong.reverse = YES;
  checkRefused(BUILD(LSTM(wrong)), operands, @"where results go");
  wrong = layer();
  wrong.activation = MPSGraphRNNActivationHardSigmoid;
  checkRefused(BUILD(LSTM(wrong)), operands, @"is not emulated");
  checkRefused(BUILD(LSTM(layer())), @[ @"f32 2x4: 1 2 3 4 5 6 7 8", @"f32 4x1: 1 1 1 1", @"f32 1x1: 1", @"f32 1x1: 1" ], @"not [T, N, 4H]");
  checkRefused(BUILD(LSTM(layer())), @[ @"f32 1x1x4: 1 2 3 4", @"f32 1x4: 1 1 1 1", @"f32 1x1: 1", @"f32 1x1: 1" ], @"a recurrent weight of shape");
  checkRefused(BUILD(LSTM(layer())), @[ @"f32 1x1x4: 1 2 3 4", @"f32 4x1: 1 1 1 1", @"f32 2x1: 1 1", @"f32 1x1: 1" ], @"an initial state of shape");
}
