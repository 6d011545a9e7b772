// state.m: errors, the two locks, the handle table, counters, and threads with a large stack.
#import "shim.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local char message[1024];

void sinter_fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  for (char *c = message; *c; c++)
    if (*c == '\n' || *c == '\r') *c = ' ';
}

const char *sinter_last_error(void) { return message; }

int32_t sinter_abi_version(void) { return SINTER_ABI_VERSION; }

static _Atomic int64_t counters[kCounters];

void sinter_count(int which, int64_t change) { counters[which] += change; }

int64_t sinter_counter(int32_t which) { return which >= 0 && which < kCounters ? counters[which] : -1; }

static pthread_mutex_t state = PTHREAD_MUTEX_INITIALIZER, framework = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change = PTHREAD_COND_INITIALIZER;

void sinter_lock(void) { pthread_mutex_lock(&state); }
void sinter_unlock(void) { pthread_mutex_unlock(&state); }
void sinter_wait_for_change(void) { pthread_cond_wait(&change, &state); }
void sinter_changed(void) { pthread_cond_broadcast(&change); }
void sinter_framework_lock(void) { pthread_mutex_lock(&framework); }
void sinter_framework_unlock(void) { pthread_mutex_unlock(&framework); }

enum { kIndexBits = 24 };
static const uint64_t kMaxGeneration = (1u << 28) - 1;

typedef struct {
  id object;
  uint64_t generation;
  uint64_t next_free;  // index + 1
} Slot;
static Slot *slots;
static uint64_t used, capacity, free_slot;

uint64_t sinter_handle_add(id object) {
  uint64_t index = free_slot;
  if (index) {
    free_slot = slots[--index].next_free;
  } else {
    if (used == capacity) {
      const uint64_t larger = capacity ? capacity * 2 : 256;
      Slot *moved = larger <= 1u << kIndexBits ? realloc(slots, larger * sizeof(Slot)) : NULL;
      if (!moved) return FAIL(0, "too many handles");
      slots = moved;
      capacity = larger;
    }
    index = used++;
    slots[index].generation = 0;
  }
  Slot *slot = &slots[index];
  slot->object = [object retain];
  slot->generation++;
  return slot->generation << kIndexBits | index;
}

static Slot *find(uint64_t handle) {
  const uint64_t index = handle & ((1u << kIndexBits) - 1);
  Slot *slot = index < used ? &slots[index] : NULL;
  return slot && slot->object && slot->generation == handle >> kIndexBits ? slot : NULL;
}

id sinter_handle_find(uint64_t handle, Class kind) {
  Slot *slot = find(handle);
  return slot && [slot->object class] == kind ? slot->object : nil;
}

void sinter_handle_remove(uint64_t handle) {
  Slot *slot = find(handle);
  if (!slot) return;
  id object = slot->object;
  slot->object = nil;
  if (slot->generation < kMaxGeneration) {  // an exhausted slot is never used again
    slot->next_free = free_slot;
    free_slot = (handle & ((1u << kIndexBits) - 1)) + 1;
  }
  [object release];
}

@interface SinterThread : NSThread {
 @public
  void (^work)(void);
  BOOL done;
}
@end

@implementation SinterThread
- (void)main {
  @autoreleasepool {
    work();
  }
  sinter_lock();
  done = YES;
  sinter_changed();
  sinter_unlock();
}
@end

void sinter_on_large_stack(void (^work)(void)) {
  SinterThread *thread = [[SinterThread alloc] init];
  thread->work = work;  // not copied: this frame outlives the thread's work
  [thread setStackSize:64u << 20];
  [thread start];
  sinter_lock();
  while (!thread->done) sinter_wait_for_change();
  sinter_unlock();
  [thread release];
}
