// Gradients of normalization and of softmax: hand arithmetic.
#import "build.h"

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
