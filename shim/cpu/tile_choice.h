// tile_choice.h: the register tile for a height and a width, of those that the instruction set being compiled has room for.
#pragma once
#include <utility>

#include "gemm_simd.h"

namespace sinter {
namespace SINTER_ISA {

template <class Tiles, int vectors, int... above>
static typename Tiles::Function tile_of_height(int64_t height, std::integer_sequence<int, above...>) {
  static const typename Tiles::Function tiles[tile_rows] = {Tiles::template tile<above + 1, vectors>...};
  return tiles[height - 1];
}

// Tiles::tile<height, vectors> for 1..tile_rows rows and the vectors that `width` columns take.
template <class Tiles, class T>
static typename Tiles::Function tile_for(int64_t height, int64_t width) {
  constexpr std::make_integer_sequence<int, tile_rows> heights{};
  const int64_t vectors = (width + Simd<T>::lanes - 1) / Simd<T>::lanes;
  if (vectors == 1) return tile_of_height<Tiles, 1>(height, heights);
  if (vectors == 2) return tile_of_height<Tiles, 2>(height, heights);
  return tile_of_height<Tiles, tile_vectors>(height, heights);
}

}  // namespace SINTER_ISA
}  // namespace sinter
