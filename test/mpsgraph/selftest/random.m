// Random numbers: the generator's published test vector, ranges and laws.
#import "build.h"

static MPSGraphRandomOpDescriptor *law(MPSGraphRandomDistribution distribution, MPSDataType type) {
  return [MPSGraphRandomOpDescriptor descriptorWithDistribution:distribution dataType:type];
}

static MPSGraphRandomOpDescriptor *allIntegers(void) {
  MPSGraphRandomOpDescriptor *all = law(MPSGraphRandomDistributionUniform, MPSDataTypeInt32);
  all.minInteger = INT32_MIN;
  all.maxInteger = INT32_MAX;
  return all;
}

TEST(philox) {
  // Counter 0, key 0: 6627e8d5 e169c58d bc57ac4c 9b00dbd8; counter and key of ones: 408f276d 41c83b0e a20bc7c6 6d5451fd. The first and third word of each, with
  // -2^31 added, and the state that follows.
  check(BUILD(([g randomTensorWithShape:@[ @2 ] descriptor:allIntegers() stateTensor:in[0] name:nil])), @[ @"i32 7: 1 0 0 0 0 0 0" ],
        (@[ @"i32 2: -433592107 1012378700", @"i32 7: 1 1 0 0 0 0 0" ]));
  check(BUILD(([g randomTensorWithShape:@[ @2 ] descriptor:allIntegers() stateTensor:in[0] name:nil])), @[ @"i32 7: 1 -1 -1 -1 -1 -1 -1" ],
        (@[ @"i32 2: -1064360083 571197382", @"i32 7: 1 0 0 0 0 -1 -1" ]));
  check(BUILD(([g randomPhiloxStateTensorWithCounterLow:0x200000001u counterHigh:0x400000003u key:0x600000005u name:nil])), @[ @"f32 1: 0" ],
        @"i32 7: 1 1 2 3 4 5 6");
}

// The smallest, largest and mean of `count` numbers, with the seed 7.
static NSArray *summary(MPSGraph *g, MPSGraphRandomOpDescriptor *descriptor, int count) {
  MPSGraphTensor *x = [g randomTensorWithShape:@[ [NSNumber numberWithInt:count] ] descriptor:descriptor seed:7 name:nil];
  return @[ [g reductionMinimumWithTensor:x axis:0 name:nil], [g reductionMaximumWithTensor:x axis:0 name:nil], [g meanOfTensor:x axes:@[ @0 ] name:nil] ];
}

// Whether low <= smallest < low + margin, high - margin < largest < high and |mean - middle| < margin.
static NSArray *within(MPSGraph *g, NSArray *values, double low, double high, double margin, double middle) {
  MPSGraphTensor *smallest = [values objectAtIndex:0], *largest = [values objectAtIndex:1], *mean = [values objectAtIndex:2];
  MPSGraphTensor *(^number)(double) = ^(double value) { return [g constantWithScalar:value dataType:smallest.dataType]; };
  return @[
    [g greaterThanOrEqualToWithPrimaryTensor:smallest secondaryTensor:number(low) name:nil],
    [g lessThanWithPrimaryTensor:smallest secondaryTensor:number(low + margin) name:nil],
    [g lessThanWithPrimaryTensor:largest secondaryTensor:number(high) name:nil],
    [g greaterThanWithPrimaryTensor:largest secondaryTensor:number(high - margin) name:nil],
    [g lessThanWithPrimaryTensor:[g absoluteWithTensor:[g subtractionWithPrimaryTensor:mean secondaryTensor:number(middle) name:nil] name:nil]
                 secondaryTensor:number(margin)
                            name:nil],
  ];
}

static NSArray *five(void) {
  NSString *yes = @"bool 1: 1";
  return @[ yes, yes, yes, yes, yes ];
}

TEST(uniformNumbers) {
  MPSGraphRandomOpDescriptor *floats = law(MPSGraphRandomDistributionUniform, MPSDataTypeFloat32);
  floats.min = -3;
  floats.max = 5;
  check(BUILD(within(g, summary(g, floats, 4000), -3, 5, 0.25, 1)), @[ @"f32 1: 0" ], five());
  // Rounding does not reach the end of the range.
  MPSGraphRandomOpDescriptor *halves = law(MPSGraphRandomDistributionUniform, MPSDataTypeFloat16);
  check(BUILD(([[summary(g, halves, 9000) subarrayWithRange:NSMakeRange(1, 1)] arrayByAddingObject:[g constantWithScalar:1 dataType:MPSDataTypeFloat32]])),
        @[ @"f32 1: 0" ], (@[ @"f16 1: 0x1.ffcp-1", @"f32 1: 1" ]));
  // Of integers both ends belong to the range.
  MPSGraphRandomOpDescriptor *dice = law(MPSGraphRandomDistributionUniform, MPSDataTypeInt32);
  dice.minInteger = 1;
  dice.maxInteger = 6;
  Build faces = ^id(MPSGraph *g, MPSGraphTensor **in) {
    (void)in;
    MPSGraphTensor *x = [g randomTensorWithShape:@[ @200 ] descriptor:dice seed:1 name:nil];
    return @[ [g reductionMinimumWithTensor:x axis:0 name:nil], [g reductionMaximumWithTensor:x axis:0 name:nil] ];
  };
  check(faces, @[ @"f32 1: 0" ], (@[ @"i32 1: 1", @"i32 1: 6" ]));
}

