// run.m: runs executables. A *binding* is what one run hands to MPSGraph: the arrays of tensor data for its buffers, kept for the next run on the same
// buffers, and small buffers of its own for inline feeds. A *ticket* keeps everything that a run uses alive until it has ended.
#import "shim.h"

#include <stdlib.h>
#include <string.h>

@interface SinterBinding : NSObject {
 @public
  uint32_t feeds, arguments, runs;
  uint64_t *handles;       // per argument; 0 for inline feeds
  SinterBuffer **buffers;  // per argument, retained; nil for inline feeds and while nothing is bound
  id<MTLBuffer> *storage;  // per feed: an inline one's own buffer,
  MPSGraphTensorData **datas;  // and what describes it
  NSArray *inputs, *results;
  BOOL bound, stale;
}
@end

@implementation SinterBinding
- (instancetype)initForExecutable:(SinterExecutable *)executable {
  if ((self = [super init])) {
    feeds = executable->feeds;
    arguments = feeds + executable->targets;
    handles = calloc(arguments, sizeof *handles);
    buffers = calloc(arguments, sizeof *buffers);
    storage = calloc(feeds + 1ull, sizeof *storage);
    datas = calloc(feeds + 1ull, sizeof *datas);
    for (uint32_t i = 0; i < feeds; i++) {
      if (!executable->arguments[i]->is_inline) continue;
      storage[i] = [executable->device->device newBufferWithLength:512 options:MTLResourceStorageModeShared];
      if (storage[i]) datas[i] = [executable->arguments[i] newDataWithBuffer:storage[i]];
    }
  }
  return self;
}
- (void)unbind {
  for (uint32_t i = 0; i < arguments; i++) {
    SinterBuffer *buffer = buffers[i];
    if (!buffer) continue;
    buffers[i] = nil;
    [buffer->bindings removeObject:self];
    [buffer release];
  }
  [inputs release];
  [results release];
  inputs = results = nil;
  bound = stale = NO;
}
- (void)dealloc {
  for (uint32_t i = 0; i < feeds; i++) {
    if (datas[i]) sinter_count(kTensorData, -1);
    [datas[i] release];
    [storage[i] release];
  }
  free(handles);
  free(buffers);
  free(storage);
  free(datas);
  [inputs release];
  [results release];
  [super dealloc];
}
@end

@interface SinterTicket : NSObject {
 @public
  uint64_t number;
  SinterExecutable *executable;
  SinterBinding *binding;
}
@end

@implementation SinterTicket
- (void)dealloc {
  [binding release];
  [executable release];
  [super dealloc];
}
@end

// Runs in flight, and those that ended since sinter_let_go: nothing is released within the framework's own completion handler. Both need the lock.
static NSMutableArray *running, *ended;
static uint64_t last_ticket;
// How many runs have ended, for those who look without the lock.
static _Atomic uint32_t ends;

enum { kKeptFailures = 64 };
static struct {
  uint64_t ticket;
  char *text;
} failures[kKeptFailures];
static uint32_t next_failure;

static SinterTicket *find_running(uint64_t number) {
  for (SinterTicket *ticket in running)
    if (ticket->number == number) return ticket;
  return nil;
}

void sinter_let_go(void) {
  sinter_lock();
  NSArray *gone = ended;
  ended = nil;
  sinter_unlock();
  [gone release];
}

void sinter_unbind_all(SinterExecutable *executable) {
  if (executable->runs > 0) return;
  for (SinterBinding *binding in executable->bindings) [binding unbind];
}

void sinter_unbind_buffer(SinterBuffer *buffer) {
  for (SinterBinding *binding in [buffer->bindings allObjects]) {
    if (binding->runs > 0) binding->stale = YES;
    else [binding unbind];
  }
}

