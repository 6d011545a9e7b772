// Shapes, element types, literals.
#import "selftest.h"
#include <math.h>

TEST(halfRoundsToNearestEven) {
  // 11 significant bits: 2049 lies between 2048 and 2050, 2051 between 2050 and 2052.
  CHECK(floatFromHalf(halfFromFloat(2049.0f)) == 2048.0f);
  CHECK(floatFromHalf(halfFromFloat(2051.0f)) == 2052.0f);
  CHECK(floatFromHalf(halfFromFloat(65519.0f)) == 65504.0f);
  CHECK(isinf(floatFromHalf(halfFromFloat(65520.0f))));
  CHECK(halfFromFloat(0x1p-24f) == 1);
  CHECK(halfFromFloat(0x1p-25f) == 0); // half of the smallest, to even
  CHECK(halfFromFloat(0x1.8p-25f) == 1);
  CHECK(halfFromFloat(-0.0f) == 0x8000);
  CHECK(halfFromFloat(1.0f) == 0x3c00);
  CHECK(isnan(floatFromHalf(halfFromFloat(NAN))));
  for (uint32_t bits = 0; bits < 0x7c00; bits++) CHECK(halfFromFloat(floatFromHalf((uint16_t)bits)) == bits);
}

TEST(brainRoundsToNearestEven) {
  // 8 significant bits.
  CHECK(rounded(MPSDataTypeBFloat16, 257) == 256);
  CHECK(rounded(MPSDataTypeBFloat16, 259) == 260);
  CHECK(isinf(rounded(MPSDataTypeBFloat16, 3.4e38)));
  CHECK(isnan(rounded(MPSDataTypeBFloat16, NAN)));
}

TEST(shapesAreChecked) {
  checkRaises(^{ shapeFrom(@[ @2, @0 ], @selector(shape)); }, @"size 0 of axis 1");
  checkRaises(^{ shapeFrom(@[ @-1 ], @selector(shape)); }, @"size -1");
  checkRaises(^{ shapeFrom(nil, @selector(shape)); }, @"nil");
  checkRaises(^{ shapeFrom(@[ @65536, @65536 ], @selector(shape)); }, @"2^31");
  NSMutableArray *many = [NSMutableArray array];
  for (int at = 0; at < 16; at++) [many addObject:@1];
  CHECK(shapeFrom(many, @selector(shape)).rank == 16);
  [many addObject:@1];
  checkRaises(^{ shapeFrom(many, @selector(shape)); }, @"rank 17");
}

TEST(broadcastingIsRightAligned) {
  const Shape a = {.rank = 3, .size = {2, 1, 3}}, b = {.rank = 2, .size = {4, 1}};
  const Shape both = broadcastShapes(a, b, @selector(shape));
  CHECK(both.rank == 3 && both.size[0] == 2 && both.size[1] == 4 && both.size[2] == 3);
  const Broadcast first = broadcastTo(a, both), second = broadcastTo(b, both);
  // Element [1, 2, 1] of the result.
  CHECK(broadcastIndex(&first, 19) == 4);
  CHECK(broadcastIndex(&second, 19) == 2);
  checkRaises(^{ broadcastShapes((Shape){.rank = 1, .size = {3}}, (Shape){.rank = 1, .size = {2}}, @selector(shape)); }, @"do not broadcast");
}

TEST(axesAreNormalized) {
  const Axes some = axesFrom(@[ @-1, @0, @2 ], true, 3, @selector(shape));
  CHECK(some.count == 2 && some.axis[0] == 0 && some.axis[1] == 2);
  CHECK(axesFrom(nil, true, 3, @selector(shape)).count == 3);
  CHECK(axesFrom(@[], true, 3, @selector(shape)).count == 0);
  checkRaises(^{ axesFrom(@[ @3 ], true, 3, @selector(shape)); }, @"invalid axis 3");
}

TEST(denormalsAreFlushedWhereHardwareDoes) {
  CHECK(flushed(MPSDataTypeFloat32, 0x1p-127) == 0);
  CHECK(signbit(flushed(MPSDataTypeFloat32, -0x1p-127)));
  CHECK(flushed(MPSDataTypeFloat32, 0x1p-126) == 0x1p-126);
  CHECK(flushed(MPSDataTypeFloat16, 0x1p-24) == 0x1p-24);
}
