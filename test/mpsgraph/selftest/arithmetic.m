// What NumPy does not say about elementwise operations: refusals and differences.
#import "selftest.h"

#define ON(expression) ^id(MPSGraph *g, MPSGraphTensor **in) { (void)g; (void)in; return expression; }
#define ADD [g additionWithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]

TEST(binaryOperandsHaveOneType) {
  checkRefused(ON(ADD), (@[ @"f32 1: 1", @"f16 1: 1" ]), @"requires the same element type");
  checkRefused(ON(ADD), (@[ @"i32 1: 1", @"i64 1: 1" ]), @"requires the same element type");
  checkRefused(ON(ADD), (@[ @"bool 1: 1", @"bool 1: 1" ]), @"no kernel for bool");
  checkRefused(ON(ADD), (@[ @"f32 2: 1 2", @"f32 3: 1 2 3" ]), @"[2] and [3] do not broadcast");
  check(ON(ADD), (@[ @"f32 2x1: 1 2", @"f32 3: 10 20 30" ]), @"f32 2x3: 11 21 31 12 22 32");
  MPSGraphTensor *nothing = nil;
  checkRaises(^{ [[[MPSGraph new] autorelease] squareWithTensor:nothing name:nil]; }, @"a tensor is nil");
}

TEST(arithmeticFlushesDenormals) {
  check(ON(ADD), (@[ @"f32 2: 0x1p-127 -0x1p-127", @"f32 2: 0 -0" ]), @"f32 2: 0 -0");
  check(ON([g multiplicationWithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]), (@[ @"f32 1: 0x1p-100", @"f32 1: 0x1p-40" ]), @"f32 1: 0");
  check(ON([g equalWithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]), (@[ @"f32 1: 0x1p-140", @"f32 1: 0" ]), @"bool 1: 1");
  check(ON([g ceilWithTensor:in[0] name:nil]), @[ @"f32 1: 0x1p-140" ], @"f32 1: 0");
  check(ON(ADD), (@[ @"f16 1: 0x1p-24", @"f16 1: 0" ]), @"f16 1: 0x1p-24");
}

TEST(someOperationsKeepDenormals) {
  check(ON([g absoluteWithTensor:in[0] name:nil]), @[ @"f32 1: -0x1p-140" ], @"f32 1: 0x1p-140");
  check(ON([g negativeWithTensor:in[0] name:nil]), @[ @"f32 1: 0x1p-140" ], @"f32 1: -0x1p-140");
  check(ON([g maximumWithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]), (@[ @"f32 1: 0x1p-140", @"f32 1: 0" ]), @"f32 1: 0x1p-140");
  check(ON([g sinWithTensor:in[0] name:nil]), @[ @"f32 1: 0x1p-140" ], @"f32 1: 0x1p-140");
  check(ON([g moduloWithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]), (@[ @"f32 1: 0x1p-140", @"f32 1: 1" ]), @"f32 1: 0x1p-140");
}

TEST(halvesComputeInSinglePrecision) {
  // 2048 + 1 is not representable; 1/3 rounds once.
  check(ON(ADD), (@[ @"f16 2: 2048 2048", @"f16 2: 1 3" ]), @"f16 2: 2048 2052");
  check(ON(ADD), (@[ @"bf16 2: 256 256", @"bf16 2: 1 3" ]), @"bf16 2: 256 260");
  check(ON([g multiplicationWithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]), (@[ @"f16 1: 300", @"f16 1: 300" ]), @"f16 1: inf");
}

