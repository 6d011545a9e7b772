// blocks.m: Objective-C blocks that perform a part of a program, for control flow. They capture numbers only: nothing to retain, and a block that is called
// after its build has ended finds no build instead of freed memory.
#import "shim.h"

#include <stdlib.h>

static NSArray *values_of(SinterBuild *build, const uint32_t *numbers, uint32_t count) {
  NSMutableArray *list = [NSMutableArray arrayWithCapacity:count];
  for (uint32_t i = 0; i < count; i++) {
    if (!build->values[numbers[i]]) [NSException raise:@"SinterProgram" format:@"value %u has not been made", numbers[i]];
    [list addObject:build->values[numbers[i]]];
  }
  return list;
}

// Binds the parameters, performs the calls and returns the results. Raises what went wrong: the call that takes the block reports it.
static NSArray *body(uint64_t handle, uint32_t at, NSArray *parameters) {
  sinter_lock();
  SinterBuild *build = sinter_handle_find(handle, [SinterBuild class]);
  sinter_unlock();
  if (!build) [NSException raise:@"SinterProgram" format:@"a block was called after its graph had been built"];
  const SinterProgram *program = build->program;
  const uint32_t *facts = program->facts + (at - program->code), count = program->words[at + 2];
  if ([parameters count] != count) {
    const SinterPlace place = {facts[2], "a block of it", -1, NULL};
    sinter_complain(build, &place, "takes %u parameters, %u given", count, (unsigned)[parameters count]);
  }
  for (uint32_t i = 0; !build->message[0] && i < count; i++) {
    id *value = &build->values[facts[0] + i];
    [*value autorelease];
    *value = [[parameters objectAtIndex:i] retain];
  }
  at += 3;
  if (build->message[0] || !sinter_perform_block(build, &at)) [NSException raise:@"SinterProgram" format:@"%s", build->message];
  return values_of(build, program->words + at + 1, program->words[at]);
}

void *sinter_make_block(SinterBuild *build, uint32_t at) {
  const uint64_t handle = build->handle;
  void *block = NULL;
  switch (build->program->words[at + 1]) {
    case kBlockPlain:
      block = Block_copy(^{
        return body(handle, at, [NSArray array]);
      });
      break;
    case kBlockAfter:
      block = Block_copy(^(NSArray *parameters) {
        return body(handle, at, parameters);
      });
      break;
    case kBlockFor:
      block = Block_copy(^(id index, NSArray *parameters) {
        return body(handle, at, [[NSArray arrayWithObject:index] arrayByAddingObjectsFromArray:parameters]);
      });
      break;
    case kBlockBefore:
      block = Block_copy(^(NSArray *parameters, NSMutableArray *carried) {
        NSArray *results = body(handle, at, parameters);
        [carried addObjectsFromArray:[results subarrayWithRange:NSMakeRange(1, [results count] - 1)]];
        return [results objectAtIndex:0];
      });
      break;
  }
  void **moved = realloc(build->blocks, (build->block_count + 1) * sizeof *moved);
  if (moved) build->blocks = moved;
  if (!moved) Block_release(block);
  if (!block || !moved) return NULL;
  build->blocks[build->block_count++] = block;
  return block;
}
