// Command buffers: encoded commands, handlers, status.
#import "device.h"
#include <stdlib.h>

@interface EmulatedEventCommand : NSObject <EmulatedCommand> {
@public
  EmulatedEvent *_event;
  uint64_t _value;
  BOOL _signal;
}
@end

@implementation EmulatedEventCommand
- (void)scheduled {
}

- (void)completed:(NSError *)error {
  (void)error;
}

- (void)perform {
  if (_signal) [_event setSignaledValue:_value];
  else [_event waitForValue:_value];
}

- (void)dealloc {
  [_event release];
  [super dealloc];
}
@end

static void addHandler(Handlers *handlers, MTLCommandBufferHandler block) {
  handlers->blocks = realloc(handlers->blocks, (handlers->count + 1) * sizeof(void *));
  handlers->blocks[handlers->count++] = (void *)Block_copy(block);
}

static void callHandlers(Handlers *handlers, id<MTLCommandBuffer> buffer) {
  for (NSUInteger at = 0; at < handlers->count; at++) ((MTLCommandBufferHandler)handlers->blocks[at])(buffer);
}

static void freeHandlers(Handlers *handlers) {
  for (NSUInteger at = 0; at < handlers->count; at++) Block_release(handlers->blocks[at]);
  free(handlers->blocks);
}

@implementation EmulatedCommandBuffer
@synthesize label = _label;

- (id)initWithQueue:(EmulatedQueue *)queue {
  if ((self = [super init])) {
    _queue = [queue retain];
    _commands = [[NSMutableArray alloc] init];
    _changed = [[NSCondition alloc] init];
  }
  return self;
}

- (void)dealloc {
  freeHandlers(&_scheduled);
  freeHandlers(&_completed);
  [_commands release];
  [_changed release];
  [_error release];
  [_label release];
  [_queue release];
  [super dealloc];
}

- (id<MTLDevice>)device {
  return [_queue device];
}

- (id<MTLCommandQueue>)commandQueue {
  return _queue;
}

- (MTLCommandBufferStatus)status {
  [_changed lock];
  const MTLCommandBufferStatus status = _status;
  [_changed unlock];
  return status;
}

- (NSError *)error {
  [_changed lock];
  NSError *error = [[_error retain] autorelease];
  [_changed unlock];
  return error;
}

- (void)setStatus:(MTLCommandBufferStatus)status {
  [_changed lock];
  _status = status;
  [_changed broadcast];
  [_changed unlock];
}

- (void)checkCommitted:(SEL)selector {
  if ([self status] < MTLCommandBufferStatusCommitted) refuse(selector, @"the command buffer was not committed");
}

- (void)checkOpen:(SEL)selector {
  if ([self status] >= MTLCommandBufferStatusCommitted) refuse(selector, @"the command buffer was already committed");
}

- (void)addCommand:(id<EmulatedCommand>)command {
  [self checkOpen:_cmd];
  [_commands addObject:command];
}

- (void)addScheduledHandler:(MTLCommandBufferHandler)block {
  [self checkOpen:_cmd];
  addHandler(&_scheduled, block);
}

- (void)addCompletedHandler:(MTLCommandBufferHandler)block {
  [self checkOpen:_cmd];
  addHandler(&_completed, block);
}

- (void)addEvent:(id)event value:(uint64_t)value signal:(BOOL)signal {
  EmulatedEventCommand *command = [[[EmulatedEventCommand alloc] init] autorelease];
  command->_event = [event retain];
  command->_value = value;
  command->_signal = signal;
  [self addCommand:command];
}

- (void)encodeWaitForEvent:(id<MTLEvent>)event value:(uint64_t)value {
  [self addEvent:event value:value signal:NO];
}

- (void)encodeSignalEvent:(id<MTLEvent>)event value:(uint64_t)value {
  [self addEvent:event value:value signal:YES];
}

- (void)enqueue {
  [self checkOpen:_cmd];
}

- (void)commit {
  [self checkOpen:_cmd];
  [self setStatus:MTLCommandBufferStatusCommitted];
  [_queue submit:self];
}

- (void)waitUntilScheduled {
  [self checkCommitted:_cmd];
  [_changed lock];
  while (_status < MTLCommandBufferStatusScheduled) [_changed wait];
  [_changed unlock];
}

// Returns after the completion handlers have.
- (void)waitUntilCompleted {
  [self checkCommitted:_cmd];
  [_changed lock];
  while (!_finished) [_changed wait];
  [_changed unlock];
}

- (void)execute {
  for (id<EmulatedCommand> command in _commands) [command scheduled];
  callHandlers(&_scheduled, self);
  [self setStatus:MTLCommandBufferStatusScheduled];
  @try {
    for (id<EmulatedCommand> command in _commands) [command perform];
  } @catch (NSException *exception) {
    NSDictionary *information = @{NSLocalizedDescriptionKey : [exception reason] ? [exception reason] : [exception name]};
    [_changed lock];
    _error = [[NSError alloc] initWithDomain:@"MTLCommandBufferErrorDomain" code:1 userInfo:information];
    [_changed unlock];
  }
  [self setStatus:_error ? MTLCommandBufferStatusError : MTLCommandBufferStatusCompleted];
  for (id<EmulatedCommand> command in _commands) [command completed:_error];
  callHandlers(&_completed, self);
  [_commands removeAllObjects];
  [_changed lock];
  _finished = YES;
  [_changed broadcast];
  [_changed unlock];
}
@end
