// Cumulative operations and sorts: values are those of NumPy where it has them.
#import "build.h"

#define SCAN(Name, at, isExclusive, isReverse) BUILD(([g cumulative##Name##WithTensor:in[0] axis:at exclusive:isExclusive reverse:isReverse name:nil]))

TEST(cumulativeSum) {
  NSString *six = @"f32 2x3: 1 2 3 4 5 6";
  check(BUILD(([g cumulativeSumWithTensor:in[0] axis:-1 name:nil])), @[ six ], @"f32 2x3: 1 3 6 4 9 15");
  check(BUILD(([g cumulativeSumWithTensor:in[0] axisTensor:integers(g, @[ @0 ]) name:nil])), @[ six ], @"f32 2x3: 1 2 3 5 7 9");
  check(SCAN(Sum, 1, YES, NO), @[ six ], @"f32 2x3: 0 1 3 0 4 9");
  check(SCAN(Sum, 1, NO, YES), @[ six ], @"f32 2x3: 6 5 3 15 11 6");
  check(SCAN(Sum, 1, YES, YES), @[ six ], @"f32 2x3: 5 3 0 11 6 0");
  check(SCAN(Sum, 0, NO, NO), @[ @"f32 3: 1 nan 2" ], @"f32 3: 1 nan nan");
  // In f16 the sum stays at 2048.
  check(SCAN(Sum, 0, NO, NO), @[ @"f16 3: 2048 1 1" ], @"f16 3: 2048 2048 2048");
  check(SCAN(Sum, 0, NO, NO), @[ @"i32 2: 2147483647 1" ], @"i32 2: 2147483647 -2147483648");
  check(SCAN(Sum, 0, NO, NO), @[ @"i64 2: 9007199254740993 1" ], @"i64 2: 9007199254740993 9007199254740994");
}

TEST(cumulativeProduct) {
  check(SCAN(Product, 0, NO, NO), @[ @"f32 4: 1 2 3 4" ], @"f32 4: 1 2 6 24");
  check(SCAN(Product, 0, YES, NO), @[ @"i32 4: 2 3 4 5" ], @"i32 4: 1 2 6 24");
}

TEST(cumulativeExtremes) {
  check(SCAN(Maximum, 0, NO, NO), @[ @"f32 5: nan 1 nan 3 2" ], @"f32 5: nan 1 1 3 3");
  check(SCAN(Minimum, 0, NO, YES), @[ @"i32 4: 1 4 2 3" ], @"i32 4: 1 2 2 3");
  // Starts are finite.
  check(SCAN(Maximum, 0, YES, NO), @[ @"f32 2: 5 6" ], @"f32 2: -0x1.fffffep127 5");
  check(SCAN(Minimum, 0, YES, NO), @[ @"f16 2: 5 6" ], @"f16 2: 65504 5");
  check(SCAN(Minimum, 0, YES, NO), @[ @"bf16 2: 5 6" ], @"bf16 2: 0x1.fep127 5");
  check(SCAN(Maximum, 0, YES, NO), @[ @"i32 2: 5 6" ], @"i32 2: -2147483648 5");
}

TEST(cumulativeRefuses) {
  check(SCAN(Sum, 1, NO, NO), @[ @"i32 1x2x1x1x1: 1 2" ], @"i32 1x2x1x1x1: 1 3");
  checkRefused(SCAN(Sum, 0, NO, NO), @[ @"i32 2x1x1x1x1: 1 2" ], @"only supports axis");
  checkRefused(SCAN(Sum, 1, NO, NO), @[ @"i32 1: 1" ], @"invalid axis 1");
  checkRefused(SCAN(Sum, 0, NO, NO), @[ @"i8 1: 1" ], @"of i8 are wrong");
  checkRefused(SCAN(Sum, 0, NO, NO), @[ @"i16 1: 1" ], @"of i16 are wrong");
  checkRefused(SCAN(Sum, 0, NO, NO), @[ @"bool 1: 1" ], @"no kernel for bool");
}

