// package.m: saves and loads compiled executables as .mpsgraphpackage. A package does not keep the identity of tensors, so the order of its feeds and
// targets stands beside it in `<path>.order`: "sinter-order 1 <hash of the program> <inputs> <order...>".
#import "shim.h"

#include <stdlib.h>
#include <unistd.h>

static NSString *order_path(NSString *path) { return [path stringByAppendingString:@".order"]; }

static NSString *order_text(SinterExecutable *executable) {
  NSMutableString *text = [NSMutableString stringWithFormat:@"sinter-order 1 %016llx %u", (unsigned long long)executable->hash, executable->inputs];
  for (uint32_t i = 0; i < executable->inputs + executable->targets; i++) [text appendFormat:@" %u", executable->order[i]];
  return text;
}

static BOOL read_order(SinterExecutable *executable, NSString *path) {
  NSString *text = [NSString stringWithContentsOfFile:order_path(path) encoding:NSUTF8StringEncoding error:NULL];
  if (!text) return FAIL(NO, "%s is missing", [order_path(path) UTF8String]);
  NSArray *words = [text componentsSeparatedByString:@" "];
  const uint32_t arguments = executable->feeds + executable->targets, header = 4;
  NSString *hash = [NSString stringWithFormat:@"%016llx", (unsigned long long)executable->hash];
  const NSInteger inputs = [words count] > header ? [[words objectAtIndex:3] integerValue] : -1;
  if (inputs < 0 || inputs > (NSInteger)executable->feeds || [words count] != header + (NSUInteger)inputs + executable->targets)
    return FAIL(NO, "%s is damaged", [order_path(path) UTF8String]);
  if (![[words objectAtIndex:1] isEqual:@"1"] || ![[words objectAtIndex:2] isEqual:hash])
    return FAIL(NO, "%s was saved from another program", [path UTF8String]);
  executable->inputs = (uint32_t)inputs;
  for (uint32_t i = 0; i < executable->inputs + executable->targets; i++) {
    const NSInteger argument = [[words objectAtIndex:header + i] integerValue];
    const NSInteger low = i < executable->inputs ? 0 : executable->feeds, high = i < executable->inputs ? executable->feeds : arguments;
    if (argument < low || argument >= high) return FAIL(NO, "%s is damaged", [order_path(path) UTF8String]);
    executable->order[i] = (uint32_t)argument;
  }
  return YES;
}

static BOOL check_tensors(SinterExecutable *executable, NSArray *tensors, uint32_t first, uint32_t count, const char *what) {
  if (!tensors) return YES;  // a loaded executable need not know its tensors
  if ([tensors count] != count) return FAIL(NO, "the package has %u %ss, its order file %u", (unsigned)[tensors count], what, count);
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t argument = executable->order[first + i];
    if (!sinter_check_tensor([tensors objectAtIndex:i], executable->arguments[argument], what, i)) return NO;
  }
  return YES;
}

BOOL sinter_load(SinterExecutable *executable, int32_t level, const char *path) {
  NSString *place = [NSString stringWithUTF8String:path];
  if (!place) return FAIL(NO, "the path is not UTF-8");
  if (![MPSGraphExecutable instancesRespondToSelector:@selector(initWithMPSGraphPackageAtURL:compilationDescriptor:)])
    return FAIL(NO, "loading packages needs macOS 14");
  if (![[NSFileManager defaultManager] fileExistsAtPath:place]) return FAIL(NO, "%s does not exist", path);
  if (!read_order(executable, place)) return NO;
  executable->executable = [[MPSGraphExecutable alloc] initWithMPSGraphPackageAtURL:[NSURL fileURLWithPath:place] compilationDescriptor:sinter_compilation(level)];
  if (!executable->executable) return FAIL(NO, "%s could not be loaded", path);
  return check_tensors(executable, [executable->executable feedTensors], 0, executable->inputs, "feed") &&
         check_tensors(executable, [executable->executable targetTensors], executable->inputs, executable->targets, "target");
}

// Whoever finds the package finds its own order file: the old package goes first, the new one comes last.
static BOOL save(SinterExecutable *executable, NSString *path) {
  if (![executable->executable respondsToSelector:@selector(serializeToMPSGraphPackageAtURL:descriptor:)]) return FAIL(NO, "saving packages needs macOS 14");
  static _Atomic uint32_t serial;
  NSFileManager *files = [NSFileManager defaultManager];
  NSString *temporary = [NSString stringWithFormat:@"%@.%d-%u.tmp.mpsgraphpackage", path, (int)getpid(), serial++];
  MPSGraphExecutableSerializationDescriptor *descriptor = [[[MPSGraphExecutableSerializationDescriptor alloc] init] autorelease];
  [executable->executable serializeToMPSGraphPackageAtURL:[NSURL fileURLWithPath:temporary] descriptor:descriptor];
  if (![files fileExistsAtPath:temporary]) return FAIL(NO, "MPSGraph wrote no package at %s", [temporary UTF8String]);
  NSError *error = nil;
  if ([files fileExistsAtPath:path]) [files removeItemAtPath:path error:NULL];
  if ([order_text(executable) writeToFile:order_path(path) atomically:YES encoding:NSUTF8StringEncoding error:&error] &&
      [files moveItemAtPath:temporary toPath:path error:&error])
    return YES;
  [files removeItemAtPath:temporary error:NULL];
  return FAIL(NO, "%s could not be written: %s", [path UTF8String], [[error localizedDescription] UTF8String]);
}

int32_t sinter_mps_save(uint64_t handle, const char *path) {
  @autoreleasepool {
    sinter_lock();
    SinterExecutable *executable = [[sinter_handle_find(handle, [SinterExecutable class]) retain] autorelease];
    sinter_unlock();
    if (!executable) return FAIL(-1, "%llu is no executable", (unsigned long long)handle);
    NSString *place = path ? [NSString stringWithUTF8String:path] : nil;
    if (!place) return FAIL(-1, "the path is not UTF-8");
    int32_t status = -1;
    sinter_framework_lock();
    @try {
      status = save(executable, place) ? 0 : -1;
    } @catch (NSException *exception) {
      sinter_fail("saving raised %s: %s", [[exception name] UTF8String], [[exception reason] UTF8String]);
    } @catch (...) {
      sinter_fail("saving threw something that is no NSException");
    }
    sinter_framework_unlock();
    return status;
  }
}
