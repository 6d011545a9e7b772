// MPSGraphExecutable: checks of the data of a run, and the three ways to start one.
#import "run.h"
#include <stdlib.h>

// Graphs of more operations than this make encoding commit the caller's command buffer and continue in a new one, as the framework may at any time.
enum { longGraph = 32 };

@implementation MPSGraphExecutable
@synthesize options = _options;
@synthesize feedTensors = _feedTensors;
@synthesize targetTensors = _targetTensors;

- (id)initWithPlan:(EmulatedPlan *)plan {
  if ((self = [super init])) _plan = [plan retain];
  return self;
}

- (void)dealloc {
  [_feedTensors release];
  [_targetTensors release];
  [_plan release];
  [super dealloc];
}

static EmulatedPlan *planOf(MPSGraphExecutable *executable) {
  return executable->_plan;
}

static void checkTypes(NSArray<MPSGraphTensor *> *tensors, NSArray *given, NSString *what, SEL selector) {
  if ([given count] != [tensors count]) {
    refuse(selector, @"%lu %@ where there are %lu", (unsigned long)[given count], what, (unsigned long)[tensors count]);
  }
  for (NSUInteger at = 0; at < [tensors count]; at++) {
    MPSGraphTensor *tensor = [tensors objectAtIndex:at];
    // MPSGraphShapedType and MPSGraphTensorData both have these.
    MPSGraphShapedType *type = [given objectAtIndex:at];
    if (![type respondsToSelector:@selector(dataType)] || [type dataType] != tensor->_dataType) {
      refuse(selector, @"%@ at index %lu: not of type %@", what, (unsigned long)at, nameOfType(tensor->_dataType));
    }
    if (![[type shape] isEqual:tensor->_shape]) {
      refuse(selector, @"Incompatible shape for parameter at index %lu (%@): %@ where %@ was compiled", (unsigned long)at, what,
             [[type shape] componentsJoinedByString:@"x"], textOfShape(shapeOf(tensor)));
    }
  }
}

static bool overlap(MPSGraphTensorData *a, MPSGraphTensorData *b) {
  const char *one = (char *)[a->_buffer contents] + a->_offset, *other = (char *)[b->_buffer contents] + b->_offset;
  const size_t oneBytes = (size_t)countOf(shapeFrom(a->_shape, @selector(shape))) * sizeOfType(a->_dataType);
  const size_t otherBytes = (size_t)countOf(shapeFrom(b->_shape, @selector(shape))) * sizeOfType(b->_dataType);
  return one < other + otherBytes && other < one + oneBytes;
}

static void checkBuffers(NSArray<MPSGraphTensorData *> *inputs, NSArray<MPSGraphTensorData *> *results, SEL selector) {
  for (NSUInteger at = 0; at < [results count]; at++) {
    MPSGraphTensorData *result = [results objectAtIndex:at];
    // Whatever the offsets: a result that is a view of an input is not written at all when their buffers are the same.
    for (MPSGraphTensorData *input in inputs) {
      if (input->_buffer == result->_buffer) refuse(selector, @"result %lu is in the buffer of an input", (unsigned long)at);
    }
    for (NSUInteger before = 0; before < at; before++) {
      if (overlap(result, [results objectAtIndex:before])) refuse(selector, @"results %lu and %lu overlap", (unsigned long)before, (unsigned long)at);
    }
  }
}

static NSArray *allocateResults(NSArray<MPSGraphTensor *> *targets, id<MTLDevice> device) {
  NSMutableArray *results = [NSMutableArray array];
  for (MPSGraphTensor *target in targets) {
    MPSNDArrayDescriptor *descriptor = [MPSNDArrayDescriptor descriptorWithDataType:target->_dataType shape:target->_shape];
    MPSNDArray *array = [[[MPSNDArray alloc] initWithDevice:device descriptor:descriptor] autorelease];
    [results addObject:[[[MPSGraphTensorData alloc] initWithMPSNDArray:array] autorelease]];
  }
  return results;
}

- (void)specializeWithDevice:(MPSGraphDevice *)device
                  inputTypes:(NSArray<MPSGraphType *> *)inputTypes
       compilationDescriptor:(MPSGraphCompilationDescriptor *)compilationDescriptor {
  enterFramework(_cmd);
  @try {
    if (device == nil) refuse(_cmd, @"device may not be nil");
    if (compilationDescriptor == nil) refuse(_cmd, @"the compilation descriptor is nil");
    checkTypes(planOf(self)->_inputs, inputTypes, @"input types", _cmd);
  } @finally {
    leaveFramework();
  }
}

