// lu.h: LU factors with partial pivoting.
#pragma once
#include <cstdint>

namespace sinter {

// Factors an m x n matrix in place by panels. `rows` (of length m) becomes the permutation p with A[p] = L U; `pivots`, unless null, the row that each step
// exchanged with. Returns 1, or -1 after an odd number of exchanges. *singular: a pivot is zero.
double factorize_lu(double *a, int64_t m, int64_t n, int32_t *rows, int32_t *pivots, bool *singular);

}  // namespace sinter
