// kernel.cpp: the list of kernels, and reading what their steps have in common.
#include "kernel.h"

namespace sinter {

#define SINTER_X(name) extern const Kernel name##_kernel;
SINTER_KERNELS(SINTER_X)
#undef SINTER_X

const Kernel *kernel_of(int32_t code) {
  static const Kernel *const kernels[] = {
#define SINTER_X(name) &name##_kernel,
      SINTER_KERNELS(SINTER_X)
#undef SINTER_X
  };
  return code >= 0 && code < kKernels ? kernels[code] : nullptr;
}

const char *kernel_names() {
  return 1 + (""
#define SINTER_X(name) "," #name
              SINTER_KERNELS(SINTER_X)
#undef SINTER_X
             );
}

int32_t read_buffer(Reader &reader, const Program &program, const char *name, int64_t count, int64_t element_bytes, bool written) {
  const int32_t buffer = reader.word(name);
  if (!reader.ok()) return 0;
  if (buffer < 0 || buffer >= program.buffers.size()) {
    reader.reject("%s buffer %d does not exist", name, buffer);
    return 0;
  }
  const BufferDecl &decl = program.buffers[buffer];
  int64_t bytes;
  if (written && decl.kind != kOutput && decl.kind != kArena) {
    reader.reject("%s buffer %d may not be written", name, buffer);
  } else if (!multiply(count, element_bytes, &bytes) || bytes > decl.bytes) {
    reader.reject("%s buffer %d has %lld bytes; %lld elements of %lld are needed", name, buffer, (long long)decl.bytes, (long long)count, (long long)element_bytes);
  }
  return buffer;
}

int32_t read_optional_buffer(Reader &reader, const Program &program, const char *name, int64_t count, int64_t element_bytes, bool written) {
  if (reader.remaining() <= 0 || reader.words()[reader.position()] != -1) return read_buffer(reader, program, name, count, element_bytes, written);
  reader.skip(1);
  return -1;
}

int64_t count_of(Reader &reader, std::initializer_list<int64_t> sizes) {
  int64_t result = 1;
  bool empty = false;
  for (int64_t size : sizes) {
    empty = empty || size == 0;
    if (size < 0 || !multiply(result, size ? size : 1, &result) || result > kMaxValues) {
      reader.reject("the sizes are too large");
      return 0;
    }
  }
  return empty ? 0 : result;
}

AxisSizes read_axis_sizes(Reader &reader) {
  AxisSizes sizes;
  sizes.outer = reader.size("outer");
  sizes.axis = reader.size("axis");
  sizes.inner = reader.size("inner");
  count_of(reader, {sizes.outer, sizes.axis, sizes.inner});
  return sizes;
}

int32_t read_index_dtype(Reader &reader) {
  const int32_t dtype = reader.word("index dtype");
  if (reader.ok() && dtype != kInt32 && dtype != kInt64) reader.reject("index dtype %d is neither int32 nor int64", dtype);
  return dtype;
}

}  // namespace sinter
