// Means, variances, normalization.
#import "selftest.h"

#define ON(expression) ^id(MPSGraph *g, MPSGraphTensor **in) { (void)g; (void)in; return expression; }
#define NORMALIZE(m, v, gamma, beta, e) ON([g normalizationWithTensor:in[0] meanTensor:m varianceTensor:v gammaTensor:gamma betaTensor:beta epsilon:e name:nil])

TEST(means) {
  NSArray *x = @[ @"f32 2x4: 1 2 3 6 0 -1 1 0" ];
  check(ON([g meanOfTensor:in[0] axes:@[ @1 ] name:nil]), x, @"f32 2x1: 3 0");
  check(ON([g meanOfTensor:in[0] axes:(@[ @0, @1 ]) name:nil]), x, @"f32 1x1: 1.5");
  check(ON([g meanOfTensor:in[0] axes:@[ @-2 ] name:nil]), x, @"f32 1x4: 0.5 0.5 2 3");
  checkRefused(ON([g meanOfTensor:in[0] axes:@[ @2 ] name:nil]), x, @"invalid axis 2");
  checkRefused(ON([g meanOfTensor:in[0] axes:@[ @0 ] name:nil]), @[ @"i32 2: 1 2" ], @"i32");
}

TEST(variances) {
  NSArray *x = @[ @"f32 2x4: 1 2 3 6 0 -1 1 0", @"f32 2x1: 3 0" ];
  check(ON([g varianceOfTensor:in[0] axes:@[ @1 ] name:nil]), x, @"f32 2x1: 3.5 0.5");
  check(ON([g varianceOfTensor:in[0] meanTensor:in[1] axes:@[ @1 ] name:nil]), x, @"f32 2x1: 3.5 0.5");
  // 0.25, were it not for the sum 4002 that f16 makes 4000.
  check(ON([g varianceOfTensor:in[0] axes:@[ @0 ] name:nil]), @[ @"f16 4: 1000 1001 1000 1001" ], @"f16 1: 0.5");
  checkRefused(ON([g varianceOfTensor:in[0] meanTensor:in[1] axes:@[ @0 ] name:nil]), x, @"a mean [2, 1] for a variance [1, 4]");
}

TEST(normalization) {
  NSArray *x = @[ @"f32 2x2: 1 5 -2 2", @"f32 2x1: 3 0", @"f32 2x1: 3 15", @"f32 1x2: 1 10", @"f32 2: 1 2" ];
  check(NORMALIZE(in[1], in[2], nil, nil, 1), x, @"f32 2x2: -1 1 -0.5 0.5");
  check(NORMALIZE(in[1], in[2], in[3], nil, 1), x, @"f32 2x2: -1 10 -0.5 5");
  check(NORMALIZE(in[1], in[2], nil, in[3], 1), x, @"f32 2x2: 0 11 0.5 10.5");
  check(NORMALIZE(in[1], in[2], in[3], in[3], 1), x, @"f32 2x2: 0 20 0.5 15");
  checkRefused(NORMALIZE(in[1], in[2], in[4], nil, 1), x, @"a gamma [2] for a tensor of shape [2, 2]");
  checkRefused(NORMALIZE(in[0], in[2], in[3], nil, 1), (@[ @"f32 2x2: 1 5 -2 2", @"f32 1: 1", @"f16 2x1: 1 1", @"f32 1x2: 1 1" ]), @"f16");
}
