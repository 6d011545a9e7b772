// random_places.h: places to sample, the same in every run, that no pattern of the elements follows. Static, as per-ISA files use them too.
#pragma once
#include <cstdint>

namespace sinter {

// D. E. Knuth's generator for MMIX (1999).
static inline uint64_t random_state(uint64_t state) { return state * 6364136223846793005u + 1442695040888963407u; }

// A place in the i-th of parts of `part` elements, which are fewer than 2^32.
static inline uint64_t random_place(uint64_t state, uint64_t part, uint64_t i) { return i * part + ((state >> 32) * part >> 32); }

}  // namespace sinter
