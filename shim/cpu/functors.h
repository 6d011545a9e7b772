// functors.h: elementwise functions that read the same for vectors and single values.
#pragma once
#include "compare.h"

namespace sinter {
namespace SINTER_ISA {

struct Copy {
  template <class V> static V apply(V a) { return a; }
};
struct Add {
  template <class V> static V apply(V a, V b) { return a + b; }
};
struct Sub {
  template <class V> static V apply(V a, V b) { return a - b; }
};
struct Mul {
  template <class V> static V apply(V a, V b) { return a * b; }
};
struct MulAdd {  // rounded twice: contraction is off
  template <class V> static V apply(V a, V b, V c) { return a * b + c; }
};
struct AddMul {
  template <class V> static V apply(V a, V b, V c) { return (a + b) * c; }
};
struct And {
  template <class V> static V apply(V a, V b) { return a & b; }
};
struct Or {
  template <class V> static V apply(V a, V b) { return a | b; }
};
struct Xor {
  template <class V> static V apply(V a, V b) { return a ^ b; }
};

// Floats: min and max propagate NaN, fmin and fmax ignore it.
struct Min {
  template <class V> static V apply(V a, V b) { return nan_or(a, smaller(a, b)); }
};
struct Max {
  template <class V> static V apply(V a, V b) { return nan_or(a, greater(a, b)); }
};
struct Fmin {
  template <class V> static V apply(V a, V b) { return b != b ? a : smaller(a, b); }
};
struct Fmax {
  template <class V> static V apply(V a, V b) { return b != b ? a : greater(a, b); }
};

// Integers.
struct IntMin {
  template <class V> static V apply(V a, V b) { return a < b ? a : b; }
};
struct IntMax {
  template <class V> static V apply(V a, V b) { return a > b ? a : b; }
};

}  // namespace SINTER_ISA
}  // namespace sinter
