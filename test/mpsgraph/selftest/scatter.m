// Scatters: hand arithmetic.
#import "build.h"

#define SCATTER_ND(how) BUILD(([g scatterNDWithDataTensor:in[0] updatesTensor:in[1] indicesTensor:in[2] batchDimensions:0 mode:MPSGraphScatterMode##how name:nil]))
#define SCATTER(at, how) BUILD(([g scatterWithDataTensor:in[0] updatesTensor:in[1] indicesTensor:in[2] axis:at mode:MPSGraphScatterMode##how name:nil]))
#define ALONG(at, how) BUILD(([g scatterAlongAxis:at withDataTensor:in[0] updatesTensor:in[1] indicesTensor:in[2] mode:MPSGraphScatterMode##how name:nil]))

static NSString *const tens = @"f32 4: 10 20 30 40";

TEST(scatterModes) {
  NSArray *operands = @[ tens, @"f32 2: 2 50", @"i32 2x1: 3 1" ];
  check(SCATTER_ND(Add), operands, @"f32 4: 10 70 30 42");
  check(SCATTER_ND(Sub), operands, @"f32 4: 10 -30 30 38");
  check(SCATTER_ND(Mul), operands, @"f32 4: 10 1000 30 80");
  check(SCATTER_ND(Div), operands, @"f32 4: 10 0x1.99999ap-2 30 20");
  check(SCATTER_ND(Min), operands, @"f32 4: 10 20 30 2");
  check(SCATTER_ND(Max), operands, @"f32 4: 10 50 30 40");
  check(SCATTER_ND(Set), operands, @"f32 4: 10 50 30 2");
  check(SCATTER(0, Add), (@[ @"i32 2x2: 1 2 3 4", @"i32 3x2: 10 10 20 20 30 30", @"i32 3: 1 0 1" ]), @"i32 2x2: 21 22 43 44");
  check(SCATTER(-1, Max), (@[ @"i32 1x3: 5 5 5", @"i32 1x2: 9 -9", @"i32 2: 2 0" ]), @"i32 1x3: 5 5 9");
  checkRefused(BUILD(([g scatterNDWithDataTensor:in[0] updatesTensor:in[1] indicesTensor:in[2] batchDimensions:0 mode:7 name:nil])), operands, @"mode 7");
}

TEST(scatterND) {
  check(SCATTER_ND(Add), (@[ @"f32 2x2: 1 1 1 1", @"f32 2x2: 1 2 3 4", @"i32 2x1: 1 1" ]), @"f32 2x2: 1 1 5 7");
  check(SCATTER_ND(Set), (@[ @"f32 2x2: 1 2 3 4", @"f32 1: 9", @"i32 1x2: 1 0" ]), @"f32 2x2: 1 2 9 4");
  // Without data: zeros, added to.
  check(BUILD(([g scatterNDWithUpdatesTensor:in[0] indicesTensor:in[1] shape:@[ @3 ] batchDimensions:0 name:nil])), (@[ @"f32 3: 1 2 3", @"i32 3x1: 2 2 0" ]),
        @"f32 3: 3 0 3");
  check(BUILD(([g scatterNDWithUpdatesTensor:in[0] indicesTensor:in[1] shape:@[ @3 ] batchDimensions:0 mode:MPSGraphScatterModeSet name:nil])),
        (@[ @"f32 1: 5", @"i32 1x1: 1" ]), @"f32 3: 0 5 0");
  // No order of updates is promised: here the first of two that set one element stays.
  check(SCATTER_ND(Set), (@[ tens, @"f32 2: 1 2", @"i32 2x1: 0 0" ]), @"f32 4: 1 20 30 40");
  // And this sum is 0 from left to right, but 1 from the last update on.
  check(SCATTER_ND(Add), (@[ @"f32 1: 0", @"f32 3: 1 1e20 -1e20", @"i32 3x1: 0 0 0" ]), @"f32 1: 1");
}

TEST(scatterNDRefuses) {
  checkRefused(SCATTER_ND(Add), (@[ tens, @"f32 1: 1", @"i32 1x1: 4" ]), @"index 4 of 4 is out of range");
  checkRefused(SCATTER_ND(Add), (@[ tens, @"f32 1: 1", @"i32 1x1: -1" ]), @"index -1 of 4 is out of range");
  checkRefused(SCATTER_ND(Add), (@[ tens, @"f32 2: 1 2", @"i32 1x1: 0" ]), @"updates [2]");
  checkRefused(SCATTER_ND(Add), (@[ tens, @"f32 1x1: 1", @"i32 1x1x1: 0" ]), @"updates of rank 2 for data of rank 1");
  checkRefused(SCATTER_ND(Set), (@[ @"f16 1: 1", @"f16 1: 1", @"i32 1x1: 0" ]), @"scatterND of f16 is wrong");
  checkRefused(SCATTER_ND(Set), (@[ tens, @"i32 1: 1", @"i32 1x1: 0" ]), @"same element type");
  checkRefused(BUILD(([g scatterNDWithDataTensor:in[0] updatesTensor:in[1] indicesTensor:in[2] batchDimensions:1 mode:MPSGraphScatterModeSet name:nil])),
               (@[ @"f32 1x1: 1", @"f32 1x1: 1", @"i32 1x1x1: 0" ]), @"batched scatters crash");
}

