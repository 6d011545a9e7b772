// executable.m: from a program to one compiled MPSGraphExecutable.
#import "shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

@implementation SinterExecutable
- (instancetype)initWithDevice:(SinterDevice *)owner program:(const SinterProgram *)program {
  if ((self = [super init])) {
    device = [owner retain];
    device->children++;
    feeds = program->feeds;
    targets = program->targets;
    hash = program->hash;
    const size_t count = feeds + (size_t)targets;
    arguments = calloc(count, sizeof *arguments);
    order = calloc(count, sizeof *order);
    for (size_t i = 0; i < count; i++) arguments[i] = [[SinterArgument alloc] initWithRecord:program->records + i];
    bindings = [[NSMutableArray alloc] init];
    sinter_count(kExecutables, 1);
  }
  return self;
}
- (void)dealloc {
  [bindings release];
  [executable release];
  [graph release];
  [data release];
  for (uint32_t i = 0; i < feeds + targets; i++) [arguments[i] release];
  free(arguments);
  free(order);
  sinter_count(kExecutables, -1);
  device->children--;
  [device release];
  [super dealloc];
}
@end

MPSGraphCompilationDescriptor *sinter_compilation(int32_t level) {
  MPSGraphCompilationDescriptor *descriptor = [[[MPSGraphCompilationDescriptor alloc] init] autorelease];
  [descriptor setOptimizationLevel:level == 0 ? MPSGraphOptimizationLevel0 : MPSGraphOptimizationLevel1];
  [descriptor setWaitForCompilationCompletion:YES];
  // Newer than the oldest system that has MPSGraph executables; 0 is None in every version of its enum.
  if ([descriptor respondsToSelector:NSSelectorFromString(@"setReducedPrecisionFastMath:")])
    [descriptor setValue:[NSNumber numberWithInt:0] forKey:@"reducedPrecisionFastMath"];
  return descriptor;
}

BOOL sinter_check_tensor(MPSGraphTensor *tensor, SinterArgument *argument, const char *what, uint32_t index) {
  // MPSGraph leaves shapes unset, or empty, where it has not inferred them.
  NSArray<NSNumber *> *shape = [tensor shape];
  const BOOL same = [shape count] == 0 || [shape isEqualToArray:argument->shape];
  if (same && [tensor dataType] == argument->data_type) return YES;
  return FAIL(NO, "%s %u is a tensor of shape (%s) and data type 0x%x, the program says (%s) and 0x%x", what, index,
              [[shape componentsJoinedByString:@","] UTF8String], (unsigned)[tensor dataType],
              [[argument->shape componentsJoinedByString:@","] UTF8String], (unsigned)argument->data_type);
}

// The program's feeds as MPSGraph takes them; nil with the last error set. Every placeholder must be a feed: MPSGraph aborts otherwise.
static NSDictionary *feed_types(SinterExecutable *made, SinterBuild *build) {
  NSArray *placeholders = [build->graph placeholderTensors];
  NSMutableDictionary *types = [NSMutableDictionary dictionaryWithCapacity:made->feeds];
  for (uint32_t i = 0; i < made->feeds; i++) {
    MPSGraphTensor *tensor = build->values[build->program->records[i].value];
    SinterArgument *argument = made->arguments[i];
    const BOOL in_order = i < [placeholders count] && [placeholders objectAtIndex:i] == tensor;
    if (!in_order && [placeholders indexOfObjectIdenticalTo:tensor] == NSNotFound) return FAIL(nil, "feed %u is no placeholder", i);
    if (!sinter_check_tensor(tensor, argument, "feed", i)) return nil;
    [types setObject:[[[MPSGraphShapedType alloc] initWithShape:argument->shape dataType:argument->data_type] autorelease] forKey:tensor];
  }
  if ([types count] == [placeholders count]) return types;
  return FAIL(nil, "the graph has %u placeholders, the program %u feeds", (unsigned)[placeholders count], made->feeds);
}

// Where the compiled executable's tensors stand in the program; feeds that it does not need are missing from it.
static BOOL find_order(SinterExecutable *made, SinterBuild *build, NSArray *tensors, uint32_t first, uint32_t count, const char *what, uint32_t *order) {
  for (uint32_t i = 0; i < [tensors count]; i++) {
    MPSGraphTensor *tensor = [tensors objectAtIndex:i];
    const SinterRecord *records = build->program->records + first;
    uint32_t found = i;
    if (found >= count || build->values[records[found].value] != tensor)
      for (found = 0; found < count && build->values[records[found].value] != tensor;) found++;
    if (found == count) return FAIL(NO, "the executable's %s %u is none of the program's", what, i);
    if (!sinter_check_tensor(tensor, made->arguments[first + found], what, found)) return NO;
    order[i] = first + found;
  }
  return YES;
}

