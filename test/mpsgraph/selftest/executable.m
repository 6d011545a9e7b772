// The life of an executable: compile, order of feeds and targets, runs, events, packages, and what is refused on the way.
#import "selftest.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static NSString *const two = @"f32 2: 1 2";

TEST(identityCopiesBits) {
  check(^id(MPSGraph *g, MPSGraphTensor **in) { return [g identityWithTensor:in[0] name:nil]; }, @[ @"f32 4: 0x1p-149 -0 nan inf" ], @"f32 4: 0x1p-149 -0 nan inf");
}

TEST(feedsAndTargetsComeInAnotherOrder) {
  MPSGraph *graph = [[MPSGraph new] autorelease];
  MPSGraphTensor *a = placeholder(graph, two), *b = placeholder(graph, @"f32 3: 1 2 3");
  MPSGraphTensor *x = [graph identityWithTensor:a name:nil], *y = [graph identityWithTensor:b name:nil];
  MPSGraphExecutable *executable = compile(graph, @[ a, b ], @[ x, y ]);
  CHECK([executable.feedTensors isEqual:(@[ b, a ])]);
  CHECK([executable.targetTensors isEqual:(@[ y, x ])]);
  CHECK([graph.placeholderTensors isEqual:(@[ a, b ])]);
  for (int count = 2; count < 7; count++) {
    NSMutableArray *feeds = [NSMutableArray array];
    for (int at = 0; at < count; at++) [feeds addObject:placeholder(graph, two)];
    NSArray *given = compile(graph, feeds, @[ [graph identityWithTensor:[feeds objectAtIndex:0] name:nil] ]).feedTensors;
    CHECK([[NSSet setWithArray:given] isEqual:[NSSet setWithArray:feeds]] && ![given isEqual:feeds]);
  }
}

TEST(compileIsStrict) {
  MPSGraph *graph = [[MPSGraph new] autorelease], *other = [[MPSGraph new] autorelease];
  MPSGraphTensor *a = placeholder(graph, two), *x = [graph identityWithTensor:a name:nil];
  checkRaises(^{ compile(graph, @[], @[ x ]); }, @"is not fed");
  checkRaises(^{ compile(graph, @[ a ], @[ x, x ]); }, @"occurs twice");
  checkRaises(^{ compile(graph, @[ a ], @[ a ]); }, @"is a placeholder");
  checkRaises(^{ compile(graph, @[ a ], @[]); }, @"no targets");
  checkRaises(^{ compile(graph, @[ a, x ], @[ [graph identityWithTensor:x name:nil] ]); }, @"is no placeholder");
  checkRaises(^{ compile(other, @[ a ], @[ x ]); }, @"another graph");
  checkRaises(^{ [other identityWithTensor:a name:nil]; }, @"another graph");
  MPSGraphDevice *on = [MPSGraphDevice deviceWithMTLDevice:device()];
  NSDictionary *feeds = @{a : [[[MPSGraphShapedType alloc] initWithShape:@[ @2 ] dataType:MPSDataTypeFloat32] autorelease]};
  NSDictionary *wrong = @{a : [[[MPSGraphShapedType alloc] initWithShape:@[ @3 ] dataType:MPSDataTypeFloat32] autorelease]};
  MPSGraphCompilationDescriptor *hasty = [[[MPSGraphCompilationDescriptor alloc] init] autorelease];
  checkRaises(^{ [graph compileWithDevice:on feeds:feeds targetTensors:@[ x ] targetOperations:nil compilationDescriptor:nil]; }, @"descriptor is nil");
  checkRaises(^{ [graph compileWithDevice:on feeds:feeds targetTensors:@[ x ] targetOperations:nil compilationDescriptor:hasty]; }, @"waitForCompilation");
  checkRaises(^{ [graph compileWithDevice:on feeds:wrong targetTensors:@[ x ] targetOperations:nil compilationDescriptor:compilation()]; }, @"has the type");
}

