// isa.h: which instruction set the per-ISA kernels use.
#pragma once

namespace sinter {

// In ascending order of preference on x86; neon is the only choice on arm64.
enum class Isa { base, avx2, avx512, neon };
constexpr int isa_count = 4;

// The instruction set in use: the best one that was compiled in and that this machine runs, unless set_isa chose another.
Isa active_isa();

// Chooses by name. False if the name is unknown, was not compiled in or does not run here; the choice then stays as it was.
bool set_isa(const char *name);

// Whether `isa` was compiled in and runs on this machine.
bool isa_available(Isa isa);

const char *isa_name(Isa isa);

}  // namespace sinter