static BOOL build_and_compile(SinterExecutable *made, SinterBuild *build, int32_t level) {
  if (![build perform]) return FAIL(NO, "%s", build->message);
  NSDictionary *types = feed_types(made, build);
  if (!types) return NO;
  NSMutableArray *results = [NSMutableArray arrayWithCapacity:made->targets];
  for (uint32_t i = 0; i < made->targets; i++) {
    MPSGraphTensor *tensor = build->values[build->program->records[made->feeds + i].value];
    if (![tensor isKindOfClass:[MPSGraphTensor class]]) return FAIL(NO, "target %u is no tensor", i);
    [results addObject:tensor];
  }
  made->executable = [[build->graph compileWithDevice:made->device->graph_device
                                                feeds:types
                                        targetTensors:results
                                     targetOperations:nil
                                compilationDescriptor:sinter_compilation(level)] retain];
  if (!made->executable) return FAIL(NO, "MPSGraph compiled nothing");
  NSArray *inputs = [made->executable feedTensors], *outputs = [made->executable targetTensors];
  if ([inputs count] > made->feeds || [outputs count] != made->targets)
    return FAIL(NO, "the executable has %u feeds and %u targets, the program %u and %u", (unsigned)[inputs count], (unsigned)[outputs count], made->feeds, made->targets);
  made->inputs = (uint32_t)[inputs count];
  if (!find_order(made, build, inputs, 0, made->feeds, "feed", made->order)) return NO;
  if (!find_order(made, build, outputs, made->feeds, made->targets, "target", made->order + made->inputs)) return NO;
  made->graph = [build->graph retain];
  made->data = [build->data retain];
  return YES;
}

// Compiles, or loads when there is a path.
static uint64_t make(uint64_t device_handle, const void *bytes, uint64_t length, int32_t level, const char *path) {
  if (level != 0 && level != 1) return FAIL(0, "optimization level %d: there are 0 and 1", level);
  sinter_lock();
  SinterDevice *device = [[sinter_handle_find(device_handle, [SinterDevice class]) retain] autorelease];
  sinter_unlock();
  if (!device) return FAIL(0, "%llu is no device", (unsigned long long)device_handle);
  SinterProgram program;
  if (!sinter_program_read(&program, bytes, length)) {
    sinter_program_free(&program);
    return 0;
  }
  const SinterProgram *read = &program;
  SinterExecutable *made = [[SinterExecutable alloc] initWithDevice:device program:read];
  char message[1024] = "", *error = message;
  sinter_on_large_stack(^{
    sinter_framework_lock();
    @try {
      if (path) {
        if (!sinter_load(made, level, path)) strcpy(error, sinter_last_error());
      } else {
        SinterBuild *build = [[[SinterBuild alloc] initWithProgram:read] autorelease];
        if (!build_and_compile(made, build, level)) strcpy(error, sinter_last_error());
      }
    } @catch (NSException *exception) {
      snprintf(error, sizeof message, "%s raised %s: %s", path ? "loading" : "compiling", [[exception name] UTF8String], [[exception reason] UTF8String]);
    } @catch (...) {
      snprintf(error, sizeof message, "%s threw something that is no NSException", path ? "loading" : "compiling");
    }
    sinter_framework_unlock();
  });
  sinter_program_free(&program);
  uint64_t handle = 0;
  if (message[0]) {
    sinter_fail("%s", message);
  } else {
    sinter_lock();
    handle = sinter_handle_add(made);
    sinter_unlock();
  }
  [made release];
  return handle;
}

static uint64_t make_guarded(uint64_t device, const void *bytes, uint64_t length, int32_t level, const char *path) {
  @autoreleasepool {
    @try {
      return make(device, bytes, length, level, path);
    } @catch (NSException *exception) {
      return FAIL(0, "compiling raised %s: %s", [[exception name] UTF8String], [[exception reason] UTF8String]);
    }
  }
}

uint64_t sinter_mps_compile(uint64_t device, const void *program, uint64_t bytes, int32_t level) { return make_guarded(device, program, bytes, level, NULL); }

uint64_t sinter_mps_load(uint64_t device, const void *program, uint64_t bytes, int32_t level, const char *path) {
  return path ? make_guarded(device, program, bytes, level, path) : FAIL(0, "no path");
}

int32_t sinter_mps_release(uint64_t handle) {
  @autoreleasepool {
    sinter_lock();
    SinterExecutable *executable = [[sinter_handle_find(handle, [SinterExecutable class]) retain] autorelease];
    if (executable) {
      executable->released = YES;
      sinter_handle_remove(handle);
      sinter_unbind_all(executable);
    }
    sinter_unlock();
    sinter_let_go();
    return executable ? 0 : FAIL(-1, "%llu is no executable", (unsigned long long)handle);
  }
}
