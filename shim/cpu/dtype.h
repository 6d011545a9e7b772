// dtype.h: dtype codes, as docs/cpu-program.md numbers them.
#pragma once
#include <cstdint>

namespace sinter {

enum Dtype : int32_t {
  kFloat32, kFloat64, kFloat16, kBfloat16, kInt8, kInt16, kInt32, kInt64, kUint8, kUint16, kUint32, kUint64, kBool, kDtypes
};

constexpr const char *const kDtypeNames[kDtypes] = {"float32", "float64", "float16", "bfloat16", "int8",   "int16", "int32",
                                                    "int64",   "uint8",   "uint16",  "uint32",   "uint64", "bool"};
constexpr int kDtypeSizes[kDtypes] = {4, 8, 2, 2, 1, 2, 4, 8, 1, 2, 4, 8, 1};

// The class a dtype computes in.
constexpr Dtype kDtypeClass[kDtypes] = {kFloat32, kFloat64, kFloat32, kFloat32, kInt32,  kInt32, kInt32,
                                        kInt64,   kInt32,   kInt32,   kUint32,  kUint64, kInt32};

// Compute classes have small numbers of their own, to index kernel tables: float32 float64 int32 int64 uint32 uint64.
constexpr int kClasses = 6;
constexpr int kF32 = 0, kF64 = 1, kI32 = 2, kI64 = 3, kU32 = 4, kU64 = 5;
constexpr Dtype kClassDtype[kClasses] = {kFloat32, kFloat64, kInt32, kInt64, kUint32, kUint64};
constexpr int kClassSizes[kClasses] = {4, 8, 4, 8, 4, 8};

// The class number of a dtype code, -1 when the code is no compute class.
constexpr int class_of(int32_t dtype) {
  return dtype == kFloat32 ? kF32 : dtype == kFloat64 ? kF64 : dtype == kInt32 ? kI32 : dtype == kInt64 ? kI64 : dtype == kUint32 ? kU32
         : dtype == kUint64 ? kU64 : -1;
}

}  // namespace sinter
