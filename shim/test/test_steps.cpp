// test_steps.cpp: kernels against plain loops.
#include "builder.h"

namespace test {

using namespace sinter;

namespace {

void scan(int64_t outer, int64_t axis, int64_t inner, int op, int exclusive, int reverse) {
  const int64_t n = outer * axis * inner;
  Array<int16_t> x, y;
  x.resize(n);
  y.resize(n);
  Random random(21);
  for (int16_t &v : x) v = int16_t(random.next());
  const uint64_t buffers[2] = {make_buffer(x.data(), uint64_t(n) * 2), make_buffer(nullptr, uint64_t(n) * 2)};
  const int64_t bytes[2] = {n * 2, n * 2}, fields[] = {kInt16, op, exclusive, reverse, outer, axis, inner, 0, 1};
  run_step("scan", fields, "wwwwqqqww", buffers, bytes, 2);
  sinter_buffer_read(buffers[1], 0, y.data(), uint64_t(n) * 2);
  int wrong = 0;
  for (int64_t line = 0; line < outer * inner; line++) {
    int16_t carried = op == 0 ? 0 : op == 1 ? 1 : op == 2 ? INT16_MIN : INT16_MAX;
    for (int64_t i = 0; i < axis; i++) {
      const int64_t at = (line / inner * axis + (reverse ? axis - 1 - i : i)) * inner + line % inner;
      const int16_t v = x[at], next = int16_t(op == 0 ? carried + v : op == 1 ? carried * v : op == 2 ? (v > carried ? v : carried) : (v < carried ? v : carried));
      wrong += y[at] != (exclusive ? carried : next);
      carried = next;
    }
  }
  CHECK(wrong == 0, "scan %lldx%lldx%lld op %d: %d wrong", (long long)outer, (long long)axis, (long long)inner, op, wrong);
  for (uint64_t handle : buffers) sinter_buffer_free(handle);
}

void arg_reduce(int64_t outer, int64_t axis, int64_t inner, int op) {
  const int64_t n = outer * axis * inner;
  Array<float> x;
  Array<int32_t> y;
  x.resize(n);
  y.resize(outer * inner);
  Random random(22);
  for (float &v : x) v = random.below(60) == 0 ? NAN : float(random.below(20));
  const uint64_t buffers[2] = {make_buffer(x.data(), uint64_t(n) * 4), make_buffer(nullptr, uint64_t(outer * inner) * 4)};
  const int64_t bytes[2] = {n * 4, outer * inner * 4}, fields[] = {kFloat32, op, outer, axis, inner, 0, 1};
  run_step("arg_reduce", fields, "wwqqqww", buffers, bytes, 2);
  sinter_buffer_read(buffers[1], 0, y.data(), uint64_t(outer * inner) * 4);
  int wrong = 0;
  for (int64_t line = 0; line < outer * inner; line++) {
    const auto at = [&](int64_t i) { return x[(line / inner * axis + i) * inner + line % inner]; };
    int64_t best = 0;
    for (int64_t i = 1; i < axis; i++) {
      if (std::isnan(at(best))) break;
      if (std::isnan(at(i)) || (op ? at(i) < at(best) : at(i) > at(best))) best = i;
    }
    wrong += y[line] != best;
  }
  CHECK(wrong == 0, "arg reduce: %d wrong", wrong);
  for (uint64_t handle : buffers) sinter_buffer_free(handle);
}

void take(int64_t outer, int64_t axis, int64_t inner, int64_t count, bool along, bool wide) {
  const int64_t n = outer * axis * inner, result = outer * count * inner, indices = along ? result : count;
  Array<int16_t> x, y;
  Array<int64_t> index;
  Array<int32_t> narrow;
  x.resize(n);
  y.resize(result);
  index.resize(indices);
  narrow.resize(indices);
  Random random(23);
  for (int16_t &v : x) v = int16_t(random.next() | 1);
  for (int64_t i = 0; i < indices; i++) narrow[i] = int32_t(index[i] = random.below(axis * 4 + 1) - axis * 2);
  const uint64_t bytes_of_indices = uint64_t(indices) * (wide ? 8 : 4);
  const uint64_t buffers[3] = {make_buffer(x.data(), uint64_t(n) * 2), make_buffer(wide ? static_cast<void *>(index.data()) : narrow.data(), bytes_of_indices),
                               make_buffer(nullptr, uint64_t(result) * 2)};
  const int64_t bytes[3] = {n * 2, int64_t(bytes_of_indices), result * 2};
  const int64_t fields[] = {2, wide ? kInt64 : kInt32, outer, axis, inner, count, 0, 1, 2};
  run_step(along ? "take_along" : "take", fields, "wwqqqqwww", buffers, bytes, 3);
  sinter_buffer_read(buffers[2], 0, y.data(), uint64_t(result) * 2);
  int wrong = 0;
  for (int64_t i = 0; i < result; i++) {
    const int64_t o = i / (count * inner), j = i / inner % count, k = i % inner;
    int64_t at = index[along ? i : j];
    if (at < 0) at += axis;
    wrong += y[i] != (at < 0 || at >= axis ? 0 : x[(o * axis + at) * inner + k]);
  }
  CHECK(wrong == 0, "take (%s): %d wrong", along ? "along" : "rows", wrong);
  for (uint64_t handle : buffers) sinter_buffer_free(handle);
}

void index_add(int64_t outer, int64_t axis, int64_t inner, int64_t count, bool along) {
  const int64_t n = outer * axis * inner, updates = outer * count * inner, indices = along ? updates : count;
  Array<float> base, update, y, want;
  Array<int32_t> index;
  base.resize(n);
  y.resize(n);
  want.resize(n);
  update.resize(updates);
  index.resize(indices);
  Random random(24);
  for (int64_t i = 0; i < n; i++) want[i] = base[i] = float(random.uniform());
  for (float &v : update) v = float(random.uniform());
  for (int32_t &v : index) v = int32_t(random.below(axis * 3) - axis);
  const uint64_t buffers[4] = {make_buffer(base.data(), uint64_t(n) * 4), make_buffer(index.data(), uint64_t(indices) * 4),
                               make_buffer(update.data(), uint64_t(updates) * 4), make_buffer(nullptr, uint64_t(n) * 4)};
  const int64_t bytes[4] = {n * 4, indices * 4, updates * 4, n * 4};
  const int64_t fields[] = {kFloat32, kInt32, 0, outer, axis, inner, count, 0, 1, 2, 3};
  run_step(along ? "scatter_along" : "scatter_slices", fields, "wwwqqqqwwww", buffers, bytes, 4);
  sinter_buffer_read(buffers[3], 0, y.data(), uint64_t(n) * 4);
  for (int64_t o = 0; o < outer; o++) {
    for (int64_t i = 0; i < count; i++) {
      for (int64_t k = 0; k < inner; k++) {
        const int64_t u = (o * count + i) * inner + k;
        int64_t at = index[along ? u : i];
        if (at < 0) at += axis;
        if (at >= 0 && at < axis) want[(o * axis + at) * inner + k] += update[u];
      }
    }
  }
  int wrong = 0;
  for (int64_t i = 0; i < n; i++) wrong += y[i] != want[i];
  CHECK(wrong == 0, "index add (%d): %d wrong", along, wrong);
  for (uint64_t handle : buffers) sinter_buffer_free(handle);
}

template <class T>
void argsort(int dtype, int64_t rows, int64_t length, bool descending) {
  const int64_t n = rows * length;
  Array<T> x;
  Array<int32_t> y;
  x.resize(n);
  y.resize(n);
  Random random(25);
  for (T &v : x) v = std::is_floating_point<T>::value && random.below(9) == 0 ? T(NAN) : random.below(5) == 0 ? T(-0.0) : T(double(random.below(200)) - 100);
  const uint64_t buffers[2] = {make_buffer(x.data(), uint64_t(n) * sizeof(T)), make_buffer(nullptr, uint64_t(n) * 4)};
  const int64_t bytes[2] = {n * int64_t(sizeof(T)), n * 4}, fields[] = {dtype, descending, rows, length, 0, 1};
  run_step("argsort", fields, "wwqqww", buffers, bytes, 2);
  sinter_buffer_read(buffers[1], 0, y.data(), uint64_t(n) * 4);
  int wrong = 0;
  for (int64_t r = 0; r < rows; r++) {
    int64_t seen = 0;
    for (int64_t i = 0; i < length; i++) {
      seen += y[r * length + i];
      if (i == 0) continue;
      const int32_t p = y[r * length + i - 1], q = y[r * length + i];
      const T a = x[r * length + p], b = x[r * length + q];
      const bool ordered = b != b ? (a == a || p < q) : a == a && (a == b ? p < q : descending ? a > b : a < b);
      wrong += !ordered;
    }
    wrong += seen != length * (length - 1) / 2;
  }
  CHECK(wrong == 0, "argsort %s: %d wrong", kDtypeNames[dtype], wrong);
  for (uint64_t handle : buffers) sinter_buffer_free(handle);
}

}  // namespace

void test_steps() {
  for (int op = 0; op < 4; op++) {
    for (int flags = 0; flags < 4; flags++) {
      scan(3, 50, 7, op, flags & 1, flags >> 1);
      scan(1, 1000, 100, op, flags & 1, flags >> 1);
      scan(2, 0, 3, op, flags & 1, flags >> 1);
    }
  }
  for (int op = 0; op < 2; op++) {
    arg_reduce(20, 30, 1, op);
    arg_reduce(3, 100, 17, op);
  }
  for (bool wide : {false, true}) {
    for (bool along : {false, true}) {
      take(3, 10, 4, 25, along, wide);
      take(1, 1000, 1, 5000, along, wide);
      take(2, 5, 3, 0, along, wide);
    }
  }
  index_add(3, 10, 70, 200, false);
  index_add(3, 10, 70, 20, true);
  index_add(1, 40, 1, 1000, false);
  for (bool descending : {false, true}) {
    argsort<float>(kFloat32, 20, 100, descending);
    argsort<double>(kFloat64, 3, 20, descending);
    argsort<int8_t>(kInt8, 4, 5000, descending);
    argsort<uint16_t>(kUint16, 2, 1, descending);
    argsort<int64_t>(kInt64, 2, 70000, descending);
  }
}

}  // namespace test
