// device.m: devices, buffers and the tensor data objects that describe buffers to MPSGraph.
#import "shim.h"

#include <stdlib.h>
#include <string.h>
#ifdef __APPLE__
#include <sys/sysctl.h>
#else
#include <sys/utsname.h>
#endif

static char *json(NSDictionary *facts) {
  NSData *data = [NSJSONSerialization dataWithJSONObject:facts options:0 error:NULL];
  char *text = data ? calloc([data length] + 1, 1) : NULL;
  if (text) memcpy(text, [data bytes], [data length]);
  return text;
}

static NSString *newest_family(id<MTLDevice> device) {
  for (int family = 1030; family > 1000; family--)
    if ([device supportsFamily:(MTLGPUFamily)family]) return [NSString stringWithFormat:@"apple%d", family - 1000];
  for (int family = 2002; family > 2000; family--)
    if ([device supportsFamily:(MTLGPUFamily)family]) return [NSString stringWithFormat:@"mac%d", family - 2000];
  return @"unknown";
}

@implementation SinterDevice
- (instancetype)initWithDevice:(id<MTLDevice>)metal {
  if ((self = [super init])) {
    device = [metal retain];
    queue = [metal newCommandQueue];
    graph_device = [[MPSGraphDevice deviceWithMTLDevice:metal] retain];
    info = json([NSDictionary dictionaryWithObjectsAndKeys:[metal name], @"name", newest_family(metal), @"family",
                                                           [NSNumber numberWithUnsignedLongLong:[metal maxBufferLength]], @"maxBufferBytes",
                                                           [NSNumber numberWithUnsignedLongLong:[metal recommendedMaxWorkingSetSize]], @"recommendedBytes",
                                                           [NSNumber numberWithBool:[metal hasUnifiedMemory]], @"unified", nil]);
    sinter_count(kDevices, 1);
  }
  return self;
}
- (void)dealloc {
  [graph_device release];
  [queue release];
  [device release];
  free(info);
  sinter_count(kDevices, -1);
  [super dealloc];
}
@end

@implementation SinterArgument
- (instancetype)initWithRecord:(const SinterRecord *)record {
  if ((self = [super init])) {
    NSMutableArray *sizes = [[NSMutableArray alloc] initWithCapacity:record->rank];
    for (uint32_t i = 0; i < record->rank; i++) [sizes addObject:[NSNumber numberWithUnsignedInt:record->sizes[i]]];
    shape = sizes;
    data_type = (MPSDataType)record->data_type;
    bytes = record->bytes;
    is_inline = record->is_inline != 0;
  }
  return self;
}
- (MPSGraphTensorData *)newDataWithBuffer:(id<MTLBuffer>)buffer {
  MPSGraphTensorData *data = [[MPSGraphTensorData alloc] initWithMTLBuffer:buffer shape:shape dataType:data_type];
  if (data) sinter_count(kTensorData, 1);
  return data;
}
- (void)dealloc {
  [shape release];
  [super dealloc];
}
@end

@implementation SinterBuffer
- (instancetype)initWithDevice:(SinterDevice *)owner buffer:(id<MTLBuffer>)storage bytes:(uint64_t)size {
  if ((self = [super init])) {
    device = [owner retain];
    device->children++;
    buffer = [storage retain];
    bytes = size;
    bindings = [[NSMutableSet alloc] init];
    sinter_count(kBuffers, 1);
    sinter_count(kBufferBytes, (int64_t)bytes);
  }
  return self;
}

- (MPSGraphTensorData *)dataOfKind:(SinterArgument *)kind {
  for (uint32_t i = 0; i < kCachedData; i++) {
    SinterArgument *known = kinds[i];
    if (known == kind || (known && known->data_type == kind->data_type && [known->shape isEqualToArray:kind->shape])) return datas[i];
  }
  MPSGraphTensorData *data = [kind newDataWithBuffer:buffer];
  if (!data) return nil;
  const uint32_t i = next++ % kCachedData;
  if (datas[i]) sinter_count(kTensorData, -1);
  [datas[i] autorelease];
  [kinds[i] release];
  kinds[i] = [kind retain];
  return datas[i] = data;
}

- (void)dealloc {
  for (uint32_t i = 0; i < kCachedData; i++) {
    if (datas[i]) sinter_count(kTensorData, -1);
    [datas[i] release];
    [kinds[i] release];
  }
  [bindings release];
  [buffer release];
  sinter_count(kBuffers, -1);
  sinter_count(kBufferBytes, -(int64_t)bytes);
  device->children--;
  [device release];
  [super dealloc];
}
@end

// ---- exported ----

int32_t sinter_mps_device_count(void) {
  @autoreleasepool {
    return (int32_t)[[MTLCopyAllDevices() autorelease] count];
  }
}

uint64_t sinter_mps_device_open(int32_t index) {
  @autoreleasepool {
    @try {
      NSArray *all = [MTLCopyAllDevices() autorelease];
      if (index < 0 || (NSUInteger)index >= [all count]) return FAIL(0, "there is no Metal device %d: there are %u", index, (unsigned)[all count]);
      SinterDevice *device = [[[SinterDevice alloc] initWithDevice:[all objectAtIndex:(NSUInteger)index]] autorelease];
      if (!device->queue || !device->graph_device) return FAIL(0, "Metal device %d gives no command queue or no MPSGraph device", index);
      sinter_lock();
      const uint64_t handle = sinter_handle_add(device);
      sinter_unlock();
      return handle;
    } @catch (NSException *exception) {
      return FAIL(0, "opening Metal device %d: %s", index, [[exception reason] UTF8String]);
    }
  }
}

