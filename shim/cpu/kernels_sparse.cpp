// kernels_sparse.cpp (per SINTER_ISA): a row of the product of a sparse matrix and a dense one. Sums stay in registers over all elements of the row.
#include "vec.h"

namespace sinter {
namespace SINTER_ISA {
namespace {

// `Count` vectors of the row from column j on.
template <class T, int Count>
inline void add_block(const SparseRun &run, int64_t j) {
  using V = Full<T>;
  constexpr int N = kLanes<T>;
  T *to = static_cast<T *>(run.to) + j;
  V sums[Count] = {};
  if (!run.fresh)
    for (int i = 0; i < Count; i++) sums[i] = load<V>(to + i * N);
  for (int64_t e = 0; e < run.count; e++) {
    const V factor = static_cast<const T *>(run.values)[e] - V{};
    const T *from = static_cast<const T *>(run.dense) + run.at[e] + j;
    for (int i = 0; i < Count; i++) sums[i] += factor * load<V>(from + i * N);
  }
  for (int i = 0; i < Count; i++) store(to + i * N, sums[i]);
}

template <class T>
void add_rows(const SparseRun &run) {
  constexpr int N = kLanes<T>;
  int64_t j = 0;
  for (; j + 8 * N <= run.n; j += 8 * N) add_block<T, 8>(run, j);
  for (; j + 2 * N <= run.n; j += 2 * N) add_block<T, 2>(run, j);
  for (; j + N <= run.n; j += N) add_block<T, 1>(run, j);
  for (; j < run.n; j++) {
    T *to = static_cast<T *>(run.to) + j;
    T sum = run.fresh ? T(0) : *to;
    for (int64_t e = 0; e < run.count; e++) sum += static_cast<const T *>(run.values)[e] * static_cast<const T *>(run.dense)[run.at[e] + j];
    *to = sum;
  }
}

}  // namespace

void fill_sparse(KernelSet &set) {
  set.sparse[0] = add_rows<float>;
  set.sparse[1] = add_rows<double>;
}

}  // namespace SINTER_ISA
}  // namespace sinter
