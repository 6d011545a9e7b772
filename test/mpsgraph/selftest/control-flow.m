// Branches, loops and control dependencies.
#import "build.h"

#define ADD(a, b) [g additionWithPrimaryTensor:a secondaryTensor:b name:nil]
#define MULTIPLY(a, b) [g multiplicationWithPrimaryTensor:a secondaryTensor:b name:nil]
#define LESS(a, b) [g lessThanWithPrimaryTensor:a secondaryTensor:b name:nil]

static MPSGraphTensor *number(MPSGraph *g, double value) {
  return [g constantWithScalar:value dataType:MPSDataTypeInt32];
}

static NSArray *branch(MPSGraph *g, MPSGraphTensor **in) {
  return [g ifWithPredicateTensor:in[0]
                        thenBlock:^{ return @[ ADD(in[1], in[2]), in[1] ]; }
                        elseBlock:^{ return @[ MULTIPLY(in[1], in[2]), in[2] ]; }
                             name:nil];
}

TEST(branches) {
  check(BUILD(branch(g, in)), (@[ @"bool 1: 1", @"i32 2: 2 3", @"i32 2: 4 5" ]), (@[ @"i32 2: 6 8", @"i32 2: 2 3" ]));
  check(BUILD(branch(g, in)), (@[ @"bool 1: 0", @"i32 2: 2 3", @"i32 2: 4 5" ]), (@[ @"i32 2: 8 15", @"i32 2: 4 5" ]));
  // Only the branch that is taken runs: the other one looks up an index out of range.
  Build choice = ^id(MPSGraph *g, MPSGraphTensor **in) {
    return [g ifWithPredicateTensor:in[0]
                          thenBlock:^{ return @[ [g gatherWithUpdatesTensor:in[1] indicesTensor:in[2] axis:0 batchDimensions:0 name:nil] ]; }
                          elseBlock:^{ return @[ in[1] ]; }
                               name:nil];
  };
  check(choice, (@[ @"bool 1: 0", @"f32 1: 5", @"i32 1: 7" ]), @"f32 1: 5");
  checkRefused(choice, (@[ @"bool 1: 1", @"f32 1: 5", @"i32 1: 7" ]), @"index 7 of 1 is out of range");
}

TEST(branchesRefuse) {
  static MPSGraphIfThenElseBlock nothing;
  NSArray *operands = @[ @"bool 1: 1", @"i32 1: 2", @"f32 1: 3" ];
  checkRefused(BUILD(([g ifWithPredicateTensor:in[0] thenBlock:^{ return @[ in[1] ]; } elseBlock:nothing name:nil])), operands, @"if without else");
  checkRefused(BUILD(([g ifWithPredicateTensor:in[0] thenBlock:^{ return @[ in[1] ]; } elseBlock:^{ return @[ in[2] ]; } name:nil])), operands,
               @"region type mismatch");
  checkRefused(BUILD(([g ifWithPredicateTensor:in[0] thenBlock:^{ return @[ in[1] ]; } elseBlock:^{ return @[ in[1], in[1] ]; } name:nil])), operands,
               @"region type mismatch");
  checkRefused(BUILD(([g ifWithPredicateTensor:in[1] thenBlock:^{ return @[ in[1] ]; } elseBlock:^{ return @[ in[1] ]; } name:nil])), operands, @"no kernel for i32");
  checkRefused(BUILD(([g ifWithPredicateTensor:in[0] thenBlock:^{ return @[ in[1] ]; } elseBlock:^{ return @[ in[1] ]; } name:nil])),
               (@[ @"bool 2: 1 1", @"i32 1: 2" ]), @"is no scalar");
  // A tensor of a block is unknown outside.
  Build leak = ^id(MPSGraph *g, MPSGraphTensor **in) {
    __block MPSGraphTensor *inner = nil;
    [g ifWithPredicateTensor:in[0]
                   thenBlock:^{ return @[ inner = ADD(in[1], in[1]) ]; }
                   elseBlock:^{ return @[ in[1] ]; }
                        name:nil];
    return inner;
  };
  checkRefused(leak, (@[ @"bool 1: 1", @"i32 1: 2" ]), @"was made in a block of control flow");
}

// Doubles in[0] until it is at least in[1]; counts the steps.
static NSArray *doubling(MPSGraph *g, MPSGraphTensor *start, MPSGraphTensor *limit, MPSGraphTensor *count) {
  return [g whileWithInitialInputs:@[ start, count ]
      before:^(NSArray *inputs, NSMutableArray *results) {
        [results addObjectsFromArray:inputs];
        return LESS([inputs objectAtIndex:0], limit);
      }
      after:^(NSArray *inputs) { return @[ ADD([inputs objectAtIndex:0], [inputs objectAtIndex:0]), ADD([inputs objectAtIndex:1], number(g, 1)) ]; }
      name:nil];
}

