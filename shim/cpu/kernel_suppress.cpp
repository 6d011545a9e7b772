// kernel_suppress.cpp: non-maximum suppression: which boxes remain when those that overlap a better one are taken out.
#include <algorithm>
#include <cmath>

#include "kernel.h"

namespace sinter {

namespace {

struct Suppress {
  int32_t dtype, centers, per_class;
  double overlap_threshold, score_threshold;
  int64_t batch, boxes, scores_of_box;
  int32_t source, scores, classes, target;
};

void parse_suppress(Reader &reader, const Program &program, Suppress *step) {
  step->dtype = reader.ranged("dtype", kFloat32, kBfloat16);
  step->centers = reader.ranged("centers", 0, 1);
  step->per_class = reader.ranged("per class", 0, 1);
  const bool given = reader.ranged("classes given", 0, 1) == 1;
  step->overlap_threshold = reader.real("overlap threshold");
  step->score_threshold = reader.real("score threshold");
  // What follows relies on boxes without a common area never being taken out.
  if (!(step->overlap_threshold >= 0)) reader.reject("the overlap threshold is not 0 or more");
  step->batch = reader.size("batch");
  step->boxes = reader.size("boxes");
  step->scores_of_box = reader.size("scores of a box");
  if (step->boxes > INT32_MAX) reader.reject("%lld boxes do not fit int32", (long long)step->boxes);
  if (step->scores_of_box < 1 || step->scores_of_box > INT32_MAX) reader.reject("%lld scores of a box", (long long)step->scores_of_box);
  const int64_t count = count_of(reader, {step->batch, step->boxes}), bytes = kDtypeSizes[step->dtype];
  step->source = read_buffer(reader, program, "source", count_of(reader, {count, 4}), bytes, false);
  step->scores = read_buffer(reader, program, "scores", count_of(reader, {count, step->scores_of_box}), bytes, false);
  step->classes = given ? read_buffer(reader, program, "classes", count, 4, false) : reader.ranged("classes", -1, -1);
  step->target = read_buffer(reader, program, "target", count, 1, true);
}

// Candidates of one batch in order of their scores, as arrays in `scratch`, each padded to whole vectors.
template <class C>
struct Candidates {
  C *side[4], *area, *score;  // score: by number of the box, the others by rank
  int32_t *box, *kind, *kind_of_box;
  uint8_t *dead;

