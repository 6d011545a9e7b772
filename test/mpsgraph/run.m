// Performs a run on the queue's thread: reads the inputs then, as a GPU does.
#import "run.h"
#include <stdlib.h>

static Array *arraysOf(NSArray<MPSGraphTensorData *> *list) {
  Array *arrays = calloc([list count] + 1, sizeof(Array));
  NSUInteger at = 0;
  for (MPSGraphTensorData *data in list) {
    Array array = {.type = data->_dataType, .shape = shapeFrom(data->_shape, @selector(shape)), .data = (char *)[data->_buffer contents] + data->_offset};
    array.count = countOf(array.shape);
    arrays[at++] = array;
  }
  return arrays;
}

@implementation EmulatedRun
- (id)initWithPlan:(EmulatedPlan *)plan
            inputs:(NSArray<MPSGraphTensorData *> *)inputs
           results:(NSArray<MPSGraphTensorData *> *)results
        descriptor:(MPSGraphExecutableExecutionDescriptor *)descriptor {
  if ((self = [super init])) {
    _plan = [plan retain];
    _inputs = [inputs copy];
    _results = [results copy];
    if (descriptor.scheduledHandler) _scheduledHandler = Block_copy(descriptor.scheduledHandler);
    if (descriptor.completionHandler) _completionHandler = Block_copy(descriptor.completionHandler);
  }
  return self;
}

- (void)dealloc {
  if (_scheduledHandler) Block_release(_scheduledHandler);
  if (_completionHandler) Block_release(_completionHandler);
  [_plan release];
  [_inputs release];
  [_results release];
  [super dealloc];
}

- (void)scheduled {
  if (_scheduledHandler) _scheduledHandler(_results, nil);
}

- (void)perform {
  Array *inputs = arraysOf(_inputs), *outputs = arraysOf(_results);
  @try {
    [_plan evaluate:inputs into:outputs];
  } @finally {
    free(inputs);
    free(outputs);
  }
}

- (void)completed:(NSError *)error {
  if (_completionHandler) _completionHandler(_results, error);
}
@end
