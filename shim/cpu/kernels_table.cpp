// kernels_table.cpp (per SINTER_ISA): assembles the set.
#include "vec.h"

namespace sinter {
namespace SINTER_ISA {

void fill_kernels(KernelSet &set) {
  fill_float(set);
  fill_pairs(set);
  fill_chain(set);
  fill_sweeps(set);
  fill_integer(set);
  fill_integer_division(set);
  fill_convert(set);
  fill_math_hot(set);
  fill_math_rest(set);
  fill_math_double(set);
  fill_reductions(set);
  fill_movement(set);
  fill_attention(set);
  fill_recurrent(set);
  fill_fourier(set);
  fill_sparse(set);
}

}  // namespace SINTER_ISA
}  // namespace sinter
