// gemm_kernels.cpp: the register-tile kernels, compiled once per instruction set.
//
// A tile of C lives in vector registers while the kernel runs over k: per step one row of B (tile_vectors vectors) is loaded and every
// element of a column of A is broadcast against it. K. Goto and R. van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM
// TOMS 34 (2008).
#include "gemm_pack.h"
#include "gemm_table.h"
#include "gemm_thin.h"
#include "tile_choice.h"

namespace sinter {
namespace SINTER_ISA {

// C[height x width] = or += A B over `depth`; rows of `ahead`, as far apart as those of B, are fetched meanwhile. Every element is one
// chain of multiply-adds in the order of k, whatever the tile's shape.
template <class T, int height, int vectors>
static void tile(const T *a, const T *b, const T *ahead, int64_t b_row, int64_t depth, T *c, int64_t c_row, int64_t width, bool add) {
  using Vector = typename Simd<T>::Vector;
  using Quad = typename Simd<T>::Quad;
  constexpr int lanes = Simd<T>::lanes;
  Vector sum[height][vectors];
#pragma GCC unroll 12
  for (int i = 0; i < height; i++) {
#pragma GCC unroll 3
    for (int v = 0; v < vectors; v++) sum[i][v] = Vector{};
  }
  if (add) {  // C is far away when k is long: fetch it while the sums are computed
#pragma GCC unroll 12
    for (int i = 0; i < height; i++) {
#pragma GCC unroll 3
      for (int v = 0; v < vectors; v++) __builtin_prefetch(c + i * c_row + v * lanes, 1);
    }
  }
  for (int64_t k = 0; k < depth; k++, a += height, b += b_row, ahead += b_row) {
    __builtin_prefetch(ahead, 0, 2);
    Vector row[vectors];
#pragma GCC unroll 3
    for (int v = 0; v < vectors; v++) row[v] = load<Vector>(b + v * lanes);
#pragma GCC unroll 12
    for (int i = 0; i < height; i++) {
#pragma GCC unroll 3
      for (int v = 0; v < vectors; v++) sum[i][v] += row[v] * a[i];
    }
  }
  if (width == vectors * lanes) {
#pragma GCC unroll 12
    for (int i = 0; i < height; i++) {
#pragma GCC unroll 3
      for (int v = 0; v < vectors; v++) {
        T *to = c + i * c_row + v * lanes;
        store(to, add ? load<Vector>(to) + sum[i][v] : sum[i][v]);
      }
    }
    return;
  }
  T spare[height][vectors * lanes < 4 ? 4 : vectors * lanes] = {};
#pragma GCC unroll 12
  for (int i = 0; i < height; i++) {
#pragma GCC unroll 3
    for (int v = 0; v < vectors; v++) store(spare[i] + v * lanes, sum[i][v]);
  }
  for (int i = 0; i < height; i++) {
    T *to = c + i * c_row;
    int64_t j = 0;
    for (; j + 4 <= width; j += 4) {
      Quad quad = load<Quad>(spare[i] + j);
      store(to + j, add ? load<Quad>(to + j) + quad : quad);
    }
    for (; j < width; j++) to[j] = add ? to[j] + spare[i][j] : spare[i][j];
  }
}

namespace {

template <class T>
struct Tiles {
  using Function = void (*)(const T *a, const T *b, const T *ahead, int64_t b_row, int64_t depth, T *c, int64_t c_row, int64_t width, bool add);
  template <int height, int vectors>
  static constexpr Function tile = SINTER_ISA::tile<T, height, vectors>;
};

}  // namespace

template <class T>
static void strip(const void *a, int64_t rows, int64_t depth, const void *b, const void *next, int64_t b_row, void *c, int64_t c_row,
                  int64_t width, bool add) {
  Panels panels(rows);
  for (int64_t panel = 0; panel < panels.count; panel++) {
    int64_t start = panels.start(panel), height = panels.height(panel);
    const typename Tiles<T>::Function run = tile_for<Tiles<T>, T>(height, width);
    // The first panels fetch one vector column each of the next strip.
    const T *ahead = static_cast<const T *>(panel < tile_vectors ? next : b) + panel % tile_vectors * Simd<T>::lanes;
    run(static_cast<const T *>(a) + start * depth, static_cast<const T *>(b), ahead, b_row, depth, static_cast<T *>(c) + start * c_row,
        c_row, width, add);
  }
}

template <class S, class T>
constexpr FloatKernels kernels(bool thin) {
  return {sizeof(S),  sizeof(T),    Simd<T>::lanes, tile_rows, Simd<T>::width,          depth_bytes / int64_t(sizeof(T)),
          block_rows, pack_a<S, T>, pack_b<S, T>,   strip<T>,  thin ? dot<T> : nullptr, thin ? stream<T> : nullptr};
}

static constexpr GemmKernels table = {
    {kernels<float, float>(true), kernels<double, double>(true), kernels<Half, float>(false), kernels<Brain, float>(false)},
    {int_product_1, int_product_2, int_product_4, int_product_8}};

const GemmKernels &gemm_kernels() { return table; }

}  // namespace SINTER_ISA
}  // namespace sinter