static BOOL bind_buffers(SinterBinding *binding, SinterExecutable *executable, const uint64_t *cells) {
  static uint64_t mark;
  mark++;
  [[binding retain] autorelease];
  [binding unbind];
  for (uint32_t i = 0; i < binding->arguments; i++) {
    binding->handles[i] = 0;
    if (executable->arguments[i]->is_inline) {
      if (!binding->datas[i]) return FAIL(NO, "argument %u: no memory for an inline feed", i);
      continue;
    }
    SinterBuffer *buffer = sinter_handle_find(cells[2 * i], [SinterBuffer class]);
    if (!buffer) return FAIL(NO, "argument %u: %llu is no buffer", i, (unsigned long long)cells[2 * i]);
    if (buffer->device != executable->device) return FAIL(NO, "argument %u: its buffer belongs to another device", i);
    if (i >= binding->feeds && buffer->mark == mark) return FAIL(NO, "argument %u: a target's buffer is another argument's too", i);
    buffer->mark = mark;
    binding->handles[i] = cells[2 * i];
    binding->buffers[i] = [buffer retain];
    [buffer->bindings addObject:binding];
  }
  NSMutableArray *inputs = [NSMutableArray arrayWithCapacity:executable->inputs], *results = [NSMutableArray arrayWithCapacity:executable->targets];
  for (uint32_t i = 0; i < executable->inputs + executable->targets; i++) {
    const uint32_t argument = executable->order[i];
    SinterBuffer *buffer = binding->buffers[argument];
    MPSGraphTensorData *data = buffer ? [buffer dataOfKind:executable->arguments[argument]] : binding->datas[argument];
    if (!data) return FAIL(NO, "argument %u: MPSGraph gave no tensor data for its buffer", argument);
    [i < executable->inputs ? inputs : results addObject:data];
  }
  binding->inputs = [inputs retain];
  binding->results = [results retain];
  return binding->bound = YES;
}

static BOOL is_bound_to(const SinterBinding *binding, const uint64_t *cells) {
  if (!binding->bound || binding->stale) return NO;
  for (uint32_t i = 0; i < binding->arguments; i++)
    if (binding->handles[i] != 0 && binding->handles[i] != cells[2 * i]) return NO;
  return YES;
}

static BOOL lengths_fit(SinterExecutable *executable, const SinterBinding *binding, const uint64_t *cells) {
  for (uint32_t i = 0; i < binding->arguments; i++) {
    const SinterArgument *argument = executable->arguments[i];
    const uint64_t length = cells[2 * i + 1];
    if (argument->is_inline ? length != argument->bytes : length < argument->bytes)
      return FAIL(NO, "argument %u: %llu bytes, its tensor has %llu", i, (unsigned long long)length, (unsigned long long)argument->bytes);
    if (binding->buffers[i] && length > binding->buffers[i]->bytes)
      return FAIL(NO, "argument %u: %llu bytes in a buffer of %llu", i, (unsigned long long)length, (unsigned long long)binding->buffers[i]->bytes);
  }
  return YES;
}

// An idle binding for these arguments: one that has them already, or else the one that was bound longest ago. With at most kMaxInFlight runs there are never
// more busy ones.
static SinterBinding *binding_for(SinterExecutable *executable, const uint64_t *cells) {
  SinterBinding *found = nil;
  for (SinterBinding *binding in executable->bindings)
    if (binding->runs == 0 && is_bound_to(binding, cells)) return lengths_fit(executable, binding, cells) ? binding : nil;
  if ([executable->bindings count] < kMaxInFlight) {
    found = [[[SinterBinding alloc] initForExecutable:executable] autorelease];
    [executable->bindings addObject:found];
  }
  while (!found || found->runs > 0) found = [executable->bindings objectAtIndex:executable->next++ % kMaxInFlight];
  if (bind_buffers(found, executable, cells) && lengths_fit(executable, found, cells)) return found;
  [found unbind];
  return nil;
}

// Takes a place among the runs in flight and a binding. The ticket belongs to the caller; nil with the last error set.
static SinterTicket *new_ticket(uint64_t handle, const uint64_t *cells, uint64_t count) {
  SinterExecutable *executable;
  do {
    executable = sinter_handle_find(handle, [SinterExecutable class]);
    if (!executable) return FAIL(nil, "%llu is no executable", (unsigned long long)handle);
    if (!cells || count != (uint64_t)executable->feeds + executable->targets)
      return FAIL(nil, "%llu arguments given, the executable takes %llu", (unsigned long long)count, (unsigned long long)executable->feeds + executable->targets);
    if (executable->device->in_flight < kMaxInFlight) break;
    sinter_wait_for_change();
  } while (YES);
  SinterBinding *binding = binding_for(executable, cells);
  if (!binding) return nil;
  for (uint32_t i = 0; i < executable->feeds; i++)
    if (binding->storage[i]) memcpy([binding->storage[i] contents], cells + 2 * i, executable->arguments[i]->bytes);
  SinterTicket *ticket = [[SinterTicket alloc] init];
  ticket->executable = [executable retain];
  ticket->binding = [binding retain];
  ticket->number = ++last_ticket;
  if (!running) running = [[NSMutableArray alloc] init];
  [running addObject:ticket];
  binding->runs++;
  executable->runs++;
  executable->device->in_flight++;
  sinter_count(kRuns, 1);
  sinter_count(kInFlight, 1);
  return ticket;
}

