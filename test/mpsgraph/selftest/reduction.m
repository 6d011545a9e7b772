// Reductions: axes, NaN, precision, refusals.
#import "selftest.h"

#define ON(expression) ^id(MPSGraph *g, MPSGraphTensor **in) { (void)g; (void)in; return expression; }
#define SUM(list) ON([g reductionSumWithTensor:in[0] axes:list name:nil])

TEST(reductionAxes) {
  NSArray *x = @[ @"f32 2x3: 1 2 3 4 5 6" ];
  check(SUM(@[ @1 ]), x, @"f32 2x1: 6 15");
  check(SUM((@[ @-2, @0 ])), x, @"f32 1x3: 5 7 9");
  check(SUM((@[ @1, @0 ])), x, @"f32 1x1: 21");
  check(SUM(nil), x, @"f32 1x1: 21");
  check(SUM(@[]), x, @"f32 2x3: 1 2 3 4 5 6");
  checkRefused(SUM(@[ @2 ]), x, @"invalid axis 2");
  checkRefused(SUM(@[ @-3 ]), x, @"invalid axis -3");
  check(SUM((@[ @0, @2, @4 ])), @[ @"i32 2x1x2x2x1: 1 2 3 4 5 6 7 8" ], @"i32 1x1x1x2x1: 16 20");
}

TEST(reductionsOfNaN) {
  NSArray *x = @[ @"f32 3x3: 1 nan 3 nan nan nan 4 5 6" ];
  check(ON([g reductionMaximumWithTensor:in[0] axis:1 name:nil]), x, @"f32 3x1: 3 -inf 6");
  check(ON([g reductionMinimumWithTensor:in[0] axis:1 name:nil]), x, @"f32 3x1: 1 inf 4");
  check(ON([g reductionMaximumPropagateNaNWithTensor:in[0] axis:1 name:nil]), x, @"f32 3x1: nan nan 6");
  check(ON([g reductionMinimumPropagateNaNWithTensor:in[0] axes:@[ @1 ] name:nil]), x, @"f32 3x1: nan nan 4");
  check(ON([g reductionArgMaximumWithTensor:in[0] axis:1 name:nil]), x, @"i32 3x1: 2 -1 2");
  check(ON([g reductionArgMinimumWithTensor:in[0] axis:-1 name:nil]), x, @"i32 3x1: 0 -1 0");
  check(ON([g reductionSumWithTensor:in[0] axis:1 name:nil]), x, @"f32 3x1: nan nan 15");
  check(ON([g reductionAndWithTensor:in[0] axis:1 name:nil]), x, @"f32 3x1: 1 1 1");
  checkRefused(ON([g reductionMaximumPropagateNaNWithTensor:in[0] axis:0 name:nil]), @[ @"i32 1: 1" ], @"no kernel for i32");
}

TEST(argReductionsTakeTheFirst) {
  check(ON([g reductionArgMaximumWithTensor:in[0] axis:0 name:nil]), @[ @"f32 4: -0 0 -inf 0" ], @"i32 1: 0");
  check(ON([g reductionArgMinimumWithTensor:in[0] axis:0 name:nil]), @[ @"i32 4: 3 1 1 2" ], @"i32 1: 1");
  check(ON([g reductionArgMaximumWithTensor:in[0] axis:0 name:nil]), @[ @"f32 2: nan -inf" ], @"i32 1: 1");
}

TEST(sumsAccumulateInTheirType) {
  // In f16 2048 + 1 = 2048, in bf16 256 + 1 = 256, in f32 2^24 + 1 = 2^24; integers wrap.
  check(SUM(nil), @[ @"f16 3: 2048 1 1" ], @"f16 1: 2048");
  check(SUM(nil), @[ @"bf16 3: 256 1 1" ], @"bf16 1: 256");
  check(SUM(nil), @[ @"f32 3: 16777216 1 1" ], @"f32 1: 16777216");
  check(SUM(nil), @[ @"i32 2: 2147483647 1" ], @"i32 1: -2147483648");
  check(ON([g reductionProductWithTensor:in[0] axes:nil name:nil]), @[ @"i64 3: 4294967296 4294967296 3" ], @"i64 1: 0");
}

TEST(reductionKernels) {
  for (NSString *text in @[ @"i8 1: 1", @"i16 1: 1", @"u8 1: 1", @"u32 1: 1", @"u64 1: 1", @"bool 1: 1" ]) {
    checkRefused(SUM(nil), @[ text ], @"no kernel");
    checkRefused(ON([g reductionMaximumWithTensor:in[0] axis:0 name:nil]), @[ text ], @"no kernel");
    checkRefused(ON([g reductionArgMaximumWithTensor:in[0] axis:0 name:nil]), @[ text ], @"no kernel");
  }
  check(ON([g reductionOrWithTensor:in[0] axis:0 name:nil]), @[ @"u8 2: 0 7" ], @"u8 1: 1");
  checkRefused(ON([g reductionAndWithTensor:in[0] axis:4 name:nil]), @[ @"bool 1x1x1x1x1: 1" ], @"minor 4 dims");
  checkRefused(ON([g reductionOrWithTensor:in[0] axes:@[ @0 ] name:nil]), @[ @"bool 1x1x1x1x1: 1" ], @"minor 4 dims");
}
