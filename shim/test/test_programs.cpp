// test_programs.cpp: tile programs of every mode, end to end, against plain loops; every thread count and instruction set gives the same bits.
#include "../cpu/isa.h"
#include "../cpu/kernels.h"
#include "builder.h"

namespace test {

using namespace sinter;

namespace {

template <class T>
struct Data {
  Array<T> values;
  explicit Data(int64_t n) { values.resize(n); }
  T &operator[](int64_t i) { return values[i]; }
  uint64_t bytes() const { return uint64_t(values.size()) * sizeof(T); }
  uint64_t upload() const { return make_buffer(values.data(), bytes()); }
  void download(uint64_t handle) { CHECK(sinter_buffer_read(handle, 0, values.data(), bytes()) == 0, "%s", sinter_last_error()); }
};

void fill(Data<float> &d, uint64_t seed) {
  Random random(seed);
  for (float &v : d.values) v = float(random.uniform() * 4 - 2);
}

// y = (x * 2 + x) over n values, stored at `offset` of a longer buffer whose other elements must survive.
void chain(int64_t n, int64_t offset, int threads) {
  Data<float> x(n), y(n + offset + 32);
  fill(x, uint64_t(n));
  for (float &v : y.values) v = -7;
  Builder b;
  const int in = b.buffer(0, 0, int64_t(x.bytes())), out = b.buffer(1, 1, int64_t(y.bytes())), two = b.buffer(4, 2, 4);
  TilesSpec s;
  s.dims[0] = n;
  s.nanoseconds = int(n);
  const int rx = s.reg(kFloat32), rt = s.reg(kFloat32), rs = s.reg(kFloat32, 2);
  s.load(in, kFloat32, rx, 1);
  s.load(two, kFloat32, rs, 0);
  s.op(kOp_mul, kFloat32, rt, rx, rs);
  s.op(kOp_add, kFloat32, rt, rt, rx);
  s.store(out, kFloat32, rt, 1, 0, 0, offset);
  b.tiles(s);
  b.finish();
  const float factor = 2;
  uint64_t scalar = 0;
  memcpy(&scalar, &factor, 4);
  const uint64_t arguments[3] = {x.upload(), y.upload(), scalar};
  sinter_set_threads(threads);
  run_once(b, arguments, 3);
  y.download(arguments[1]);
  int wrong = 0;
  for (int64_t i = 0; i < n + offset + 32; i++) {
    const float want = i < offset || i >= n + offset ? -7 : x[i - offset] * 2 + x[i - offset];
    wrong += y[i] != want;
  }
  CHECK(wrong == 0, "chain of %lld at %lld: %d wrong", (long long)n, (long long)offset, wrong);
  for (int i = 0; i < 2; i++) sinter_buffer_free(arguments[i]);
}

// A chain writes the same wherever its memory lies, and nothing behind the last vector.
void chain_memory(int64_t n, int64_t offset) {
  constexpr int64_t kPad = 16;
  Array<float> x, y, z;
  x.resize(n + kPad);
  y.resize(n + kPad);
  z.resize(n + 4 * kPad);
  Random random(uint64_t(n + offset));
  for (Array<float> *each : {&x, &y}) {
    for (float &value : *each) value = float(random.uniform() * 4 - 2);
  }
  alignas(64) float splat[kSplat];
  for (float &value : splat) value = 0.75f;
  const ChainStep steps[] = {{kChainSub, 0, reinterpret_cast<const char *>(y.data())}, {kChainMul, 1, reinterpret_cast<const char *>(splat)}, {kChainRelu, 1, nullptr}};
  float *aligned = z.data();
  while (reinterpret_cast<uintptr_t>(aligned) % 64) aligned++;
  float *target = aligned + offset;
  for (ChainMemory memory : {kNear, kFar, kPastCaches}) {
    for (float &value : z) value = -7;
    kernels().chain(target, x.data(), steps, 3, n, memory);
    kernels().publish();
    int wrong = 0;
    for (int64_t i = 0; i < n; i++) wrong += target[i] != fmaxf((x[i] - y[i]) * 0.75f, 0);
    for (int64_t i = (n + kSplat - 1) / kSplat * kSplat; target + i < z.data() + z.size(); i++) wrong += target[i] != -7;
    for (const float *at = z.data(); at < target; at++) wrong += *at != -7;
    CHECK(wrong == 0, "chain of %lld at %lld, memory %d: %d wrong", (long long)n, (long long)offset, int(memory), wrong);
  }
}

// y[i][j] = x[j][i] + v[j] through 2-D blocks with tails.
void transpose(int64_t rows, int64_t columns, int block) {
  Data<float> x(rows * columns), v(columns), y(rows * columns);
  fill(x, 1);
  fill(v, 2);
  Builder b;
  const int in = b.buffer(0, 0, int64_t(x.bytes())), vector = b.buffer(0, 1, int64_t(v.bytes())), out = b.buffer(1, 2, int64_t(y.bytes()));
  TilesSpec s;
  s.rank = 2;
  s.rows = s.columns = block;
  s.dims[0] = rows;
  s.dims[1] = columns;
  s.nanoseconds = 1000000;
  const int rx = s.reg(kFloat32), rv = s.reg(kFloat32);
  s.load(in, kFloat32, rx, 1, rows);
  s.load(vector, kFloat32, rv, 0, 1);
  s.op(kOp_add, kFloat32, rx, rx, rv);
  s.store(out, kFloat32, rx, columns, 1);
  b.tiles(s);
  b.finish();
  const uint64_t arguments[3] = {x.upload(), v.upload(), y.upload()};
  run_once(b, arguments, 3);
  y.download(arguments[2]);
  int wrong = 0;
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) wrong += y[i * columns + j] != x[j * rows + i] + v[j];
  }
  CHECK(wrong == 0, "transpose %lld x %lld: %d wrong", (long long)rows, (long long)columns, wrong);
  for (uint64_t handle : arguments) sinter_buffer_free(handle);
}

