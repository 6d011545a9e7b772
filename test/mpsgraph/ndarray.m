// MPSNDArray and its descriptor: dense arrays at an offset of a buffer.
#import "device.h"
#include <string.h>

@implementation MPSNDArrayDescriptor
@synthesize dataType = _dataType;
@synthesize preferPackedRows = _preferPackedRows;

+ (instancetype)descriptorWithDataType:(MPSDataType)dataType shape:(MPSShape *)shape {
  const Shape checked = shapeFrom(shape, _cmd);
  if (checked.rank == 0) refuse(_cmd, @"an array of rank 0; scalars are arrays of shape [1]");
  MPSNDArrayDescriptor *descriptor = [[[self alloc] init] autorelease];
  descriptor->_dataType = dataType;
  descriptor->_shape = [shape copy];
  return descriptor;
}

- (void)dealloc {
  [_shape release];
  [super dealloc];
}

- (NSUInteger)numberOfDimensions {
  return [_shape count];
}

- (MPSShape *)getShape {
  return _shape;
}

- (NSUInteger)lengthOfDimension:(NSUInteger)dimensionIndex {
  const NSUInteger rank = [_shape count];
  return dimensionIndex < rank ? [[_shape objectAtIndex:rank - 1 - dimensionIndex] unsignedIntegerValue] : 1;
}
@end

@implementation MPSNDArray
- (instancetype)initWithDevice:(id<MTLDevice>)device descriptor:(MPSNDArrayDescriptor *)descriptor {
  if (device == nil) refuse(_cmd, @"device may not be nil");
  const Shape shape = shapeFrom([descriptor getShape], _cmd);
  if ((self = [super init])) {
    _descriptor = [descriptor retain];
    _buffer = [device newBufferWithLength:(NSUInteger)countOf(shape) * sizeOfType(descriptor->_dataType) options:MTLResourceStorageModeShared];
    if (_buffer == nil) refuse(_cmd, @"no memory for an array of shape %@", textOfShape(shape));
  }
  return self;
}

- (instancetype)initWithBuffer:(id<MTLBuffer>)buffer offset:(NSUInteger)offset descriptor:(MPSNDArrayDescriptor *)descriptor {
  const Shape shape = shapeFrom([descriptor getShape], _cmd);
  const NSUInteger size = sizeOfType(descriptor->_dataType), row = (NSUInteger)shape.size[shape.rank - 1] * size;
  // Rows are padded to 16 bytes unless packed rows are asked for.
  const NSUInteger stride = descriptor->_preferPackedRows ? row : (row + 15) / 16 * 16;
  const NSUInteger needed = (NSUInteger)countOf(shape) * size / row * stride;
  if (offset + needed > [buffer length]) refuse(_cmd, @"buffer is not large enough. Must be %lu bytes", (unsigned long)(offset + needed));
  if (stride != row) refuse(_cmd, @"rows of %lu bytes are read with a stride of %lu without preferPackedRows", (unsigned long)row, (unsigned long)stride);
  if (offset % size != 0) refuse(_cmd, @"offset %lu is no multiple of the element size", (unsigned long)offset);
  if ((self = [super init])) {
    _descriptor = [descriptor retain];
    _buffer = [buffer retain];
    _offset = offset;
  }
  return self;
}

- (void)dealloc {
  [_buffer release];
  [_descriptor release];
  [super dealloc];
}

- (MPSDataType)dataType {
  return _descriptor->_dataType;
}

- (size_t)dataTypeSize {
  return sizeOfType(_descriptor->_dataType);
}

- (NSUInteger)numberOfDimensions {
  return [_descriptor numberOfDimensions];
}

- (id<MTLDevice>)device {
  return [_buffer device];
}

- (NSUInteger)lengthOfDimension:(NSUInteger)dimensionIndex {
  return [_descriptor lengthOfDimension:dimensionIndex];
}

- (MPSNDArrayDescriptor *)descriptor {
  return _descriptor;
}

- (id<MTLBuffer>)userBuffer {
  return _buffer;
}

- (NSUInteger)bytesPacked:(NSInteger *)strides selector:(SEL)selector {
  if (strides != NULL) refuse(selector, @"strides are not emulated");
  return (NSUInteger)countOf(shapeFrom([_descriptor getShape], selector)) * [self dataTypeSize];
}

- (void)readBytes:(void *)buffer strideBytes:(NSInteger *)strideBytesPerDimension {
  memcpy(buffer, (char *)[_buffer contents] + _offset, [self bytesPacked:strideBytesPerDimension selector:_cmd]);
}

- (void)writeBytes:(void *)buffer strideBytes:(NSInteger *)strideBytesPerDimension {
  memcpy((char *)[_buffer contents] + _offset, buffer, [self bytesPacked:strideBytesPerDimension selector:_cmd]);
}
@end