TEST(whileLoops) {
  check(BUILD(doubling(g, in[0], in[1], number(g, 0))), (@[ @"f32 1: 3", @"f32 1: 40" ]), (@[ @"f32 1: 48", @"i32 1: 4" ]));
  check(BUILD(doubling(g, in[0], in[1], number(g, 0))), (@[ @"f32 1: 3", @"f32 1: 2" ]), (@[ @"f32 1: 3", @"i32 1: 0" ]));
  // Rank 0 becomes [1].
  check(BUILD(doubling(g, [g reshapeTensor:in[0] withShape:@[] name:nil], in[1], number(g, 0))), (@[ @"f32 1: 3", @"f32 1: 4" ]), (@[ @"f32 1: 6", @"i32 1: 1" ]));
  checkRefused(BUILD(([g whileWithInitialInputs:@[ in[0] ]
                   before:^(NSArray *inputs, NSMutableArray *results) {
                     [results addObjectsFromArray:inputs];
                     return LESS([inputs objectAtIndex:0], in[0]);
                   }
                   after:^(NSArray *inputs) { return @[ [g castTensor:[inputs objectAtIndex:0] toType:MPSDataTypeFloat16 name:nil] ]; }
                   name:nil])),
               @[ @"f32 1: 3" ], @"region type mismatch");
}

TEST(forLoops) {
  check(BUILD(([g forLoopWithNumberOfIterations:in[0]
                           initialBodyArguments:@[ in[1] ]
                                           body:^(MPSGraphTensor *index, NSArray *carried) { return @[ ADD([carried objectAtIndex:0], index) ]; }
                                           name:nil])),
        (@[ @"i32 1: 4", @"i32 1: 10" ]), @"i32 1: 16");
  // 2 + 4 + 6; two values change places three times.
  Build swap = ^id(MPSGraph *g, MPSGraphTensor **in) {
    return [g forLoopWithLowerBound:number(g, 2)
                         upperBound:number(g, 7)
                               step:number(g, 2)
               initialBodyArguments:@[ in[0], in[1], number(g, 0) ]
                               body:^(MPSGraphTensor *index, NSArray *carried) {
                                 return @[ [carried objectAtIndex:1], [carried objectAtIndex:0], ADD([carried objectAtIndex:2], index) ];
                               }
                               name:nil];
  };
  check(swap, (@[ @"f32 2: 1 2", @"f32 2: 3 4" ]), (@[ @"f32 2: 3 4", @"f32 2: 1 2", @"i32 1: 12" ]));
  check(BUILD(([g forLoopWithNumberOfIterations:in[0]
                           initialBodyArguments:@[ in[1] ]
                                           body:^(MPSGraphTensor *index, NSArray *carried) { return @[ ADD([carried objectAtIndex:0], index) ]; }
                                           name:nil])),
        (@[ @"i32 1: 0", @"i32 1: 10" ]), @"i32 1: 10");
  checkRefused(BUILD(([g forLoopWithLowerBound:number(g, 0)
                                    upperBound:number(g, 1)
                                          step:number(g, 0)
                          initialBodyArguments:@[ in[0] ]
                                          body:^(MPSGraphTensor *index, NSArray *carried) { (void)index; return carried; }
                                          name:nil])),
               @[ @"i32 1: 1" ], @"step 0 must be positive");
}

TEST(blocksNest) {
  // Adds the even numbers below in[0] to in[1].
  Build evens = ^id(MPSGraph *g, MPSGraphTensor **in) {
    return [g forLoopWithNumberOfIterations:in[0]
                       initialBodyArguments:@[ in[1] ]
                                       body:^(MPSGraphTensor *index, NSArray *carried) {
                                         MPSGraphTensor *total = [carried objectAtIndex:0], *half = [g bitwiseANDWithPrimaryTensor:index secondaryTensor:number(g, 1) name:nil];
                                         return [g ifWithPredicateTensor:[g equalWithPrimaryTensor:half secondaryTensor:number(g, 0) name:nil]
                                                               thenBlock:^{ return @[ ADD(total, index) ]; }
                                                               elseBlock:^{ return @[ total ]; }
                                                                    name:nil];
                                       }
                                       name:nil];
  };
  check(evens, (@[ @"i32 1: 7", @"i32 1: 100" ]), @"i32 1: 112");
}

TEST(controlDependencies) {
  // A lookup out of range, which nothing reads: it runs only for the sake of what depends on it.
  Build lookup = ^id(MPSGraph *g, MPSGraphTensor **in) {
    [g gatherWithUpdatesTensor:in[0] indicesTensor:in[1] axis:0 batchDimensions:0 name:nil];
    return ADD(in[0], in[0]);
  };
  check(lookup, (@[ @"i32 1: 2", @"i32 1: 9" ]), @"i32 1: 4");
  Build dependent = ^id(MPSGraph *g, MPSGraphTensor **in) {
    MPSGraphTensor *unread = [g gatherWithUpdatesTensor:in[0] indicesTensor:in[1] axis:0 batchDimensions:0 name:nil];
    return [g controlDependencyWithOperations:@[ unread.operation ] dependentBlock:^{ return @[ ADD(in[0], in[0]) ]; } name:nil];
  };
  check(dependent, (@[ @"i32 1: 2", @"i32 1: 0" ]), @"i32 1: 4");
  checkRefused(dependent, (@[ @"i32 1: 2", @"i32 1: 9" ]), @"index 9 of 1 is out of range");
}
