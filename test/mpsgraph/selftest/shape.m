// The operations on shapes: values are those of the NumPy functions of the same names.
#import "build.h"

static NSString *const six = @"i32 2x3: 1 2 3 4 5 6";
// nil, where the declarations forbid to write it.
static NSArray *none;
static NSString *const cube = @"f32 2x2x3: 0 1 2 3 4 5 6 7 8 9 10 11";

TEST(reshape) {
  check(BUILD(([g reshapeTensor:in[0] withShape:@[ @3, @2 ] name:nil])), @[ six ], @"i32 3x2: 1 2 3 4 5 6");
  check(BUILD(([g reshapeTensor:in[0] withShape:@[ @1, @-1, @2, @1 ] name:nil])), @[ six ], @"i32 1x3x2x1: 1 2 3 4 5 6");
  check(BUILD(([g reshapeTensor:in[0] withShapeTensor:integers(g, @[ @-1 ]) name:nil])), @[ six ], @"i32 6: 1 2 3 4 5 6");
  check(BUILD(([g reshapeTensor:[g reshapeTensor:in[0] withShape:@[] name:nil] withShape:@[ @1 ] name:nil])), @[ @"bool 1x1: 1" ], @"bool 1: 1");
  checkRefused(BUILD(([g reshapeTensor:in[0] withShape:@[ @-1, @-1 ] name:nil])), @[ six ], @"two sizes of -1");
  checkRefused(BUILD(([g reshapeTensor:in[0] withShape:@[ @4, @2 ] name:nil])), @[ six ], @"New volume should match old volume");
  checkRefused(BUILD(([g reshapeTensor:in[0] withShape:@[ @4, @-1 ] name:nil])), @[ six ], @"do not divide by 4");
  checkRefused(BUILD(([g reshapeTensor:in[0] withShape:@[ @0, @-1 ] name:nil])), @[ six ], @"a size of 0");
  checkRefused(BUILD(([g reshapeTensor:in[0] withShapeTensor:in[1] name:nil])), (@[ six, @"i32 1: -1" ]), @"non constant tensor");
}

TEST(squeezeAndExpand) {
  NSString *narrow = @"u8 1x3x1: 7 8 9";
  check(BUILD(([g squeezeTensor:in[0] name:nil])), @[ narrow ], @"u8 3: 7 8 9");
  check(BUILD(([g squeezeTensor:in[0] axis:-1 name:nil])), @[ narrow ], @"u8 1x3: 7 8 9");
  check(BUILD(([g squeezeTensor:in[0] axes:@[] name:nil])), @[ narrow ], narrow);
  check(BUILD(([g squeezeTensor:in[0] axes:none name:nil])), @[ narrow ], narrow);
  check(BUILD(([g squeezeTensor:in[0] axesTensor:integers(g, (@[ @0, @2 ])) name:nil])), @[ narrow ], @"u8 3: 7 8 9");
  checkRefused(BUILD(([g squeezeTensor:in[0] axis:1 name:nil])), @[ narrow ], @"squeezed axis must have length 1");
  checkRefused(BUILD(([g squeezeTensor:in[0] axis:3 name:nil])), @[ narrow ], @"invalid axis 3");

  check(BUILD(([g expandDimsOfTensor:in[0] axis:-1 name:nil])), @[ six ], @"i32 2x3x1: 1 2 3 4 5 6");
  check(BUILD(([g expandDimsOfTensor:in[0] axes:@[ @0, @2 ] name:nil])), @[ six ], @"i32 1x2x1x3: 1 2 3 4 5 6");
  check(BUILD(([g expandDimsOfTensor:in[0] axesTensor:integers(g, @[ @1 ]) name:nil])), @[ six ], @"i32 2x1x3: 1 2 3 4 5 6");
  checkRefused(BUILD(([g expandDimsOfTensor:in[0] axes:@[ @0, @-4 ] name:nil])), @[ six ], @"an axis occurs twice");
  checkRefused(BUILD(([g expandDimsOfTensor:in[0] axis:3 name:nil])), @[ six ], @"invalid axis 3");

  check(BUILD(([g flatten2DTensor:in[0] axis:1 name:nil])), @[ cube ], @"f32 2x6: 0 1 2 3 4 5 6 7 8 9 10 11");
  check(BUILD(([g flatten2DTensor:in[0] axis:3 name:nil])), @[ cube ], @"f32 12x1: 0 1 2 3 4 5 6 7 8 9 10 11");
  checkRefused(BUILD(([g flatten2DTensor:in[0] axis:-1 name:nil])), @[ cube ], @"invalid axis -1");
}