TEST(normalNumbers) {
  for (int method = 0; method < 2; method++) {
    MPSGraphRandomOpDescriptor *normal = law(MPSGraphRandomDistributionNormal, MPSDataTypeFloat32);
    normal.mean = 10;
    normal.standardDeviation = 2;
    normal.samplingMethod = (MPSGraphRandomNormalSamplingMethod)method;
    Build moments = ^id(MPSGraph *g, MPSGraphTensor **in) {
      (void)in;
      MPSGraphTensor *x = [g randomTensorWithShape:@[ @4000 ] descriptor:normal seed:3 name:nil];
      MPSGraphTensor *mean = [g meanOfTensor:x axes:@[ @0 ] name:nil], *variance = [g varianceOfTensor:x axes:@[ @0 ] name:nil];
      return @[ [g rintWithTensor:mean name:nil], [g rintWithTensor:variance name:nil] ];
    };
    check(moments, @[ @"f32 1: 0" ], (@[ @"f32 1: 10", @"f32 1: 4" ]));
  }
  MPSGraphRandomOpDescriptor *truncated = law(MPSGraphRandomDistributionTruncatedNormal, MPSDataTypeFloat32);
  truncated.min = -1;
  truncated.max = 1;
  check(BUILD(within(g, summary(g, truncated, 4000), -1, 1, 0.05, 0)), @[ @"f32 1: 0" ], five());
}

TEST(seedsAndStates) {
  // One seed gives the same numbers each time, another one others; a state goes on where the last call stopped.
  Build same = ^id(MPSGraph *g, MPSGraphTensor **in) {
    (void)in;
    NSArray *size = @[ @8 ];
    MPSGraphTensor *a = [g randomUniformTensorWithShape:size seed:5 name:nil], *b = [g randomUniformTensorWithShapeTensor:integers(g, size) seed:5 name:nil];
    MPSGraphTensor *c = [g randomUniformTensorWithShape:size seed:6 name:nil];
    NSArray *first = [g randomUniformTensorWithShape:@[ @4 ] stateTensor:[g randomPhiloxStateTensorWithSeed:5 name:nil] name:nil];
    NSArray *second = [g randomUniformTensorWithShape:@[ @4 ] stateTensor:[first objectAtIndex:1] name:nil];
    MPSGraphTensor *d = [g concatTensor:[first objectAtIndex:0] withTensor:[second objectAtIndex:0] dimension:0 name:nil];
    NSMutableArray *results = [NSMutableArray array];
    for (MPSGraphTensor *other in @[ b, c, d ]) {
      [results addObject:[g reductionAndWithTensor:[g castTensor:[g equalWithPrimaryTensor:a secondaryTensor:other name:nil] toType:MPSDataTypeInt32 name:nil]
                                              axis:0
                                              name:nil]];
    }
    return results;
  };
  check(same, @[ @"f32 1: 0" ], (@[ @"i32 1: 1", @"i32 1: 0", @"i32 1: 1" ]));
}

TEST(randomRefuses) {
  NSArray *operands = @[ @"i32 6: 0 0 0 0 0 0" ];
  checkRefused(BUILD(([g randomUniformTensorWithShape:@[ @1 ] stateTensor:in[0] name:nil])), operands, @"a state like");
  checkRefused(BUILD(([g randomTensorWithShape:@[ @1 ] descriptor:law(MPSGraphRandomDistributionNormal, MPSDataTypeInt32) name:nil])), operands, @"no kernel for i32");
  checkRefused(BUILD(([g randomTensorWithShape:@[ @1 ] descriptor:law(MPSGraphRandomDistributionUniform, MPSDataTypeInt64) name:nil])), operands, @"no kernel for i64");
  checkRefused(BUILD(([g randomTensorWithShape:@[ @0 ] descriptor:law(MPSGraphRandomDistributionUniform, MPSDataTypeFloat32) name:nil])), operands, @"size 0");
}