  static int64_t padded(int64_t n) { return (n + 63) / 64 * 64; }
  static uint64_t bytes(int64_t n) { return uint64_t(padded(n)) * (6 * sizeof(C) + 3 * sizeof(int32_t) + 1); }
  Candidates(char *scratch, int64_t n) {
    for (C **array : {&side[0], &side[1], &side[2], &side[3], &area, &score}) {
      *array = reinterpret_cast<C *>(scratch);
      scratch += padded(n) * int64_t(sizeof(C));
    }
    for (int32_t **array : {&box, &kind, &kind_of_box}) {
      *array = reinterpret_cast<int32_t *>(scratch);
      scratch += padded(n) * int64_t(sizeof(int32_t));
    }
    dead = reinterpret_cast<uint8_t *>(scratch);
  }
};

template <class C>
inline C larger(C a, C b) {
  return a > b ? a : b;
}
template <class C>
inline C smaller(C a, C b) {
  return a < b ? a : b;
}

// The largest value of type C that is not above the threshold: x > threshold is the same as x > this.
template <class C>
C below(double threshold) {
  const C value = C(threshold);
  return double(value) > threshold ? std::nextafter(value, C(-1)) : value;
}

// Marks the candidates from `begin` on that box `i` takes out.
template <class C>
void take_out(const Candidates<C> &c, int64_t i, int64_t begin, int64_t end, C threshold) {
  const C a0 = c.side[0][i], a1 = c.side[1][i], a2 = c.side[2][i], a3 = c.side[3][i], area = c.area[i];
  const int32_t kind = c.kind[i];
  const C *__restrict b0 = c.side[0], *__restrict b1 = c.side[1], *__restrict b2 = c.side[2], *__restrict b3 = c.side[3], *__restrict areas = c.area;
  const int32_t *__restrict kinds = c.kind;
  uint8_t *__restrict dead = c.dead;
  for (int64_t j = begin; j < end; j++) {
    const C height = larger(smaller(a2, b2[j]) - larger(a0, b0[j]), C(0));
    const C width = larger(smaller(a3, b3[j]) - larger(a1, b1[j]), C(0));
    const C common = height * width;
    dead[j] |= uint8_t((common / (area + areas[j] - common) > threshold) & (kinds[j] == kind));
  }
}

template <class M>
void suppress_batch(const Suppress &step, const RunContext &run, int64_t row, char *scratch) {
  using C = typename Work<M>::C;
  const int64_t n = step.boxes, k = step.scores_of_box;
  const M *boxes = reinterpret_cast<const M *>(run.buffers[step.source]) + row * n * 4;
  const M *scores = reinterpret_cast<const M *>(run.buffers[step.scores]) + row * n * k;
  const int32_t *classes = step.classes < 0 ? nullptr : reinterpret_cast<const int32_t *>(run.buffers[step.classes]) + row * n;
  uint8_t *target = reinterpret_cast<uint8_t *>(run.buffers[step.target]) + row * n;
  Candidates<C> c(scratch, n);
  int64_t count = 0;
  for (int64_t i = 0; i < n; i++) {
    C best = C(__builtin_nanf(""));
    int32_t kind = 0;
    for (int64_t s = 0; s < k; s++) {
      const C value = Work<M>::read(scores[i * k + s]);
      if (value != value || value <= best) continue;
      best = value;
      kind = int32_t(s);
    }
    c.score[i] = best;
    c.kind_of_box[i] = step.per_class ? (classes ? classes[i] : kind) : 0;
    if (double(best) >= step.score_threshold) c.box[count++] = int32_t(i);
  }
  const C *score = c.score;
  std::sort(c.box, c.box + count, [score](int32_t a, int32_t b) { return score[a] > score[b] || (score[a] == score[b] && a < b); });
  for (int64_t i = 0; i < count; i++) {
    C side[4];
    for (int d = 0; d < 4; d++) side[d] = Work<M>::read(boxes[c.box[i] * int64_t(4) + d]);
    if (step.centers) {
      for (int d = 0; d < 2; d++) {
        const C center = side[d], half = side[d + 2] * C(0.5);
        side[d] = center - half;
        side[d + 2] = center + half;
      }
    }
    for (int d = 0; d < 4; d++) c.side[d][i] = side[d];
    c.area[i] = (side[2] - side[0]) * (side[3] - side[1]);
    c.kind[i] = c.kind_of_box[c.box[i]];
  }
  memset(c.dead, 0, size_t(count));
  memset(target, 0, size_t(n));
  const C threshold = below<C>(step.overlap_threshold);
  for (int64_t i = 0; i < count; i++) {
    if (c.dead[i]) continue;
    target[c.box[i]] = 1;
    take_out(c, i, i + 1, count, threshold);
  }
}

template <class M>
bool suppress(const Suppress &step, const RunContext &run) {
  const double work = double(step.batch) * double(step.boxes) * (double(step.boxes) / 8 + double(step.scores_of_box) + 64);
  const int threads = step.batch > 1 ? threads_for(run, work < 1e15 ? int64_t(work) : int64_t(1e15)) : 1;
  const uint64_t bytes = Candidates<typename Work<M>::C>::bytes(step.boxes);
  return each_with_scratch(kScratchSort, step.batch, threads, bytes, [&](int64_t row, char *scratch) { suppress_batch<M>(step, run, row, scratch); });
}

bool run_suppress(const Suppress &step, const RunContext &run) {
  if (step.batch == 0 || step.boxes == 0) return true;
  return with_float_dtype(step.dtype, [&](auto memory) { return suppress<decltype(memory)>(step, run); });
}

}  // namespace

SINTER_KERNEL(suppress, Suppress, parse_suppress, run_suppress);

}  // namespace sinter
