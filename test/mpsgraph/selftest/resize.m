// Resizing: values are those of PyTorch's interpolate, and positions worked out by hand.
#import "build.h"

#define NCHW MPSGraphTensorNamedDataLayoutNCHW
#define BILINEAR(sizes, center, corners) \
  BUILD(([g resizeTensor:in[0] size:sizes mode:MPSGraphResizeBilinear centerResult:center alignCorners:corners layout:NCHW name:nil]))
#define NEAREST(width, rounding) \
  BUILD(([g resizeNearestWithTensor:in[0] sizeTensor:integers(g, @[ @1, width ]) nearestRoundingMode:MPSGraphResizeNearestRoundingMode##rounding centerResult:YES \
                       alignCorners:NO layout:NCHW name:nil]))

static NSString *const line = @"f32 1x1x1x6: 0 1 2 3 4 5";

TEST(resizeBilinear) {
  check(BILINEAR((@[ @1, @4 ]), NO, NO), @[ @"f32 1x1x1x2: 0 4" ], @"f32 1x1x1x4: 0 2 4 4");
  check(BILINEAR((@[ @1, @4 ]), YES, NO), @[ @"f32 1x1x1x2: 0 4" ], @"f32 1x1x1x4: 0 1 3 4");
  check(BILINEAR((@[ @1, @5 ]), NO, YES), @[ @"f32 1x1x1x2: 0 4" ], @"f32 1x1x1x5: 0 1 2 3 4");
  check(BILINEAR((@[ @4, @2 ]), YES, NO), @[ @"f32 1x1x2x2: 0 4 8 12" ], @"f32 1x1x4x2: 0 4 2 6 6 10 8 12");
  check(BUILD(([g resizeWithGradientTensor:in[0] input:in[1] mode:MPSGraphResizeBilinear centerResult:YES alignCorners:NO layout:NCHW name:nil])),
        (@[ @"f32 1x1x1x4: 1 4 8 2", @"f32 1x1x1x2: 0 0" ]), @"f32 1x1x1x2: 6 9");
}

TEST(resizeNearest) {
  check(NEAREST(@3, RoundPreferCeil), @[ line ], @"f32 1x1x1x3: 1 3 5");
  check(NEAREST(@3, RoundPreferFloor), @[ line ], @"f32 1x1x1x3: 0 2 4");
  check(NEAREST(@3, Ceil), @[ line ], @"f32 1x1x1x3: 1 3 5");
  check(NEAREST(@3, Floor), @[ line ], @"f32 1x1x1x3: 0 2 4");
  check(NEAREST(@3, RoundToEven), @[ line ], @"f32 1x1x1x3: 0 2 4");
  check(NEAREST(@3, RoundToOdd), @[ line ], @"f32 1x1x1x3: 1 3 5");
  check(BUILD(([g resizeNearestWithGradientTensor:in[0]
                                            input:in[1]
                              nearestRoundingMode:MPSGraphResizeNearestRoundingModeFloor
                                     centerResult:NO
                                     alignCorners:NO
                                           layout:NCHW
                                             name:nil])),
        (@[ @"f32 1x1x1x4: 1 4 8 2", @"f32 1x1x1x2: 0 0" ]), @"f32 1x1x1x2: 5 10");
}

TEST(resizeRefuses) {
  checkRefused(BILINEAR((@[ @1, @4 ]), YES, YES), @[ line ], @"centerResult with alignCorners");
  checkRefused(BILINEAR((@[ @1, @1 ]), NO, YES), @[ line ], @"alignCorners of one element");
  checkRefused(BILINEAR((@[ @4 ]), NO, NO), @[ line ], @"1 sizes");
  checkRefused(BILINEAR((@[ @0, @4 ]), NO, NO), @[ line ], @"size 0 x 4");
  checkRefused(BILINEAR((@[ @1, @4 ]), NO, NO), @[ @"f32 2x2: 1 2 3 4" ], @"rank 2, not 4");
  checkRefused(BILINEAR((@[ @1, @4 ]), NO, NO), @[ @"i32 1x1x1x2: 1 2" ], @"no kernel for i32");
}
