// Products of matrices: hand arithmetic.
#import "build.h"

#define MATMUL BUILD(([g matrixMultiplicationWithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]))

TEST(matmul) {
  check(MATMUL, (@[ @"f32 2x3: 1 2 3 4 5 6", @"f32 3x2: 1 0 0 1 1 1" ]), @"f32 2x2: 4 5 10 11");
  // Batches broadcast.
  check(MATMUL, (@[ @"f32 2x1x1x2: 1 2 3 4", @"f32 3x2x1: 1 1 1 0 0 1" ]), @"f32 2x3x1x1: 3 1 2 7 3 4");
  check(MATMUL, (@[ @"f32 2x2x2: 1 2 3 4 5 6 7 8", @"f32 2x1: 1 -1" ]), @"f32 2x2x1: -1 -1 -1 -1");
  // In f16, 2048 + 1 would stay 2048 at each step; in f32 the sum is 2050.
  check(MATMUL, (@[ @"f16 1x3: 2048 1 1", @"f16 3x1: 1 1 1" ]), @"f16 1x1: 2050");
  // 2^24 + 1 is not an f32.
  check(MATMUL, (@[ @"f32 1x3: 16777216 1 1", @"f32 3x1: 1 1 1" ]), @"f32 1x1: 16777216");
  check(MATMUL, (@[ @"f32 1x1: 0x1p-130", @"f32 1x1: 0x1p20" ]), @"f32 1x1: 0");
  check(MATMUL, (@[ @"bf16 1x2: 1 inf", @"bf16 2x1: 1 0" ]), @"bf16 1x1: nan");
}

TEST(matmulRefuses) {
  checkRefused(MATMUL, (@[ @"i32 1x1: 1", @"i32 1x1: 1" ]), @"no kernel for i32");
  checkRefused(MATMUL, (@[ @"f32 1x1: 1", @"f16 1x1: 1" ]), @"same element type");
  checkRefused(MATMUL, (@[ @"f32 2: 1 2", @"f32 2x1: 1 2" ]), @"vectors are no matrices");
  checkRefused(MATMUL, (@[ @"f32 1x1x1x1x1: 1", @"f32 1x1: 1" ]), @"New volume should match old volume");
  checkRefused(MATMUL, (@[ @"f32 1x2: 1 2", @"f32 1x2: 1 2" ]), @"incompatible dimensions");
  checkRefused(MATMUL, (@[ @"f32 2x1x1: 1 2", @"f32 3x1x1: 1 2 3" ]), @"do not broadcast");
}

TEST(hammingDistance) {
  NSArray *bytes = @[ @"u8 2x2: 0 255 1 2", @"u8 3x2: 0 0 255 255 3 3" ];
  // 0 ff against 00 00, ff ff, 03 03; then 01 02 against the same.
  check(BUILD(([g HammingDistanceWithPrimaryTensor:in[0] secondaryTensor:in[1] resultDataType:MPSDataTypeUInt32 name:nil])), bytes, @"u32 2x3: 8 8 8 2 14 2");
  check(BUILD(([g HammingDistanceWithPrimaryTensor:in[0] secondaryTensor:in[1] resultDataType:MPSDataTypeUInt16 name:nil])),
        (@[ @"i32 1x1: -1", @"i32 1x1: 0" ]), @"u16 1x1: 32");
  checkRefused(BUILD(([g HammingDistanceWithPrimaryTensor:in[0] secondaryTensor:in[1] resultDataType:MPSDataTypeInt32 name:nil])), bytes, @"a result of type i32");
}

#define ATTENTION(masks) BUILD(([g scaledDotProductAttentionWithQueryTensor:in[0] keyTensor:in[1] valueTensor:in[2] maskTensor:masks scale:0.5f name:nil]))

TEST(attention) {
  // The scores are 0.5 * (0, ln 9): weights 1/4 and 3/4.
  NSArray *operands = @[ @"f32 1x1x1x2: 1 0", @"f32 1x1x2x2: 0 5 2.1972246 5", @"f32 1x1x2x2: 4 8 8 16" ];
  checkClose(ATTENTION(nil), operands, @"f32 1x1x1x2: 7 14", 4);
  checkClose(BUILD(([g scaledDotProductAttentionWithQueryTensor:in[0] keyTensor:in[1] valueTensor:in[2] scale:0.5f name:nil])), operands, @"f32 1x1x1x2: 7 14", 4);
  // A mask takes the second key out.
  checkClose(ATTENTION(in[3]), [operands arrayByAddingObject:@"f32 1x2: 0 -inf"], @"f32 1x1x1x2: 4 8", 1);
  check(ATTENTION(in[3]), [operands arrayByAddingObject:@"f32 1x2: -inf -inf"], @"f32 1x1x1x2: nan nan");
  checkRefused(ATTENTION(nil), (@[ @"f32 1x1x1x2: 1 0", @"f32 1x1x1x2: 1 0", @"f32 1x1x1x1: 1" ]), @"matching inner dimension");
  checkRefused(ATTENTION(in[3]), [operands arrayByAddingObject:@"f32 3x2: 0 0 0 0 0 0"], @"a mask of shape");
  checkRefused(ATTENTION(nil), (@[ @"f32 1x2: 1 0", @"f32 1x2: 1 0", @"f32 1x2: 1 0" ]), @"not 4");
}
