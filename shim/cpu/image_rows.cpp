// image_rows.cpp (per SINTER_ISA): loops that the compiler vectorises.
#include "image_rows.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

void raise(const float *__restrict row, int32_t at, float *__restrict best, int32_t *__restrict where, int64_t n) {
  const int32_t count = int32_t(n);
  for (int32_t i = 0; i < count; i++) {
    const float value = row[i], old = best[i];
    const bool above = (value > old) | ((value != value) & (old == old));
    best[i] = above ? value : old;
    where[i] = above ? at + i : where[i];
  }
}

template <int kStride>
void along(const float *__restrict best, const int32_t *__restrict where, int64_t kernel, int64_t stride, int64_t dilation, float *__restrict out,
           int32_t *__restrict indices, int64_t count) {
  const int64_t step = kStride ? kStride : stride;
  for (int64_t o = 0; o < count; o++) {
    out[o] = best[o * step];
    indices[o] = where[o * step];
  }
  for (int64_t k = 1; k < kernel; k++) {
    const float *__restrict b = best + k * dilation;
    const int32_t *__restrict w = where + k * dilation;
    for (int64_t o = 0; o < count; o++) {
      const float value = b[o * step], old = out[o];
      const int32_t place = w[o * step], before = indices[o];
      const bool above = (value > old) | ((value != value) & (old == old));
      const bool tied = (value == old) | ((value != value) & (old != old));
      const bool better = above | (tied & (place < before));
      out[o] = better ? value : old;
      indices[o] = better ? place : before;
    }
  }
}

void raise_along(const float *best, const int32_t *where, int64_t kernel, int64_t stride, int64_t dilation, float *out, int32_t *indices, int64_t count) {
  if (stride == 1) return along<1>(best, where, kernel, stride, dilation, out, indices, count);
  if (stride == 2) return along<2>(best, where, kernel, stride, dilation, out, indices, count);
  along<0>(best, where, kernel, stride, dilation, out, indices, count);
}

inline float element(const float *image, int32_t at) {
  const float value = image[at < 0 ? 0 : at];
  return at < 0 ? 0 : value;
}

void sample(const float *__restrict image, const int32_t *__restrict at, const float *__restrict weight, int taps, float *__restrict out, int64_t n) {
  if (taps == 4) {
    const int32_t *__restrict b = at + n, *__restrict c = b + n, *__restrict d = c + n;
    const float *__restrict wb = weight + n, *__restrict wc = wb + n, *__restrict wd = wc + n;
    for (int64_t i = 0; i < n; i++) {
      out[i] = weight[i] * element(image, at[i]) + wb[i] * element(image, b[i]) + wc[i] * element(image, c[i]) + wd[i] * element(image, d[i]);
    }
    return;
  }
  for (int64_t i = 0; i < n; i++) out[i] = weight[i] * element(image, at[i]);
  for (int k = 1; k < taps; k++) {
    for (int64_t i = 0; i < n; i++) out[i] += weight[k * n + i] * element(image, at[k * n + i]);
  }
}

}  // namespace

const ImageRows image_rows = {raise, raise_along, sample};

}  // namespace SINTER_ISA
}  // namespace sinter