TEST(shapesAndCoordinates) {
  check(BUILD(([g shapeOfTensor:in[0] name:nil])), @[ cube ], @"i32 3: 2 2 3");
  check(BUILD(([g coordinateAlongAxis:-1 withShape:@[ @2, @3 ] name:nil])), @[ six ], @"i32 2x3: 0 1 2 0 1 2");
  check(BUILD(([g coordinateAlongAxisTensor:integers(g, @[ @0 ]) withShapeTensor:integers(g, (@[ @2, @3 ])) name:nil])), @[ six ], @"i32 2x3: 0 0 0 1 1 1");
  checkRefused(BUILD(([g coordinateAlongAxis:2 withShape:@[ @2, @3 ] name:nil])), @[ six ], @"invalid axis 2");
}

TEST(transpose) {
  check(BUILD(([g transposeTensor:in[0] dimension:0 withDimension:1 name:nil])), @[ six ], @"i32 3x2: 1 4 2 5 3 6");
  check(BUILD(([g transposeTensor:in[0] dimension:(NSUInteger)-1 withDimension:0 name:nil])), @[ six ], @"i32 3x2: 1 4 2 5 3 6");
  check(BUILD(([g transposeTensor:in[0] permutation:@[ @2, @0, @1 ] name:nil])), @[ cube ], @"f32 3x2x2: 0 3 6 9 1 4 7 10 2 5 8 11");
  checkRefused(BUILD(([g transposeTensor:in[0] dimension:0 withDimension:2 name:nil])), @[ six ], @"invalid axis 2");
  checkRefused(BUILD(([g transposeTensor:in[0] permutation:@[ @0 ] name:nil])), @[ six ], @"perm tensor length must equal");
  checkRefused(BUILD(([g transposeTensor:in[0] permutation:@[ @0, @0 ] name:nil])), @[ six ], @"no permutation");
}

TEST(reverse) {
  check(BUILD(([g reverseTensor:in[0] axes:@[ @1 ] name:nil])), @[ six ], @"i32 2x3: 3 2 1 6 5 4");
  check(BUILD(([g reverseTensor:in[0] axes:@[] name:nil])), @[ six ], @"i32 2x3: 6 5 4 3 2 1");
  check(BUILD(([g reverseTensor:in[0] axes:none name:nil])), @[ six ], @"i32 2x3: 6 5 4 3 2 1");
  check(BUILD(([g reverseTensor:in[0] name:nil])), @[ six ], @"i32 2x3: 6 5 4 3 2 1");
  check(BUILD(([g reverseTensor:in[0] axesTensor:integers(g, @[ @-2 ]) name:nil])), @[ six ], @"i32 2x3: 4 5 6 1 2 3");
  checkRefused(BUILD(([g reverseTensor:in[0] axes:@[ @2 ] name:nil])), @[ six ], @"invalid axis 2");
}

TEST(broadcastToShape) {
  check(BUILD(([g broadcastTensor:in[0] toShape:@[ @2, @2, @2 ] name:nil])), @[ @"f32 2x1: 1 -0" ], @"f32 2x2x2: 1 1 -0 -0 1 1 -0 -0");
  check(BUILD(([g broadcastTensor:in[0] toShapeTensor:integers(g, @[ @3 ]) name:nil])), @[ @"bool 1: 1" ], @"bool 3: 1 1 1");
  checkRefused(BUILD(([g broadcastTensor:in[0] toShape:@[ @4, @4 ] name:nil])), @[ @"f32 2x4: 1 2 3 4 5 6 7 8" ], @"does not broadcast");
  checkRefused(BUILD(([g broadcastTensor:in[0] toShape:@[ @3 ] name:nil])), @[ six ], @"does not broadcast");
}

