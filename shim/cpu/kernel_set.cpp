// kernel_set.cpp: hands out the tile kernels of the instruction set in use.
#include <pthread.h>

#include "isa.h"
#include "kernels.h"

namespace sinter {

#define SINTER_KERNELS(isa)         \
  namespace isa {                   \
  void fill_kernels(KernelSet &set); \
  }
SINTER_KERNELS(base)
SINTER_KERNELS(avx2)
SINTER_KERNELS(avx512)
SINTER_KERNELS(neon)
#undef SINTER_KERNELS

namespace {

KernelSet sets[isa_count];
pthread_once_t once = PTHREAD_ONCE_INIT;

void fill_sets() {
#ifdef SINTER_HAVE_BASE
  base::fill_kernels(sets[int(Isa::base)]);
#endif
#ifdef SINTER_HAVE_AVX2
  avx2::fill_kernels(sets[int(Isa::avx2)]);
#endif
#ifdef SINTER_HAVE_AVX512
  avx512::fill_kernels(sets[int(Isa::avx512)]);
#endif
#ifdef SINTER_HAVE_NEON
  neon::fill_kernels(sets[int(Isa::neon)]);
#endif
}

}  // namespace

const KernelSet &kernels() {
  pthread_once(&once, fill_sets);
  return sets[int(active_isa())];
}

}  // namespace sinter
