// kernel.h: what a kernel is: a step that is neither a tile program nor a matrix product. Each is a file of its own, kernel_<name>.cpp, that ends in
// SINTER_KERNEL, and a name in the list below. docs/cpu-program.md has the words of each.
#pragma once
#include <cstdint>
#include <type_traits>

#include "plain.h"
#include "reader.h"
#include "run.h"
#include "shares.h"

// A kernel's code in a program is its position in this list.
#define SINTER_KERNELS(X) \
  X(scan) X(arg_reduce) X(take) X(take_along) X(argsort) X(convolution) X(pool) X(pool_gradient) X(unpool) X(resample) X(grid_sample) \
  X(scatter_slices) X(scatter_along) X(sort) X(top_k) X(cholesky) X(triangular_solve) X(lu) X(solve) X(inverse) X(det) X(slogdet) X(qr) \
  X(eigh) X(svd) X(attention) X(suppress) X(lstm) X(lstm_gradient) X(fourier) X(sparse_matmul) X(loop)

namespace sinter {

struct Kernel {
  const char *name;
  // The size of the parameters: a struct of plain values, zeroed before it is parsed.
  int64_t parameter_bytes;
  // Reads and checks the step's words; what is wrong goes to the reader.
  void (*parse)(Reader &reader, const Program &program, void *parameters);
  // False when scratch memory could not be had.
  bool (*run)(const void *parameters, const RunContext &run);
  // Only for kernels with programs of their own: frees what the parameters own (also when parsing failed), and the tile scratch that the programs need.
  void (*release)(void *parameters) = nullptr;
  int64_t (*scratch)(const void *parameters) = nullptr;
};

// Null for a code that none has.
const Kernel *kernel_of(int32_t code);
constexpr int32_t kKernels = 0
#define SINTER_X(name) +1
    SINTER_KERNELS(SINTER_X)
#undef SINTER_X
    ;
// Comma-separated names in order of code.
const char *kernel_names();

// Defines the kernel of this name over functions `void parse(Reader &, const Program &, P *)` and `bool run(const P &, const RunContext &)`.
#define SINTER_KERNEL(name, P, parse, run)                                                                                                            \
  static_assert(std::is_trivially_copyable<P>::value, "parameters are copied as bytes");                                                              \
  extern const Kernel name##_kernel;                                                                                                                  \
  const Kernel name##_kernel = {#name, sizeof(P), [](Reader &reader, const Program &program, void *p) { parse(reader, program, static_cast<P *>(p)); }, \
                                [](const void *p, const RunContext &context) { return run(*static_cast<const P *>(p), context); }}

// A buffer number: the buffer exists, may be used so, and holds `count` elements of the given size.
int32_t read_buffer(Reader &reader, const Program &program, const char *name, int64_t count, int64_t element_bytes, bool written);

// As read_buffer; -1 for none.
int32_t read_optional_buffer(Reader &reader, const Program &program, const char *name, int64_t count, int64_t element_bytes, bool written);

// The product of sizes, 0 when one is 0; rejects what no tensor has.
int64_t count_of(Reader &reader, std::initializer_list<int64_t> sizes);

// The sizes before, along and after an axis.
struct AxisSizes {
  int64_t outer, axis, inner;
};
AxisSizes read_axis_sizes(Reader &reader);

// The dtype of indices, int32 or int64.
int32_t read_index_dtype(Reader &reader);

}  // namespace sinter