TEST(runIsStrict) {
  MPSGraph *graph = [[MPSGraph new] autorelease];
  MPSGraphTensor *a = placeholder(graph, two);
  MPSGraphExecutable *executable = compile(graph, @[ a ], @[ [graph identityWithTensor:a name:nil], [graph identityWithTensor:a name:nil] ]);
  id<MTLCommandQueue> queue = [[device() newCommandQueue] autorelease];
  MPSGraphTensorData *in = dataOf(two), *one = dataOf(two), *other = dataOf(two);
  void (^run)(NSArray *, NSArray *) = ^(NSArray *inputs, NSArray *results) {
    [executable runWithMTLCommandQueue:queue inputsArray:inputs resultsArray:results executionDescriptor:nil];
  };
  run(@[ in ], @[ one, other ]);
  checkRaises(^{ run(@[], @[ one, other ]); }, @"0 inputs where there are 1");
  checkRaises(^{ run(@[ in ], @[ one ]); }, @"1 results where there are 2");
  checkRaises(^{ run(@[ dataOf(@"f32 3: 1 2 3") ], @[ one, other ]); }, @"Incompatible shape");
  checkRaises(^{ run(@[ in ], @[ one, dataOf(@"f32 2x1: 1 2") ]); }, @"Incompatible shape");
  checkRaises(^{ run(@[ in ], @[ one, dataOf(@"i32 2: 1 2") ]); }, @"not of type f32");
  checkRaises(^{ run(@[ in ], @[ one, in ]); }, @"in the buffer of an input");
  checkRaises(^{ run(@[ in ], @[ one, one ]); }, @"overlap");
}

TEST(tensorDataIsChecked) {
  id<MTLBuffer> buffer = [[device() newBufferWithLength:16 options:MTLResourceStorageModeShared] autorelease];
  CHECK(((uintptr_t)[buffer contents] & 4095) == 0);
  checkRaises(^{ [[[MPSGraphTensorData alloc] initWithMTLBuffer:buffer shape:@[ @5 ] dataType:MPSDataTypeFloat32] autorelease]; }, @"not large enough");
  checkRaises(^{ [[[MPSGraphTensorData alloc] initWithMTLBuffer:buffer shape:@[] dataType:MPSDataTypeFloat32] autorelease]; }, @"rank 0");
  MPSNDArrayDescriptor *rows = [MPSNDArrayDescriptor descriptorWithDataType:MPSDataTypeFloat32 shape:@[ @1, @3 ]];
  checkRaises(^{ [[[MPSNDArray alloc] initWithBuffer:buffer offset:4 descriptor:rows] autorelease]; }, @"not large enough");
  checkRaises(^{ [[[MPSNDArray alloc] initWithBuffer:buffer offset:0 descriptor:rows] autorelease]; }, @"preferPackedRows");
  rows.preferPackedRows = YES;
  CHECK([[[[MPSNDArray alloc] initWithBuffer:buffer offset:4 descriptor:rows] autorelease] lengthOfDimension:0] == 3);
  CHECK([device() newBufferWithLength:0 options:MTLResourceStorageModeShared] == nil);
  CHECK([device() newBufferWithLength:[device() maxBufferLength] + 1 options:MTLResourceStorageModeShared] == nil);
}

TEST(buffersAreCounted) {
  const NSUInteger before = [device() currentAllocatedSize];
  id<MTLBuffer> buffer = [device() newBufferWithLength:100 options:MTLResourceStorageModeShared];
  CHECK([device() currentAllocatedSize] == before + 100);
  [buffer release];
  CHECK([device() currentAllocatedSize] == before);
}

