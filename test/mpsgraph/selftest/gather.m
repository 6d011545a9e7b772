// Gathers: values are those of NumPy's take, take_along_axis and fancy indexing.
#import "build.h"

#define GATHER(at, batch) BUILD(([g gatherWithUpdatesTensor:in[0] indicesTensor:in[1] axis:at batchDimensions:batch name:nil]))
#define GATHER_ND(batch) BUILD(([g gatherNDWithUpdatesTensor:in[0] indicesTensor:in[1] batchDimensions:batch name:nil]))
#define ALONG(at) BUILD(([g gatherAlongAxis:at withUpdatesTensor:in[0] indicesTensor:in[1] name:nil]))

static NSString *const table = @"f32 3x2: 1 2 3 4 5 6";

TEST(gather) {
  check(GATHER(0, 0), (@[ table, @"i32 2x2: 2 0 0 1" ]), @"f32 2x2x2: 5 6 1 2 1 2 3 4");
  check(GATHER(1, 0), (@[ table, @"i64 3: 1 0 1" ]), @"f32 3x3: 2 1 2 4 3 4 6 5 6");
  // Each row has its own index.
  check(GATHER(1, 1), (@[ table, @"i32 3x1: 1 0 1" ]), @"f32 3x1: 2 3 6");
  check(GATHER(2, 1), (@[ @"f32 2x2x2: 1 2 3 4 5 6 7 8", @"i32 2x1: 1 0" ]), @"f32 2x2x1: 2 4 5 7");
  check(BUILD(([g gatherWithUpdatesTensor:in[0] indicesTensor:[g reshapeTensor:in[1] withShape:@[] name:nil] axis:0 batchDimensions:0 name:nil])),
        (@[ table, @"i32 1: 1" ]), @"f32 2: 3 4");
  // Floats keep their bits.
  check(GATHER(0, 0), (@[ @"f32 2: 0x1p-140 -0", @"i32 2: 1 0" ]), @"f32 2: -0 0x1p-140");
  check(GATHER(0, 0), (@[ @"f16 2: nan -inf", @"i32 2: 1 0" ]), @"f16 2: -inf nan");
}

TEST(gatherRefuses) {
  checkRefused(GATHER(0, 0), (@[ table, @"i32 1: 3" ]), @"index 3 of 3 is out of range");
  checkRefused(GATHER(0, 0), (@[ table, @"i32 1: -1" ]), @"index -1 of 3 is out of range");
  checkRefused(GATHER(2, 0), (@[ table, @"i32 1: 0" ]), @"invalid axis 2");
  checkRefused(GATHER(0, 1), (@[ table, @"i32 3: 0 0 0" ]), @"batch dimensions for axis");
  checkRefused(GATHER(1, 1), (@[ table, @"i32 2: 0 0" ]), @"batch dimensions of");
  checkRefused(GATHER(0, 0), (@[ table, @"f32 1: 0" ]), @"indices of type f32");
  checkRefused(GATHER(0, 0), (@[ @"bool 1: 1", @"i32 1: 0" ]), @"no kernel for bool");
}

TEST(integersGoThroughFloat) {
  // 2^24 + 1 and 2^31 - 1 are no f32; u8 is taken for i8.
  check(GATHER(0, 0), (@[ @"i32 3: 16777217 -16777219 2147483500", @"i32 3: 0 1 2" ]), @"i32 3: 16777216 -16777220 2147483520");
  check(GATHER(0, 0), (@[ @"u32 2: 4294967295 16777217", @"i32 2: 0 1" ]), @"u32 2: 4294967295 16777216");
  check(GATHER(0, 0), (@[ @"i64 2: 9007199254740993 -5", @"i32 2: 0 1" ]), @"i64 2: 9007199254740992 -5");
  check(GATHER(0, 0), (@[ @"u64 2: 18446744073709551615 16777219", @"i32 2: 0 1" ]), @"u64 2: 18446744073709551615 16777220");
  check(GATHER(0, 0), (@[ @"u8 3: 127 128 255", @"i32 3: 0 1 2" ]), @"u8 3: 127 0 0");
  check(GATHER(0, 0), (@[ @"i8 2: -128 127", @"i32 2: 1 0" ]), @"i8 2: 127 -128");
  check(ALONG(0), (@[ @"i32 2: 16777217 1", @"i32 2: 1 0" ]), @"i32 2: 1 16777216");
  check(GATHER_ND(0), (@[ @"i32 2: 16777217 1", @"i32 2x1: 1 0" ]), @"i32 2: 1 16777216");
  // The way around.
  check(BUILD(([g reinterpretCastTensor:[g gatherWithUpdatesTensor:[g reinterpretCastTensor:in[0] toType:MPSDataTypeFloat32 name:nil]
                                                      indicesTensor:in[1]
                                                               axis:0
                                                    batchDimensions:0
                                                               name:nil]
                                 toType:MPSDataTypeInt32
                                   name:nil])),
        (@[ @"i32 3: 16777217 1 -1", @"i32 3: 2 1 0" ]), @"i32 3: -1 1 16777217");
}

TEST(gatherND) {
  check(GATHER_ND(0), (@[ table, @"i32 2x2: 2 1 0 0" ]), @"f32 2: 6 1");
  check(GATHER_ND(0), (@[ table, @"i32 2x1x1: 2 0" ]), @"f32 2x1x2: 5 6 1 2");
  check(GATHER_ND(1), (@[ table, @"i32 3x1: 1 0 1" ]), @"f32 3: 2 3 6");
  check(GATHER_ND(1), (@[ @"f32 2x2x2: 1 2 3 4 5 6 7 8", @"i32 2x1x1: 1 0" ]), @"f32 2x1x2: 3 4 5 6");
  checkRefused(GATHER_ND(0), (@[ table, @"i32 1x2: 0 2" ]), @"index 2 of 2 is out of range");
  checkRefused(GATHER_ND(0), (@[ table, @"i32 1x3: 0 0 0" ]), @"index vectors of 3");
  checkRefused(GATHER_ND(1), (@[ table, @"i32 2x1: 0 0" ]), @"batch dimensions of");
}

TEST(gatherAlongAxis) {
  check(ALONG(0), (@[ table, @"i32 1x2: 2 0" ]), @"f32 1x2: 5 2");
  check(ALONG(-1), (@[ table, @"i32 3x3: 0 1 0 1 1 1 0 0 0" ]), @"f32 3x3: 1 2 1 4 4 4 5 5 5");
  // Out of range: zero.
  check(ALONG(0), (@[ table, @"i32 2x2: 3 0 1 9" ]), @"f32 2x2: 0 2 3 0");
  check(ALONG(0), (@[ @"i32 2: 1 2", @"i32 1: 2" ]), @"i32 1: 0");
  check(BUILD(([g gatherAlongAxisTensor:integers(g, @[ @1 ]) withUpdatesTensor:in[0] indicesTensor:in[1] name:nil])), (@[ table, @"i32 3x1: 0 1 0" ]),
        @"f32 3x1: 1 4 5");
  checkRefused(ALONG(0), (@[ table, @"i32 1x2: -1 0" ]), @"is negative");
  checkRefused(ALONG(0), (@[ table, @"i32 1x1: 0" ]), @"for [3, 2] along axis 0");
  checkRefused(ALONG(0), (@[ table, @"i32 2: 0 0" ]), @"for [3, 2] along axis 0");
}
