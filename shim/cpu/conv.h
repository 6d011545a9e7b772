// conv.h: convolutions as sums over taps: what the ways of computing them share. Not for users of kernel.h.
#pragma once
#include <cstdint>

#include "conv_table.h"
#include "gemm_driver.h"
#include "run.h"

namespace sinter {

enum ConvMode : int32_t { kConvForward, kConvData, kConvWeights };

// Dimensions z, y, x; absent ones have size 1. data [images, groups x channels, size], weights [groups x filters, channels, kernel], result [images,
// groups x filters, counts].
struct Convolution {
  int32_t dtype, mode;
  int64_t images, groups, channels, filters;
  int64_t size[3], kernel[3], counts[3], stride[3], dilation[3], low[3];
  int32_t first, second, target;
};

inline int64_t volume(const int64_t *sizes) { return sizes[0] * sizes[1] * sizes[2]; }

// How the tensor that taps read is laid out for them, one image and group at a time: with the zeros around it that they reach, and where x goes in steps, with
// every `phases`-th element side by side.
struct Field {
  int64_t planes, size[3], before[3], padded[3];
  int64_t phases;
  bool direct;  // it is read where it lies

  int64_t plane() const { return volume(padded); }
  int64_t elements() const { return planes * plane(); }
  // The offset of padded position x in its row.
  int64_t column(int64_t x) const { return phases == 1 ? x : x % phases * (padded[2] / phases) + x / phases; }
};

// Results at places n[0] x n[1] x n[2]: each is a sum over taps of weights[tap] field[place + offsets[tap]], where place moves by `step` and the result's own
// position from `start` by `target`.
struct Grid {
  int64_t n[3], step[3], target[3], start;
  int64_t taps;
  int64_t *offsets;  // in the field
  int64_t *weights;  // in the weights of a group, for its first result channel
};

struct Plan {
  Field field;
  int64_t grids;          // more than one for the gradient of the data of a convolution with strides
  Grid *grid;
  int64_t results;        // channels of a group that are computed
  int64_t weight_step;    // from the weights of one to those of the next
  int64_t result_plane;   // elements of one
};

// Bytes that make_plan needs for its tables.
int64_t plan_bytes(const Convolution &conv);
// For forward and weights mode the grid of the convolution, for data mode those of its transpose. `interleave`: x in steps is laid out for vectors.
Plan make_plan(const Convolution &conv, bool interleave, void *tables);

// Copies one plane of an image into the field's layout.
void fill_plane(const ConvKernels &kernels, const Field &field, const char *from, char *to);

// The operands of a run, float or double.
struct ConvRun {
  const Convolution &conv;
  const ConvKernels &kernels;
  const char *first, *second;
  char *target;
  int threads;
};

// Each false when scratch memory could not be had. `lanes`: channels of the result side by side in vectors; `planes`: places side by side, for few channels.
bool conv_lanes(const ConvRun &run);
bool conv_lanes_weights(const ConvRun &run);
bool conv_planes(const ConvRun &run);
bool conv_planes_weights(const ConvRun &run);

}  // namespace sinter