TEST(asynchronousRunsKeepTheirOrder) {
  MPSGraph *graph = [[MPSGraph new] autorelease];
  MPSGraphTensor *a = placeholder(graph, two);
  MPSGraphExecutable *executable = compile(graph, @[ a ], @[ [graph identityWithTensor:a name:nil] ]);
  id<MTLCommandQueue> queue = [[device() newCommandQueue] autorelease];
  MPSGraphTensorData *chain[9];
  for (int at = 0; at < 9; at++) chain[at] = dataOf(@"f32 2: 0 0");
  chain[0] = dataOf(@"f32 2: 7 8");
  NSThread *here = [NSThread currentThread];
  NSCondition *ended = [[[NSCondition alloc] init] autorelease];
  __block int count = 0;
  __block bool elsewhere = true, failed = false;
  id<MTLSharedEvent> gate = [[device() newSharedEvent] autorelease];
  for (int at = 0; at < 8; at++) {
    MPSGraphExecutableExecutionDescriptor *descriptor = [[[MPSGraphExecutableExecutionDescriptor alloc] init] autorelease];
    if (at == 0) [descriptor waitForEvent:gate value:1];
    descriptor.completionHandler = ^(NSArray<MPSGraphTensorData *> *results, NSError *error) {
      [ended lock];
      failed = failed || error != nil || [results count] != 1;
      elsewhere = elsewhere && [NSThread currentThread] != here;
      count++;
      [ended signal];
      [ended unlock];
    };
    [executable runAsyncWithMTLCommandQueue:queue inputsArray:@[ chain[at] ] resultsArray:@[ chain[at + 1] ] executionDescriptor:descriptor];
  }
  // Nothing has run before the gate opens.
  CHECK(count == 0);
  CHECK([textOf(chain[8]) isEqualToString:@"f32 2: 0 0"]);
  [gate setSignaledValue:1];
  [ended lock];
  while (count < 8) [ended wait];
  [ended unlock];
  CHECK(elsewhere && !failed);
  CHECK([textOf(chain[8]) isEqualToString:@"f32 2: 7 8"]);
}

TEST(errorsOfRunsReachTheHandler) {
  MPSGraph *graph = [[MPSGraph new] autorelease];
  MPSGraphTensor *a = placeholder(graph, @"i32 1: 1");
  MPSGraphExecutable *executable = compile(graph, @[ a ], @[ [graph castTensor:a toType:MPSDataTypeBool name:nil] ]);
  MPSCommandBuffer *buffer = [MPSCommandBuffer commandBufferFromCommandQueue:[[device() newCommandQueue] autorelease]];
  MPSGraphExecutableExecutionDescriptor *descriptor = [[[MPSGraphExecutableExecutionDescriptor alloc] init] autorelease];
  __block NSString *text = nil;
  __block bool scheduled = false;
  descriptor.scheduledHandler = ^(NSArray<MPSGraphTensorData *> *results, NSError *error) {
    scheduled = [results count] == 1 && error == nil;
  };
  descriptor.completionHandler = ^(NSArray<MPSGraphTensorData *> *results, NSError *error) {
    (void)results;
    text = [[error localizedDescription] retain];
  };
  [executable encodeToCommandBuffer:buffer inputsArray:@[ dataOf(@"i32 1: 2") ] resultsArray:nil executionDescriptor:descriptor];
  [buffer commit];
  [buffer waitUntilCompleted];
  CHECK(scheduled && [text hasPrefix:@"MPSGraph would abort: castTensor:toType:name: cast of 2"]);
  CHECK([buffer status] == MTLCommandBufferStatusError && [[[buffer error] localizedDescription] isEqualToString:text]);
  [text release];
}

TEST(signaturesOfMethodsWithBlocks) {
  MPSGraph *graph = [[MPSGraph new] autorelease];
  NSMethodSignature *signature = [compilation() methodSignatureForSelector:@selector(setCompilationCompletionHandler:)];
  CHECK([signature numberOfArguments] == 3 && strcmp([signature getArgumentTypeAtIndex:2], "@") == 0);
  CHECK(strcmp([[graph methodSignatureForSelector:@selector(identityWithTensor:name:)] methodReturnType], "@") == 0);
  CHECK([graph methodSignatureForSelector:@selector(lastObject)] == nil);
}

TEST(unusedFeedsAreKept) {
  MPSGraph *graph = [[MPSGraph new] autorelease];
  MPSGraphTensor *a = placeholder(graph, two), *b = placeholder(graph, two), *x = [graph identityWithTensor:a name:nil];
  CHECK([compile(graph, @[ a, b ], @[ x ]).feedTensors count] == 2);
  setenv("MPSGRAPH_EMULATION_UNUSED_FEEDS", "dropped", 1);
  @try {
    CHECK([compile(graph, @[ a, b ], @[ x ]).feedTensors isEqual:@[ a ]]);
  } @finally {
    unsetenv("MPSGRAPH_EMULATION_UNUSED_FEEDS");
  }
}

