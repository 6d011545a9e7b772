// Means, variances, normalization: hand arithmetic.
#import "build.h"

#define MEAN(list) BUILD(([g meanOfTensor:in[0] axes:list name:nil]))
#define VARIANCE(list) BUILD(([g varianceOfTensor:in[0] axes:list name:nil]))

TEST(mean) {
  check(MEAN(@[ @1 ]), @[ @"f32 2x2: 1 2 3 6" ], @"f32 2x1: 1.5 4.5");
  check(MEAN((@[ @0, @-1 ])), @[ @"f16 2x2: 1 2 3 6" ], @"f16 1x1: 3");
  check(MEAN(@[ @0 ]), @[ @"f32 2: nan 1" ], @"f32 1: nan");
  // Of integers: truncated.
  check(MEAN(@[ @1 ]), @[ @"i32 2x2: 1 2 -1 -2" ], @"i32 2x1: 1 -1");
  checkRefused(MEAN(@[ @2 ]), @[ @"f32 2x2: 1 2 3 6" ], @"invalid axis 2");
  checkRefused(MEAN(@[ @0 ]), @[ @"u8 1: 1" ], @"no kernel for u8");
}

TEST(variance) {
  // The squares of the distances from 3 add up to 14.
  check(VARIANCE(@[ @0 ]), @[ @"f32 4: 1 2 3 6" ], @"f32 1: 3.5");
  check(VARIANCE(@[ @0 ]), @[ @"i32 4: 1 2 3 6" ], @"i32 1: 3");
  check(VARIANCE(@[ @1 ]), @[ @"f32 2x2: 1 3 5 5" ], @"f32 2x1: 1 0");
  check(BUILD(([g varianceOfTensor:in[0] meanTensor:in[1] axes:@[ @0 ] name:nil])), (@[ @"f32 4: 1 2 3 6", @"f32 1: 0" ]), @"f32 1: 12.5");
  // 0.25, were it not for the sum 4002 that f16 makes 4000.
  check(VARIANCE(@[ @0 ]), @[ @"f16 4: 1000 1001 1000 1001" ], @"f16 1: 0.5");
  checkRefused(BUILD(([g varianceOfTensor:in[0] meanTensor:in[1] axes:@[ @0 ] name:nil])), (@[ @"f32 2: 1 2", @"f32 2: 0 0" ]), @"a mean of shape [2]");
}

#define NORMALIZE(scale, shift)                                                                                                                                \
  BUILD(([g normalizationWithTensor:in[0] meanTensor:in[1] varianceTensor:in[2] gammaTensor:scale betaTensor:shift epsilon:3 name:nil]))

TEST(normalization) {
  // The deviation is sqrt(1 + 3).
  NSArray *operands = @[ @"f32 1x2: 1 3", @"f32 1x1: 2", @"f32 1x1: 1", @"f32 1x2: 2 4", @"f32 1x1: 1" ];
  check(NORMALIZE(nil, nil), [operands subarrayWithRange:NSMakeRange(0, 3)], @"f32 1x2: -0.5 0.5");
  check(NORMALIZE(in[3], in[4]), operands, @"f32 1x2: 0 3");
  check(NORMALIZE(in[3], nil), operands, @"f32 1x2: -1 2");
  check(NORMALIZE(nil, in[4]), operands, @"f32 1x2: 0.5 1.5");
  checkRefused(NORMALIZE(nil, nil), (@[ @"f32 1x2: 1 3", @"f32 1: 2", @"f32 1x1: 1" ]), @"mean of shape [1]");
  checkRefused(NORMALIZE(in[3], nil), (@[ @"f32 1x2: 1 3", @"f32 1x1: 2", @"f32 1x1: 1", @"f32 2: 1 1" ]), @"gamma of shape [2]");
  checkRefused(NORMALIZE(nil, nil), (@[ @"f16 1x2: 1 3", @"f32 1x1: 2", @"f32 1x1: 1" ]), @"same element type");
  checkRefused(NORMALIZE(nil, nil), (@[ @"f32 1x2: 1 3", @"f32 1x3: 2 2 2", @"f32 1x1: 1" ]), @"do not broadcast");
}

TEST(normalizationGradients) {
  NSArray *operands = @[ @"f32 1x2: 1 2", @"f32 1x2: 1 3", @"f32 1x1: 2", @"f32 1x1: 1" ];
  check(BUILD(([g normalizationGammaGradientWithIncomingGradientTensor:in[0]
                                                          sourceTensor:in[1]
                                                            meanTensor:in[2]
                                                        varianceTensor:in[3]
                                                         reductionAxes:@[ @1 ]
                                                               epsilon:3
                                                                  name:nil])),
        operands, @"f32 1x1: 0.5");
  check(BUILD(([g normalizationBetaGradientWithIncomingGradientTensor:in[0] sourceTensor:in[1] reductionAxes:@[ @1 ] name:nil])), operands, @"f32 1x1: 3");
}

TEST(softMaxGradient) {
  check(BUILD(([g softMaxGradientWithIncomingGradient:in[0] sourceTensor:in[1] axis:-1 name:nil])), (@[ @"f32 1x2: 1 3", @"f32 1x2: 7 7" ]), @"f32 1x2: -0.5 0.5");
  check(BUILD(([g softMaxGradientWithIncomingGradient:in[0] sourceTensor:in[1] axis:0 name:nil])), (@[ @"f32 2x2: 1 0 3 5", @"f32 2x2: 0 0 0 0" ]),
        @"f32 2x2: -0.5 -1.25 0.5 1.25");
}