TEST(slice) {
  check(BUILD(([g sliceTensor:in[0] dimension:1 start:1 length:2 name:nil])), @[ six ], @"i32 2x2: 2 3 5 6");
  check(BUILD(([g sliceTensor:in[0] dimension:1 start:-1 length:1 name:nil])), @[ six ], @"i32 2x1: 3 6");
  checkRefused(BUILD(([g sliceTensor:in[0] dimension:1 start:2 length:2 name:nil])), @[ six ], @"'mps.slice' op failed");
  checkRefused(BUILD(([g sliceTensor:in[0] dimension:1 start:3 length:1 name:nil])), @[ six ], @"'mps.slice' op failed");
  checkRefused(BUILD(([g sliceTensor:in[0] dimension:1 start:0 length:0 name:nil])), @[ six ], @"'mps.slice' op failed");

  check(BUILD(([g sliceTensor:in[0] starts:@[ @0, @0 ] ends:@[ @2, @9 ] strides:@[ @1, @2 ] name:nil])), @[ six ], @"i32 2x2: 1 3 4 6");
  check(BUILD(([g sliceTensor:in[0] starts:@[ @-1, @-2 ] ends:@[ @2, @-1 ] strides:@[ @1, @1 ] name:nil])), @[ six ], @"i32 1x1: 5");
  check(BUILD(([g sliceTensor:in[0] starts:@[ @0, @2 ] ends:@[ @1, @0 ] strides:@[ @1, @-1 ] name:nil])), @[ six ], @"i32 1x2: 3 2");
  checkRefused(BUILD(([g sliceTensor:in[0] starts:@[ @0, @0 ] ends:@[ @2, @0 ] strides:@[ @1, @1 ] name:nil])), @[ six ], @"the result is empty");
  checkRefused(BUILD(([g sliceTensor:in[0] starts:@[ @0, @0 ] ends:@[ @2, @3 ] strides:@[ @1, @0 ] name:nil])), @[ six ], @"stride 0");
  checkRefused(BUILD(([g sliceTensor:in[0] starts:@[ @0, @3 ] ends:@[ @2, @4 ] strides:@[ @1, @1 ] name:nil])), @[ six ], @"start 3");
  checkRefused(BUILD(([g sliceTensor:in[0] starts:@[ @0 ] ends:@[ @2 ] strides:@[ @1 ] name:nil])), @[ six ], @"1 starts");
  // -1 as an end is the last index: index 0 is out of reach of a negative stride.
  checkRefused(BUILD(([g sliceTensor:in[0] starts:@[ @0, @2 ] ends:@[ @1, @-1 ] strides:@[ @1, @-1 ] name:nil])), @[ six ], @"the result is empty");
}

