// kernel_convolution.cpp: the step of convolutions and their gradients: reads it, converts 16-bit floats, chooses how it is computed (by sizes only).
#include "conv.h"
#include "gemm_scratch.h"
#include "isa_choice.h"
#include "kernel.h"

namespace sinter {
namespace {

void read_sizes(Reader &reader, const char *name, int64_t *sizes, int64_t least_size) {
  for (int d = 0; d < 3; d++) {
    sizes[d] = reader.size(name);
    if (sizes[d] >= least_size && sizes[d] < int64_t(1) << 31) continue;
    reader.reject("%s is %lld", name, (long long)sizes[d]);
    sizes[d] = least_size;
  }
}

// Zeros around data are stored: a program must not ask for much more of them than there is data.
constexpr int64_t most_padding = 1 << 24;

void check_field(Reader &reader, const Convolution &step) {
  double padded = 1, data = 1;
  const bool transposed = step.mode == kConvData;
  for (int d = 0; d < 3; d++) {
    const double span = double(step.kernel[d] - 1) * double(step.dilation[d]);
    const double last = double(step.counts[d] - 1) * double(step.stride[d]) + span + double(step.low[d]) + 1;
    const double size = double(transposed ? step.counts[d] : step.size[d]);
    const double reached = transposed ? 2 + (span + double(step.low[d]) + double(step.size[d])) / double(step.stride[d]) : last;
    padded *= size + reached;
    data *= size;
  }
  const double planes = double(transposed ? step.filters : step.channels);
  if (padded * planes > 64 * data * planes + most_padding) reader.reject("the padding of a convolution is too large");
}

void parse_convolution(Reader &reader, const Program &program, Convolution *step) {
  step->dtype = reader.ranged("dtype", 0, kBfloat16);
  step->mode = reader.ranged("mode", 0, kConvWeights);
  step->images = reader.size("images");
  step->groups = reader.size("groups");
  step->channels = reader.size("channels");
  step->filters = reader.size("filters");
  read_sizes(reader, "size", step->size, 1);
  read_sizes(reader, "kernel", step->kernel, 1);
  read_sizes(reader, "count", step->counts, 1);
  read_sizes(reader, "stride", step->stride, 1);
  read_sizes(reader, "dilation", step->dilation, 1);
  read_sizes(reader, "low", step->low, 0);
  if (reader.ok() && (step->groups < 1 || step->channels < 1 || step->filters < 1)) reader.reject("a convolution without groups or channels");
  const int64_t *sizes = step->size, *kernel = step->kernel, *counts = step->counts;
  const int64_t data = count_of(reader, {step->images, step->groups, step->channels, sizes[0], sizes[1], sizes[2]});
  const int64_t weights = count_of(reader, {step->groups, step->filters, step->channels, kernel[0], kernel[1], kernel[2]});
  const int64_t result = count_of(reader, {step->images, step->groups, step->filters, counts[0], counts[1], counts[2]});
  if (reader.ok()) check_field(reader, *step);
  const int bytes = kDtypeSizes[step->dtype];
  const bool forward = step->mode == kConvForward, transposed = step->mode == kConvData;
  step->first = read_buffer(reader, program, "first", transposed ? result : data, bytes, false);
  step->second = read_buffer(reader, program, "second", step->mode == kConvWeights ? result : weights, bytes, false);
  step->target = read_buffer(reader, program, "target", forward ? result : transposed ? data : weights, bytes, true);
}

const ConvTable &table() { SINTER_RETURN_FOR_ISA(conv_table()) }

// Few channels per group leave most of a vector empty; then tasks have to come from images and groups.
bool prefers_planes(const Convolution &conv) {
  if (conv.mode == kConvWeights) return conv.filters <= 4 && conv.groups >= 8;
  return (conv.mode == kConvData ? conv.channels : conv.filters) <= 4 && conv.images * conv.groups >= 8;
}

bool compute(const ConvRun &run) {
  const bool planes = prefers_planes(run.conv);
  if (run.conv.mode == kConvWeights) return planes ? conv_planes_weights(run) : conv_lanes_weights(run);
  return planes ? conv_planes(run) : conv_lanes(run);
}

struct Sizes {
  int64_t first, second, target;
};

Sizes sizes_of(const Convolution &conv) {
  const int64_t data = conv.images * conv.groups * conv.channels * volume(conv.size);
  const int64_t weights = conv.groups * conv.filters * conv.channels * volume(conv.kernel);
  const int64_t result = conv.images * conv.groups * conv.filters * volume(conv.counts);
  if (conv.mode == kConvForward) return {data, weights, result};
  return conv.mode == kConvData ? Sizes{result, weights, data} : Sizes{data, result, weights};
}

template <class M>
void widen(const RunContext &run, const char *from, int64_t count, float *to) {
  share(run, count, count, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) to[i] = Work<M>::read(reinterpret_cast<const M *>(from)[i]);
  });
}

// float16 and bfloat16 are computed in float32.
template <class M>
bool compute_wide(const Convolution &conv, const RunContext &run, int threads) {
  const Sizes sizes = sizes_of(conv);
  float *wide = static_cast<float *>(scratch_take(static_cast<size_t>((sizes.first + sizes.second + sizes.target) * int64_t(sizeof(float)))));
  if (!wide) return false;
  float *second = wide + sizes.first, *target = second + sizes.second;
  widen<M>(run, run.buffers[conv.first], sizes.first, wide);
  widen<M>(run, run.buffers[conv.second], sizes.second, second);
  const auto bytes = [](float *at) { return reinterpret_cast<char *>(at); };
  const bool ok = compute({conv, table().floats[0], bytes(wide), bytes(second), bytes(target), threads});
  M *out = reinterpret_cast<M *>(run.buffers[conv.target]);
  if (ok) {
    share(run, sizes.target, sizes.target, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) out[i] = Work<M>::write(target[i]);
    });
  }
  scratch_give(wide);
  return ok;
}

bool run_convolution(const Convolution &conv, const RunContext &run) {
  const double results = double(conv.images) * double(conv.groups) * double(conv.filters) * double(volume(conv.counts));
  const double nanoseconds = results * double(conv.channels) * double(volume(conv.kernel)) / 32;
  const int threads = threads_for(run, nanoseconds > 1e11 ? int64_t(1e11) : int64_t(nanoseconds));
  if (sizes_of(conv).target == 0) return true;
  if (conv.dtype == kFloat16) return compute_wide<HalfBits>(conv, run, threads);
  if (conv.dtype == kBfloat16) return compute_wide<BrainBits>(conv, run, threads);
  return compute({conv, table().floats[conv.dtype], run.buffers[conv.first], run.buffers[conv.second], run.buffers[conv.target], threads});
}

}  // namespace

SINTER_KERNEL(convolution, Convolution, parse_convolution, run_convolution);

}  // namespace sinter
