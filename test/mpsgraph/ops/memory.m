// Placeholders and constants.
#import "../core.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// The bytes are read when the graph runs and the data is not retained by the real framework; the executable checks that somebody else still holds it.
static MPSGraphTensor *constant(MPSGraph *graph, SEL selector, NSData *data, Shape shape, MPSDataType type) {
  const NSUInteger bytes = (NSUInteger)countOf(shape) * sizeOfType(type);
  if ([data length] != bytes) refuse(selector, @"%lu bytes of data where the shape needs %lu", (unsigned long)[data length], (unsigned long)bytes);
  const void *source = [data bytes];
  return makeNodeKeeping(data, graph, selector, nil, @[], type, shape, ^(const Array *in, const Array *out) {
    (void)in;
    memcpy(out[0].data, source, bytes);
  });
}

static MPSGraphTensor *splat(MPSGraph *graph, SEL selector, double scalar, Shape shape, MPSDataType type) {
  // Bool scalars have come out wrong on several systems.
  if (kindOf(type) == KindBool) refuse(selector, @"bool scalars are unreliable: make an int8 constant and cast it");
  if (kindOf(type) == 0) refuse(selector, @"%@ is not emulated", nameOfType(type));
  int64_t integer = 0;
  if (kindOf(type) & KindInteger) {
    const int bits = (int)sizeOfType(type) * 8;
    const bool isSigned = kindOf(type) == KindSigned;
    const double low = isSigned ? -ldexp(1, bits - 1) : 0, high = ldexp(1, isSigned ? bits - 1 : bits);
    if (scalar != trunc(scalar) || scalar < low || scalar >= high) refuse(selector, @"%g is no %@", scalar, nameOfType(type));
    integer = scalar >= 9223372036854775808.0 ? (int64_t)(uint64_t)scalar : (int64_t)scalar;
  }
  const int64_t count = countOf(shape);
  NSMutableData *data = [[NSMutableData alloc] initWithLength:(NSUInteger)count * sizeOfType(type)];
  const Array array = {.type = type, .shape = shape, .count = count, .data = [data mutableBytes]};
  for (int64_t at = 0; at < count; at++) {
    if (kindOf(type) == KindFloat) storeDouble(&array, at, scalar);
    else storeInt(&array, at, integer);
  }
  // Kept once more than a caller's data would be: nobody else holds it.
  NSArray *holder = @[ data ];
  [data release];
  const void *source = [data bytes];
  const size_t bytes = (size_t)count * sizeOfType(type);
  return makeNodeKeeping(holder, graph, selector, nil, @[], type, shape, ^(const Array *in, const Array *out) {
    (void)in;
    memcpy(out[0].data, source, bytes);
  });
}

@implementation MPSGraph (MemoryOps)
- (MPSGraphTensor *)placeholderWithShape:(MPSShape *)shape dataType:(MPSDataType)dataType name:(NSString *)name {
  const Shape checked = shapeFrom(shape, _cmd);
  if (checked.rank == 0) refuse(_cmd, @"a placeholder of rank 0; scalars are fed as shape [1]");
  return makeInput(self, _cmd, name, dataType, checked);
}

- (MPSGraphTensor *)placeholderWithShape:(MPSShape *)shape name:(NSString *)name {
  return [self placeholderWithShape:shape dataType:MPSDataTypeFloat32 name:name];
}

- (MPSGraphTensor *)constantWithData:(NSData *)data shape:(MPSShape *)shape dataType:(MPSDataType)dataType {
  if (data == nil) refuse(_cmd, @"the data is nil");
  return constant(self, _cmd, data, shapeFrom(shape, _cmd), dataType);
}

- (MPSGraphTensor *)constantWithScalar:(double)scalar dataType:(MPSDataType)dataType {
  return splat(self, _cmd, scalar, (Shape){.rank = 1, .size = {1}}, dataType);
}

- (MPSGraphTensor *)constantWithScalar:(double)scalar shape:(MPSShape *)shape dataType:(MPSDataType)dataType {
  return splat(self, _cmd, scalar, shapeFrom(shape, _cmd), dataType);
}
@end