TEST(sliceMasks) {
  check(BUILD(([g sliceTensor:in[0] starts:@[ @0, @2 ] ends:@[ @1, @0 ] strides:@[ @1, @-1 ] startMask:0 endMask:2 squeezeMask:0 name:nil])), @[ six ],
        @"i32 1x3: 3 2 1");
  check(BUILD(([g sliceTensor:in[0] starts:@[ @1, @2 ] ends:@[ @1, @1 ] strides:@[ @1, @1 ] startMask:3 endMask:1 squeezeMask:0 name:nil])), @[ six ],
        @"i32 2x1: 1 4");
  check(BUILD(([g sliceTensor:in[0] starts:@[ @1, @0 ] ends:@[ @2, @3 ] strides:@[ @1, @1 ] startMask:0 endMask:0 squeezeMask:1 name:nil])), @[ six ],
        @"i32 3: 4 5 6");
  // The start is index 0 even when the slice goes down.
  check(BUILD(([g sliceTensor:in[0] starts:@[ @0, @2 ] ends:@[ @1, @0 ] strides:@[ @1, @-1 ] startMask:2 endMask:2 squeezeMask:0 name:nil])), @[ six ],
        @"i32 1x1: 1");
  checkRefused(BUILD(([g sliceTensor:in[0] starts:@[ @0, @0 ] ends:@[ @2, @3 ] strides:@[ @1, @1 ] startMask:0 endMask:0 squeezeMask:1 name:nil])), @[ six ],
               @"elements would be lost");
  checkRefused(BUILD(([g sliceTensor:in[0] starts:@[ @0, @0 ] ends:@[ @2, @3 ] strides:@[ @1, @1 ] startMask:4 endMask:0 squeezeMask:0 name:nil])), @[ six ],
               @"beyond rank 2");
  check(BUILD(([g sliceTensor:in[0]
                  startTensor:integers(g, (@[ @0, @1 ]))
                    endTensor:integers(g, (@[ @2, @2 ]))
                 strideTensor:integers(g, (@[ @1, @1 ]))
                    startMask:0
                      endMask:0
                  squeezeMask:2
                         name:nil])),
        @[ six ], @"i32 2: 2 5");
  check(BUILD(([g sliceTensor:in[0] startTensor:integers(g, (@[ @1, @-2 ])) sizeTensor:integers(g, (@[ @1, @2 ])) squeezeMask:0 name:nil])), @[ six ],
        @"i32 1x2: 5 6");
  checkRefused(BUILD(([g sliceTensor:in[0] startTensor:in[1] sizeTensor:integers(g, (@[ @1, @2 ])) squeezeMask:0 name:nil])), (@[ six, @"i32 2: 0 0" ]),
               @"non constant tensor");
}

TEST(reshapesOfSlicesLoseTheOffset) {
  check(BUILD(([g reshapeTensor:[g sliceTensor:in[0] dimension:0 start:1 length:1 name:nil] withShape:@[ @3 ] name:nil])), @[ six ], @"i32 3: 1 2 3");
  check(BUILD(([g reshapeTensor:[g identityWithTensor:[g sliceTensor:in[0] dimension:0 start:1 length:1 name:nil] name:nil] withShape:@[ @3 ] name:nil])), @[ six ],
        @"i32 3: 4 5 6");
}

TEST(sliceUpdate) {
  check(BUILD(([g sliceUpdateDataTensor:in[0] updateTensor:in[1] starts:@[ @0, @0 ] ends:@[ @2, @3 ] strides:@[ @1, @2 ] name:nil])),
        (@[ six, @"i32 2x2: 10 30 40 60" ]), @"i32 2x3: 10 2 30 40 5 60");
  check(BUILD(([g sliceUpdateDataTensor:in[0]
                           updateTensor:in[1]
                           startsTensor:integers(g, (@[ @1, @2 ]))
                             endsTensor:integers(g, (@[ @2, @3 ]))
                          stridesTensor:integers(g, (@[ @1, @1 ]))
                              startMask:2
                                endMask:0
                            squeezeMask:0
                                   name:nil])),
        (@[ six, @"i32 1x3: 7 8 9" ]), @"i32 2x3: 1 2 3 7 8 9");
  checkRefused(BUILD(([g sliceUpdateDataTensor:in[0] updateTensor:in[1] starts:@[ @0, @0 ] ends:@[ @2, @3 ] strides:@[ @1, @1 ] name:nil])),
               (@[ six, @"i32 1x3: 7 8 9" ]), @"an update of shape [1, 3]");
  checkRefused(BUILD(([g sliceUpdateDataTensor:in[0]
                                  updateTensor:in[1]
                                        starts:@[ @0, @0 ]
                                          ends:@[ @1, @3 ]
                                       strides:@[ @1, @1 ]
                                     startMask:0
                                       endMask:2
                                   squeezeMask:0
                                          name:nil])),
               (@[ six, @"i32 1x3: 7 8 9" ]), @"endMask");
  checkRefused(BUILD(([g sliceUpdateDataTensor:in[0]
                                  updateTensor:in[1]
                                  startsTensor:in[2]
                                    endsTensor:integers(g, (@[ @2, @3 ]))
                                 stridesTensor:integers(g, (@[ @1, @1 ]))
                                          name:nil])),
               (@[ six, @"i32 1x3: 7 8 9", @"i32 2: 1 0" ]), @"non constant tensor");
  check(BUILD(([g sliceGradientTensor:in[0] fwdInShapeTensor:integers(g, @[ @5 ]) starts:@[ @3 ] ends:@[ @0 ] strides:@[ @-2 ] name:nil])), @[ @"f32 2: 7 8" ],
        @"f32 5: 0 8 0 7 0");
}

