// MPSGraphTensorData: a reference to a buffer; the bytes are read when a run executes.
#import "core.h"
#include <string.h>

@implementation MPSGraphTensorData
@synthesize shape = _shape;
@synthesize dataType = _dataType;
@synthesize device = _device;

- (instancetype)initWithBuffer:(id<MTLBuffer>)buffer offset:(NSUInteger)offset shape:(MPSShape *)shape dataType:(MPSDataType)dataType selector:(SEL)selector {
  if (!(self = [super init])) return nil;
  if (buffer == nil) refuse(selector, @"the buffer is nil");
  if (kindOf(dataType) == 0) refuse(selector, @"%@ is not emulated", nameOfType(dataType));
  const Shape checked = shapeFrom(shape, selector);
  // Tensors at the border are MPSNDArrays, which have at least one dimension.
  if (checked.rank == 0) refuse(selector, @"data of rank 0; scalars are fed and read as shape [1]");
  const NSUInteger bytes = (NSUInteger)countOf(checked) * sizeOfType(dataType);
  if (offset + bytes > [buffer length]) {
    refuse(selector, @"buffer is not large enough. Must be %lu bytes, not %lu", (unsigned long)(offset + bytes), (unsigned long)[buffer length]);
  }
  _buffer = [buffer retain];
  _offset = offset;
  _shape = [shape copy];
  _dataType = dataType;
  _device = [[MPSGraphDevice deviceWithMTLDevice:[buffer device]] retain];
  return self;
}

- (instancetype)initWithMTLBuffer:(id<MTLBuffer>)buffer shape:(MPSShape *)shape dataType:(MPSDataType)dataType {
  return [self initWithBuffer:buffer offset:0 shape:shape dataType:dataType selector:_cmd];
}

- (instancetype)initWithMPSNDArray:(MPSNDArray *)ndarray {
  return [self initWithBuffer:ndarray->_buffer offset:ndarray->_offset shape:[[ndarray descriptor] getShape] dataType:[ndarray dataType] selector:_cmd];
}

- (instancetype)initWithDevice:(MPSGraphDevice *)device data:(NSData *)data shape:(MPSShape *)shape dataType:(MPSDataType)dataType {
  const NSUInteger bytes = (NSUInteger)countOf(shapeFrom(shape, _cmd)) * sizeOfType(dataType);
  if ([data length] != bytes) refuse(_cmd, @"%lu bytes of data where the shape needs %lu", (unsigned long)[data length], (unsigned long)bytes);
  id<MTLBuffer> buffer = [[device metalDevice] newBufferWithBytes:[data bytes] length:bytes options:MTLResourceStorageModeShared];
  self = [self initWithBuffer:buffer offset:0 shape:shape dataType:dataType selector:_cmd];
  [buffer release];
  return self;
}

- (MPSNDArray *)mpsndarray {
  MPSNDArrayDescriptor *descriptor = [MPSNDArrayDescriptor descriptorWithDataType:_dataType shape:_shape];
  descriptor.preferPackedRows = YES;
  return [[[MPSNDArray alloc] initWithBuffer:_buffer offset:_offset descriptor:descriptor] autorelease];
}

- (void)dealloc {
  [_shape release];
  [_device release];
  [_buffer release];
  [super dealloc];
}
@end
