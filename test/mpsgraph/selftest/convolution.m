// Convolutions: hand arithmetic.
#import "build.h"

static MPSGraphConvolution2DOpDescriptor *descriptor(NSUInteger stride, NSUInteger padding, NSUInteger groups) {
  return [MPSGraphConvolution2DOpDescriptor descriptorWithStrideInX:stride
                                                          strideInY:stride
                                                    dilationRateInX:1
                                                    dilationRateInY:1
                                                             groups:groups
                                                        paddingLeft:padding
                                                       paddingRight:padding
                                                         paddingTop:padding
                                                      paddingBottom:padding
                                                       paddingStyle:MPSGraphPaddingStyleExplicit
                                                         dataLayout:MPSGraphTensorNamedDataLayoutNCHW
                                                      weightsLayout:MPSGraphTensorNamedDataLayoutOIHW];
}

static MPSGraphDepthwiseConvolution2DOpDescriptor *depthwise(void) {
  return [MPSGraphDepthwiseConvolution2DOpDescriptor descriptorWithDataLayout:MPSGraphTensorNamedDataLayoutNCHW
                                                                weightsLayout:MPSGraphTensorNamedDataLayoutOIHW];
}

#define CONVOLVE(own) BUILD(([g convolution2DWithSourceTensor:in[0] weightsTensor:in[1] descriptor:own name:nil]))
#define DATA(shape, own)                                                                                                                                      \
  BUILD(([g convolution2DDataGradientWithIncomingGradientTensor:in[0] weightsTensor:in[1] outputShape:shape forwardConvolutionDescriptor:own name:nil]))
#define WEIGHTS(shape, own)                                                                                                                                   \
  BUILD(([g convolution2DWeightsGradientWithIncomingGradientTensor:in[0] sourceTensor:in[1] outputShape:shape forwardConvolutionDescriptor:own name:nil]))

static NSArray *sizes(int a, int b, int c, int d) {
  return @[ [NSNumber numberWithInt:a], [NSNumber numberWithInt:b], [NSNumber numberWithInt:c], [NSNumber numberWithInt:d] ];
}

TEST(convolution) {
  NSArray *nine = @[ @"f32 1x1x3x3: 1 2 3 4 5 6 7 8 9", @"f32 1x1x2x2: 1 0 0 -1" ];
  // The kernel is not turned: 1 - 5, 2 - 6, ...
  check(CONVOLVE(descriptor(1, 0, 1)), nine, @"f32 1x1x2x2: -4 -4 -4 -4");
  // With a frame of zeros, every second place.
  check(CONVOLVE(descriptor(2, 1, 1)), nine, @"f32 1x1x2x2: -1 -3 -7 -4");
  // Two groups: channel 0 doubled, channel 1 tripled.
  check(CONVOLVE(descriptor(1, 0, 2)), (@[ @"f32 1x2x1x2: 1 2 3 4", @"f32 2x1x1x1: 2 3" ]), @"f32 1x2x1x2: 2 4 9 12");
  check(CONVOLVE(descriptor(1, 0, 1)), (@[ @"f32 1x2x1x2: 1 2 3 4", @"f32 1x2x1x1: 2 3" ]), @"f32 1x1x1x2: 11 16");
}

TEST(convolutionGradients) {
  // 10 lands at the first place, 100 at the second; each spreads over two.
  check(DATA(sizes(1, 1, 1, 3), descriptor(1, 0, 1)), (@[ @"f32 1x1x1x2: 10 100", @"f32 1x1x1x2: 1 2" ]), @"f32 1x1x1x3: 10 120 200");
  // Steps of two leave out what no kernel saw.
  check(DATA(sizes(1, 1, 1, 4), descriptor(2, 0, 1)), (@[ @"f32 1x1x1x2: 10 100", @"f32 1x1x1x1: 3" ]), @"f32 1x1x1x4: 30 0 300 0");
}

TEST(convolutionWeightsGradient) {
  check(WEIGHTS(sizes(1, 1, 1, 2), descriptor(1, 0, 1)), (@[ @"f32 1x1x1x2: 10 100", @"f32 1x1x1x3: 1 2 3" ]), @"f32 1x1x1x2: 210 320");
}

TEST(depthwiseConvolution) {
  check(BUILD(([g depthwiseConvolution2DWithSourceTensor:in[0] weightsTensor:in[1] descriptor:depthwise() name:nil])),
        (@[ @"f32 1x2x1x3: 1 2 3 4 5 6", @"f32 1x2x1x2: 1 1 1 -1" ]), @"f32 1x2x1x2: 3 5 -1 -1");
  check(BUILD(([g depthwiseConvolution2DDataGradientWithIncomingGradientTensor:in[0] weightsTensor:in[1] outputShape:sizes(1, 2, 1, 2) descriptor:depthwise() name:nil])),
        (@[ @"f32 1x2x1x1: 1 10", @"f32 1x2x1x2: 1 2 3 4" ]), @"f32 1x2x1x2: 1 2 30 40");
  checkRefused(BUILD(([g depthwiseConvolution2DWithSourceTensor:in[0] weightsTensor:in[1] descriptor:depthwise() name:nil])),
               (@[ @"f32 1x1x1x1: 1", @"f32 2x1x1x1: 1 2" ]), @"order is not documented");
}

TEST(convolutionRefuses) {
  checkRefused(CONVOLVE(descriptor(1, 0, 1)), (@[ @"i32 1x1x1x1: 1", @"i32 1x1x1x1: 1" ]), @"no kernel for i32");
  checkRefused(CONVOLVE(descriptor(1, 0, 1)), (@[ @"f32 1x1x1x1: 1", @"f16 1x1x1x1: 1" ]), @"same element type");
  checkRefused(CONVOLVE(descriptor(1, 0, 1)), (@[ @"f32 1x1x1x1: 1", @"f32 1x1x1x2: 1 2" ]), @"larger than the padded source");
  checkRefused(CONVOLVE(descriptor(1, 0, 1)), (@[ @"f32 1x2x1x1: 1 2", @"f32 1x1x1x1: 1" ]), @"2 input channels for 1 groups of 1");
  checkRefused(CONVOLVE(descriptor(1, 0, 2)), (@[ @"f32 1x2x1x1: 1 2", @"f32 1x1x1x1: 1" ]), @"2 groups of 1 output channels");
  checkRefused(CONVOLVE(descriptor(1, 0, 1)), (@[ @"f32 1x1x1: 1", @"f32 1x1x1x1: 1" ]), @"rank 3");
  checkRefused(DATA(sizes(1, 1, 1, 5), descriptor(1, 0, 1)), (@[ @"f32 1x1x1x2: 1 2", @"f32 1x1x1x2: 1 2" ]), @"do not belong together");
}