#define SORT(at, down) BUILD(([g sortWithTensor:in[0] axis:at descending:down name:nil]))
#define ARG_SORT(at, down) BUILD(([g argSortWithTensor:in[0] axis:at descending:down name:nil]))

TEST(sort) {
  check(BUILD(([g sortWithTensor:in[0] axis:-1 name:nil])), @[ @"f32 2x3: 3 1 2 -1 inf -inf" ], @"f32 2x3: 1 2 3 -inf -1 inf");
  check(SORT(0, YES), @[ @"i32 3x2: 1 6 3 4 2 5" ], @"i32 3x2: 3 6 2 5 1 4");
  check(SORT(0, NO), @[ @"f16 4: nan 1 nan -1" ], @"f16 4: -1 1 nan nan");
  check(SORT(0, NO), @[ @"u64 2: 18446744073709551615 1" ], @"u64 2: 1 18446744073709551615");
  check(SORT(0, NO), @[ @"i8 3: 127 -128 0" ], @"i8 3: -128 0 127");
  check(BUILD(([g sortWithTensor:in[0] axisTensor:integers(g, @[ @0 ]) name:nil])), @[ @"i64 2: 2 1" ], @"i64 2: 1 2");
  checkRefused(SORT(0, YES), @[ @"f32 2: 1 nan" ], @"NaN in a descending order");
  checkRefused(SORT(0, NO), @[ @"bool 2: 1 0" ], @"no kernel for bool");
  checkRefused(SORT(1, NO), @[ @"i32 2: 1 0" ], @"invalid axis 1");
}

TEST(argSort) {
  check(BUILD(([g argSortWithTensor:in[0] axis:0 name:nil])), @[ @"f32 4: 3 nan 1 2" ], @"i32 4: 2 3 0 1");
  check(ARG_SORT(1, YES), @[ @"i32 2x3: 1 2 3 6 4 5" ], @"i32 2x3: 2 1 0 0 2 1");
  // The order of equal elements is not promised: here it is reversed. -0 equals 0.
  check(ARG_SORT(0, NO), @[ @"i32 5: 1 0 1 0 1" ], @"i32 5: 3 1 4 2 0");
  check(ARG_SORT(0, YES), @[ @"f32 3: 0 -0 0" ], @"i32 3: 2 1 0");
}

#define TOP(at, number) BUILD(([g topKWithSourceTensor:in[0] axis:at k:number name:nil]))

TEST(topK) {
  NSString *table = @"f32 2x3: 3 1 2 4 6 5";
  check(BUILD(([g topKWithSourceTensor:in[0] k:2 name:nil])), @[ table ], (@[ @"f32 2x2: 3 2 6 5", @"i32 2x2: 0 2 1 2" ]));
  check(TOP(0, 1), @[ table ], (@[ @"f32 1x3: 4 6 5", @"i32 1x3: 1 1 1" ]));
  check(BUILD(([g bottomKWithSourceTensor:in[0] axis:-1 k:2 name:nil])), @[ table ], (@[ @"f32 2x2: 1 2 4 5", @"i32 2x2: 1 2 0 2" ]));
  check(BUILD(([g topKWithSourceTensor:in[0] axisTensor:integers(g, @[ @1 ]) kTensor:integers(g, @[ @3 ]) name:nil])), @[ @"i32 1x3: 7 8 7" ],
        (@[ @"i32 1x3: 8 7 7", @"i32 1x3: 1 2 0" ]));
  checkRefused(TOP(1, 0), @[ table ], @"k = 0 of 3");
  checkRefused(TOP(1, 4), @[ table ], @"k = 4 of 3");
  checkRefused(TOP(0, 17), @[ @"i32 18: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18" ], @"k = 17 of 18");
  checkRefused(TOP(0, 1), @[ @"i32 1x1x1x1x1: 1" ], @"not among the last four");
  checkRefused(TOP(0, 1), @[ @"f32 2: nan 1" ], @"NaN in a descending order");
}