const char *sinter_mps_device_info(uint64_t handle) {
  sinter_lock();
  SinterDevice *device = sinter_handle_find(handle, [SinterDevice class]);
  const char *info = device ? device->info : FAIL(NULL, "%llu is no device", (unsigned long long)handle);
  sinter_unlock();
  return info;
}

int32_t sinter_mps_device_close(uint64_t handle) {
  @autoreleasepool {
    sinter_let_go();
    sinter_lock();
    SinterDevice *device = sinter_handle_find(handle, [SinterDevice class]);
    int32_t status = -1;
    if (!device) sinter_fail("%llu is no device", (unsigned long long)handle);
    else if (device->children) sinter_fail("the device has %d buffers and executables", device->children);
    else status = 0;
    if (status == 0) sinter_handle_remove(handle);
    sinter_unlock();
    return status;
  }
}

uint64_t sinter_mps_buffer_alloc(uint64_t handle, uint64_t bytes) {
  @autoreleasepool {
    sinter_lock();
    SinterDevice *device = [[sinter_handle_find(handle, [SinterDevice class]) retain] autorelease];
    sinter_unlock();
    if (!device) return FAIL(0, "%llu is no device", (unsigned long long)handle);
    @try {
      const uint64_t page = NSPageSize(), limit = [device->device maxBufferLength], most = limit > 256 + page ? limit - 256 - page : 0;
      if (bytes > most) return FAIL(0, "a buffer of %llu bytes: this device allows %llu", (unsigned long long)bytes, (unsigned long long)most);
      // Metal zeroes new buffers and aligns shared ones to pages. The slack satisfies kernels that pad rows.
      id<MTLBuffer> storage = [[device->device newBufferWithLength:(bytes + 256 + page - 1) / page * page options:MTLResourceStorageModeShared] autorelease];
      if (!storage) return FAIL(0, "no memory for a buffer of %llu bytes", (unsigned long long)bytes);
      SinterBuffer *buffer = [[[SinterBuffer alloc] initWithDevice:device buffer:storage bytes:bytes] autorelease];
      sinter_lock();
      const uint64_t made = sinter_handle_add(buffer);
      sinter_unlock();
      return made;
    } @catch (NSException *exception) {
      return FAIL(0, "a buffer of %llu bytes: %s", (unsigned long long)bytes, [[exception reason] UTF8String]);
    }
  }
}

int32_t sinter_mps_buffer_free(uint64_t handle) {
  @autoreleasepool {
    sinter_lock();
    SinterBuffer *buffer = [[sinter_handle_find(handle, [SinterBuffer class]) retain] autorelease];
    if (buffer) {
      sinter_handle_remove(handle);
      sinter_unbind_buffer(buffer);
    }
    sinter_unlock();
    return buffer ? 0 : FAIL(-1, "%llu is no buffer", (unsigned long long)handle);
  }
}

uint64_t sinter_mps_buffer_address(uint64_t handle) {
  sinter_lock();
  SinterBuffer *buffer = sinter_handle_find(handle, [SinterBuffer class]);
  const uint64_t address = buffer ? (uint64_t)(uintptr_t)[buffer->buffer contents] : FAIL(0, "%llu is no buffer", (unsigned long long)handle);
  sinter_unlock();
  return address;
}

int32_t sinter_mps_responds(const char *name, const char *selector) {
  @autoreleasepool {
    NSString *text = name ? [NSString stringWithUTF8String:name] : nil;
    Class class = text ? NSClassFromString(text) : Nil;
    if (!class || !selector) return FAIL(-1, "there is no class %s", name ? name : "(null)");
    const SEL known = sel_registerName(selector);
    return class_getInstanceMethod(class, known) || class_getClassMethod(class, known);
  }
}

const char *sinter_info(void) {
  static char *text;
  @autoreleasepool {
    NSString *system = @"unknown", *build = @"unknown";
#ifdef __APPLE__
    char version[64] = "", number[64] = "";
    size_t length = sizeof version - 1;
    sysctlbyname("kern.osproductversion", version, &length, NULL, 0);
    length = sizeof number - 1;
    sysctlbyname("kern.osversion", number, &length, NULL, 0);
    system = [NSString stringWithFormat:@"macOS %s", version];
    build = [NSString stringWithFormat:@"%s", number];
#else
    struct utsname names;
    if (uname(&names) == 0) {
      system = [NSString stringWithFormat:@"%s %s", names.sysname, names.release];
      build = [NSString stringWithFormat:@"%s", names.version];
    }
#endif
    NSArray *devices = [MTLCopyAllDevices() autorelease];
    const BOOL emulated = [devices count] > 0 && [[(id<MTLDevice>)[devices objectAtIndex:0] name] hasPrefix:@"Emulated"];
    sinter_lock();
    if (!text)
      text = json([NSDictionary dictionaryWithObjectsAndKeys:emulated ? @"emulated MPSGraph" : @"MPSGraph", @"framework", system, @"os", build, @"build",
                                                             [NSString stringWithFormat:@"%s", __VERSION__], @"compiler", nil]);
    sinter_unlock();
    return text;
  }
}
