// Complex tensors and Fourier transforms: values are those of NumPy.
#import "build.h"

static MPSGraphFFTDescriptor *transform(MPSGraphFFTScalingMode mode, BOOL inverse) {
  MPSGraphFFTDescriptor *descriptor = [MPSGraphFFTDescriptor descriptor];
  descriptor.scalingMode = mode;
  descriptor.inverse = inverse;
  return descriptor;
}

#define COMPLEX [g complexTensorWithRealTensor:in[0] imaginaryTensor:in[1] name:nil]
#define PARTS(tensor) ^id(MPSGraph * g, MPSGraphTensor * *in) { \
  MPSGraphTensor *z = tensor; \
  return @[ [g realPartOfTensor:z name:nil], [g imaginaryPartOfTensor:z name:nil] ]; \
}

TEST(complexParts) {
  NSArray *parts = @[ @"f32 2x2: 1 2 3 4", @"f32 2x2: 5 6 -7 8" ];
  check(PARTS(COMPLEX), parts, parts);
  check(PARTS([g conjugateWithTensor:COMPLEX name:nil]), parts, @[ @"f32 2x2: 1 2 3 4", @"f32 2x2: -5 -6 7 -8" ]);
  checkRefused(BUILD(COMPLEX), @[ @"f16 1: 1", @"f16 1: 1" ], @"parts of type f16");
  checkRefused(BUILD(COMPLEX), @[ @"f32 2: 1 2", @"f32 1: 1" ], @"parts of shapes");
  checkRefused(BUILD([g realPartOfTensor:in[0] name:nil]), @[ @"f32 1: 1" ], @"no kernel for f32");
  checkRefused(BUILD(([g additionWithPrimaryTensor:COMPLEX secondaryTensor:COMPLEX name:nil])), @[ @"f32 1: 1", @"f32 1: 1" ], @"no kernel for c64");
}

TEST(fastFourierTransform) {
  NSArray *parts = @[ @"f32 4: 1 2 3 4", @"f32 4: 0 1 0 -1" ];
  check(PARTS(([g fastFourierTransformWithTensor:COMPLEX axes:@[ @0 ] descriptor:transform(MPSGraphFFTScalingModeNone, NO) name:nil])), parts,
        @[ @"f32 4: 10 0 -2 -4", @"f32 4: 0 2 0 -2" ]);
  check(PARTS(([g fastFourierTransformWithTensor:COMPLEX axes:@[ @-1 ] descriptor:transform(MPSGraphFFTScalingModeSize, YES) name:nil])), parts,
        @[ @"f32 4: 2.5 -1 -0.5 0", @"f32 4: 0 -0.5 0 0.5" ]);
  checkClose(PARTS(([g fastFourierTransformWithTensor:COMPLEX axes:@[ @0, @1 ] descriptor:transform(MPSGraphFFTScalingModeUnitary, NO) name:nil])),
             @[ @"f32 2x2: 1 2 3 4", @"f32 2x2: 0 0 0 0" ], @[ @"f32 2x2: 5 -1 -2 0", @"f32 2x2: 0 0 0 0" ], 1);
  checkRefused(BUILD(([g fastFourierTransformWithTensor:COMPLEX axes:@[] descriptor:transform(MPSGraphFFTScalingModeNone, NO) name:nil])), parts, @"no axes");
  checkRefused(BUILD(([g fastFourierTransformWithTensor:in[0] axes:@[ @0 ] descriptor:transform(MPSGraphFFTScalingModeNone, NO) name:nil])), parts, @"no kernel for f32");
}

TEST(hermitianTransforms) {
  check(PARTS(([g realToHermiteanFFTWithTensor:in[0] axes:@[ @0 ] descriptor:transform(MPSGraphFFTScalingModeNone, NO) name:nil])), @[ @"f32 4: 1 2 3 4" ],
        @[ @"f32 3: 10 -2 -2", @"f32 3: 0 2 0" ]);
  check(BUILD(([g HermiteanToRealFFTWithTensor:COMPLEX axes:@[ @0 ] descriptor:transform(MPSGraphFFTScalingModeSize, YES) name:nil])),
        @[ @"f32 3: 10 -2 -2", @"f32 3: 0 2 0" ], @"f32 4: 1 2 3 4");
  MPSGraphFFTDescriptor *odd = transform(MPSGraphFFTScalingModeSize, YES);
  odd.roundToOddHermitean = YES;
  checkClose(BUILD(([g HermiteanToRealFFTWithTensor:COMPLEX axes:@[ @0 ] descriptor:odd name:nil])), @[ @"f32 2: 6 -1.5", @"f32 2: 0 0.8660254" ], @"f32 3: 1 2 3", 2);
  check(BUILD(([g HermiteanToRealFFTWithTensor:COMPLEX axes:@[ @0 ] descriptor:transform(MPSGraphFFTScalingModeSize, YES) name:nil])),
        @[ @"f32 2: 1 1", @"f32 2: 1 0" ], @"f32 2: nan nan");
  checkRefused(BUILD(([g HermiteanToRealFFTWithTensor:COMPLEX axes:@[ @0 ] descriptor:transform(MPSGraphFFTScalingModeNone, NO) name:nil])),
               @[ @"f32 2: 1 1", @"f32 2: 0 0" ], @"a forward transform");
}
