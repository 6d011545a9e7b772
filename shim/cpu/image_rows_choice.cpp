// image_rows_choice.cpp: the loops over rows of images for the instruction set in use.
#include "image_rows.h"
#include "isa.h"

namespace sinter {

const ImageRows &image_rows() {
  switch (active_isa()) {
#ifdef SINTER_HAVE_AVX2
    case Isa::avx2: return avx2::image_rows;
#endif
#ifdef SINTER_HAVE_AVX512
    case Isa::avx512: return avx512::image_rows;
#endif
    default:
#ifdef SINTER_HAVE_BASE
      return base::image_rows;
#else
      return neon::image_rows;
#endif
  }
}

}  // namespace sinter
