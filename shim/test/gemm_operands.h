// gemm_operands.h: operands of test products: random data of every dtype in several memory layouts, read back as doubles or integers.
#pragma once
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vector>

namespace {

enum Dtype { f32, f64, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64 };
const char *const dtype_names[] = {"float32", "float64", "float16", "bfloat16", "int8",   "int16",
                                   "int32",   "int64",   "uint8",   "uint16",   "uint32", "uint64"};
const int sizes[] = {4, 8, 2, 2, 1, 2, 4, 8, 1, 2, 4, 8};

uint64_t seed = 1;

uint64_t random_bits() {
  seed = seed * 6364136223846793005ull + 1442695040888963407ull;
  uint64_t x = seed ^ (seed >> 33);
  return x * 0xff51afd7ed558ccdull >> 11;
}

int64_t random_int(int64_t low, int64_t high) { return low + static_cast<int64_t>(random_bits() % static_cast<uint64_t>(high - low + 1)); }

[[noreturn]] void fail(const char *what) {
  printf("FAILED: %s\n", what);
  exit(1);
}

double half_value(uint16_t h) {
  int exponent = (h >> 10) & 31, fraction = h & 1023;
  double value = exponent == 31 ? (fraction ? NAN : INFINITY) : exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
  return h & 0x8000 ? -value : value;
}

double brain_value(uint16_t h) {
  uint32_t bits = static_cast<uint32_t>(h) << 16;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

double float_at(int dtype, const char *data, int64_t index) {
  uint16_t bits;
  switch (dtype) {
    case f32:
      return reinterpret_cast<const float *>(data)[index];
    case f64:
      return reinterpret_cast<const double *>(data)[index];
    default:
      memcpy(&bits, data + index * 2, 2);
      return dtype == f16 ? half_value(bits) : brain_value(bits);
  }
}

uint64_t int_at(int size, const char *data, int64_t index) {
  uint64_t value = 0;
  memcpy(&value, data + index * size, static_cast<size_t>(size));
  return value;
}

struct Values {
  std::vector<double> numbers;
  std::vector<uint64_t> integers;
};

// A matrix as doubles or integers, row by row.
Values read(int dtype, const char *data, int64_t rows, int64_t columns, int64_t row, int64_t column) {
  Values values;
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t k = 0; k < columns; k++) {
      int64_t index = i * row + k * column;
      if (dtype < i8) {
        values.numbers.push_back(float_at(dtype, data, index));
      } else {
        values.integers.push_back(int_at(sizes[dtype], data, index));
      }
    }
  }
  return values;
}

void fill(int dtype, char *data, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    double value = static_cast<double>(random_int(-1000, 1000)) / 512;
    uint64_t bits = random_bits() * 0x9e3779b97f4a7c15ull;
    if (dtype == f32) {
      reinterpret_cast<float *>(data)[i] = static_cast<float>(value);
    } else if (dtype == f64) {
      reinterpret_cast<double *>(data)[i] = value;
    } else if (dtype == f16) {
      uint16_t half = static_cast<uint16_t>((bits & 0x83ff) | static_cast<uint64_t>(random_int(0, 16)) << 10);
      memcpy(data + i * 2, &half, 2);
    } else if (dtype == bf16) {
      uint16_t brain = static_cast<uint16_t>((bits & 0x807f) | static_cast<uint64_t>(random_int(120, 128)) << 7);
      memcpy(data + i * 2, &brain, 2);
    } else {
      memcpy(data + i * sizes[dtype], &bits, static_cast<size_t>(sizes[dtype]));
    }
  }
}

// How an operand lies in memory: row-major, transposed, both strides wide, rows backwards, columns backwards, broadcast rows.
enum Layout { plain, transposed, sparse, rows_back, columns_back, broadcast, layout_count };

struct Operand {
  int64_t row, column, first, count;
};

Operand lay_out(int layout, int64_t rows, int64_t columns) {
  switch (layout) {
    case transposed:
      return {1, rows + 3, 0, (columns - 1) * (rows + 3) + rows};
    case sparse:
      return {columns * 3 + 2, 3, 0, (rows - 1) * (columns * 3 + 2) + (columns - 1) * 3 + 1};
    case rows_back:
      return {-columns, 1, (rows - 1) * columns, rows * columns};
    case columns_back:
      return {columns, -1, columns - 1, rows * columns};
    case broadcast:
      return {0, 1, 0, columns};
    default:
      return {columns, 1, 0, rows * columns};
  }
}

}  // namespace
