// Element types: kind, size, name.
#import "core.h"

Kinds kindOf(MPSDataType type) {
  switch (type) {
    case MPSDataTypeFloat32:
    case MPSDataTypeFloat16:
    case MPSDataTypeBFloat16: return KindFloat;
    case MPSDataTypeInt8:
    case MPSDataTypeInt16:
    case MPSDataTypeInt32:
    case MPSDataTypeInt64: return KindSigned;
    case MPSDataTypeUInt8:
    case MPSDataTypeUInt16:
    case MPSDataTypeUInt32:
    case MPSDataTypeUInt64: return KindUnsigned;
    case MPSDataTypeBool: return KindBool;
    case MPSDataTypeComplexFloat32: return KindComplex;
    default: return 0;
  }
}

size_t sizeOfType(MPSDataType type) {
  // The low bits of the value are the width.
  return (type & 0xffffu) / 8;
}

size_t MPSSizeofMPSDataType(MPSDataType type) {
  return sizeOfType(type);
}

NSString *nameOfType(MPSDataType type) {
  const unsigned bits = type & 0xffffu;
  switch (kindOf(type)) {
    case KindFloat: return type == MPSDataTypeBFloat16 ? @"bf16" : [NSString stringWithFormat:@"f%u", bits];
    case KindSigned: return [NSString stringWithFormat:@"i%u", bits];
    case KindUnsigned: return [NSString stringWithFormat:@"u%u", bits];
    case KindBool: return @"bool";
    case KindComplex: return [NSString stringWithFormat:@"c%u", bits];
    default: return [NSString stringWithFormat:@"type 0x%x", (unsigned)type];
  }
}
