// isa_choice.h: SINTER_RETURN_FOR_ISA(name) is the body of a function that returns base::name, avx2::name, avx512::name or neon::name, whichever is that of the
// instruction set in use.
#pragma once
#include "isa.h"

#ifdef SINTER_HAVE_AVX2
#define SINTER_CASE_AVX2(name) \
  case Isa::avx2: return avx2::name;
#else
#define SINTER_CASE_AVX2(name)
#endif
#ifdef SINTER_HAVE_AVX512
#define SINTER_CASE_AVX512(name) \
  case Isa::avx512: return avx512::name;
#else
#define SINTER_CASE_AVX512(name)
#endif
#ifdef SINTER_HAVE_BASE
#define SINTER_CASE_OTHER(name) return base::name;
#else
#define SINTER_CASE_OTHER(name) return neon::name;
#endif

#define SINTER_RETURN_FOR_ISA(name) \
  switch (active_isa()) {           \
    SINTER_CASE_AVX2(name)          \
    SINTER_CASE_AVX512(name)        \
    default: SINTER_CASE_OTHER(name) \
  }