TEST(roundingsHaveNoIntegerKernels) {
  for (NSString *text in @[ @"i32 1: 1", @"i64 1: 1", @"u8 1: 1", @"bool 1: 1" ]) {
    checkRefused(ON([g floorWithTensor:in[0] name:nil]), @[ text ], @"no kernel");
    checkRefused(ON([g ceilWithTensor:in[0] name:nil]), @[ text ], @"no kernel");
    checkRefused(ON([g roundWithTensor:in[0] name:nil]), @[ text ], @"no kernel");
    checkRefused(ON([g rintWithTensor:in[0] name:nil]), @[ text ], @"no kernel");
    checkRefused(ON([g truncateWithTensor:in[0] name:nil]), @[ text ], @"no kernel");
    checkRefused(ON([g exponentWithTensor:in[0] name:nil]), @[ text ], @"no kernel");
    checkRefused(ON([g squareRootWithTensor:in[0] name:nil]), @[ text ], @"no kernel");
    checkRefused(ON([g sigmoidWithTensor:in[0] name:nil]), @[ text ], @"no kernel");
    checkRefused(ON([g reLUWithTensor:in[0] name:nil]), @[ text ], @"no kernel");
  }
  checkRefused(ON([g signWithTensor:in[0] name:nil]), @[ @"i64 1: 1" ], @"no kernel for i64");
  checkRefused(ON([g signbitWithTensor:in[0] name:nil]), @[ @"i64 1: 1" ], @"no kernel for i64");
  checkRefused(ON([g negativeWithTensor:in[0] name:nil]), @[ @"u8 1: 1" ], @"no kernel for u8");
  checkRefused(ON([g atan2WithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]), (@[ @"i64 1: 1", @"i64 1: 1" ]), @"no kernel");
  checkRefused(ON([g bitwiseANDWithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]), (@[ @"f32 1: 1", @"f32 1: 1" ]), @"no kernel");
  checkRefused(ON([g bitwiseLeftShiftWithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]), (@[ @"i32 1: 1", @"i64 1: 1" ]), @"same element type");
  checkRefused(ON([g lessThanWithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]), (@[ @"bool 1: 1", @"bool 1: 1" ]), @"no kernel for bool");
  checkRefused(ON([g minimumWithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]), (@[ @"bool 1: 1", @"bool 1: 1" ]), @"no kernel for bool");
}

TEST(someMissingKernelsCanBeCaught) {
  MPSGraph *g = [[MPSGraph new] autorelease];
  MPSGraphTensor *a = placeholder(g, @"i32 1: 1");
  NSString *name = nil;
  @try {
    [g maximumWithNaNPropagationWithPrimaryTensor:a secondaryTensor:a name:nil];
  } @catch (NSException *exception) {
    name = [exception name];
  }
  CHECK([name isEqualToString:NSInvalidArgumentException]);
  checkRaises(^{ [g minimumWithNaNPropagationWithPrimaryTensor:a secondaryTensor:a name:nil]; }, @"no kernel for i32");
  checkRaises(^{ [g isNaNWithTensor:a name:nil]; }, @"no kernel for i32");
}

TEST(integerDivisionByZeroIsPoison) {
  check(ON([g divisionWithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]), (@[ @"i32 3: 5 0 -5", @"i32 1: 0" ]), @"i32 3: -1 -1 -1");
  check(ON([g divisionWithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]), (@[ @"u8 2: 5 0", @"u8 1: 0" ]), @"u8 2: 255 255");
  check(ON([g moduloWithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]), (@[ @"i64 2: 5 0", @"i64 1: 0" ]), @"i64 2: -1 -1");
  checkRefused(ON([g divisionNoNaNWithPrimaryTensor:in[0] secondaryTensor:in[1] name:nil]), (@[ @"i32 1: 1", @"i32 1: 0" ]), @"no kernel");
}

TEST(selectTakesAnyPredicate) {
  check(ON([g selectWithPredicateTensor:in[0] truePredicateTensor:in[1] falsePredicateTensor:in[2] name:nil]),
        (@[ @"f32 4: 0 -0 nan 2", @"i64 1: 9223372036854775807", @"i64 4: 1 2 3 4" ]), @"i64 4: 1 2 9223372036854775807 9223372036854775807");
  check(ON([g selectWithPredicateTensor:in[0] truePredicateTensor:in[1] falsePredicateTensor:in[2] name:nil]),
        (@[ @"bool 2x1: 1 0", @"f16 3: 1 2 3", @"f16 1: nan" ]), @"f16 2x3: 1 2 3 nan nan nan");
  checkRefused(ON([g selectWithPredicateTensor:in[0] truePredicateTensor:in[1] falsePredicateTensor:in[2] name:nil]),
               (@[ @"bool 1: 1", @"f32 1: 1", @"f16 1: 1" ]), @"same element type");
}

