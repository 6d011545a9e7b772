// builder.h: writes programs for the native self-tests and runs them.
#pragma once
#include "../cpu/dtype.h"
#include "../cpu/instructions.h"
#include "../cpu/memory.h"
#include "../sinter.h"
#include "check.h"

namespace test {

using sinter::Array;

constexpr int kNone = -1;

struct ViewSpec {
  int buffer, dtype, reg, reduction;
  int64_t offset;
  int64_t strides[4];
};

struct OpSpec {
  int code, dtype, destination, second, operands[4];
};

// A tiles step; registers are dtype | kind << 8.
struct TilesSpec {
  int mode = 0, rank = 1, rows = 1, columns = 1024, nanoseconds = 0, reduced = 0;
  int64_t dims[4] = {};
  Array<int32_t> registers;
  Array<ViewSpec> loads, stores;
  Array<OpSpec> ops;

  int reg(int dtype, int kind = 0) {
    registers.push(dtype | kind << 8);
    return int(registers.size()) - 1;
  }
  void load(int buffer, int dtype, int reg, int64_t s0, int64_t s1 = 0, int64_t s2 = 0, int64_t offset = 0) {
    loads.push({buffer, dtype, reg, 0, offset, {s0, s1, s2, 0}});
  }
  void store(int buffer, int dtype, int reg, int64_t s0, int64_t s1 = 0, int64_t s2 = 0, int64_t offset = 0, int reduction = 0) {
    stores.push({buffer, dtype, reg, reduction, offset, {s0, s1, s2, 0}});
  }
  void op(int code, int dtype, int destination, int a, int b = kNone, int c = kNone, int d = kNone, int second = kNone) {
    ops.push({code, dtype, destination, second, {a, b, c, d}});
  }
};

class Builder {
 public:
  Array<int32_t> words;

  int buffer(int kind, int ref, int64_t bytes);
  void begin_steps();  // after the buffers
  void tiles(const TilesSpec &spec);
  void gemm(int dtype, int64_t m, int64_t n, int64_t k, int a, int64_t a_row, int64_t a_column, int b, int64_t b_row, int64_t b_column, int c,
            const TilesSpec *epilogue);
  // A kernel's step: its words in order.
  void kernel(const char *name, const int64_t *fields, const char *layout);  // layout: 'w' word, 'q' quad
  // Finishes the program. constants may be null.
  void finish(const void *constants = nullptr, int64_t constant_words = 0);

 private:
  void quad(int64_t value);
  int64_t step_start();
  int buffers_ = 0, steps_ = 0, arguments_ = 0;
  int64_t arena_ = 0;
};

// A buffer filled with `bytes` bytes of `data` (or zeros).
uint64_t make_buffer(const void *data, uint64_t bytes);

// Creates a plan, runs it on the arguments and releases it; reports failures. Returns the run's status.
int run_once(const Builder &builder, const uint64_t *arguments, int count, int64_t arena_bytes = 0);

// Runs one kernel over buffers 0..count-1; the last is the target.
void run_step(const char *kernel, const int64_t *fields, const char *layout, const uint64_t *buffers, const int64_t *bytes, int count);

}  // namespace test
