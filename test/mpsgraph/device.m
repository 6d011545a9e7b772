// The device and its buffers. The number of devices is in MPSGRAPH_EMULATION_DEVICES, 1 if unset.
#import "device.h"
#include <stdlib.h>
#include <string.h>

enum { pageBytes = 16384 };

@implementation EmulatedDevice
- (NSString *)name {
  return _index == 0 ? @"Emulated GPU" : [NSString stringWithFormat:@"Emulated GPU %lu", (unsigned long)_index + 1];
}

- (uint64_t)registryID {
  return 0x100000000u + _index;
}

- (NSUInteger)maxBufferLength {
  return (NSUInteger)4 << 30;
}

- (uint64_t)recommendedMaxWorkingSetSize {
  return (uint64_t)8 << 30;
}

- (NSUInteger)currentAllocatedSize {
  return __atomic_load_n(&_allocated, __ATOMIC_RELAXED);
}

- (BOOL)hasUnifiedMemory {
  return YES;
}

- (BOOL)supportsFamily:(MTLGPUFamily)gpuFamily {
  return (gpuFamily >= MTLGPUFamilyApple1 && gpuFamily <= MTLGPUFamilyApple7) || gpuFamily == MTLGPUFamilyMac1 || gpuFamily == MTLGPUFamilyMac2 ||
         (gpuFamily >= MTLGPUFamilyCommon1 && gpuFamily <= MTLGPUFamilyCommon3) || gpuFamily == MTLGPUFamilyMetal3;
}

- (id<MTLCommandQueue>)newCommandQueue {
  return [[EmulatedQueue alloc] initWithDevice:self];
}

- (id<MTLCommandQueue>)newCommandQueueWithMaxCommandBufferCount:(NSUInteger)maxCommandBufferCount {
  (void)maxCommandBufferCount;
  return [self newCommandQueue];
}

- (id<MTLBuffer>)newBufferWithLength:(NSUInteger)length options:(MTLResourceOptions)options {
  if (length == 0 || length > [self maxBufferLength]) return nil;
  if (options & (MTLResourceStorageModeManaged | MTLResourceStorageModePrivate)) refuse(_cmd, @"only shared storage is emulated");
  return [[EmulatedBuffer alloc] initWithDevice:self length:length];
}

- (id<MTLBuffer>)newBufferWithBytes:(const void *)pointer length:(NSUInteger)length options:(MTLResourceOptions)options {
  id<MTLBuffer> buffer = [self newBufferWithLength:length options:options];
  if (buffer) memcpy([buffer contents], pointer, length);
  return buffer;
}

- (id<MTLSharedEvent>)newSharedEvent {
  return [[EmulatedEvent alloc] init];
}
@end

@implementation EmulatedBuffer
@synthesize label = _label;
@synthesize length = _length;

- (id)initWithDevice:(EmulatedDevice *)device length:(NSUInteger)length {
  if (!(self = [super init])) return nil;
  const NSUInteger bytes = (length + pageBytes - 1) / pageBytes * pageBytes;
  if (posix_memalign(&_contents, pageBytes, bytes) != 0) {
    _contents = NULL;
    [self release];
    return nil;
  }
  memset(_contents, 0, bytes);
  _device = [device retain];
  _length = length;
  __atomic_add_fetch(&device->_allocated, length, __ATOMIC_RELAXED);
  return self;
}

- (void)dealloc {
  if (_contents) __atomic_sub_fetch(&_device->_allocated, _length, __ATOMIC_RELAXED);
  free(_contents);
  [_device release];
  [_label release];
  [super dealloc];
}

- (id<MTLDevice>)device {
  return _device;
}

- (MTLStorageMode)storageMode {
  return MTLStorageModeShared;
}

- (void *)contents {
  return _contents;
}
@end

static NSArray *allDevices(void) {
  static NSArray *devices;
  @synchronized([NSProcessInfo processInfo]) {
    if (devices == nil) {
      NSString *wanted = [[[NSProcessInfo processInfo] environment] objectForKey:@"MPSGRAPH_EMULATION_DEVICES"];
      const NSInteger count = wanted ? [wanted integerValue] : 1;
      NSMutableArray *made = [[NSMutableArray alloc] init];
      for (NSInteger index = 0; index < count; index++) {
        EmulatedDevice *device = [[[EmulatedDevice alloc] init] autorelease];
        device->_index = (NSUInteger)index;
        [made addObject:device];
      }
      devices = made;
    }
  }
  return devices;
}

// "Create" and "Copy": the caller owns what these return.
id<MTLDevice> MTLCreateSystemDefaultDevice(void) {
  NSArray *devices = allDevices();
  return [devices count] == 0 ? nil : [[devices objectAtIndex:0] retain];
}

NSArray<id<MTLDevice>> *MTLCopyAllDevices(void) {
  return [allDevices() copy];
}

BOOL MPSSupportsMTLDevice(id<MTLDevice> device) {
  return device != nil;
}
