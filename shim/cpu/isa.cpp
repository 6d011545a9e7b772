// isa.cpp: detection and choice of the instruction set. Knows no kernels (kernel_set.cpp and gemm.cpp pick theirs by active_isa).
#include "isa.h"

#include <string.h>

#include <atomic>

namespace sinter {
namespace {

const char *const names[isa_count] = {"base", "avx2", "avx512", "neon"};

std::atomic<int> chosen{-1};

// avx512 means F, BW, DQ and VL with everything of avx2, which is what -mavx512{f,bw,dq,vl} lets the compiler emit.
bool machine_runs(Isa isa) {
  switch (isa) {
#if defined(__x86_64__)
    case Isa::avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case Isa::avx512:
      return machine_runs(Isa::avx2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
#if defined(__aarch64__)
    case Isa::neon:
      return true;
#endif
    case Isa::base:
      return true;
    default:
      return false;
  }
}

bool compiled_in(Isa isa) {
  switch (isa) {
#ifdef SINTER_HAVE_BASE
    case Isa::base:
      return true;
#endif
#ifdef SINTER_HAVE_AVX2
    case Isa::avx2:
      return true;
#endif
#ifdef SINTER_HAVE_AVX512
    case Isa::avx512:
      return true;
#endif
#ifdef SINTER_HAVE_NEON
    case Isa::neon:
      return true;
#endif
    default:
      return false;
  }
}

}  // namespace

bool isa_available(Isa isa) { return compiled_in(isa) && machine_runs(isa); }

const char *isa_name(Isa isa) {
  int index = static_cast<int>(isa);
  return index >= 0 && index < isa_count ? names[index] : "unknown";
}

Isa active_isa() {
  int isa = chosen.load(std::memory_order_relaxed);
  if (isa >= 0) return static_cast<Isa>(isa);
  isa = 0;
  for (int candidate = 0; candidate < isa_count; candidate++) {
    if (isa_available(static_cast<Isa>(candidate))) isa = candidate;
  }
  chosen.store(isa, std::memory_order_relaxed);
  return static_cast<Isa>(isa);
}

bool set_isa(const char *name) {
  for (int candidate = 0; name && candidate < isa_count; candidate++) {
    if (strcmp(name, names[candidate]) != 0) continue;
    if (!isa_available(static_cast<Isa>(candidate))) return false;
    chosen.store(candidate, std::memory_order_relaxed);
    return true;
  }
  return false;
}

}  // namespace sinter