- (NSArray<MPSGraphShapedType *> *)getOutputTypesWithDevice:(MPSGraphDevice *)device
                                                 inputTypes:(NSArray<MPSGraphType *> *)inputTypes
                                      compilationDescriptor:(MPSGraphCompilationDescriptor *)compilationDescriptor {
  if (device == nil) refuse(_cmd, @"device may not be nil");
  if (compilationDescriptor == nil) refuse(_cmd, @"the compilation descriptor is nil");
  checkTypes(planOf(self)->_inputs, inputTypes, @"input types", _cmd);
  NSMutableArray *types = [NSMutableArray array];
  for (MPSGraphTensor *target in planOf(self)->_outputs) {
    [types addObject:[[[MPSGraphShapedType alloc] initWithShape:target->_shape dataType:target->_dataType] autorelease]];
  }
  return types;
}

- (NSArray<MPSGraphTensorData *> *)encodeToCommandBuffer:(MPSCommandBuffer *)commandBuffer
                                             inputsArray:(NSArray<MPSGraphTensorData *> *)inputsArray
                                            resultsArray:(NSArray<MPSGraphTensorData *> *)resultsArray
                                     executionDescriptor:(MPSGraphExecutableExecutionDescriptor *)executionDescriptor {
  enterFramework(_cmd);
  @try {
    EmulatedPlan *plan = planOf(self);
    if (![commandBuffer isKindOfClass:[MPSCommandBuffer class]]) refuse(_cmd, @"the command buffer is no MPSCommandBuffer");
    checkTypes(plan->_inputs, inputsArray, @"inputs", _cmd);
    if (resultsArray == nil) resultsArray = allocateResults(plan->_outputs, [commandBuffer device]);
    checkTypes(plan->_outputs, resultsArray, @"results", _cmd);
    checkBuffers(inputsArray, resultsArray, _cmd);
    if ([plan->_operations count] > longGraph) [commandBuffer commitAndContinue];

    EmulatedCommandBuffer *target = commandBuffer.commandBuffer;
    for (NSArray *wait in executionDescriptor ? executionDescriptor->_waits : nil) [target encodeWaitForEvent:[wait objectAtIndex:0] value:[[wait objectAtIndex:1] unsignedLongLongValue]];
    EmulatedRun *run = [[EmulatedRun alloc] initWithPlan:plan inputs:inputsArray results:resultsArray descriptor:executionDescriptor];
    [target addCommand:run];
    [run release];
    for (NSArray *signal in executionDescriptor ? executionDescriptor->_signals : nil) [target encodeSignalEvent:[signal objectAtIndex:0] value:[[signal objectAtIndex:1] unsignedLongLongValue]];
    return resultsArray;
  } @finally {
    leaveFramework();
  }
}

- (NSArray<MPSGraphTensorData *> *)runAsyncWithMTLCommandQueue:(id<MTLCommandQueue>)commandQueue
                                                   inputsArray:(NSArray<MPSGraphTensorData *> *)inputsArray
                                                  resultsArray:(NSArray<MPSGraphTensorData *> *)resultsArray
                                           executionDescriptor:(MPSGraphExecutableExecutionDescriptor *)executionDescriptor {
  MPSCommandBuffer *buffer = [MPSCommandBuffer commandBufferFromCommandQueue:commandQueue];
  NSArray *results = [self encodeToCommandBuffer:buffer inputsArray:inputsArray resultsArray:resultsArray executionDescriptor:executionDescriptor];
  [buffer commit];
  if (executionDescriptor.waitUntilCompleted) [buffer waitUntilCompleted];
  return results;
}

- (NSArray<MPSGraphTensorData *> *)runWithMTLCommandQueue:(id<MTLCommandQueue>)commandQueue
                                              inputsArray:(NSArray<MPSGraphTensorData *> *)inputsArray
                                             resultsArray:(NSArray<MPSGraphTensorData *> *)resultsArray
                                      executionDescriptor:(MPSGraphExecutableExecutionDescriptor *)executionDescriptor {
  MPSCommandBuffer *buffer = [MPSCommandBuffer commandBufferFromCommandQueue:commandQueue];
  NSArray *results = [self encodeToCommandBuffer:buffer inputsArray:inputsArray resultsArray:resultsArray executionDescriptor:executionDescriptor];
  [buffer commit];
  [buffer waitUntilCompleted];
  // There is no other way to learn of it: the real call returns stale results.
  if ([buffer error]) [NSException raise:@"MPSGraphAbort" format:@"%@", [[buffer error] localizedDescription]];
  return results;
}
@end

@implementation MPSGraphExecutableExecutionDescriptor (Events)
- (void)waitForEvent:(id<MTLSharedEvent>)event value:(uint64_t)value {
  if (_waits == nil) _waits = [[NSMutableArray alloc] init];
  [_waits addObject:@[ event, [NSNumber numberWithUnsignedLongLong:value] ]];
}

- (void)signalEvent:(id<MTLSharedEvent>)event atExecutionEvent:(MPSGraphExecutionStage)executionStage value:(uint64_t)value {
  (void)executionStage;
  if (_signals == nil) _signals = [[NSMutableArray alloc] init];
  [_signals addObject:@[ event, [NSNumber numberWithUnsignedLongLong:value] ]];
}
@end
