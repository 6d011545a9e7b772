// fpstate.h: flushes subnormal numbers while alive: round to nearest, no traps, FTZ and DAZ on x86, FZ on arm64.
#pragma once
#include <cstdint>

namespace sinter {

class FloatState {
 public:
#if defined(__x86_64__)
  FloatState() : saved_(__builtin_ia32_stmxcsr()) { __builtin_ia32_ldmxcsr(0x1f80 | 0x8040); }
  ~FloatState() { __builtin_ia32_ldmxcsr(saved_); }

 private:
  unsigned saved_;
#elif defined(__aarch64__)
  FloatState() {
    asm volatile("mrs %0, fpcr" : "=r"(saved_));
    asm volatile("msr fpcr, %0" ::"r"(uint64_t(1) << 24));
  }
  ~FloatState() { asm volatile("msr fpcr, %0" ::"r"(saved_)); }

 private:
  uint64_t saved_;
#else
  FloatState() {}
#endif
  FloatState(const FloatState &) = delete;
  FloatState &operator=(const FloatState &) = delete;
};

}  // namespace sinter