// y[i][j][k] = v[k] + x[j] in blocks of several rows with a tail of one: v is copied for the former, used in place for the latter.
void broadcast(int block_rows) {
  constexpr int64_t a = 4, b = 9, c = 130;
  Data<float> v(c), x(b), y(a * b * c);
  fill(v, 8);
  fill(x, 9);
  Builder builder;
  const int vector = builder.buffer(0, 0, int64_t(v.bytes())), column = builder.buffer(0, 1, int64_t(x.bytes())), out = builder.buffer(1, 2, int64_t(y.bytes()));
  TilesSpec s;
  s.rank = 3;
  s.rows = block_rows;
  s.columns = int(c);
  s.dims[0] = a;
  s.dims[1] = b;
  s.dims[2] = c;
  const int rv = s.reg(kFloat32), rx = s.reg(kFloat32);
  s.load(vector, kFloat32, rv, 0, 0, 1);
  s.load(column, kFloat32, rx, 0, 1, 0);
  s.op(kOp_add, kFloat32, rv, rv, rx);
  s.store(out, kFloat32, rv, b * c, c, 1);
  builder.tiles(s);
  builder.finish();
  const uint64_t arguments[3] = {v.upload(), x.upload(), y.upload()};
  run_once(builder, arguments, 3);
  y.download(arguments[2]);
  int wrong = 0;
  for (int64_t i = 0; i < a * b * c; i++) wrong += y[i] != v[i % c] + x[i / c % b];
  CHECK(wrong == 0, "broadcast with R %d: %d wrong", block_rows, wrong);
  for (uint64_t handle : arguments) sinter_buffer_free(handle);
}