TEST(scatterOfIntegers) {
  // Everything goes through float32, also what no update touches.
  check(SCATTER_ND(Set), (@[ @"i32 2: 16777217 5", @"i32 1: 16777219", @"i32 1x1: 1" ]), @"i32 2: 16777216 16777220");
  check(SCATTER_ND(Add), (@[ @"i32 1: 16777216", @"i32 1: 1", @"i32 1x1: 0" ]), @"i32 1: 16777216");
  check(SCATTER_ND(Min), (@[ @"u32 1: 7", @"u32 1: 3", @"i32 1x1: 0" ]), @"u32 1: 3");
  for (NSString *type in @[ @"u8", @"i8", @"i16", @"u16" ]) {
    NSString *one = [type stringByAppendingString:@" 1: 1"];
    checkRefused(SCATTER_ND(Set), (@[ one, one, @"i32 1x1: 0" ]), @"are wrong");
    checkRefused(SCATTER(0, Add), (@[ one, one, @"i32 1: 0" ]), @"are wrong");
  }
  checkRefused(SCATTER_ND(Set), (@[ @"i64 1: 1", @"i64 1: 1", @"i32 1x1: 0" ]), @"no kernel for i64");
  checkRefused(ALONG(0, Set), (@[ @"bool 1: 1", @"bool 1: 1", @"i32 1: 0" ]), @"no kernel for bool");
  // Floats that are set keep their bits: the way around, once more.
  check(SCATTER_ND(Set), (@[ @"f32 2: 0x1p-149 0", @"f32 1: -0x1p-140", @"i32 1x1: 1" ]), @"f32 2: 0x1p-149 -0x1p-140");
}

TEST(scatterAxis) {
  check(BUILD(([g scatterWithUpdatesTensor:in[0] indicesTensor:in[1] shape:@[ @1, @4 ] axis:1 mode:MPSGraphScatterModeAdd name:nil])),
        (@[ @"f16 1x3: 1 2 4", @"i32 3: 3 0 3" ]), @"f16 1x4: 2 0 0 5");
  checkRefused(SCATTER(0, Add), (@[ tens, @"f32 1: 1", @"i32 1: 4" ]), @"out of range");
  checkRefused(SCATTER(0, Add), (@[ tens, @"f32 1: 1", @"i32 1x1: 0" ]), @"indices [1, 1]");
  checkRefused(SCATTER(0, Add), (@[ tens, @"f32 1x1: 1", @"i32 1: 0" ]), @"for [4] along axis 0");
  checkRefused(SCATTER(1, Add), (@[ tens, @"f32 1: 1", @"i32 1: 0" ]), @"invalid axis 1");
}

TEST(scatterAlongAxis) {
  check(ALONG(1, Add), (@[ @"f32 2x3: 0 0 0 0 0 0", @"f32 2x2: 1 2 3 4", @"i32 2x2: 2 0 1 1" ]), @"f32 2x3: 2 0 1 0 7 0");
  // Out of range: skipped.
  check(ALONG(0, Set), (@[ tens, @"f32 2: 1 2", @"i32 2: 4 3" ]), @"f32 4: 10 20 30 2");
  check(BUILD(([g scatterAlongAxis:0 withUpdatesTensor:in[0] indicesTensor:in[1] shape:@[ @2 ] mode:MPSGraphScatterModeAdd name:nil])),
        (@[ @"f32 2: 1 2", @"i32 2: 1 1" ]), @"f32 2: 0 3");
  check(BUILD(([g scatterAlongAxisTensor:integers(g, @[ @-1 ]) withDataTensor:in[0] updatesTensor:in[1] indicesTensor:in[2] mode:MPSGraphScatterModeSet name:nil])),
        (@[ tens, @"f32 1: 1", @"i32 1: 2" ]), @"f32 4: 10 20 1 40");
  checkRefused(ALONG(0, Set), (@[ tens, @"f32 1: 1", @"i32 1: -1" ]), @"is negative");
  checkRefused(ALONG(0, Set), (@[ tens, @"f32 2: 1 2", @"i32 1: 1" ]), @"indices [1] for updates [2]");
}