TEST(longGraphsReplaceTheCommandBuffer) {
  MPSGraph *graph = [[MPSGraph new] autorelease];
  MPSGraphTensor *a = placeholder(graph, two), *x = a;
  for (int at = 0; at < 40; at++) x = [graph identityWithTensor:x name:nil];
  MPSGraphExecutable *executable = compile(graph, @[ a ], @[ x ]);
  MPSCommandBuffer *buffer = [MPSCommandBuffer commandBufferFromCommandQueue:[[device() newCommandQueue] autorelease]];
  id<MTLCommandBuffer> before = [[buffer.commandBuffer retain] autorelease];
  NSArray *results = [executable encodeToCommandBuffer:buffer inputsArray:@[ dataOf(two) ] resultsArray:nil executionDescriptor:nil];
  CHECK(buffer.commandBuffer != before);
  checkRaises(^{ [before commit]; }, @"already committed");
  checkRaises(^{ [buffer waitUntilCompleted]; }, @"was not committed");
  [buffer commit];
  [buffer waitUntilCompleted];
  CHECK([buffer status] == MTLCommandBufferStatusCompleted && [buffer error] == nil);
  CHECK([textOf([results objectAtIndex:0]) isEqualToString:two]);
}

TEST(constantsNeedTheirData) {
  MPSGraph *graph = [[MPSGraph new] autorelease];
  MPSGraphTensor *a = placeholder(graph, @"f32 1: 0");
  const float values[] = {3, 4};
  NSData *data = [[NSData alloc] initWithBytes:values length:sizeof values];
  checkRaises(^{ [graph constantWithData:data shape:@[ @3 ] dataType:MPSDataTypeFloat32]; }, @"8 bytes of data");
  MPSGraphTensor *constant = [graph constantWithData:data shape:@[ @2 ] dataType:MPSDataTypeFloat32];
  MPSGraphExecutable *executable = compile(graph, @[ a ], @[ [graph identityWithTensor:constant name:nil] ]);
  id<MTLCommandQueue> queue = [[device() newCommandQueue] autorelease];
  NSArray *results = [executable runWithMTLCommandQueue:queue inputsArray:@[ dataOf(@"f32 1: 0") ] resultsArray:nil executionDescriptor:nil];
  CHECK([textOf([results objectAtIndex:0]) isEqualToString:@"f32 2: 3 4"]);
  [data release];
  checkRaises(^{
    [executable runWithMTLCommandQueue:queue inputsArray:@[ dataOf(@"f32 1: 0") ] resultsArray:nil executionDescriptor:nil];
  }, @"was released before the run");
}

TEST(scalarConstants) {
  MPSGraph *graph = [[MPSGraph new] autorelease];
  CHECK([[graph constantWithScalar:1 dataType:MPSDataTypeFloat32].shape isEqual:@[ @1 ]]);
  check(^id(MPSGraph *g, MPSGraphTensor **in) {
    (void)in;
    return @[
      [g constantWithScalar:0.1 shape:@[ @2 ] dataType:MPSDataTypeFloat32], [g constantWithScalar:-3 dataType:MPSDataTypeInt64],
      [g constantWithScalar:255 dataType:MPSDataTypeUInt8], [g constantWithScalar:2049 dataType:MPSDataTypeFloat16]
    ];
  }, @[ @"f32 1: 0" ], (@[ @"f32 2: 0x1.99999ap-4 0x1.99999ap-4", @"i64 1: -3", @"u8 1: 255", @"f16 1: 2048" ]));
  checkRaises(^{ [graph constantWithScalar:1 dataType:MPSDataTypeBool]; }, @"bool");
  checkRaises(^{ [graph constantWithScalar:256 dataType:MPSDataTypeUInt8]; }, @"256 is no u8");
  checkRaises(^{ [graph constantWithScalar:1.5 dataType:MPSDataTypeInt32]; }, @"1.5 is no i32");
  checkRaises(^{ [graph placeholderWithShape:@[] dataType:MPSDataTypeFloat32 name:nil]; }, @"rank 0");
}