// Softmax of rows; with R > 1 row values reach the tile through `expand`.
void softmax(int64_t rows, int64_t columns, int block_rows) {
  Data<float> x(rows * columns), y(rows * columns), sums(rows);
  fill(x, 3);
  Builder b;
  const int in = b.buffer(0, 0, int64_t(x.bytes())), out = b.buffer(1, 1, int64_t(y.bytes())), sum = b.buffer(1, 2, int64_t(sums.bytes()));
  TilesSpec s;
  s.mode = 1;
  s.rank = 2;
  s.rows = block_rows;
  s.columns = int(columns);
  s.dims[0] = rows;
  s.dims[1] = columns;
  s.nanoseconds = int(rows * columns);
  const int rx = s.reg(kFloat32), rm = s.reg(kFloat32, 1), rs = s.reg(kFloat32, 1), rt = s.reg(kFloat32);
  s.load(in, kFloat32, rx, columns, 1);
  s.op(kOp_row_max, kFloat32, rm, rx);
  const bool expand = block_rows > 1;
  if (expand) s.op(kOp_expand, kFloat32, rt, rm);
  s.op(kOp_sub, kFloat32, rx, rx, expand ? rt : rm);
  s.op(kOp_exp, kFloat32, rx, rx);
  s.op(kOp_row_sum, kFloat32, rs, rx);
  if (expand) s.op(kOp_expand, kFloat32, rt, rs);
  s.op(kOp_div, kFloat32, rx, rx, expand ? rt : rs);
  s.store(out, kFloat32, rx, columns, 1);
  s.store(sum, kFloat32, rs, 1, 99);
  b.tiles(s);
  b.finish();
  const uint64_t arguments[3] = {x.upload(), y.upload(), sums.upload()};
  run_once(b, arguments, 3);
  y.download(arguments[1]);
  sums.download(arguments[2]);
  double worst = 0;
  for (int64_t i = 0; i < rows; i++) {
    double top = -INFINITY, total = 0;
    for (int64_t j = 0; j < columns; j++) top = fmax(top, double(x[i * columns + j]));
    for (int64_t j = 0; j < columns; j++) total += exp(double(x[i * columns + j]) - top);
    for (int64_t j = 0; j < columns; j++) worst = fmax(worst, fabs(y[i * columns + j] / (exp(double(x[i * columns + j]) - top) / total) - 1));
    worst = fmax(worst, fabs(sums[i] / total - 1));
  }
  CHECK(worst < 1e-6, "softmax %lld x %lld (R %d): %g", (long long)rows, (long long)columns, block_rows, worst);
  for (uint64_t handle : arguments) sinter_buffer_free(handle);
}

// Sum of squares over one axis of [a, b, c]; `mask` tells which dimensions are reduced.
float reduce(int64_t a, int64_t b, int64_t c, int mask, int block_rows, int block_columns, int threads) {
  Data<float> x(a * b * c);
  fill(x, 4);
  const int64_t dims[3] = {a, b, c};
  int64_t strides[3], count = 1;
  for (int i = 2; i >= 0; i--) {
    strides[i] = mask >> i & 1 ? 0 : count;
    if (!(mask >> i & 1)) count *= dims[i];
  }
  Data<float> y(count), top(count);
  Builder builder;
  const int in = builder.buffer(0, 0, int64_t(x.bytes())), out = builder.buffer(1, 1, int64_t(y.bytes())), maxima = builder.buffer(1, 2, int64_t(y.bytes()));
  TilesSpec s;
  s.mode = 2;
  s.rank = 3;
  s.rows = block_rows;
  s.columns = block_columns;
  s.reduced = mask;
  s.nanoseconds = 2000000;
  for (int i = 0; i < 3; i++) s.dims[i] = dims[i];
  const int rx = s.reg(kFloat32), rq = s.reg(kFloat32);
  s.load(in, kFloat32, rx, b * c, c, 1);
  s.op(kOp_square, kFloat32, rq, rx);
  s.store(out, kFloat32, rq, strides[0], strides[1], strides[2], 0, 1 + kSum);
  s.store(maxima, kFloat32, rx, strides[0], strides[1], strides[2], 0, 1 + kMax);
  builder.tiles(s);
  builder.finish();
  const uint64_t arguments[3] = {x.upload(), y.upload(), top.upload()};
  sinter_set_threads(threads);
  run_once(builder, arguments, 3);
  y.download(arguments[1]);
  top.download(arguments[2]);
  Data<double> sums(count), tops(count);
  for (int64_t i = 0; i < count; i++) tops[i] = -INFINITY;
  for (int64_t i = 0; i < a * b * c; i++) {
    const int64_t at = i / (b * c) * strides[0] + i / c % b * strides[1] + i % c * strides[2];
    sums[at] += double(x[i]) * x[i];
    tops[at] = fmax(tops[at], double(x[i]));
  }
  double worst = 0;
  for (int64_t i = 0; i < count; i++) worst = fmax(worst, sums[i] == y[i] ? 0 : fabs(y[i] / sums[i] - 1)) + (tops[i] != top[i]);
  CHECK(worst < 1e-6, "reduce %lldx%lldx%lld mask %d: %g", (long long)a, (long long)b, (long long)c, mask, worst);
  for (uint64_t handle : arguments) sinter_buffer_free(handle);
  return count ? y[0] : 0;
}

