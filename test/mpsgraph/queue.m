// Command queues: each has a thread that executes its command buffers in the order of their commits.
#import "device.h"
#include <pthread.h>

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wobjc-protocol-method-implementation"
@implementation NSThread (EndsAlone)
// GNUstep's own ends the process as long as the main thread has not used Foundation, as in a program whose worker threads alone do.
+ (void)exit {
  GSUnregisterCurrentThread();
  pthread_exit(NULL);
}
@end
#pragma clang diagnostic pop

@implementation EmulatedWorker
- (id)init {
  if ((self = [super init])) {
    _changed = [[NSCondition alloc] init];
    _pending = [[NSMutableArray alloc] init];
  }
  return self;
}

- (void)dealloc {
  [_changed release];
  [_pending release];
  [super dealloc];
}

- (EmulatedCommandBuffer *)next {
  [_changed lock];
  while ([_pending count] == 0 && !_stopped) [_changed wait];
  EmulatedCommandBuffer *next = [_pending count] == 0 ? nil : [[_pending objectAtIndex:0] retain];
  if (next) [_pending removeObjectAtIndex:0];
  [_changed unlock];
  return [next autorelease];
}

- (void)work {
  for (bool more = true; more;) {
    @autoreleasepool {
      EmulatedCommandBuffer *next = [self next];
      [next execute];
      more = next != nil;
    }
  }
}
@end

@implementation EmulatedQueue
@synthesize label = _label;

- (id)initWithDevice:(EmulatedDevice *)device {
  if ((self = [super init])) _device = [device retain];
  return self;
}

- (void)dealloc {
  if (_worker) {
    [_worker->_changed lock];
    _worker->_stopped = YES;
    [_worker->_changed broadcast];
    [_worker->_changed unlock];
    [_worker release];
  }
  [_label release];
  [_device release];
  [super dealloc];
}

- (id<MTLDevice>)device {
  return _device;
}

- (id<MTLCommandBuffer>)commandBuffer {
  return [[[EmulatedCommandBuffer alloc] initWithQueue:self] autorelease];
}

- (void)submit:(id)commandBuffer {
  @synchronized(self) {
    if (_worker == nil) {
      _worker = [[EmulatedWorker alloc] init];
      [NSThread detachNewThreadSelector:@selector(work) toTarget:_worker withObject:nil];
    }
  }
  [_worker->_changed lock];
  [_worker->_pending addObject:commandBuffer];
  [_worker->_changed broadcast];
  [_worker->_changed unlock];
}
@end

@implementation EmulatedEvent
- (id)init {
  if ((self = [super init])) _changed = [[NSCondition alloc] init];
  return self;
}

- (void)dealloc {
  [_changed release];
  [super dealloc];
}

- (uint64_t)signaledValue {
  [_changed lock];
  const uint64_t value = _value;
  [_changed unlock];
  return value;
}

- (void)setSignaledValue:(uint64_t)value {
  [_changed lock];
  _value = value;
  [_changed broadcast];
  [_changed unlock];
}

- (void)waitForValue:(uint64_t)value {
  [_changed lock];
  while (_value < value) [_changed wait];
  [_changed unlock];
}
@end
