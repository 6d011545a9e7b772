// Performs a run on the queue's thread: reads the inputs then, as a GPU does.
#import "run.h"
#include <stdlib.h>
#include <time.h>

static _Atomic int64_t nanoseconds;

// How long runs have taken, from their encoding until their completion handlers were called: benchmarks of what is around them take that off.
__attribute__((visibility("default"))) int64_t mpsgraph_emulation_nanoseconds(void) {
  return nanoseconds;
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

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
    _started = now();
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
  nanoseconds += now() - _started;
  if (_completionHandler) _completionHandler(_results, error);
}
@end
