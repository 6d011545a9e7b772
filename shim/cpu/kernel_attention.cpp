// kernel_attention.cpp: softmax(q k^T * scale + mask) v without its score matrix, by a running softmax over blocks of keys.
//
// Scores are computed transposed, k times a strip of q^T, so that a strip of queries lies along vectors: weights are then the right operand of v^T times
// weights as they are, and nothing but q, k and v is ever packed. M. Milakov and N. Gimelshein, "Online normalizer calculation for softmax" (2018); T. Dao
// et al., "FlashAttention" (2022).
#include <initializer_list>

#include "gemm_driver.h"
#include "kernel.h"
#include "kernels.h"
#include "memory.h"

namespace sinter {

namespace {

constexpr int kMaxBatch = kMaxRank - 2;

struct Attention {
  int32_t dtype, mask_dtype, causal, rank;
  double scale;
  int64_t queries, keys, width, value_width, batches;
  int32_t q, k, v, mask, target;
  int64_t mask_row, mask_column;
  int64_t dims[kMaxRank], strides[4][kMaxRank];  // of q, k, v, mask
};

void check_operand(Reader &reader, const Program &program, const Attention &step, int which, const char *name, int32_t dtype, int32_t buffer, int64_t rows, int64_t columns,
                   int64_t row, int64_t column) {
  if (!reader.ok()) return;
  int64_t dims[kMaxRank], strides[kMaxRank];
  for (int d = 0; d < step.rank; d++) {
    dims[d] = step.dims[d];
    strides[d] = step.strides[which][d];
  }
  dims[step.rank] = rows;
  strides[step.rank] = row;
  dims[step.rank + 1] = columns;
  strides[step.rank + 1] = column;
  const char *problem = check_reach(dims, strides, step.rank + 2, 0, kDtypeSizes[dtype], program.buffers[buffer].bytes);
  if (problem) reader.reject("%s: %s", name, problem);
}

void parse_attention(Reader &reader, const Program &program, Attention *step) {
  step->dtype = reader.ranged("dtype", kFloat32, kBfloat16);
  step->mask_dtype = reader.ranged("mask dtype", -1, kDtypes - 1);
  if (step->mask_dtype >= 0 && step->mask_dtype != kBool && step->mask_dtype != step->dtype) reader.reject("the mask's dtype is %d; it must be bool or that of q", step->mask_dtype);
  step->causal = reader.ranged("causal", 0, 1);
  step->rank = reader.ranged("batch rank", 0, kMaxBatch);
  step->scale = reader.real("scale");
  step->queries = reader.size("queries");
  step->keys = reader.size("keys");
  step->width = reader.size("width");
  step->value_width = reader.size("value width");
  step->mask_row = reader.quad("mask row stride");
  step->mask_column = reader.quad("mask column stride");
  step->batches = 1;
  bool empty = false;
  for (int d = 0; d < step->rank; d++) {
    step->dims[d] = reader.size("batch size");
    for (int64_t(&strides)[kMaxRank] : step->strides) strides[d] = reader.quad("batch stride");
    empty = empty || step->dims[d] == 0;
    if (!multiply(step->batches, step->dims[d] ? step->dims[d] : 1, &step->batches) || step->batches > kMaxValues) reader.reject("the batch is too large");
  }
  if (empty) step->batches = 0;
  for (int64_t size : {step->queries, step->keys, step->width, step->value_width}) {
    if (size > kMaxValues) reader.reject("the sizes are too large");
  }
  step->q = read_buffer(reader, program, "q", 0, 1, false);
  step->k = read_buffer(reader, program, "k", 0, 1, false);
  step->v = read_buffer(reader, program, "v", 0, 1, false);
  step->mask = step->mask_dtype < 0 ? reader.ranged("mask", -1, -1) : read_buffer(reader, program, "mask", 0, 1, false);
  const int64_t count = count_of(reader, {step->batches, step->queries, step->value_width});
  step->target = read_buffer(reader, program, "target", count, kDtypeSizes[step->dtype], true);
  check_operand(reader, program, *step, 0, "q", step->dtype, step->q, step->queries, step->width, step->width, 1);
  check_operand(reader, program, *step, 1, "k", step->dtype, step->k, step->keys, step->width, step->width, 1);
  check_operand(reader, program, *step, 2, "v", step->dtype, step->v, step->keys, step->value_width, step->value_width, 1);
  if (step->mask_dtype >= 0) check_operand(reader, program, *step, 3, "mask", step->mask_dtype, step->mask, step->queries, step->keys, step->mask_row, step->mask_column);
}

// How the work is cut: by sizes and instruction set only.
struct Cut {
  int64_t element, source;             // bytes of what is computed with, and of q, k and v
  int64_t strip, strips;               // queries side by side, and strips per task
  int64_t tasks_per_batch;
  int64_t block, blocks;               // keys at a time
  int64_t slots;                       // blocks whose packed keys and values a worker keeps
  bool thin;                           // few queries: k and v are used where they lie
};

constexpr int64_t kBlock = 192, kTaskQueries = 128, kKeptBytes = 768 << 10, kThin = 4;

Cut cut_of(const Attention &step, const FloatKernels &gemm) {
  Cut cut = {};
  cut.element = gemm.element;
  cut.source = gemm.source;
  cut.strip = gemm.columns;
  cut.strips = least(most(1, kTaskQueries / cut.strip), ceil_div(step.queries, cut.strip));
  cut.tasks_per_batch = ceil_div(step.queries, cut.strip * cut.strips);
  cut.blocks = ceil_div(step.keys, kBlock);
  cut.block = cut.blocks ? least(step.keys, round_up(ceil_div(step.keys, cut.blocks), gemm.rows)) : 0;
  if (cut.block) cut.blocks = ceil_div(step.keys, cut.block);
  cut.slots = step.keys <= kKeptBytes / most(1, (step.width + step.value_width) * cut.element) ? cut.blocks : 1;
  cut.thin = gemm.dot && step.queries <= kThin;
  return cut;
}

// A worker's memory. Of the strips of a task each has its q^T, output, peaks and totals.
struct Worker {
  const char **packed_k, **packed_v;   // where what each slot holds came from
  char *k, *v;                         // packed; v for few queries: a block's part of the output
  char *scores, *bias, *allowed, *factor, *q, *output, *peak, *total;
  int64_t bytes;
};

Worker worker_at(char *memory, const Attention &step, const Cut &cut) {
  Worker w = {};
  const auto take = [&](int64_t bytes) {
    char *at = memory + w.bytes;
    w.bytes += round_up(bytes, kAlignment) + kPadding;
    return at;
  };
  w.packed_k = reinterpret_cast<const char **>(take(cut.slots * 8));
  w.packed_v = reinterpret_cast<const char **>(take(cut.slots * 8));
  w.k = take(cut.thin ? 0 : cut.slots * cut.block * step.width * cut.element);
  w.v = take((cut.thin ? step.queries : cut.slots * cut.block) * step.value_width * cut.element);
  w.scores = take(cut.block * cut.strip * cut.element);
  w.bias = take(step.mask_dtype < 0 ? 0 : cut.block * cut.strip * cut.element);
  w.allowed = take(step.mask_dtype == kBool ? cut.block * cut.strip * 4 : 0);
  w.factor = take(cut.strip * cut.element);
  w.q = take(cut.strips * step.width * cut.strip * cut.element);
  w.output = take(cut.strips * step.value_width * cut.strip * cut.element);
  w.peak = take(cut.strips * cut.strip * cut.element);
  w.total = take(cut.strips * cut.strip * cut.element);
  return w;
}

struct Job {
  const Attention *step;
  const RunContext *run;
  const FloatKernels *gemm;
  const AttentionKernels *kernels;
  const DtypeKernels *values, *masks;
  Cut cut;
  char *scratch;
  int64_t worker_bytes;
};

template <class T>
void fill(char *values, int64_t n, T value) {
  for (int64_t i = 0; i < n; i++) reinterpret_cast<T *>(values)[i] = value;
}

// One strip of queries against one block of keys.
struct Piece {
  const char *k, *v, *mask;            // of the batch
  int64_t query, queries, key, keys;
  int64_t strip;                       // within the task
};

// What is added to the scores, transposed as they are. Its pitch is the number of queries, which are all that the mask has.
void load_mask(const Job &job, const Worker &w, const Piece &piece) {
  const Attention &step = *job.step;
  const char *from = piece.mask + (piece.query * step.mask_row + piece.key * step.mask_column) * kDtypeSizes[step.mask_dtype];
  char *to = step.mask_dtype == kBool ? w.allowed : w.bias;
  job.masks->load_strided(to, from, piece.keys, piece.queries, step.mask_column, step.mask_row);
  if (step.mask_dtype == kBool) job.kernels->bias_of(w.bias, w.allowed, piece.keys * piece.queries);
}

// Scores become weights; peak, total and factor follow.
void soften(const Job &job, const Worker &w, const Piece &piece) {
  const Attention &step = *job.step;
  const int64_t row = job.cut.strip * job.cut.element;
  if (step.mask_dtype >= 0) load_mask(job, w, piece);
  SoftmaxStrip softmax = {};
  softmax.scores = w.scores;
  softmax.keys = piece.keys;
  softmax.pitch = job.cut.strip;
  softmax.vectors = int(ceil_div(piece.queries, job.gemm->lanes));
  softmax.bias = step.mask_dtype < 0 ? nullptr : w.bias;
  softmax.bias_pitch = piece.queries;
  softmax.ahead = step.causal ? piece.query - piece.key : piece.keys;
  softmax.peak = w.peak + piece.strip * row;
  softmax.total = w.total + piece.strip * row;
  softmax.factor = w.factor;
  job.kernels->soften(softmax);
}

void attend(const Job &job, const Worker &w, const Piece &piece) {
  const Attention &step = *job.step;
  const FloatKernels &gemm = *job.gemm;
  const Cut &cut = job.cut;
  const int64_t pitch = cut.strip, lanes = round_up(piece.queries, gemm.lanes), row = pitch * cut.element;
  const int64_t slot = cut.slots > 1 ? piece.key / cut.block : 0;
  const char *k = piece.k + piece.key * step.width * cut.source, *v = piece.v + piece.key * step.value_width * cut.source;
  char *packed_k = w.k + slot * cut.block * step.width * cut.element, *packed_v = w.v + slot * cut.block * step.value_width * cut.element;
  const char *q = w.q + piece.strip * step.width * row;
  char *output = w.output + piece.strip * step.value_width * row;
  if (w.packed_k[slot] != k) gemm.pack_a(k, step.width, 1, piece.keys, step.width, packed_k);
  w.packed_k[slot] = k;
  gemm.strip(packed_k, piece.keys, step.width, q, q, pitch, w.scores, pitch, lanes, false);
  soften(job, w, piece);
  job.kernels->rescale(output, w.factor, step.value_width, pitch, int(lanes / gemm.lanes), false);
  if (w.packed_v[slot] != v) gemm.pack_a(v, 1, step.value_width, step.value_width, piece.keys, packed_v);
  w.packed_v[slot] = v;
  gemm.strip(packed_v, step.value_width, piece.keys, w.scores, w.scores, pitch, output, pitch, lanes, true);
}

// q^T of the strip, scaled, and nothing attended to yet.
template <class T>
void open_strip(const Job &job, const Worker &w, const Piece &piece, const char *q) {
  const Attention &step = *job.step;
  const int64_t pitch = job.cut.strip, row = pitch * int64_t(sizeof(T));
  char *packed = w.q + piece.strip * step.width * row;
  job.gemm->pack_b(q + piece.query * step.width * job.cut.source, 1, step.width, step.width, piece.queries, packed);
  job.kernels->scale(packed, step.width * pitch, step.scale);
  fill<T>(w.output + piece.strip * step.value_width * row, step.value_width * pitch, T(0));
  fill<T>(w.peak + piece.strip * row, pitch, -T(__builtin_inff()));
  fill<T>(w.total + piece.strip * row, pitch, T(0));
}

template <class T>
void close_strip(const Job &job, const Worker &w, const Piece &piece, char *target) {
  const Attention &step = *job.step;
  const int64_t pitch = job.cut.strip, row = pitch * int64_t(sizeof(T)), rows = step.value_width;
  T *output = reinterpret_cast<T *>(w.output + piece.strip * rows * row);
  job.kernels->rescale(output, w.total + piece.strip * row, rows, pitch, int(ceil_div(piece.queries, job.gemm->lanes)), true);
  if (piece.queries < pitch) {
    for (int64_t i = 1; i < rows; i++) memmove(output + i * piece.queries, output + i * pitch, size_t(piece.queries) * sizeof(T));
  }
  job.values->store_strided(target + piece.query * rows * job.cut.source, output, rows, piece.queries, 1, rows);
}

// At most four queries: k and v are read once and where they lie. Outputs are rows.
template <class T>
void attend_thin(const Job &job, const Worker &w, Piece piece, const char *q, char *target) {
  const Attention &step = *job.step;
  const Cut &cut = job.cut;
  T *scaled = reinterpret_cast<T *>(w.q), *output = reinterpret_cast<T *>(w.output), *part = reinterpret_cast<T *>(w.v);
  memcpy(scaled, q, size_t(step.queries * step.width) * sizeof(T));
  job.kernels->scale(scaled, step.queries * step.width, step.scale);
  fill<T>(w.output, step.queries * step.value_width, T(0));
  fill<T>(w.scores, cut.block * cut.strip, T(0));
  fill<T>(w.peak, cut.strip, -T(__builtin_inff()));
  fill<T>(w.total, cut.strip, T(0));
  piece.queries = step.queries;
  for (piece.key = 0; piece.key < step.keys; piece.key += cut.block) {
    if (step.causal && piece.key >= step.queries) break;
    piece.keys = least(cut.block, step.keys - piece.key);
    const char *k = piece.k + piece.key * step.width * cut.source, *v = piece.v + piece.key * step.value_width * cut.source;
    job.gemm->dot(scaled, step.width, step.queries, k, step.width, piece.keys, step.width, w.scores, 1, cut.strip);
    soften(job, w, piece);
    job.gemm->stream(w.scores, 1, cut.strip, step.queries, v, step.value_width, piece.keys, step.value_width, part, step.value_width);
    for (int64_t i = 0; i < step.queries; i++) {
      const T factor = reinterpret_cast<T *>(w.factor)[i];
      T *to = output + i * step.value_width, *from = part + i * step.value_width;
      for (int64_t j = 0; j < step.value_width; j++) to[j] = to[j] * factor + from[j];
    }
  }
  for (int64_t i = 0; i < step.queries; i++) {
    const T total = reinterpret_cast<T *>(w.total)[i], factor = total == 0 ? T(0) : 1 / total;
    for (int64_t j = 0; j < step.value_width; j++) output[i * step.value_width + j] *= factor;
  }
  memcpy(target, output, size_t(step.queries * step.value_width) * sizeof(T));
}

template <class T>
void run_task(void *opaque, int64_t task, int worker) {
  const Job &job = *static_cast<const Job *>(opaque);
  const Attention &step = *job.step;
  const Cut &cut = job.cut;
  const Worker w = worker_at(job.scratch + worker * job.worker_bytes, step, cut);
  int64_t at[4] = {}, batch = task / cut.tasks_per_batch;
  const int64_t target_batch = batch;
  for (int d = step.rank - 1; d >= 0; d--) {
    for (int which = 0; which < 4; which++) at[which] += batch % step.dims[d] * step.strides[which][d];
    batch /= step.dims[d];
  }
  char *const *buffers = job.run->buffers;
  const char *q = buffers[step.q] + at[0] * cut.source;
  char *target = buffers[step.target] + target_batch * step.queries * step.value_width * cut.source;
  Piece piece = {};
  piece.k = buffers[step.k] + at[1] * cut.source;
  piece.v = buffers[step.v] + at[2] * cut.source;
  piece.mask = step.mask_dtype < 0 ? nullptr : buffers[step.mask] + at[3] * kDtypeSizes[step.mask_dtype];
  if (cut.thin) return attend_thin<T>(job, w, piece, q, target);
  const int64_t begin = task % cut.tasks_per_batch * cut.strips * cut.strip, end = least(step.queries, begin + cut.strips * cut.strip);
  const auto each_strip = [&](auto body) {
    for (piece.strip = 0; begin + piece.strip * cut.strip < end; piece.strip++) {
      piece.query = begin + piece.strip * cut.strip;
      piece.queries = least(cut.strip, end - piece.query);
      body();
    }
  };
  each_strip([&] { open_strip<T>(job, w, piece, q); });
  for (piece.key = 0; piece.key < step.keys; piece.key += cut.block) {
    piece.keys = least(cut.block, step.keys - piece.key);
    each_strip([&] {
      if (!step.causal || piece.key < piece.query + piece.queries) attend(job, w, piece);
    });
  }
  each_strip([&] { close_strip<T>(job, w, piece, target); });
}

bool run_attention(const Attention &step, const RunContext &run) {
  if (step.batches == 0 || step.queries == 0 || step.value_width == 0) return true;
  const FloatKernels &gemm = float_kernels(step.dtype);
  const bool wide = step.dtype == kFloat64;
  const KernelSet &set = kernels();
  Job job = {&step, &run, &gemm, &set.attention[wide], &set.dtypes[step.dtype], &set.dtypes[step.mask_dtype < 0 ? 0 : step.mask_dtype], cut_of(step, gemm), nullptr, 0};
  const int64_t tasks = step.batches * job.cut.tasks_per_batch;
  // About 60 multiply-adds and 4 weights in a nanosecond.
  const double work = double(step.batches) * double(step.queries) * double(step.keys) * (double(step.width + step.value_width) / 60 + 0.25);
  const int threads = int(least(threads_for(run, work < 1e15 ? int64_t(work) : int64_t(1e15)), tasks));
  job.worker_bytes = worker_at(nullptr, step, job.cut).bytes;
  job.scratch = run_scratch(kScratchAttention, uint64_t(job.worker_bytes) * uint64_t(most(1, threads)));
  if (!job.scratch) return false;
  for (int worker = 0; worker < most(1, threads); worker++) {
    const Worker w = worker_at(job.scratch + worker * job.worker_bytes, step, job.cut);
    for (int64_t slot = 0; slot < job.cut.slots; slot++) w.packed_k[slot] = w.packed_v[slot] = nullptr;
  }
  parallel_for(tasks, threads, wide ? run_task<double> : run_task<float>, &job);
  return true;
}

}  // namespace

SINTER_KERNEL(attention, Attention, parse_attention, run_attention);

}  // namespace sinter
