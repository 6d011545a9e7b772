// kernels_fourier.cpp (per SINTER_ISA): one pass of a Fourier transform of mixed radix in Stockham's order (Cochran et al., "What is the fast Fourier
// transform?", 1967): it needs no reordering, and neighbouring values, those of several lines among them, have one factor in common.
#include "vec.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

template <class T>
struct Complex {
  T re, im;
};
template <class T>
inline Complex<T> operator+(Complex<T> a, Complex<T> b) { return {a.re + b.re, a.im + b.im}; }
template <class T>
inline Complex<T> operator-(Complex<T> a, Complex<T> b) { return {a.re - b.re, a.im - b.im}; }
template <class T>
inline Complex<T> operator*(Complex<T> a, Complex<T> b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
template <class T>
inline Complex<T> scaled(Complex<T> a, T by) { return {a.re * by, a.im * by}; }
// a times -i.
template <class T>
inline Complex<T> turned(Complex<T> a) { return {a.im, -a.re}; }

// The transform of R values in place.
template <int R, class T>
inline void butterfly(Complex<T> *a) {
  if constexpr (R == 2) {
    const Complex<T> x = a[0], y = a[1];
    a[0] = x + y;
    a[1] = x - y;
  } else if constexpr (R == 3) {
    const Complex<T> sum = a[1] + a[2], side = scaled(turned(a[1] - a[2]), T(0.86602540378443864676)), middle = a[0] - scaled(sum, T(0.5));
    a[0] = a[0] + sum;
    a[1] = middle + side;
    a[2] = middle - side;
  } else if constexpr (R == 4) {
    const Complex<T> even = a[0] + a[2], odd = a[1] + a[3], across = a[0] - a[2], side = turned(a[1] - a[3]);
    a[0] = even + odd;
    a[1] = across + side;
    a[2] = even - odd;
    a[3] = across - side;
  } else if constexpr (R == 8) {
    constexpr T r = T(0.70710678118654752440);
    Complex<T> even[4] = {a[0], a[2], a[4], a[6]}, odd[4] = {a[1], a[3], a[5], a[7]};
    butterfly<4>(even);
    butterfly<4>(odd);
    // Eighths of a turn.
    odd[1] = {(odd[1].re + odd[1].im) * r, (odd[1].im - odd[1].re) * r};
    odd[2] = turned(odd[2]);
    odd[3] = {(odd[3].im - odd[3].re) * r, (odd[3].re + odd[3].im) * -r};
    for (int k = 0; k < 4; k++) {
      a[k] = even[k] + odd[k];
      a[k + 4] = even[k] - odd[k];
    }
  } else {
    static_assert(R == 5, "no butterfly");
    constexpr T c1 = T(0.30901699437494742410), c2 = T(-0.80901699437494742410), s1 = T(0.95105651629515357212), s2 = T(0.58778525229247312917);
    const Complex<T> outer = a[1] + a[4], inner = a[2] + a[3], out = turned(a[1] - a[4]), in = turned(a[2] - a[3]);
    const Complex<T> near = a[0] + scaled(outer, c1) + scaled(inner, c2), far = a[0] + scaled(outer, c2) + scaled(inner, c1);
    const Complex<T> first = scaled(out, s1) + scaled(in, s2), second = scaled(out, s2) - scaled(in, s1);
    a[0] = a[0] + outer + inner;
    a[1] = near + first;
    a[2] = far + second;
    a[3] = far - second;
    a[4] = near - first;
  }
}

template <class T>
struct Pass {
  const T *__restrict xr, *__restrict xi;
  T *__restrict yr, *__restrict yi;
  const T *wr, *wi;
  int64_t groups, neighbours, step;
};

// kLast: the only group, whose factors are 1.
template <class T, int R, bool kLast>
void pass_of(const Pass<T> &pass) {
  const int64_t s = pass.neighbours, m = pass.groups;
  for (int64_t p = 0; p < m; p++) {
    Complex<T> w[R] = {};
    for (int j = 1; j < R; j++) w[j] = {pass.wr[p * j * pass.step], pass.wi[p * j * pass.step]};
    const T *__restrict xr = pass.xr + s * p, *__restrict xi = pass.xi + s * p;
    T *__restrict yr = pass.yr + s * R * p, *__restrict yi = pass.yi + s * R * p;
#ifndef __clang__
#pragma GCC ivdep  // the places are apart; clang trusts __restrict
#endif
    for (int64_t q = 0; q < s; q++) {
      Complex<T> a[R];
      for (int j = 0; j < R; j++) a[j] = {xr[q + s * m * j], xi[q + s * m * j]};
      butterfly<R>(a);
      yr[q] = a[0].re;
      yi[q] = a[0].im;
      for (int j = 1; j < R; j++) {
        const Complex<T> b = kLast ? a[j] : a[j] * w[j];
        yr[q + s * j] = b.re;
        yi[q + s * j] = b.im;
      }
    }
  }
}

template <class T, int R>
void pass_of(const Pass<T> &pass) {
  return pass.groups == 1 ? pass_of<T, R, true>(pass) : pass_of<T, R, false>(pass);
}

// Any radix, by the definition.
template <class T>
void pass_by_definition(const Pass<T> &pass, int64_t radix, int64_t length) {
  const int64_t s = pass.neighbours, m = pass.groups, turn = length / radix;
  for (int64_t p = 0; p < m; p++) {
    for (int64_t k = 0; k < radix; k++) {
      T *__restrict yr = pass.yr + s * (radix * p + k), *__restrict yi = pass.yi + s * (radix * p + k);
      const Complex<T> whole = {pass.wr[p * k * pass.step], pass.wi[p * k * pass.step]};
      for (int64_t j = 0; j < radix; j++) {
        const T *__restrict xr = pass.xr + s * (p + m * j), *__restrict xi = pass.xi + s * (p + m * j);
        const int64_t at = j * k % radix * turn;
        const Complex<T> w = whole * Complex<T>{pass.wr[at], pass.wi[at]};
        if (j == 0) {
          for (int64_t q = 0; q < s; q++) {
            yr[q] = xr[q] * w.re - xi[q] * w.im;
            yi[q] = xr[q] * w.im + xi[q] * w.re;
          }
        } else {
          for (int64_t q = 0; q < s; q++) {
            yr[q] += xr[q] * w.re - xi[q] * w.im;
            yi[q] += xr[q] * w.im + xi[q] * w.re;
          }
        }
      }
    }
  }
}

template <class T>
void fourier_pass(const FourierPass &of) {
  const Pass<T> pass = {static_cast<const T *>(of.xr), static_cast<const T *>(of.xi), static_cast<T *>(of.yr),       static_cast<T *>(of.yi),
                        static_cast<const T *>(of.wr), static_cast<const T *>(of.wi), of.groups, of.neighbours, of.step};
  switch (of.radix) {
    case 2: return pass_of<T, 2>(pass);
    case 3: return pass_of<T, 3>(pass);
    case 4: return pass_of<T, 4>(pass);
    case 5: return pass_of<T, 5>(pass);
    case 8: return pass_of<T, 8>(pass);
    default: return pass_by_definition<T>(pass, of.radix, of.length);
  }
}

// Complex values, stored as pairs, to planes and back.
template <class T>
void unpack(const void *pairs, void *re, void *im, int64_t count) {
  const T *__restrict z = static_cast<const T *>(pairs);
  T *__restrict x = static_cast<T *>(re), *__restrict y = static_cast<T *>(im);
  for (int64_t i = 0; i < count; i++) {
    x[i] = z[2 * i];
    y[i] = z[2 * i + 1];
  }
}

template <class T>
void pack(const void *re, const void *im, void *pairs, int64_t count, double scale) {
  const T *__restrict x = static_cast<const T *>(re), *__restrict y = static_cast<const T *>(im), by = T(scale);
  T *__restrict z = static_cast<T *>(pairs);
  for (int64_t i = 0; i < count; i++) {
    z[2 * i] = x[i] * by;
    z[2 * i + 1] = y[i] * by;
  }
}

template <class T, int... kLane>
inline Full<T> reversed(Full<T> x, std::integer_sequence<int, kLane...>) {
  constexpr int last = kLanes<T> - 1;
#if defined(__clang__) || __GNUC__ >= 12
  return __builtin_shufflevector(x, x, (last - kLane)...);
#else
  return __builtin_shuffle(x, Vector<std::conditional_t<sizeof(T) == 4, int32_t, int64_t>, kLanes<T>>{(last - kLane)...});
#endif
}

// One element or a vector of neighbours, and those from the other end, in their order.
template <class V, class T>
inline V ahead(const T *x) {
  return load<V>(x);
}
template <class V, class T>
inline V behind(const T *x) {
  if constexpr (std::is_same<V, T>::value) return *x;
  else return reversed<T>(load<V>(x - kLanes<T> + 1), std::make_integer_sequence<int, kLanes<T>>());
}

// x_k for 0 < k < h from z_k and z_(h - k), with the factors w_k: what a transform of 2 h real values makes of that of its pairs, z.
struct Split {
  template <class V, class T>
  static void at(int64_t k, int64_t h, const T *zr, const T *zi, const T *wr, const T *wi, T *xr, T *xi) {
    const V ar = ahead<V>(zr + k), ai = ahead<V>(zi + k), br = behind<V>(zr + h - k), bi = behind<V>(zi + h - k);
    const V cr = ahead<V>(wr + k) * T(0.5), ci = ahead<V>(wi + k) * T(0.5);
    // The difference, divided by i.
    const V dr = ai + bi, di = br - ar;
    store(xr + k, V((ar + br) * T(0.5) + (dr * cr - di * ci)));
    store(xi + k, V((ai - bi) * T(0.5) + (dr * ci + di * cr)));
  }
};

// The opposite, twice as large: z_k from x_k and x_(h - k).
struct Join {
  template <class V, class T>
  static void at(int64_t k, int64_t h, const T *xr, const T *xi, const T *wr, const T *wi, T *zr, T *zi) {
    const V ar = ahead<V>(xr + k), ai = ahead<V>(xi + k), br = behind<V>(xr + h - k), bi = behind<V>(xi + h - k);
    const V cr = ahead<V>(wr + k), ci = -ahead<V>(wi + k);
    // The difference times the conjugate root, times i.
    const V dr = ar - br, di = ai + bi;
    store(zr + k, V(ar + br - (dr * ci + di * cr)));
    store(zi + k, V(ai - bi + (dr * cr - di * ci)));
  }
};

template <class F, class T>
void halves(const FourierHalves &of) {
  const T *xr = static_cast<const T *>(of.xr), *xi = static_cast<const T *>(of.xi), *wr = static_cast<const T *>(of.wr), *wi = static_cast<const T *>(of.wi);
  T *yr = static_cast<T *>(of.yr), *yi = static_cast<T *>(of.yi);
  int64_t k = 1;
  for (; k + kLanes<T> <= of.half; k += kLanes<T>) F::template at<Full<T>>(k, of.half, xr, xi, wr, wi, yr, yi);
  for (; k < of.half; k++) F::template at<T>(k, of.half, xr, xi, wr, wi, yr, yi);
}

// The stage of a transposition in which rows i and i + kStep exchange blocks of kStep lanes.
template <class T, int kStep, int... kLane>
inline void exchange(Full<T> &a, Full<T> &b, std::integer_sequence<int, kLane...>) {
  constexpr int n = kLanes<T>;
  const Full<T> x = a, y = b;
#if defined(__clang__) || __GNUC__ >= 12
  a = __builtin_shufflevector(x, y, (kLane & kStep ? n + kLane - kStep : kLane)...);
  b = __builtin_shufflevector(x, y, (kLane & kStep ? n + kLane : kLane + kStep)...);
#else
  using Mask = Vector<std::conditional_t<sizeof(T) == 4, int32_t, int64_t>, n>;
  a = __builtin_shuffle(x, y, Mask{(kLane & kStep ? n + kLane - kStep : kLane)...});
  b = __builtin_shuffle(x, y, Mask{(kLane & kStep ? n + kLane : kLane + kStep)...});
#endif
}

template <class T, int kStep = 1>
inline void transpose(Full<T> *rows) {
  if constexpr (kStep < kLanes<T>) {
    for (int i = 0; i < kLanes<T>; i++)
      if (!(i & kStep)) exchange<T, kStep>(rows[i], rows[i + kStep], std::make_integer_sequence<int, kLanes<T>>());
    transpose<T, kStep * 2>(rows);
  }
}

// The transpose of a rows x columns matrix of complex values, each times its factor.
template <class T>
void turn(const FourierTurn &of) {
  constexpr int n = kLanes<T>;
  const int64_t rows = of.rows, columns = of.columns, whole_rows = rows / n * n, whole_columns = columns / n * n;
  const T *xr = static_cast<const T *>(of.xr), *xi = static_cast<const T *>(of.xi), *wr = static_cast<const T *>(of.wr), *wi = static_cast<const T *>(of.wi);
  T *yr = static_cast<T *>(of.yr), *yi = static_cast<T *>(of.yi);
  const auto single = [&](int64_t i, int64_t j) {
    const int64_t from = i * columns + j, to = j * rows + i;
    yr[to] = xr[from] * wr[from] - xi[from] * wi[from];
    yi[to] = xr[from] * wi[from] + xi[from] * wr[from];
  };
  for (int64_t i = 0; i < whole_rows; i += n) {
    for (int64_t j = 0; j < whole_columns; j += n) {
      Full<T> re[n], im[n];
      for (int k = 0; k < n; k++) {
        const int64_t from = (i + k) * columns + j;
        const Full<T> a = load<Full<T>>(xr + from), b = load<Full<T>>(xi + from), c = load<Full<T>>(wr + from), d = load<Full<T>>(wi + from);
        re[k] = a * c - b * d;
        im[k] = a * d + b * c;
      }
      transpose<T>(re);
      transpose<T>(im);
      for (int k = 0; k < n; k++) {
        store(yr + (j + k) * rows + i, re[k]);
        store(yi + (j + k) * rows + i, im[k]);
      }
    }
    for (int64_t j = whole_columns; j < columns; j++)
      for (int k = 0; k < n; k++) single(i + k, j);
  }
  for (int64_t i = whole_rows; i < rows; i++)
    for (int64_t j = 0; j < columns; j++) single(i, j);
}

}  // namespace

void fill_fourier(KernelSet &set) {
  set.fourier[0] = {fourier_pass<float>, turn<float>, halves<Split, float>, halves<Join, float>, unpack<float>, pack<float>};
  set.fourier[1] = {fourier_pass<double>, turn<double>, halves<Split, double>, halves<Join, double>, unpack<double>, pack<double>};
}

}  // namespace SINTER_ISA
}  // namespace sinter
