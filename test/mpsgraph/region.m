// Records what a block argument of a control flow method builds.
#import "core.h"

@implementation Region
- (void)dealloc {
  [_plan release];
  [_captured release];
  [super dealloc];
}
@end

Region *recordRegion(MPSGraph *graph, NSArray<MPSGraphTensor *> *like, SEL selector, RegionBody body) {
  NSMutableArray *outer = graph->_operations, *inner = [NSMutableArray array];
  NSArray *results = nil;
  NSMutableArray *parameters = [NSMutableArray array];
  graph->_operations = [inner retain];
  @try {
    for (MPSGraphTensor *tensor in like) [parameters addObject:makeInput(graph, selector, @"parameter", tensor->_dataType, shapeOf(tensor))];
    results = body(parameters);
  } @finally {
    graph->_operations = outer;
    [inner release];
  }
  if (results == nil) refuse(selector, @"a block returned nil");

  NSMutableSet *made = [NSMutableSet set];
  for (MPSGraphOperation *operation in inner) [made addObjectsFromArray:operation->_outputTensors];
  NSMutableArray *captured = [NSMutableArray array];
  for (MPSGraphOperation *operation in inner) {
    for (MPSGraphTensor *input in operation->_inputTensors) {
      if (![made containsObject:input] && ![captured containsObject:input]) [captured addObject:input];
    }
  }
  for (MPSGraphTensor *result in results) {
    if (![result isKindOfClass:[MPSGraphTensor class]]) refuse(selector, @"a block returned %@, no tensor", result);
    if (![made containsObject:result] && ![captured containsObject:result]) [captured addObject:result];
  }

  Region *region = [[[Region alloc] init] autorelease];
  region->_captured = [captured copy];
  region->_plan = [[EmulatedPlan alloc] initWithOperations:inner
                                                    inputs:[parameters arrayByAddingObjectsFromArray:captured]
                                                   outputs:results
                                                  selector:selector];
  return region;
}
