// Sampling: values are those of PyTorch's grid_sample.
#import "build.h"

#define SAMPLE(corners, mode) \
  BUILD(([g sampleGridWithSourceTensor:in[0] coordinateTensor:in[1] layout:MPSGraphTensorNamedDataLayoutNCHW normalizeCoordinates:YES relativeCoordinates:NO \
                          alignCorners:corners paddingMode:mode samplingMode:MPSGraphResizeBilinear constantValue:0 name:nil]))
#define NEAREST(corners, mode) \
  BUILD(([g sampleGridWithSourceTensor:in[0] coordinateTensor:in[1] layout:MPSGraphTensorNamedDataLayoutNCHW normalizeCoordinates:YES relativeCoordinates:NO \
                          alignCorners:corners paddingMode:mode nearestRoundingMode:MPSGraphResizeNearestRoundingModeRoundToEven constantValue:0 name:nil]))

static NSString *const line = @"f32 1x1x1x4: 1 2 4 8";

TEST(sampleGrid) {
  // Positions -0.5, 1.5, 3.5, and with aligned corners 0, 1.5, 3; height has one element, at 0.
  NSString *const inner = @"f32 1x1x3x2: -1 0 0 0 1 0";
  check(SAMPLE(NO, MPSGraphPaddingModeZero), (@[ line, inner ]), @"f32 1x1x1x3: 0.5 3 4");
  check(SAMPLE(NO, MPSGraphPaddingModeClampToEdge), (@[ line, inner ]), @"f32 1x1x1x3: 1 3 8");
  check(SAMPLE(YES, MPSGraphPaddingModeZero), (@[ line, inner ]), @"f32 1x1x1x3: 1 3 8");
  // Positions -1.5 and 5.5.
  check(SAMPLE(NO, MPSGraphPaddingModeSymmetric), (@[ line, @"f32 1x1x2x2: -1.5 0 2 0" ]), @"f32 1x1x1x2: 1.5 3");
  // Positions -1.5 and 4.5 of [3, 4] along the height.
  check(SAMPLE(YES, MPSGraphPaddingModeReflect), (@[ @"f32 1x1x4x2: 1 1 2 2 4 4 8 8", @"f32 1x1x2x2: -1 -2 1 2" ]), @"f32 1x1x1x2: 3 3");
  // Halves go to even places.
  check(NEAREST(NO, MPSGraphPaddingModeZero), (@[ line, inner ]), @"f32 1x1x1x3: 1 4 0");
}

TEST(sampleGridRefuses) {
  checkRefused(SAMPLE(NO, MPSGraphPaddingModeReflect), (@[ line, @"f32 1x1x1x2: 0 0" ]), @"reflection at a single element");
  checkRefused(SAMPLE(NO, MPSGraphPaddingModeZero), (@[ line, @"f32 1x1x1x3: 0 0 0" ]), @"coordinates");
  checkRefused(SAMPLE(NO, MPSGraphPaddingModeZero), (@[ line, @"f32 1x1x1x2: nan 0" ]), @"not documented");
  checkRefused(SAMPLE(NO, MPSGraphPaddingModeZero), (@[ @"f32 2x2: 1 2 3 4", @"f32 1x1x1x2: 0 0" ]), @"not 4");
}
