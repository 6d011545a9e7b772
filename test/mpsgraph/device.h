// The emulated device, its buffers, queues, command buffers and events.
#ifndef EMULATED_DEVICE_H
#define EMULATED_DEVICE_H
#import "core.h"

@interface EmulatedDevice : NSObject <MTLDevice> {
@public
  NSUInteger _index, _allocated;
}
@end

@interface EmulatedBuffer : NSObject <MTLBuffer> {
  EmulatedDevice *_device;
  NSString *_label;
  void *_contents;
  NSUInteger _length;
}
- (id)initWithDevice:(EmulatedDevice *)device length:(NSUInteger)length;
@end

@interface EmulatedEvent : NSObject <MTLSharedEvent> {
  NSCondition *_changed;
  uint64_t _value;
}
- (void)waitForValue:(uint64_t)value;
@end

// A list of committed command buffers, and the thread that works it off.
@interface EmulatedWorker : NSObject {
@public
  NSCondition *_changed;
  NSMutableArray *_pending;
  BOOL _stopped;
}
@end

@interface EmulatedQueue : NSObject <MTLCommandQueue> {
  EmulatedDevice *_device;
  NSString *_label;
  EmulatedWorker *_worker;
}
- (id)initWithDevice:(EmulatedDevice *)device;
- (void)submit:(id)commandBuffer;
@end

// One encoded piece of work; all three are called on the queue's thread.
@protocol EmulatedCommand <NSObject>
- (void)scheduled;
- (void)perform;
- (void)completed:(NSError *)error;
@end

typedef struct {
  NSUInteger count;
  void **blocks;
} Handlers;

@interface EmulatedCommandBuffer : NSObject <MTLCommandBuffer> {
  EmulatedQueue *_queue;
  NSString *_label;
  NSMutableArray *_commands;
  NSCondition *_changed;
  MTLCommandBufferStatus _status;
  BOOL _finished; // handlers included
  NSError *_error;
  Handlers _scheduled, _completed;
}
- (id)initWithQueue:(EmulatedQueue *)queue;
- (void)addCommand:(id<EmulatedCommand>)command;
- (void)execute;
@end

#endif
