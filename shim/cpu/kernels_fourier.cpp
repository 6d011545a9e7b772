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

}  // namespace

void fill_fourier(KernelSet &set) {
  set.fourier[0] = fourier_pass<float>;
  set.fourier[1] = fourier_pass<double>;
}

}  // namespace SINTER_ISA
}  // namespace sinter
