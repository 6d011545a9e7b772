// Loads and stores of single elements, with the rounding of the stored type.
#import "core.h"
#include <float.h>
#include <math.h>
#include <string.h>

float floatFromHalf(uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  float magnitude;
  if (exponent == 31) magnitude = fraction ? NAN : INFINITY;
  else if (exponent == 0) magnitude = ldexpf((float)fraction, -24);
  else magnitude = ldexpf((float)(fraction + 1024), exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

uint16_t halfFromFloat(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  const uint32_t sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return (uint16_t)(sign | 0x7e00u);
  if (magnitude >= 0x477ff000u) return (uint16_t)(sign | 0x7c00u); // 65520 and more
  if (magnitude < 0x38800000u) return (uint16_t)(sign | (uint32_t)rintf(fabsf(value) * 16777216.0f)); // below 2^-14: in units of 2^-24
  const uint32_t rebased = magnitude - 0x38000000u;
  return (uint16_t)(sign | ((rebased + 0xfffu + ((rebased >> 13) & 1u)) >> 13));
}

static float floatFromBrain(uint16_t bits) {
  const uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, 4);
  return value;
}

static uint16_t brainFromFloat(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return (uint16_t)((bits >> 16) | 0x40u);
  return (uint16_t)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

double rounded(MPSDataType type, double value) {
  const float single = (float)value;
  if (type == MPSDataTypeFloat16) return (double)floatFromHalf(halfFromFloat(single));
  if (type == MPSDataTypeBFloat16) return (double)floatFromBrain(brainFromFloat(single));
  return (double)single;
}

double flushed(MPSDataType type, double value) {
  if (type != MPSDataTypeFloat32 && type != MPSDataTypeBFloat16) return value;
  return fabs(value) < (double)FLT_MIN ? copysign(0, value) : value;
}

double loadDouble(const Array *array, int64_t index) {
  switch (array->type) {
    case MPSDataTypeFloat32: return (double)((const float *)array->data)[index];
    case MPSDataTypeFloat16: return (double)floatFromHalf(((const uint16_t *)array->data)[index]);
    case MPSDataTypeBFloat16: return (double)floatFromBrain(((const uint16_t *)array->data)[index]);
    case MPSDataTypeUInt64: return (double)((const uint64_t *)array->data)[index];
    default: return (double)loadInt(array, index);
  }
}

int64_t loadInt(const Array *array, int64_t index) {
  switch (array->type) {
    case MPSDataTypeInt8: return ((const int8_t *)array->data)[index];
    case MPSDataTypeInt16: return ((const int16_t *)array->data)[index];
    case MPSDataTypeInt32: return ((const int32_t *)array->data)[index];
    case MPSDataTypeBool:
    case MPSDataTypeUInt8: return ((const uint8_t *)array->data)[index];
    case MPSDataTypeUInt16: return ((const uint16_t *)array->data)[index];
    case MPSDataTypeUInt32: return ((const uint32_t *)array->data)[index];
    case MPSDataTypeInt64:
    case MPSDataTypeUInt64: return ((const int64_t *)array->data)[index];
    default: [NSException raise:NSInternalInconsistencyException format:@"loadInt of %@", nameOfType(array->type)]; return 0;
  }
}

void storeDouble(const Array *array, int64_t index, double value) {
  const float single = (float)value;
  switch (array->type) {
    case MPSDataTypeFloat32: ((float *)array->data)[index] = single; break;
    case MPSDataTypeFloat16: ((uint16_t *)array->data)[index] = halfFromFloat(single); break;
    case MPSDataTypeBFloat16: ((uint16_t *)array->data)[index] = brainFromFloat(single); break;
    default: [NSException raise:NSInternalInconsistencyException format:@"storeDouble to %@", nameOfType(array->type)];
  }
}

void storeInt(const Array *array, int64_t index, int64_t value) {
  switch (sizeOfType(array->type)) {
    case 1: ((uint8_t *)array->data)[index] = (uint8_t)value; break;
    case 2: ((uint16_t *)array->data)[index] = (uint16_t)value; break;
    case 4: ((uint32_t *)array->data)[index] = (uint32_t)value; break;
    default: ((int64_t *)array->data)[index] = value;
  }
}

void copyElement(const Array *to, int64_t toIndex, const Array *from, int64_t fromIndex) {
  const size_t size = sizeOfType(to->type);
  memcpy((char *)to->data + (size_t)toIndex * size, (const char *)from->data + (size_t)fromIndex * size, size);
}