// int8 -> f16 round trip, iota, two stores of one value, a constant and an arena buffer over two steps.
void two_steps() {
  constexpr int64_t n = 1000;
  Data<int8_t> x(n);
  Data<uint16_t> half(n);
  Data<int64_t> index(n);
  for (int64_t i = 0; i < n; i++) x[i] = int8_t(i * 7);
  Builder b;
  const int in = b.buffer(0, 0, n), out = b.buffer(1, 1, 2 * n), where = b.buffer(1, 2, 8 * n), middle = b.buffer(2, 3, 4 * n), constant = b.buffer(3, 0, 4);
  TilesSpec s;
  s.dims[0] = n;
  const int ri = s.reg(kInt32), rf = s.reg(kFloat32), rc = s.reg(kFloat32, 2), rn = s.reg(kInt64);
  s.load(in, kInt8, ri, -1, 0, 0, n - 1);  // backwards
  s.load(constant, kFloat32, rc, 0);
  s.load(-1, kInt64, rn, 3, 0, 0, 5);
  s.op(kOp_to_f32, kInt32, rf, ri);
  s.op(kOp_mul, kFloat32, rf, rf, rc);
  s.store(middle, kFloat32, rf, 1);
  s.store(where, kInt64, rn, 1);
  b.tiles(s);
  TilesSpec t;
  t.dims[0] = n;
  const int rm = t.reg(kFloat32);
  t.load(middle, kFloat32, rm, 1);
  t.store(out, kFloat16, rm, 1);
  b.tiles(t);
  const float quarter[2] = {0.25f, 0};
  b.finish(quarter, 2);
  const uint64_t arguments[3] = {x.upload(), half.upload(), index.upload()};
  run_once(b, arguments, 3, 3 * 64 + 4 * n);
  half.download(arguments[1]);
  index.download(arguments[2]);
  int wrong = 0;
  for (int64_t i = 0; i < n; i++) {
    const uint16_t h = half[i];
    const int e = h >> 10 & 31;
    const double value = (h & 0x8000 ? -1 : 1) * (e ? ldexp(1024 + (h & 1023), e - 25) : ldexp(h & 1023, -24));
    wrong += value != 0.25 * x[n - 1 - i];
    wrong += index[i] != 5 + 3 * i;
  }
  CHECK(wrong == 0, "two steps: %d wrong", wrong);
  for (uint64_t handle : arguments) sinter_buffer_free(handle);
}

