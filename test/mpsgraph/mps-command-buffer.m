// MPSCommandBuffer: a command buffer that encoders may commit and replace by a new one of the same queue.
#import "device.h"

@implementation MPSCommandBuffer
@synthesize commandBuffer = _commandBuffer;

+ (instancetype)commandBufferWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer {
  return [[[self alloc] initWithCommandBuffer:commandBuffer] autorelease];
}

+ (instancetype)commandBufferFromCommandQueue:(id<MTLCommandQueue>)commandQueue {
  return [self commandBufferWithCommandBuffer:[commandQueue commandBuffer]];
}

- (id)init {
  refuse(_cmd, @"MPSCommandBuffer is made from a queue or a command buffer");
}

- (instancetype)initWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer {
  if (commandBuffer == nil) refuse(_cmd, @"the command buffer is nil");
  if ((self = [super init])) _commandBuffer = [commandBuffer retain];
  return self;
}

- (void)dealloc {
  [_commandBuffer release];
  [super dealloc];
}

- (id<MTLCommandBuffer>)rootCommandBuffer {
  return _commandBuffer;
}

- (void)commitAndContinue {
  id<MTLCommandBuffer> old = _commandBuffer;
  _commandBuffer = [[[old commandQueue] commandBuffer] retain];
  [old commit];
  [old release];
}

- (NSString *)label {
  return [_commandBuffer label];
}

- (void)setLabel:(NSString *)label {
  [_commandBuffer setLabel:label];
}

- (id<MTLDevice>)device {
  return [_commandBuffer device];
}

- (id<MTLCommandQueue>)commandQueue {
  return [_commandBuffer commandQueue];
}

- (MTLCommandBufferStatus)status {
  return [_commandBuffer status];
}

- (NSError *)error {
  return [_commandBuffer error];
}

- (void)enqueue {
  [_commandBuffer enqueue];
}

- (void)commit {
  [_commandBuffer commit];
}

- (void)waitUntilScheduled {
  [_commandBuffer waitUntilScheduled];
}

- (void)waitUntilCompleted {
  [_commandBuffer waitUntilCompleted];
}

- (void)addScheduledHandler:(MTLCommandBufferHandler)block {
  [_commandBuffer addScheduledHandler:block];
}

- (void)addCompletedHandler:(MTLCommandBufferHandler)block {
  [_commandBuffer addCompletedHandler:block];
}

- (void)encodeWaitForEvent:(id<MTLEvent>)event value:(uint64_t)value {
  [_commandBuffer encodeWaitForEvent:event value:value];
}

- (void)encodeSignalEvent:(id<MTLEvent>)event value:(uint64_t)value {
  [_commandBuffer encodeSignalEvent:event value:value];
}
@end
