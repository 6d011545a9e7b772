// Compilation: which operations the targets need, and an order of feeds and targets of the framework's own.
#import "core.h"
#include <stdlib.h>
#include <string.h>

@interface MPSGraphExecutable (Making)
- (id)initWithPlan:(EmulatedPlan *)plan;
@end

// The order of feedTensors and targetTensors need not be the caller's; here it never is, for two or more.
static NSArray *reordered(NSArray *tensors) {
  NSMutableArray *result = [NSMutableArray array];
  const NSInteger count = (NSInteger)[tensors count];
  for (NSInteger at = 1; at < count; at += 2) [result addObject:[tensors objectAtIndex:(NSUInteger)at]];
  for (NSInteger at = (count - 1) / 2 * 2; at >= 0 && count > 0; at -= 2) [result addObject:[tensors objectAtIndex:(NSUInteger)at]];
  return result;
}

static NSInteger byCreation(id one, id other, void *context) {
  (void)context;
  const NSUInteger a = ((MPSGraphTensor *)one)->_operation->_number, b = ((MPSGraphTensor *)other)->_operation->_number;
  return a < b ? NSOrderedAscending : a > b ? NSOrderedDescending : NSOrderedSame;
}

static void checkDescriptor(MPSGraphCompilationDescriptor *descriptor, SEL selector) {
  // Without it executables crashed now and then on several systems, or were still compiling when they were used.
  if (descriptor == nil) refuse(selector, @"the compilation descriptor is nil");
  if (!descriptor.waitForCompilationCompletion) refuse(selector, @"waitForCompilationCompletion is not set: the executable may be used before it is compiled");
}

static void checkFeeds(MPSGraph *graph, MPSGraphTensorShapedTypeDictionary *feeds, SEL selector) {
  for (MPSGraphTensor *tensor in feeds) {
    MPSGraphShapedType *type = [feeds objectForKey:tensor];
    checkOperand(graph, tensor, KindAny | KindComplex, selector);
    if (!isInput(tensor)) refuse(selector, @"the feed %@ is no placeholder", tensor);
    if (type->_dataType != tensor->_dataType || ![type->_shape isEqual:tensor->_shape]) {
      refuse(selector, @"the feed %@ has the type %@ %@", tensor, nameOfType(type->_dataType), type->_shape);
    }
  }
}

static void checkTargets(MPSGraph *graph, NSArray<MPSGraphTensor *> *targets, SEL selector) {
  if ([targets count] == 0) refuse(selector, @"there are no targets");
  NSMutableSet *seen = [NSMutableSet set];
  for (MPSGraphTensor *target in targets) {
    checkOperand(graph, target, KindAny | KindComplex, selector);
    if (isInput(target)) refuse(selector, @"the target %@ is a placeholder: nothing would be written", target);
    if ([seen containsObject:target]) refuse(selector, @"the target %@ occurs twice", target);
    if (shapeOf(target).rank == 0) refuse(selector, @"the target %@ has rank 0; results are arrays of rank 1 or more", target);
    [seen addObject:target];
  }
}

// Whether the framework keeps feeds that no target needs is not known. It does here, unless MPSGRAPH_EMULATION_UNUSED_FEEDS is "dropped".
static NSArray *keptFeeds(NSArray *feeds, NSArray *operations) {
  const char *wanted = getenv("MPSGRAPH_EMULATION_UNUSED_FEEDS");
  if (wanted == NULL || strcmp(wanted, "dropped") != 0) return feeds;
  NSMutableArray *kept = [NSMutableArray array];
  for (MPSGraphTensor *feed in feeds) {
    if ([operations containsObject:feed->_operation]) [kept addObject:feed];
  }
  return kept;
}

@implementation MPSGraph (Compile)
- (MPSGraphExecutable *)compileWithDevice:(MPSGraphDevice *)device
                                    feeds:(MPSGraphTensorShapedTypeDictionary *)feeds
                            targetTensors:(NSArray<MPSGraphTensor *> *)targetTensors
                         targetOperations:(NSArray<MPSGraphOperation *> *)targetOperations
                    compilationDescriptor:(MPSGraphCompilationDescriptor *)compilationDescriptor {
  enterFramework(_cmd);
  @try {
    if (device == nil) refuse(_cmd, @"device may not be nil");
    checkDescriptor(compilationDescriptor, _cmd);
    checkFeeds(self, feeds, _cmd);
    checkTargets(self, targetTensors, _cmd);
    NSArray *needed = neededOperations(_operations, targetTensors, targetOperations);
    NSArray *inputs = keptFeeds([[feeds allKeys] sortedArrayUsingFunction:byCreation context:NULL], needed);
    EmulatedPlan *plan = [[[EmulatedPlan alloc] initWithOperations:needed
                                                            inputs:reordered(inputs)
                                                           outputs:reordered(targetTensors)
                                                          selector:_cmd] autorelease];
    MPSGraphExecutable *executable = [[[MPSGraphExecutable alloc] initWithPlan:plan] autorelease];
    executable->_options = _options;
    executable->_feedTensors = [plan->_inputs retain];
    executable->_targetTensors = [plan->_outputs retain];
    if (compilationDescriptor.compilationCompletionHandler) compilationDescriptor.compilationCompletionHandler(executable, nil);
    return executable;
  } @finally {
    leaveFramework();
  }
}
@end

@implementation MPSGraphCompilationDescriptor (Options)
- (void)disableTypeInference {
  refuse(_cmd, @"type inference at run time is not emulated");
}

// These change speed, not results.
- (void)convertLayoutToNHWC {
}

- (void)disableAutoLayoutConversion {
}
@end
