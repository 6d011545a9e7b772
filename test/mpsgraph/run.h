// One run of an executable, encoded into a command buffer.
#ifndef EMULATED_RUN_H
#define EMULATED_RUN_H
#import "device.h"

@interface EmulatedRun : NSObject <EmulatedCommand> {
  EmulatedPlan *_plan;
  NSArray<MPSGraphTensorData *> *_inputs, *_results;
  MPSGraphExecutableScheduledHandler _scheduledHandler;
  MPSGraphExecutableCompletionHandler _completionHandler;
  int64_t _started;
}
- (id)initWithPlan:(EmulatedPlan *)plan
            inputs:(NSArray<MPSGraphTensorData *> *)inputs
           results:(NSArray<MPSGraphTensorData *> *)results
        descriptor:(MPSGraphExecutableExecutionDescriptor *)descriptor;
@end

#endif