TEST(concat) {
  check(BUILD(([g concatTensors:@[ in[0], in[1], in[0] ] dimension:-1 name:nil])), (@[ @"i32 2x1: 1 2", @"i32 2x2: 3 4 5 6" ]), @"i32 2x4: 1 3 4 1 2 5 6 2");
  check(BUILD(([g concatTensor:in[0] withTensor:in[1] dimension:0 name:nil])), (@[ @"bool 1: 1", @"bool 2: 0 1" ]), @"bool 3: 1 0 1");
  check(BUILD(([g concatTensors:@[ in[0], in[1] ] dimension:1 interleave:YES name:nil])), (@[ @"i32 1x3: 1 2 3", @"i32 1x3: 4 5 6" ]),
        @"i32 1x6: 1 4 2 5 3 6");
  checkRefused(BUILD(([g concatTensors:@[] dimension:0 name:nil])), @[ six ], @"no tensors");
  checkRefused(BUILD(([g concatTensor:in[0] withTensor:in[1] dimension:0 name:nil])), (@[ six, @"i32 2x1: 1 2" ]), @"does not join");
  checkRefused(BUILD(([g concatTensor:in[0] withTensor:in[1] dimension:0 name:nil])), (@[ @"i32 1: 1", @"f32 1: 1" ]), @"same element type");
  checkRefused(BUILD(([g concatTensor:in[0] withTensor:in[1] dimension:2 name:nil])), (@[ six, six ]), @"invalid axis 2");
}

TEST(stackAndSplit) {
  check(BUILD(([g stackTensors:@[ in[0], in[1] ] axis:-1 name:nil])), (@[ @"i32 3: 1 2 3", @"i32 3: 4 5 6" ]), @"i32 3x2: 1 4 2 5 3 6");
  check(BUILD(([g stackTensors:@[ in[0], in[1] ] axis:0 name:nil])), (@[ @"i32 3: 1 2 3", @"i32 3: 4 5 6" ]), six);
  checkRefused(BUILD(([g stackTensors:@[ in[0], in[1] ] axis:0 name:nil])), (@[ @"i32 3: 1 2 3", @"i32 1: 4" ]), @"does not stack");
  check(BUILD(([g splitTensor:in[0] splitSizes:@[ @1, @2 ] axis:1 name:nil])), @[ six ], (@[ @"i32 2x1: 1 4", @"i32 2x2: 2 3 5 6" ]));
  check(BUILD(([g splitTensor:in[0] splitSizesTensor:integers(g, (@[ @1, @1 ])) axis:0 name:nil])), @[ six ], (@[ @"i32 1x3: 1 2 3", @"i32 1x3: 4 5 6" ]));
  check(BUILD(([g splitTensor:in[0] numSplits:3 axis:-1 name:nil])), @[ six ], (@[ @"i32 2x1: 1 4", @"i32 2x1: 2 5", @"i32 2x1: 3 6" ]));
  checkRefused(BUILD(([g splitTensor:in[0] splitSizes:@[ @0, @3 ] axis:1 name:nil])), @[ six ], @"size 0 of axis 1");
  checkRefused(BUILD(([g splitTensor:in[0] splitSizes:@[ @1, @1 ] axis:1 name:nil])), @[ six ], @"sections of 2 in all");
  checkRefused(BUILD(([g splitTensor:in[0] numSplits:2 axis:1 name:nil])), @[ six ], @"2 equal sections of 3");
}