TEST(outputTypes) {
  MPSGraph *graph = [[MPSGraph new] autorelease];
  MPSGraphTensor *a = placeholder(graph, @"i8 2x3: 1 2 3 4 5 6");
  MPSGraphExecutable *executable = compile(graph, @[ a ], @[ [graph identityWithTensor:a name:nil] ]);
  MPSGraphDevice *on = [MPSGraphDevice deviceWithMTLDevice:device()];
  NSArray *types = @[ [[[MPSGraphShapedType alloc] initWithShape:@[ @2, @3 ] dataType:MPSDataTypeInt8] autorelease] ];
  MPSGraphShapedType *type = [[executable getOutputTypesWithDevice:on inputTypes:types compilationDescriptor:compilation()] objectAtIndex:0];
  CHECK([type isEqualTo:[types objectAtIndex:0]]);
  [executable specializeWithDevice:on inputTypes:types compilationDescriptor:compilation()];
  checkRaises(^{ [executable specializeWithDevice:on inputTypes:@[] compilationDescriptor:compilation()]; }, @"0 input types");
}

TEST(executablesOutliveTheirGraph) {
  MPSGraphExecutable *executable;
  @autoreleasepool {
    MPSGraph *graph = [MPSGraph new];
    MPSGraphTensor *a = placeholder(graph, two);
    executable = [compile(graph, @[ a ], @[ [graph identityWithTensor:a name:nil] ]) retain];
    [graph release];
  }
  id<MTLCommandQueue> queue = [[device() newCommandQueue] autorelease];
  NSArray *results = [executable runWithMTLCommandQueue:queue inputsArray:@[ dataOf(two) ] resultsArray:nil executionDescriptor:nil];
  CHECK([textOf([results objectAtIndex:0]) isEqualToString:two]);
  [executable release];
}

TEST(packages) {
  NSString *path = [NSTemporaryDirectory() stringByAppendingPathComponent:[NSString stringWithFormat:@"selftest-%d.mpsgraphpackage", getpid()]];
  NSURL *url = [NSURL fileURLWithPath:path];
  MPSGraph *graph = [[MPSGraph new] autorelease];
  MPSGraphTensor *a = placeholder(graph, two);
  MPSGraphExecutable *executable = compile(graph, @[ a ], @[ [graph identityWithTensor:a name:nil] ]);
  [executable serializeToMPSGraphPackageAtURL:url descriptor:nil];
  @try {
    checkRaises(^{ [executable serializeToMPSGraphPackageAtURL:url descriptor:nil]; }, @"directory failed");
    MPSGraphExecutable *loaded = [[[MPSGraphExecutable alloc] initWithMPSGraphPackageAtURL:url compilationDescriptor:compilation()] autorelease];
    CHECK(loaded.feedTensors == nil && loaded.targetTensors == nil);
    id<MTLCommandQueue> queue = [[device() newCommandQueue] autorelease];
    NSArray *results = [loaded runWithMTLCommandQueue:queue inputsArray:@[ dataOf(two) ] resultsArray:nil executionDescriptor:nil];
    CHECK([textOf([results objectAtIndex:0]) isEqualToString:two]);
  } @finally {
    [[NSFileManager defaultManager] removeItemAtPath:path error:NULL];
  }
  checkRaises(^{ [[[MPSGraphExecutable alloc] initWithMPSGraphPackageAtURL:url compilationDescriptor:compilation()] autorelease]; }, @"is no package");
}

TEST(otherThreadsAreRefusedWhileOneBuilds) {
  enterFramework(@selector(compare:));
  __block NSString *reason = nil;
  @try {
    NSCondition *ended = [[[NSCondition alloc] init] autorelease];
    __block bool done = false;
    MPSGraph *graph = [[MPSGraph new] autorelease];
    void (^work)(void) = ^{
      @try {
        [graph placeholderWithShape:@[ @1 ] dataType:MPSDataTypeFloat32 name:nil];
      } @catch (NSException *exception) {
        reason = [[exception reason] retain];
      }
      [ended lock];
      done = true;
      [ended signal];
      [ended unlock];
    };
    id<MTLCommandBuffer> buffer = [[[device() newCommandQueue] autorelease] commandBuffer];
    [buffer addCompletedHandler:^(id<MTLCommandBuffer> completed) {
      (void)completed;
      work();
    }];
    [buffer commit];
    [ended lock];
    while (!done) [ended wait];
    [ended unlock];
  } @finally {
    leaveFramework();
  }
  CHECK(reason != nil && [reason rangeOfString:@"another thread"].location != NSNotFound);
  [reason release];
}
