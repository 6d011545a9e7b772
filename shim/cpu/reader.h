// reader.h: reads program words with bounds checks and names the step and field in errors.
#pragma once
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <initializer_list>

#include "error.h"
#include "program.h"

namespace sinter {

class Reader {
 public:
  Reader(const int32_t *words, int64_t begin, int64_t end, int64_t step) : words_(words), at_(begin), end_(end), step_(step) {}

  // Reads one word; past the end it records an error and yields 0.
  int32_t word(const char *field) {
    if (at_ >= end_) {
      reject("%s lies beyond the step's end", field);
      return 0;
    }
    return words_[at_++];
  }
  int64_t quad(const char *field) {
    const uint32_t low = uint32_t(word(field)), high = uint32_t(word(field));
    return int64_t(uint64_t(high) << 32 | low);
  }
  double real(const char *field) {
    const int64_t bits = quad(field);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
  }
  // A size: 0 or more.
  int64_t size(const char *field) {
    const int64_t value = quad(field);
    if (value < 0) reject("%s is negative (%lld)", field, static_cast<long long>(value));
    return value < 0 ? 0 : value;
  }
  // A word within low..high; `low` after an error.
  int32_t ranged(const char *field, int32_t low, int32_t high) {
    const int32_t value = word(field);
    if (value < low || value > high) {
      reject("%s is %d; it must be %d..%d", field, value, low, high);
      return low;
    }
    return value;
  }

  // Records the first error only.
  __attribute__((format(printf, 2, 3))) void reject(const char *format, ...) {
    if (failed_) return;
    failed_ = true;
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (step_ >= 0) {
      fail("program step %lld: %s", static_cast<long long>(step_), text);
    } else {
      fail("program header: %s", text);
    }
  }
  // A nested reader has recorded an error already.
  void failed() { failed_ = true; }
  bool ok() const { return !failed_; }
  int64_t position() const { return at_; }
  int64_t remaining() const { return end_ - at_; }
  int64_t step() const { return step_; }
  const int32_t *words() const { return words_; }
  void skip(int64_t count) { at_ += count; }

 private:
  const int32_t *words_;
  int64_t at_, end_, step_;
  bool failed_ = false;
};

// The product of sizes; false on overflow of 63 bits.
inline bool multiply(int64_t a, int64_t b, int64_t *out) { return !__builtin_mul_overflow(a, b, out); }

// Checks that every element a strided view touches over `dims` lies in `bytes` (always so for an empty space). Returns null, or what is wrong.
const char *check_reach(const int64_t *dims, const int64_t *strides, int rank, int64_t offset, int64_t element_bytes, int64_t bytes);

bool validate_tiles(Reader &reader, const Program &program, TilesStep *step);
bool validate_gemm(Reader &reader, const Program &program, GemmStep *step, TilesStep *epilogue, bool *has_epilogue);

}  // namespace sinter
