// The small classes: types, devices, tensors, operations.
#import "core.h"
#include <objc/runtime.h>
#include <string.h>

@implementation MPSGraphObject
// This runtime cannot read the encoding of a block argument, "@?"; to callers a block is an object, "@".
- (NSMethodSignature *)methodSignatureForSelector:(SEL)selector {
  Method method = class_getInstanceMethod([self class], selector);
  const char *types = method ? method_getTypeEncoding(method) : NULL;
  if (types == NULL || strstr(types, "@?") == NULL) return [super methodSignatureForSelector:selector];
  NSString *readable = [[NSString stringWithUTF8String:types] stringByReplacingOccurrencesOfString:@"@?" withString:@"@"];
  return [NSMethodSignature signatureWithObjCTypes:[readable UTF8String]];
}
@end

@implementation MPSGraphType
- (id)copyWithZone:(NSZone *)zone {
  (void)zone;
  return [self retain];
}
@end

@implementation MPSGraphShapedType
@synthesize shape = _shape;
@synthesize dataType = _dataType;

- (instancetype)initWithShape:(MPSShape *)shape dataType:(MPSDataType)dataType {
  if ((self = [super init])) {
    _shape = [shape copy];
    _dataType = dataType;
  }
  return self;
}

- (void)dealloc {
  [_shape release];
  [super dealloc];
}

- (id)copyWithZone:(NSZone *)zone {
  return [[[self class] allocWithZone:zone] initWithShape:_shape dataType:_dataType];
}

- (BOOL)isEqualTo:(MPSGraphShapedType *)object {
  return object != nil && object->_dataType == _dataType && (object->_shape == _shape || [object->_shape isEqual:_shape]);
}
@end

@implementation MPSGraphDevice
@synthesize type = _type;
@synthesize metalDevice = _metalDevice;

+ (instancetype)deviceWithMTLDevice:(id<MTLDevice>)metalDevice {
  if (metalDevice == nil) refuse(_cmd, @"device may not be nil");
  MPSGraphDevice *device = [[[self alloc] init] autorelease];
  device->_metalDevice = [metalDevice retain];
  return device;
}

- (void)dealloc {
  [_metalDevice release];
  [super dealloc];
}
@end

@implementation MPSGraphTensor
@synthesize shape = _shape;
@synthesize dataType = _dataType;
@synthesize operation = _operation;

- (void)dealloc {
  [_shape release];
  [super dealloc];
}

- (id)copyWithZone:(NSZone *)zone {
  (void)zone;
  return [self retain];
}

- (NSString *)description {
  return [NSString stringWithFormat:@"<tensor %@ %@>", nameOfType(_dataType), textOfShape(shapeOf(self))];
}
@end

@implementation MPSGraphOperation
@synthesize inputTensors = _inputTensors;
@synthesize outputTensors = _outputTensors;
@synthesize controlDependencies = _controlDependencies;
@synthesize graph = _graph;
@synthesize name = _name;

- (void)dealloc {
  // Tensors do not retain what made them; a caller may hold them longer.
  for (MPSGraphTensor *output in _outputTensors) output->_operation = nil;
  if (_evaluate) Block_release(_evaluate);
  [_attributes release];
  [_inputTensors release];
  [_outputTensors release];
  [_controlDependencies release];
  [_name release];
  [super dealloc];
}

- (id)copyWithZone:(NSZone *)zone {
  (void)zone;
  return [self retain];
}
@end
