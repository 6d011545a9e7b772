#include "builder.h"

namespace test {

int checks = 0, failures = 0;

void Builder::quad(int64_t value) {
  words.push(int32_t(uint64_t(value) & 0xffffffffu));
  words.push(int32_t(uint64_t(value) >> 32));
}

int Builder::buffer(int kind, int ref, int64_t bytes) {
  if (words.size() == 0) words.resize(12);
  words.push(kind);
  words.push(ref);
  quad(bytes);
  if (kind == 0 || kind == 1 || kind == 4) arguments_ = ref + 1 > arguments_ ? ref + 1 : arguments_;
  if (kind == 2) arena_ = ref * 64 + bytes > arena_ ? ref * 64 + bytes : arena_;
  return buffers_++;
}

void Builder::begin_steps() {
  if (words.size() == 0) words.resize(12);
}

int64_t Builder::step_start() {
  steps_++;
  return words.size();
}

static void put_tiles(Array<int32_t> &words, const TilesSpec &s) {
  const int64_t start = words.size();
  auto quad = [&](int64_t value) {
    words.push(int32_t(uint64_t(value) & 0xffffffffu));
    words.push(int32_t(uint64_t(value) >> 32));
  };
  for (int64_t w : {int64_t(1), int64_t(0), int64_t(s.mode), int64_t(s.rank), s.loads.size(), s.stores.size(), s.registers.size(), s.ops.size(), int64_t(s.rows),
                    int64_t(s.columns), int64_t(s.nanoseconds), int64_t(s.reduced)}) {
    words.push(int32_t(w));
  }
  for (int i = 0; i < s.rank; i++) quad(s.dims[i]);
  for (int32_t reg : s.registers) words.push(reg);
  for (const Array<ViewSpec> *views : {&s.loads, &s.stores}) {
    for (const ViewSpec &v : *views) {
      words.push(v.buffer);
      words.push(v.dtype);
      words.push(v.reg);
      words.push(v.reduction);
      quad(v.offset);
      for (int i = 0; i < s.rank; i++) quad(v.strides[i]);
    }
  }
  for (const OpSpec &o : s.ops) {
    for (int w : {o.code, o.dtype, o.destination, o.second, o.operands[0], o.operands[1], o.operands[2], o.operands[3]}) words.push(w);
  }
  words[start + 1] = int32_t(words.size() - start);
}

void Builder::tiles(const TilesSpec &spec) {
  step_start();
  put_tiles(words, spec);
}

void Builder::gemm(int dtype, int64_t m, int64_t n, int64_t k, int a, int64_t a_row, int64_t a_column, int b, int64_t b_row, int64_t b_column, int c,
                   const TilesSpec *epilogue) {
  const int64_t start = step_start();
  words.push(2);
  words.push(0);
  words.push(dtype);
  words.push(0);
  for (int64_t size : {m, n, k}) quad(size);
  words.push(a);
  for (int64_t value : {int64_t(0), a_row, a_column}) quad(value);
  words.push(b);
  for (int64_t value : {int64_t(0), b_row, b_column}) quad(value);
  words.push(c);
  for (int64_t value : {int64_t(0), n}) quad(value);
  const int64_t epilogue_words = words.size();
  words.push(0);
  words.push(int32_t(m * n * k / 50 < 1000000000 ? m * n * k / 50 : 1000000000));
  if (epilogue) {
    const int64_t before = words.size();
    put_tiles(words, *epilogue);
    words[epilogue_words] = int32_t(words.size() - before);
  }
  words[start + 1] = int32_t(words.size() - start);
}

// The position of a name in the list of kernels, -1 when it is not there.
static int kernel_code(const char *name) {
  const size_t length = strlen(name);
  int code = 0;
  for (const char *at = sinter_kernels(); at; code++) {
    const char *end = strchr(at, ',');
    if ((end ? size_t(end - at) : strlen(at)) == length && strncmp(at, name, length) == 0) return code;
    at = end ? end + 1 : nullptr;
  }
  return -1;
}

void Builder::kernel(const char *name, const int64_t *fields, const char *layout) {
  const int64_t start = step_start();
  words.push(3);
  words.push(0);
  words.push(kernel_code(name));
  for (int i = 0; layout[i]; i++) {
    if (layout[i] == 'q') {
      quad(fields[i]);
    } else {
      words.push(int32_t(fields[i]));
    }
  }
  words[start + 1] = int32_t(words.size() - start);
}

void Builder::finish(const void *constants, int64_t constant_words) {
  if (constant_words && words.size() % 2) words.push(0);
  words[8] = constant_words ? int32_t(words.size()) : 0;
  words[9] = int32_t(constant_words);
  for (int64_t i = 0; i < constant_words; i++) words.push(static_cast<const int32_t *>(constants)[i]);
  words[0] = 0x544e4953;
  words[1] = 1;
  words[2] = int32_t(words.size());
  words[3] = buffers_;
  words[4] = steps_;
  words[5] = arguments_;
  words[6] = int32_t(arena_);
  words[7] = int32_t(arena_ >> 32);
}

uint64_t make_buffer(const void *data, uint64_t bytes) {
  const uint64_t handle = sinter_buffer_alloc(bytes);
  CHECK(handle != 0, "%s", sinter_last_error());
  void *memory = reinterpret_cast<void *>(sinter_buffer_address(handle));
  memset(memory, 0, bytes);
  if (data) memcpy(memory, data, bytes);
  return handle;
}

int run_once(const Builder &builder, const uint64_t *arguments, int count, int64_t arena_bytes) {
  const uint64_t plan = sinter_plan_create(builder.words.data(), uint64_t(builder.words.size()));
  CHECK(plan != 0, "%s", sinter_last_error());
  if (!plan) return -1;
  const uint64_t arena = arena_bytes ? sinter_buffer_alloc(uint64_t(arena_bytes)) : 0;
  const int status = sinter_run(plan, arguments, uint64_t(count), arena, sinter_ticket());
  CHECK(status == 0, "%s", sinter_last_error());
  if (arena) sinter_buffer_free(arena);
  sinter_plan_release(plan);
  return status;
}

void run_step(const char *kernel, const int64_t *fields, const char *layout, const uint64_t *buffers, const int64_t *bytes, int count) {
  Builder b;
  for (int i = 0; i < count; i++) b.buffer(i == count - 1 ? 1 : 0, i, bytes[i]);
  b.begin_steps();
  b.kernel(kernel, fields, layout);
  b.finish();
  run_once(b, buffers, count);
}

}  // namespace test
