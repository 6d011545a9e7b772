// kernels_recurrent.cpp (per SINTER_ISA): what recurrent layers do with the sums of a step, some hidden columns of one row at a time.
#include "math_f32.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

inline F32 sigmoid_of(F32 x) { return Sigmoid::apply(x); }
inline F64 sigmoid_of(F64 x) {
  return each(x, [](double v) { return 1 / (1 + ::exp(-v)); });
}
inline F32 tanh_of(F32 x) { return Tanh::apply(x); }
inline F64 tanh_of(F64 x) {
  return each(x, [](double v) { return ::tanh(v); });
}

// A whole vector's worth of elements, or the first `n`, with zeros behind them.
template <class T>
struct Whole {
  using V = Full<T>;
  V read(const void *from, int64_t at) const { return load<V>(static_cast<const T *>(from) + at); }
  void write(void *to, int64_t at, V value) const { store(static_cast<T *>(to) + at, value); }
};
template <class T>
struct Some {
  using V = Full<T>;
  int64_t n;
  V read(const void *from, int64_t at) const {
    V value = {};
    __builtin_memcpy(&value, static_cast<const T *>(from) + at, size_t(n) * sizeof(T));
    return value;
  }
  void write(void *to, int64_t at, V value) const { __builtin_memcpy(static_cast<T *>(to) + at, &value, size_t(n) * sizeof(T)); }
};

// Calls body(access, at) for whole vectors, then for what is left.
template <class T, class Body>
inline void each_vector(int64_t n, const Body &body) {
  constexpr int64_t N = kLanes<T>;
  int64_t j = 0;
  for (; j + N <= n; j += N) body(Whole<T>{}, j);
  if (j < n) body(Some<T>{n - j}, j);
}

template <class T>
void lstm(const LstmRow &row) {
  each_vector<T>(row.n, [&](const auto &access, int64_t j) {
    using V = Full<T>;
    const auto sum = [&](int64_t gate) { return access.read(row.gates, gate * row.gate + j) + access.read(row.sums, gate * row.sums_gate + j); };
    const V i = sigmoid_of(sum(0)), f = sigmoid_of(sum(1)), z = tanh_of(sum(2)), o = sigmoid_of(sum(3));
    const V cell = f * access.read(row.cell_before, j) + i * z;
    access.write(row.cell, j, cell);
    access.write(row.output, j, o * tanh_of(cell));
    if (!row.state) return;
    access.write(row.state, j, i);
    access.write(row.state, row.gate + j, f);
    access.write(row.state, 2 * row.gate + j, z);
    access.write(row.state, 3 * row.gate + j, o);
  });
}

template <class T>
void lstm_gradient(const LstmGradientRow &row) {
  each_vector<T>(row.n, [&](const auto &access, int64_t j) {
    using V = Full<T>;
    const V i = access.read(row.state, j), f = access.read(row.state, row.gate + j);
    const V z = access.read(row.state, 2 * row.gate + j), o = access.read(row.state, 3 * row.gate + j);
    const V shown = tanh_of(access.read(row.cell_now, j)), before = access.read(row.cell_before, j);
    V output = access.read(row.output, j);
    if (row.sums) output += access.read(row.sums, j);
    V cell = output * o * (T(1) - shown * shown);
    if (row.sums) cell += access.read(row.carry, j);
    if (row.cell) cell += access.read(row.cell, j);
    access.write(row.gates, j, cell * z * (i * (T(1) - i)));
    access.write(row.gates, row.gate + j, cell * before * (f * (T(1) - f)));
    access.write(row.gates, 2 * row.gate + j, cell * i * (T(1) - z * z));
    access.write(row.gates, 3 * row.gate + j, output * shown * (o * (T(1) - o)));
    access.write(row.carry, j, cell * f);
  });
}

}  // namespace

void fill_recurrent(KernelSet &set) {
  set.recurrent[0] = {lstm<float>, lstm_gradient<float>};
  set.recurrent[1] = {lstm<double>, lstm_gradient<double>};
}

}  // namespace SINTER_ISA
}  // namespace sinter
