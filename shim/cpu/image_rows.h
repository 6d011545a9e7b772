// image_rows.h: loops over rows of float32 images that pay for the wider vectors and the gathers of newer instruction sets.
#pragma once
#include <cstdint>

namespace sinter {

struct ImageRows {
  // Where row[i] is above best[i] (NaN is above all), it and its position `at` + i take the place of best[i] and where[i].
  void (*raise)(const float *row, int32_t at, float *best, int32_t *where, int64_t n);

  // The best of `kernel` elements for each of `count` windows that start `stride` apart; of equals that of the lowest position.
  void (*raise_along)(const float *best, const int32_t *where, int64_t kernel, int64_t stride, int64_t dilation, float *out, int32_t *indices, int64_t count);

  // out[i] is the sum over `taps` of weight[k * n + i] * image[at[k * n + i]], without those whose position is negative.
  void (*sample)(const float *image, const int32_t *at, const float *weight, int taps, float *out, int64_t n);
};

// Those of the instruction set in use.
const ImageRows &image_rows();

#define SINTER_IMAGE_VARIANT(isa) \
  namespace isa {                 \
  extern const ImageRows image_rows; \
  }
SINTER_IMAGE_VARIANT(base)
SINTER_IMAGE_VARIANT(avx2)
SINTER_IMAGE_VARIANT(avx512)
SINTER_IMAGE_VARIANT(neon)
#undef SINTER_IMAGE_VARIANT

}  // namespace sinter