TEST(clampMakesNaNABound) {
  check(ON([g clampWithTensor:in[0] minValueTensor:in[1] maxValueTensor:in[2] name:nil]), (@[ @"f32 4: -5 0.5 5 nan", @"f32 1: -1", @"f32 1: 1" ]),
        @"f32 4: -1 0.5 1 -1");
  check(ON([g clampWithTensor:in[0] minValueTensor:in[1] maxValueTensor:in[2] name:nil]), (@[ @"i64 3: -5 3 50", @"i64 1: -1", @"i64 1: 10" ]), @"i64 3: -1 3 10");
}

TEST(activationsAndTheirGradients) {
  check(ON([g reLUWithTensor:in[0] name:nil]), @[ @"f32 4: -1 0 2 nan" ], @"f32 4: 0 0 2 0");
  check(ON([g reLUGradientWithIncomingGradient:in[0] sourceTensor:in[1] name:nil]), (@[ @"f32 3: 5 6 7", @"f32 3: -1 0 2" ]), @"f32 3: 0 0 7");
  check(ON([g leakyReLUWithTensor:in[0] alpha:0.25 name:nil]), @[ @"f32 3: -4 0 2" ], @"f32 3: -1 0 2");
  check(ON([g leakyReLUWithTensor:in[0] alphaTensor:in[1] name:nil]), (@[ @"f32 3: -4 0 2", @"f32 1: 0.5" ]), @"f32 3: -2 0 2");
  check(ON([g leakyReLUGradientWithIncomingGradient:in[0] sourceTensor:in[1] alphaTensor:in[2] name:nil]), (@[ @"f32 2: 8 8", @"f32 2: -4 2", @"f32 1: 0.5" ]),
        @"f32 2: 4 8");
  // sigmoid'(0) = 1/4, of the input and not of the result.
  check(ON([g sigmoidGradientWithIncomingGradient:in[0] sourceTensor:in[1] name:nil]), (@[ @"f32 1: 8", @"f32 1: 0" ]), @"f32 1: 2");
  checkRefused(ON([g softMaxWithTensor:in[0] axis:2 name:nil]), @[ @"f32 1x2: 1 2" ], @"invalid axis 2");
  check(ON([g softMaxWithTensor:in[0] axis:-1 name:nil]), @[ @"f32 2: nan 1" ], @"f32 2: nan nan");
}

TEST(castsToBoolAreDefinedForZeroAndOneOnly) {
  checkRefused(ON([g castTensor:in[0] toType:MPSDataTypeBool name:nil]), @[ @"i32 2: 1 2" ], @"cast of 2 to bool");
  checkRefused(ON([g castTensor:in[0] toType:MPSDataTypeBool name:nil]), @[ @"f32 1: 0.5" ], @"cast of 0.5 to bool");
  check(ON([g castTensor:in[0] toType:MPSDataTypeBool name:nil]), @[ @"f32 2: 1 0" ], @"bool 2: 1 0");
  checkRefused(ON([g castTensor:in[0] toType:MPSDataTypeComplexFloat32 name:nil]), @[ @"f32 1: 1" ], @"is not emulated");
}

TEST(reinterpretCastChangesTheLastDimension) {
  check(ON([g reinterpretCastTensor:in[0] toType:MPSDataTypeInt32 name:nil]), @[ @"f32 2: 1 -0" ], @"i32 2: 0x3f800000 -2147483648");
  check(ON([g reinterpretCastTensor:in[0] toType:MPSDataTypeUInt16 name:nil]), @[ @"f32 1x2: 1 2" ], @"u16 1x4: 0 0x3f80 0 0x4000");
  check(ON([g reinterpretCastTensor:in[0] toType:MPSDataTypeInt64 name:nil]), @[ @"u8 8: 1 0 0 0 0 0 0 1" ], @"i64 1: 0x100000000000001");
  checkRefused(ON([g reinterpretCastTensor:in[0] toType:MPSDataTypeInt32 name:nil]), @[ @"f16 3: 1 2 3" ], @"no whole number");
  checkRefused(ON([g reinterpretCastTensor:[g constantWithScalar:1 shape:@[] dataType:MPSDataTypeFloat32] toType:MPSDataTypeInt32 name:nil]), @[ @"f32 1: 0" ],
               @"rank 0");
}
