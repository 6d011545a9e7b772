// Pooling: values are those of PyTorch's max_pool2d, avg_pool2d and their gradients.
#import "build.h"

static MPSGraphPooling2DOpDescriptor *flat(NSUInteger kernel, NSUInteger stride, NSUInteger padding) {
  return [MPSGraphPooling2DOpDescriptor descriptorWithKernelWidth:kernel
                                                     kernelHeight:kernel
                                                        strideInX:stride
                                                        strideInY:stride
                                                  dilationRateInX:1
                                                  dilationRateInY:1
                                                      paddingLeft:padding
                                                     paddingRight:padding
                                                       paddingTop:padding
                                                    paddingBottom:padding
                                                     paddingStyle:MPSGraphPaddingStyleExplicit
                                                       dataLayout:MPSGraphTensorNamedDataLayoutNCHW];
}

static MPSGraphPooling2DOpDescriptor *counting(MPSGraphPooling2DOpDescriptor *descriptor) {
  descriptor.includeZeroPadToAverage = YES;
  return descriptor;
}

static MPSGraphPooling2DOpDescriptor *indexing(MPSGraphPooling2DOpDescriptor *descriptor, MPSGraphPoolingReturnIndicesMode mode) {
  descriptor.returnIndicesMode = mode;
  descriptor.returnIndicesDataType = MPSDataTypeInt32;
  return descriptor;
}

static NSString *const image = @"f32 1x1x3x4: 1 9 2 0 5 -3 7 7 4 8 6 -1";

#define MAXIMUM(descriptorOf) BUILD(([g maxPooling2DWithSourceTensor:in[0] descriptor:descriptorOf name:nil]))
#define INDEX(descriptorOf) BUILD(([[g maxPooling2DReturnIndicesWithSourceTensor:in[0] descriptor:descriptorOf name:nil] objectAtIndex:1]))
#define AVERAGE(descriptorOf) BUILD(([g avgPooling2DWithSourceTensor:in[0] descriptor:descriptorOf name:nil]))

TEST(maxPooling) {
  check(MAXIMUM(flat(2, 2, 0)), @[ image ], @"f32 1x1x1x2: 9 7");
  check(MAXIMUM(flat(3, 2, 1)), @[ image ], @"f32 1x1x2x2: 9 9 8 8");
  // NaN is skipped: nothing promises that it is not.
  check(MAXIMUM(flat(2, 2, 0)), @[ @"f32 1x1x2x2: nan 1 2 0" ], @"f32 1x1x1x1: 2");
  check(INDEX(indexing(flat(2, 1, 0), MPSGraphPoolingReturnIndicesGlobalFlatten2D)), @[ image ], @"i32 1x1x2x3: 1 1 6 9 9 6");
  check(INDEX(indexing(flat(2, 1, 0), MPSGraphPoolingReturnIndicesGlobalFlatten1D)), @[ image ], @"i32 1x1x2x3: 1 1 2 1 1 2");
}

TEST(avgPooling) {
  check(AVERAGE(flat(2, 2, 0)), @[ image ], @"f32 1x1x1x2: 3 4");
  check(AVERAGE(flat(3, 4, 1)), @[ image ], @"f32 1x1x1x1: 3");
  check(AVERAGE(counting(flat(2, 2, 1))), @[ @"f32 1x1x2x2: 4 8 12 16" ], @"f32 1x1x2x2: 1 2 3 4");
  check(BUILD(([g avgPooling2DGradientWithGradientTensor:in[0] sourceTensor:in[1] descriptor:flat(2, 1, 0) name:nil])),
        (@[ @"f32 1x1x1x2: 4 8", @"f32 1x1x2x3: 0 0 0 0 0 0" ]), @"f32 1x1x2x3: 1 3 2 1 3 2");
}

TEST(pooling4D) {
  check(BUILD(([g maxPooling4DWithSourceTensor:in[0]
                                    descriptor:[MPSGraphPooling4DOpDescriptor descriptorWithKernelSizes:@[ @2, @1, @1, @2 ]
                                                                                                strides:@[ @1, @1, @1, @2 ]
                                                                                          dilationRates:@[ @1, @1, @1, @1 ]
                                                                                          paddingValues:@[ @0, @0, @0, @0, @0, @0, @1, @1 ]
                                                                                           paddingStyle:MPSGraphPaddingStyleExplicit]
                                          name:nil])),
        @[ @"f32 2x1x1x4: 1 2 3 4 8 7 6 5" ], @"f32 1x1x1x3: 8 7 5");
}

TEST(poolingRefuses) {
  checkRefused(MAXIMUM(flat(5, 1, 0)), @[ image ], @"larger than the padded");
  checkRefused(MAXIMUM(flat(2, 2, 2)), @[ image ], @"in the padding only");
  checkRefused(MAXIMUM(flat(2, 1, 0)), @[ @"f32 2x2: 1 2 3 4" ], @"rank 2, not 4");
  checkRefused(MAXIMUM(flat(2, 1, 0)), @[ @"i32 1x1x2x2: 1 2 3 4" ], @"no kernel for i32");
  checkRefused(INDEX(flat(2, 1, 0)), @[ image ], @"returnIndicesMode is None");
  checkRefused(BUILD(([g avgPooling2DGradientWithGradientTensor:in[0] sourceTensor:in[1] descriptor:flat(2, 1, 0) name:nil])),
               (@[ @"f32 1x1x1x1: 4", @"f32 1x1x2x3: 0 0 0 0 0 0" ]), @"a gradient of shape");
}
