// kernels_attention.cpp (per SINTER_ISA): the softmax of attention, a strip of queries at a time. Queries lie along vectors, keys one below the other, so
// that peaks and totals are vectors and nothing is summed within one.
#include "math_f32.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

inline F32 exponential_of(F32 x) { return exp_of(x); }
inline F64 exponential_of(F64 x) {
  return each(x, [](double v) { return ::exp(v); });
}

template <class T>
constexpr T kNever = -T(__builtin_inff());

template <class T>
void bias_of(void *bias, const void *allowed, int64_t n) {
  const int32_t *__restrict from = static_cast<const int32_t *>(allowed);
  T *__restrict to = static_cast<T *>(bias);
  for (int64_t i = 0; i < n; i++) to[i] = from[i] ? T(0) : kNever<T>;
}

template <class T>
void scale_by(void *values, int64_t n, double factor) {
  T *__restrict to = static_cast<T *>(values);
  const T by = T(factor);
  for (int64_t i = 0; i < n; i++) to[i] *= by;
}

// Adds the bias and leaves out the keys behind each query.
template <class T>
void mask(const SoftmaxStrip &strip) {
  using V = Full<T>;
  using Lane = typename std::conditional<sizeof(T) == 4, int32_t, int64_t>::type;
  using Index = Full<Lane>;
  constexpr int N = kLanes<T>;
  for (int v = 0; v < strip.vectors; v++) {
    Index lane;
    for (int i = 0; i < N; i++) lane[i] = v * N + i;
    for (int64_t j = 0; j < strip.keys; j++) {
      T *at = static_cast<T *>(strip.scores) + j * strip.pitch + v * N;
      V s = load<V>(at);
      if (strip.bias) s += load<V>(static_cast<const T *>(strip.bias) + j * strip.bias_pitch + v * N);
      // Distances beyond a strip are all alike.
      const int64_t behind = j - strip.ahead;
      if (behind > 0) s = lane < Lane(behind < 1024 ? behind : 1024) ? V{} + kNever<T> : s;
      store(at, s);
    }
  }
}

template <class T>
void soften(const SoftmaxStrip &strip) {
  using V = Full<T>;
  constexpr int N = kLanes<T>, kSide = 4;
  if (strip.bias || strip.ahead < strip.keys - 1) mask<T>(strip);
  for (int v = 0; v < strip.vectors; v++) {
    T *scores = static_cast<T *>(strip.scores) + v * N;
    T *peak = static_cast<T *>(strip.peak) + v * N, *total = static_cast<T *>(strip.total) + v * N, *factor = static_cast<T *>(strip.factor) + v * N;
    const V before = load<V>(peak);
    V top[kSide];
    for (V &t : top) t = before;
    int64_t j = 0;
    for (; j + kSide <= strip.keys; j += kSide) {
#pragma GCC unroll 4
      for (int k = 0; k < kSide; k++) {
        const V s = load<V>(scores + (j + k) * strip.pitch);
        top[k] = s > top[k] ? s : top[k];
      }
    }
    for (; j < strip.keys; j++) {
      const V s = load<V>(scores + j * strip.pitch);
      top[0] = s > top[0] ? s : top[0];
    }
    for (int k = 1; k < kSide; k++) top[0] = top[k] > top[0] ? top[k] : top[0];
    // Where no key is allowed so far, -infinity must not be subtracted from itself.
    const V shift = top[0] == kNever<T> ? V{} : top[0];
    const V rescale = exponential_of(before - shift);
    V sum = load<V>(total) * rescale;
    for (j = 0; j < strip.keys; j++) {
      const V weight = exponential_of(load<V>(scores + j * strip.pitch) - shift);
      store(scores + j * strip.pitch, weight);
      sum += weight;
    }
    store(peak, top[0]);
    store(total, sum);
    store(factor, rescale);
  }
}

// rows x pitch values, each times or divided by its column's number. No weight at all gives 0.
template <class T>
void rescale(void *values, const void *factors, int64_t rows, int64_t pitch, int vectors, bool divide) {
  using V = Full<T>;
  constexpr int N = kLanes<T>;
  for (int v = 0; v < vectors; v++) {
    const V given = load<V>(static_cast<const T *>(factors) + v * N);
    const V factor = divide ? (given == T(0) ? V{} : T(1) / given) : given;
    for (int64_t i = 0; i < rows; i++) {
      T *at = static_cast<T *>(values) + i * pitch + v * N;
      store(at, load<V>(at) * factor);
    }
  }
}

}  // namespace

void fill_attention(KernelSet &set) {
  set.attention[0] = {bias_of<float>, scale_by<float>, soften<float>, rescale<float>};
  set.attention[1] = {bias_of<double>, scale_by<double>, soften<double>, rescale<double>};
}

}  // namespace SINTER_ISA
}  // namespace sinter