// Ends a run, once; later calls for it do nothing.
static void end_run(uint64_t number, NSString *error) {
  sinter_lock();
  SinterTicket *ticket = find_running(number);
  if (ticket) {
    SinterBinding *binding = ticket->binding;
    SinterExecutable *executable = ticket->executable;
    if (error) {
      const uint32_t i = next_failure++ % kKeptFailures;
      free(failures[i].text);
      failures[i].ticket = number;
      failures[i].text = strdup([error UTF8String]);
    }
    executable->device->in_flight--;
    sinter_count(kInFlight, -1);
    if (--binding->runs == 0 && binding->stale) [binding unbind];
    if (--executable->runs == 0 && executable->released) sinter_unbind_all(executable);
    if (!ended) ended = [[NSMutableArray alloc] init];
    [ended addObject:ticket];
    [running removeObjectIdenticalTo:ticket];
    ends++;
    sinter_changed();
  }
  sinter_unlock();
}

// Looks for up to about a tenth of a millisecond whether a run has ended since `seen` was read: waking a thread takes longer than a small graph runs.
static void spin(uint32_t seen) {
  for (int i = 0; i < 200000 && ends == seen; i++) {
  }
}

static int32_t wait_for(uint64_t number) {
  int32_t status = 0;
  const uint32_t seen = ends;
  sinter_lock();
  if (find_running(number)) {
    sinter_unlock();
    spin(seen);
    sinter_lock();
  }
  if (number == 0 || number > last_ticket) status = FAIL(-1, "%llu is no ticket of a run", (unsigned long long)number);
  while (find_running(number)) sinter_wait_for_change();
  for (uint32_t i = 0; i < kKeptFailures; i++)
    if (failures[i].ticket == number && status == 0) status = FAIL(-1, "the run failed: %s", failures[i].text ? failures[i].text : "out of memory");
  sinter_unlock();
  sinter_let_go();
  return status;
}

// Starts a run and returns its ticket. Always asynchronously: the synchronous method keeps the lock for as long as the GPU works, and reports what made it
// fail only through the same completion handler, which may come later.
static uint64_t start(uint64_t executable, const uint64_t *cells, uint64_t count) {
  SinterTicket *ticket;
  sinter_let_go();
  sinter_lock();
  @try {
    ticket = [new_ticket(executable, cells, count) autorelease];
  } @finally {
    sinter_unlock();
  }
  if (!ticket) return 0;
  const uint64_t number = ticket->number;
  MPSGraphExecutableExecutionDescriptor *descriptor = [[[MPSGraphExecutableExecutionDescriptor alloc] init] autorelease];
  MPSGraphExecutableCompletionHandler handler = Block_copy(^(NSArray<MPSGraphTensorData *> *results, NSError *error) {
    (void)results;
    @autoreleasepool {
      end_run(number, [error localizedDescription]);
    }
  });
  [descriptor setCompletionHandler:handler];
  Block_release(handler);
  MPSGraphExecutable *compiled = ticket->executable->executable;
  id<MTLCommandQueue> queue = ticket->executable->device->queue;
  SinterBinding *binding = ticket->binding;
  NSString *failure = nil;
  sinter_framework_lock();
  @try {
    [compiled runAsyncWithMTLCommandQueue:queue inputsArray:binding->inputs resultsArray:binding->results executionDescriptor:descriptor];
  } @catch (NSException *exception) {
    failure = [NSString stringWithFormat:@"%@: %@", [exception name], [exception reason]];
  } @catch (...) {
    failure = @"something that is no NSException was thrown";
  }
  sinter_framework_unlock();
  if (failure) end_run(number, failure);
  return number;
}

int32_t sinter_mps_run(uint64_t executable, const void *cells, uint64_t arg_count) {
  @autoreleasepool {
    @try {
      const uint64_t ticket = start(executable, cells, arg_count);
      return ticket ? wait_for(ticket) : -1;
    } @catch (NSException *exception) {
      return FAIL(-1, "the run raised %s: %s", [[exception name] UTF8String], [[exception reason] UTF8String]);
    }
  }
}

uint64_t sinter_mps_submit(uint64_t executable, const void *cells, uint64_t arg_count) {
  @autoreleasepool {
    @try {
      return start(executable, cells, arg_count);
    } @catch (NSException *exception) {
      return FAIL(0, "the run raised %s: %s", [[exception name] UTF8String], [[exception reason] UTF8String]);
    }
  }
}

int32_t sinter_mps_wait(uint64_t ticket) {
  @autoreleasepool {
    return wait_for(ticket);
  }
}