TEST(tile) {
  check(BUILD(([g tileTensor:in[0] withMultiplier:@[ @2, @2 ] name:nil])), @[ @"i32 1x2: 1 2" ], @"i32 2x4: 1 2 1 2 1 2 1 2");
  checkRefused(BUILD(([g tileTensor:in[0] withMultiplier:@[ @2 ] name:nil])), @[ six ], @"1 multipliers");
  checkRefused(BUILD(([g tileTensor:in[0] withMultiplier:@[ @2, @0 ] name:nil])), @[ six ], @"multiplier 0");
  checkRefused(BUILD(([g tileGradientWithIncomingGradientTensor:in[0] sourceTensor:in[0] withMultiplier:@[ @1, @1 ] name:nil])), @[ six ], @"reads past");
}

#define PAD(type, one, other)                                                                                                                                  \
  BUILD(([g padTensor:in[0] withPaddingMode:MPSGraphPaddingMode##type leftPadding:@[ @one ] rightPadding:@[ @other ] constantValue:9 name:nil]))

TEST(pad) {
  NSString *three = @"f32 3: 1 2 3";
  check(PAD(Constant, 1, 2), @[ three ], @"f32 6: 9 1 2 3 9 9");
  check(PAD(Zero, 1, 0), @[ three ], @"f32 4: 0 1 2 3");
  check(PAD(Reflect, 2, 2), @[ three ], @"f32 7: 3 2 1 2 3 2 1");
  check(PAD(Symmetric, 3, 1), @[ three ], @"f32 7: 3 2 1 1 2 3 3");
  check(PAD(ClampToEdge, 2, 4), @[ @"u8 2: 1 2" ], @"u8 8: 1 1 1 2 2 2 2 2");
  check(BUILD(([g padTensor:in[0] withPaddingMode:MPSGraphPaddingModeConstant leftPadding:@[ @1, @0 ] rightPadding:@[ @0, @1 ] constantValue:-1 name:nil])),
        @[ @"i8 1x2: 5 6" ], @"i8 2x3: -1 -1 -1 5 6 -1");
  checkRefused(PAD(Reflect, 3, 0), @[ three ], @"repeats more than there is");
  checkRefused(PAD(Symmetric, 0, 4), @[ three ], @"repeats more than there is");
  checkRefused(PAD(Periodic, 1, 1), @[ three ], @"padding mode 5");
  checkRefused(PAD(Constant, -1, 1), @[ three ], @"is negative");
  checkRefused(PAD(Constant, 1, 1), @[ @"bool 1: 1" ], @"no kernel for bool");
  checkRefused(BUILD(([g padTensor:in[0] withPaddingMode:MPSGraphPaddingModeConstant leftPadding:@[ @1 ] rightPadding:@[ @1 ] constantValue:-1 name:nil])),
               @[ @"u8 1: 1" ], @"constant -1 is no u8");
}

TEST(padGradient) {
  check(BUILD(([g padGradientWithIncomingGradientTensor:in[0]
                                           sourceTensor:in[1]
                                            paddingMode:MPSGraphPaddingModeReflect
                                            leftPadding:@[ @1 ]
                                           rightPadding:@[ @1 ]
                                                   name:nil])),
        (@[ @"f32 5: 1 10 100 1000 10000", @"f32 3: 0 0 0" ]), @"f32 3: 10 10101 1000");
}

TEST(spaceAndDepth) {
  // One image of 2x4, one channel; blocks of 2.
  NSString *image = @"i32 1x2x4: 1 2 3 4 5 6 7 8", *packed = @"i32 4x1x2: 1 3 2 4 5 7 6 8";
  check(BUILD(([g spaceToDepth2DTensor:in[0] widthAxis:2 heightAxis:1 depthAxis:0 blockSize:2 usePixelShuffleOrder:NO name:nil])), @[ image ], packed);
  check(BUILD(([g depthToSpace2DTensor:in[0] widthAxis:2 heightAxis:1 depthAxis:0 blockSize:2 usePixelShuffleOrder:NO name:nil])), @[ packed ], image);
  // Two channels of 2x2: the places of a block lie together in pixel shuffle order, the channels otherwise.
  NSString *channels = @"i32 2x2x2: 1 2 3 4 5 6 7 8";
  check(BUILD(([g spaceToDepth2DTensor:in[0] widthAxis:2 heightAxis:1 depthAxis:0 blockSize:2 usePixelShuffleOrder:YES name:nil])), @[ channels ],
        @"i32 8x1x1: 1 2 3 4 5 6 7 8");
  check(BUILD(([g spaceToDepth2DTensor:in[0] widthAxis:2 heightAxis:1 depthAxis:0 blockSize:2 usePixelShuffleOrder:NO name:nil])), @[ channels ],
        @"i32 8x1x1: 1 5 2 6 3 7 4 8");
  check(BUILD(([g spaceToBatchTensor:in[0] spatialAxes:@[ @1 ] batchAxis:0 blockDimensions:@[ @2 ] usePixelShuffleOrder:NO name:nil])),
        @[ @"i32 2x4: 1 2 3 4 5 6 7 8" ], @"i32 4x2: 1 3 5 7 2 4 6 8");
  check(BUILD(([g batchToSpaceTensor:in[0] spatialAxes:@[ @1 ] batchAxis:0 blockDimensions:@[ @2 ] usePixelShuffleOrder:NO name:nil])),
        @[ @"i32 4x2: 1 3 5 7 2 4 6 8" ], @"i32 2x4: 1 2 3 4 5 6 7 8");
  checkRefused(BUILD(([g spaceToDepth2DTensor:in[0] widthAxis:2 heightAxis:1 depthAxis:0 blockSize:3 usePixelShuffleOrder:NO name:nil])), @[ image ],
               @"does not divide");
  checkRefused(BUILD(([g depthToSpace2DTensor:in[0] widthAxis:1 heightAxis:1 depthAxis:0 blockSize:2 usePixelShuffleOrder:NO name:nil])), @[ packed ],
               @"axis 1 occurs twice");
}

TEST(oneHot) {
  check(BUILD(([g oneHotWithIndicesTensor:in[0] depth:3 name:nil])), @[ @"i32 2: 2 0" ], @"f32 2x3: 0 0 1 1 0 0");
  check(BUILD(([g oneHotWithIndicesTensor:in[0] depth:3 axis:0 dataType:MPSDataTypeInt32 onValue:5 offValue:-1 name:nil])), @[ @"i32 2: 2 0" ],
        @"i32 3x2: -1 5 -1 -1 5 -1");
  checkRefused(BUILD(([g oneHotWithIndicesTensor:in[0] depth:3 name:nil])), @[ @"i32 1: 3" ], @"index 3 for depth 3");
  checkRefused(BUILD(([g oneHotWithIndicesTensor:in[0] depth:3 name:nil])), @[ @"f32 1: 1" ], @"no kernel for f32");
}

TEST(bandPart) {
  NSString *square = @"f32 2x3: 1 2 3 4 5 6";
  check(BUILD(([g bandPartWithTensor:in[0] numLower:-1 numUpper:0 name:nil])), @[ square ], @"f32 2x3: 1 0 0 4 5 0");
  check(BUILD(([g bandPartWithTensor:in[0] numLower:0 numUpper:-1 name:nil])), @[ square ], @"f32 2x3: 1 2 3 0 5 6");
  checkRefused(BUILD(([g bandPartWithTensor:in[0] numLower:1 numUpper:0 name:nil])), @[ square ], @"only the two triangles");
}