// C = A B + bias, relu; against double sums.
void gemm(int64_t m, int64_t n, int64_t k, bool epilogue) {
  Data<float> a(m * k), w(k * n), bias(n), c(m * n);
  fill(a, 5);
  fill(w, 6);
  fill(bias, 7);
  Builder b;
  const int ba = b.buffer(0, 0, int64_t(a.bytes())), bw = b.buffer(0, 1, int64_t(w.bytes())), bb = b.buffer(0, 2, int64_t(bias.bytes())), bc = b.buffer(1, 3, int64_t(c.bytes()));
  TilesSpec s;
  s.rank = 2;
  s.dims[0] = m;
  s.dims[1] = n;
  const int rc = s.reg(kFloat32), rb = s.reg(kFloat32);
  s.load(bc, kFloat32, rc, n, 1);
  s.load(bb, kFloat32, rb, 0, 1);
  s.op(kOp_add, kFloat32, rc, rc, rb);
  s.op(kOp_relu, kFloat32, rc, rc);
  s.store(bc, kFloat32, rc, n, 1);
  b.gemm(kFloat32, m, n, k, ba, k, 1, bw, 1, k, bc, epilogue ? &s : nullptr);  // B transposed
  b.finish();
  const uint64_t arguments[4] = {a.upload(), w.upload(), bias.upload(), c.upload()};
  run_once(b, arguments, 4);
  c.download(arguments[3]);
  double worst = 0;
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = 0; j < n; j++) {
      double sum = epilogue ? double(bias[j]) : 0;
      for (int64_t p = 0; p < k; p++) sum += double(a[i * k + p]) * w[j * k + p];
      if (epilogue && sum < 0) sum = 0;
      worst = fmax(worst, fabs(c[i * n + j] - sum));
    }
  }
  CHECK(worst < 1e-5 * double(k + 10), "gemm %lldx%lldx%lld: %g", (long long)m, (long long)n, (long long)k, worst);
  for (uint64_t handle : arguments) sinter_buffer_free(handle);
}

}  // namespace

void test_programs() {
  for (Isa isa : {Isa::base, Isa::avx2, Isa::avx512, Isa::neon}) {
    if (!isa_available(isa)) continue;
    set_isa(isa_name(isa));
    for (int64_t n : {0, 1, 3, 15, 16, 17, 1000, 1024, 1025, 5000, 300001}) chain(n, n % 3 * 5, n > 100000 ? 3 : 1);
    for (int64_t n : {0, 1, 16, 255, 256, 1024, 1300}) {
      for (int64_t offset : {0, 1, 16}) chain_memory(n, offset);
    }
    for (int64_t n : {1, 31, 32, 33, 100, 257}) transpose(n, 300 - n, 32);
    transpose(5, 7, 3);
    for (int rows : {1, 2, 4, 9}) broadcast(rows);
    for (int64_t columns : {1, 3, 10, 64, 1000, 1024}) {
      softmax(37, columns, 1);
      softmax(37, columns, 8);
    }
    float first[8] = {};
    for (int threads = 1; threads <= 4; threads++) {
      const float results[8] = {reduce(1, 1, 1000003, 7, 1, 1024, threads), reduce(300, 40, 70, 1, 1, 70, threads), reduce(300, 40, 70, 2, 14, 70, threads),
                                reduce(300, 40, 70, 4, 1, 70, threads),     reduce(40, 3000, 5, 3, 200, 5, threads), reduce(2, 500, 300, 6, 3, 300, threads),
                                reduce(1, 20000, 3, 2, 300, 3, threads),    reduce(7, 0, 5, 2, 1, 5, threads)};
      if (threads == 1) memcpy(first, results, sizeof first);
      CHECK(memcmp(first, results, sizeof first) == 0, "results depend on %d threads", threads);
    }
    two_steps();
    gemm(1, 1, 1, false);
    gemm(33, 70, 50, true);
    gemm(130, 700, 40, true);
    gemm(5, 2000, 3, true);
    gemm(4, 6, 0, true);
  }
  sinter_set_threads(2);
}

}  // namespace test
